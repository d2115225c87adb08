import type { Context } from '#src/context.ts'
import { type Account, addressesOf, findByAddress } from '#src/domain/accounts/accounts.ts'
import { trustedCertificates } from '#src/domain/correspondents/correspondents.ts'
import { verificationCertificates } from '#src/domain/keys/keys.ts'
import { fingerprintOf } from '#src/lib/openpgp/packets.ts'
import type { SignatureStatus, SignatureVerdict } from '#src/lib/openpgp/types.ts'
import type { MailHeader } from './header.ts'

/** What is known of one signature of a mail. */
export interface MailSignature {
  /** id of the key that signed or is said to have, 16 upper-case hex digits; empty when the signature is spoiled */
  keyId: string
  /** of the primary key of its ring, where we know it */
  fingerprint: string | null
  status: SignatureStatus
  /** the address whose key it is, where we know it: from our own records, never from what the key says of itself */
  signer: string | null
  /** the signature is valid and its key is that of the address in From */
  matchesSender: boolean
  created: number | null
}

/** Keys that a mail may be signed with, and to which address each belongs. */
export interface Circle {
  certificates: Uint8Array[]
  owners: Map<string, string>
}

// Enough to name a wrong signer in any mail between people; each costs a look into the keys.
const MOST_ADDRESSES = 50

/**
 * Whoever has an account here is known by the keys of that account alone: another key that bears his address, and that
 * the reader was given for somebody else, must not speak for him.
 */
const certificatesOf = async (ctx: Context, address: string, reader: Account): Promise<Uint8Array[]> =>
  (await findByAddress(ctx, address))
    ? verificationCertificates(ctx, [address])
    : trustedCertificates(ctx, { account: reader, address })

/** The keys of everybody a mail names, its authors first, and of the account that reads it. */
export async function circleOf(ctx: Context, header: MailHeader, reader: Account): Promise<Circle> {
  const own = await addressesOf(ctx, reader)
  const addresses = new Set([...header.authors, ...header.deputies, ...own, ...header.named])
  const circle: Circle = { certificates: [], owners: new Map() }
  for (const address of [...addresses].slice(0, MOST_ADDRESSES)) {
    for (const certificate of await certificatesOf(ctx, address, reader)) {
      const fingerprint = fingerprintOf(certificate)
      if (fingerprint === null || circle.owners.has(fingerprint)) continue
      circle.owners.set(fingerprint, address)
      circle.certificates.push(certificate)
    }
  }
  return circle
}

/** A verdict on a signature, seen together with who is said to have sent the mail. */
export function signatureOf(
  { keyId, fingerprint, status, created }: SignatureVerdict,
  header: MailHeader,
  { owners }: Circle,
): MailSignature {
  const signer = owners.get(fingerprint ?? '') ?? null
  // With two authors a signature speaks for one of them only, and nobody could see for which.
  const isSender = header.authors.length === 1 && signer === header.authors[0]
  return { keyId, fingerprint, status, signer, matchesSender: status === 'valid' && isSender, created }
}
