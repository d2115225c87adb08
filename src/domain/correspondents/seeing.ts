import type { Context } from '#src/context.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'

/** What the engine says of a stored key; null for one that it does not read any more. */
export async function seenNow(ctx: Context, certificate: Uint8Array): Promise<CertificateInfo | null> {
  try {
    const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes: certificate, now: ctx.clock.now() }))
    return rings[0]?.info ?? null
  } catch (error) {
    if (isRefusal(error, 'key.unreadable', 'input.too-large')) return null
    throw error
  }
}

/** Can a mail be encrypted with it now? */
export const isUsable = async (ctx: Context, certificate: Uint8Array): Promise<boolean> =>
  (await seenNow(ctx, certificate))?.canEncrypt === true
