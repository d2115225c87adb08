import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { currentCertificate, inOurWords, keyProfile } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { canonicalAddress, writeGossip, writeHeader } from '#src/lib/autocrypt/header.ts'

async function leastOf(ctx: Context, certificate: Uint8Array, address: string): Promise<Uint8Array | null> {
  try {
    return await inOurWords(ctx.workers.openpgp.minimal({ certificate, address, now: ctx.clock.now() }))
  } catch (error) {
    if (isRefusal(error, 'key.unreadable', 'key.unusable', 'input.too-large')) return null
    throw error
  }
}

/**
 * The Autocrypt header of a mail that one of our people sends from one of his addresses, folded, with its line end. null
 * when he has no key that bears the address and can be used, or one that is too large to travel in a header.
 */
export async function headerFor(ctx: Context, account: Account, from: string): Promise<string | null> {
  const address = canonicalAddress(from)
  const current = address && (await currentCertificate(ctx, from))
  if (!current || current.account !== account.id) return null
  const keydata = await leastOf(ctx, current.certificate, from)
  if (!keydata) return null
  const { encrypts } = await keyProfile(ctx, account)
  return writeHeader({ address, prefersEncryption: encrypts, keydata })
}

/** The Autocrypt-Gossip fields for those that a mail is encrypted for; who bears no such address has none. */
export async function gossipFor(
  ctx: Context,
  readers: readonly { address: string; certificate: Uint8Array }[],
): Promise<string> {
  const fields: string[] = []
  // One after another: a mail to many must not fill the queue that others wait in.
  for (const { address: named, certificate } of readers) {
    const address = canonicalAddress(named)
    const keydata = address && (await leastOf(ctx, certificate, named))
    const field = keydata && writeGossip({ address, keydata })
    if (field) fields.push(field)
  }
  return fields.join('')
}
