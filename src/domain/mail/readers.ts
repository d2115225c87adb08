import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { findKeys } from '#src/domain/discovery/discovery.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { MailHeader } from './header.ts'
import { authorCertificates } from './own-key.ts'
import type { Readers } from './sealing.ts'

/**
 * Who will be able to read a mail: everybody it goes to, and its author, whose copy in the folder of sent mail would be
 * lost otherwise. Keys are looked for in the order of the setting `keySources`; one that nobody has confirmed is better
 * than none. Refuses with 'mail.recipient-without-key', naming all whose key is missing, expired or revoked, and why;
 * like `findKeys` where the world does not answer in time; an author without a usable key just gets no copy, and
 * neither does one who is not the caller.
 */
export async function readersOf(
  ctx: Context,
  { authors, named, blind }: MailHeader,
  account: Account,
): Promise<Readers> {
  const found = await findKeys(ctx, { account, addresses: [...named, ...blind] })
  const missing = [...named, ...blind].filter((address) => found.get(address)?.verdict !== true)
  if (missing.length > 0) {
    const reasons = missing.map((address) => [address, String(found.get(address)?.verdict ?? NO_KEY)])
    throw new Refusal('mail.recipient-without-key', { params: missing, reasons: Object.fromEntries(reasons) })
  }
  const own = await authorCertificates(ctx, account, authors)
  const certificates = (addresses: string[]) => addresses.map((address) => found.get(address)!.certificate)
  const shown = named.map((address) => ({ address, certificate: found.get(address)!.certificate }))
  return { named: shown, own, hidden: certificates(blind) }
}

// Why there is nothing to encrypt with, where not even a key was found that could be said to be bad.
const NO_KEY = 'no-key'
