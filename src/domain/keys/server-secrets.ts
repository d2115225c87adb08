import type { Context } from '#src/context.ts'
import { seats } from '#src/domain/seats.ts'
import { offerServerSecret, serverSecret } from './server-secret-store.ts'

/** A secret that the server makes for itself, once: sealed under the key file, and the same on every node. */
export async function ownSecret(
  ctx: Context,
  name: string,
  make: () => Uint8Array | Promise<Uint8Array>,
): Promise<Buffer> {
  const kept = await serverSecret(ctx, name)
  if (kept) return ctx.secrets.sealer.open(kept.value, seats.serverSecret(name))
  const value = ctx.secrets.sealer.seal(await make(), seats.serverSecret(name))
  // Another node may have been faster: what is kept then is the secret.
  await offerServerSecret(ctx, { name, created: ctx.clock.now(), value })
  return ownSecret(ctx, name, make)
}
