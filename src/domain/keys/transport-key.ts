import type { Context } from '#src/context.ts'
import { makeTransportKey, transportKey as opened, type TransportKey } from '#src/lib/transport-rsa.ts'
import * as store from './store.ts'

/**
 * The key that clients may encrypt passwords with on their way here. It protects nothing from us; it keeps passwords
 * out of the logs of what stands in between. Made once, kept sealed, the same on every node.
 */
const NAME = 'password transport'
const keys = new WeakMap<Context['database'], Promise<TransportKey>>()

async function load(ctx: Context): Promise<TransportKey> {
  const kept = await store.serverSecret(ctx, NAME)
  if (kept) return opened(ctx.secrets.sealer.open(kept.value, NAME).toString())
  const value = ctx.secrets.sealer.seal(await makeTransportKey(), NAME)
  await store.offerServerSecret(ctx, { name: NAME, created: ctx.clock.now(), value })
  return load(ctx)
}

function keyOf(ctx: Context): Promise<TransportKey> {
  const known = keys.get(ctx.database)
  if (known) return known
  const loading = load(ctx)
  keys.set(ctx.database, loading)
  loading.catch(() => keys.delete(ctx.database))
  return loading
}

/** The public half, as SubjectPublicKeyInfo PEM. */
export const transportKey = async (ctx: Context): Promise<string> => (await keyOf(ctx)).publicPem

/** What a client encrypted. What cannot be read becomes a text that is nobody's password, at the same cost. */
export const readTransported = async (ctx: Context, text: string): Promise<string> => (await keyOf(ctx)).read(text)
