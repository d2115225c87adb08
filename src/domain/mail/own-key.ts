import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import { currentCertificate, inOurWords } from '#src/domain/keys/keys.ts'
import { armor } from '#src/lib/openpgp/armor.ts'

/** The certificate that is used for an account now; null when it has none that can be used. */
export async function ownCertificate(ctx: Context, account: Account): Promise<Uint8Array | null> {
  for (const address of await addressesOf(ctx, account)) {
    const current = await currentCertificate(ctx, address)
    if (current) return current.certificate
  }
  return null
}

/**
 * The certificates by which those authors of a mail read it who are the account: whoever else stands in From reads
 * nothing, or a name put there would open what only the recipients are to read.
 */
export async function authorCertificates(
  ctx: Context,
  account: Account,
  authors: readonly string[],
): Promise<Uint8Array[]> {
  const ours = await addressesOf(ctx, account)
  const own = new Map<string, Uint8Array>()
  for (const address of authors.filter((author) => ours.includes(author))) {
    const current = await currentCertificate(ctx, address)
    if (current) own.set(current.fingerprint, current.certificate)
  }
  return [...own.values()]
}

/** The public key of an account as it may be shown to the world, armored; null when there is none. */
export async function attachableKey(ctx: Context, account: Account): Promise<string | null> {
  const certificate = await ownCertificate(ctx, account)
  if (!certificate) return null
  const addresses = await addressesOf(ctx, account)
  const { openpgp } = ctx.workers
  const shown = await inOurWords(openpgp.publishable({ certificate, addresses, now: ctx.clock.now() }))
  return shown && armor('PUBLIC KEY BLOCK', shown)
}
