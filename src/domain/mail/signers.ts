import type { Context } from '#src/context.ts'
import { type Account, addressesOf, findByAddress } from '#src/domain/accounts/accounts.ts'
import { trustedCertificates } from '#src/domain/correspondents/correspondents.ts'
import { findSigner, signersKnown } from '#src/domain/discovery/discovery.ts'
import { described, guestCertificates, verificationCertificates } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
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
  /** the address whose key it is, where somebody trusted says so; never from what the key says of itself */
  signer: string | null
  /** the signature is valid and its key is that of the address in From */
  matchesSender: boolean
  created: number | null
  /** where the key comes from, by the names of the setting `keySources`; null for one that nobody has */
  source: string | null
  /** whether that counts as telling whose key it is */
  trusted: boolean
  /** of a valid one: when its key expired meanwhile, epoch milliseconds; it was good when it signed */
  keyExpired: number | null
  /** it names the keys that it was encrypted to, and none of them is one of the reader's (RFC 9580, section 5.2.3.36) */
  isForOthers: boolean
}

interface Speaker {
  /** that it was found for */
  address: string
  source: string
  trusted: boolean
  /** seen revoked where its certificate does not tell */
  revoked: boolean
}

/** Keys that a mail may be signed with, and by fingerprint for which address each may speak. */
export interface Circle {
  certificates: Uint8Array[]
  speakers: Map<string, Speaker>
}

type Candidate = Omit<Speaker, 'address'> & { certificate: Uint8Array }

// Enough to name a wrong signer in any mail between people; each costs a look into the keys.
const MOST_ADDRESSES = 50

/**
 * Whoever has an account here is known by the keys of that account alone: another key that bears his address, and that
 * the reader was given for somebody else, must not speak for him. What the world has counts for authors only.
 */
async function candidatesFor(
  ctx: Context,
  { address, reader, header }: { address: string; reader: Account; header: MailHeader },
): Promise<Candidate[]> {
  const known = { trusted: true, revoked: false }
  if (await findByAddress(ctx, address)) {
    const certificates = await verificationCertificates(ctx, [address])
    return certificates.map((certificate) => ({ ...known, certificate, source: 'tenant' }))
  }
  const own = await trustedCertificates(ctx, { account: reader, address })
  const guests = (await guestCertificates(ctx, address)).map((certificate) => ({ certificate, source: 'guest' }))
  const found = header.authors.includes(address) ? await signersKnown(ctx, address) : []
  return [...[...own, ...guests].map((key) => ({ ...known, ...key })), ...found]
}

/** A key speaks for the first address it comes with; another copy of it may yet have a newer subkey. */
function join(circle: Circle, address: string, { certificate, source, trusted, revoked }: Candidate): void {
  const fingerprint = fingerprintOf(certificate)
  if (fingerprint === null) return
  if (!circle.speakers.has(fingerprint)) circle.speakers.set(fingerprint, { address, source, trusted, revoked })
  if (!circle.certificates.some((one) => Buffer.compare(one, certificate) === 0)) circle.certificates.push(certificate)
}

/** The keys of everybody a mail names, its authors first, and of the account that reads it. Nobody is asked for them. */
export async function circleOf(ctx: Context, header: MailHeader, reader: Account): Promise<Circle> {
  const own = await addressesOf(ctx, reader)
  const addresses = new Set([...header.authors, ...header.deputies, ...own, ...header.named])
  const circle: Circle = { certificates: [], speakers: new Map() }
  for (const address of [...addresses].slice(0, MOST_ADDRESSES))
    for (const candidate of await candidatesFor(ctx, { address, reader, header })) join(circle, address, candidate)
  return circle
}

/**
 * The circle with the key of a stranger who wrote the mail and signed it with a key that nobody in the circle has, when
 * the world knows it; null when nothing is to be learnt there. Never fails; see `findSigner` for how long it may take.
 */
export async function widened(
  ctx: Context,
  {
    circle,
    header: { author },
    reader,
    verdicts,
  }: { circle: Circle; header: MailHeader; reader: Account; verdicts: readonly SignatureVerdict[] },
): Promise<Circle | null> {
  const keyIds = verdicts.flatMap(({ status, keyId }) => (status === 'unknown-key' && keyId !== '' ? [keyId] : []))
  // With two authors a signature speaks for neither, whosever it is.
  if (keyIds.length === 0 || author === null || (await findByAddress(ctx, author))) return null
  const found = await findSigner(ctx, { account: reader, address: author, keyIds })
  if (!found) return null
  const wider = { certificates: [...circle.certificates], speakers: new Map(circle.speakers) }
  join(wider, author, found)
  return wider
}

/** A verdict on a signature, seen together with who is said to have sent the mail. */
export function signatureOf(
  { keyId, fingerprint, status: judged, created, isForOthers = false }: SignatureVerdict,
  header: MailHeader,
  { speakers }: Circle,
): MailSignature {
  const speaker = speakers.get(fingerprint ?? '')
  const status = judged === 'valid' && speaker?.revoked ? 'key-revoked' : judged
  const trusted = speaker?.trusted ?? false
  const signer = trusted ? speaker!.address : null
  // With two authors a signature speaks for one of them only, and nobody could see for which.
  const isSender = signer !== null && signer === header.author
  const about = { keyId, fingerprint, status, signer, matchesSender: status === 'valid' && isSender, created }
  return { ...about, source: speaker?.source ?? null, trusted, keyExpired: null, isForOthers }
}

/** The same signatures, with what has become of their keys since. */
export async function withExpiry(
  ctx: Context,
  signatures: readonly MailSignature[],
  { certificates }: Circle,
): Promise<MailSignature[]> {
  const found: MailSignature[] = []
  for (const signature of signatures) {
    const certificate = certificates.find((bytes) => fingerprintOf(bytes) === signature.fingerprint)
    const isAsked = signature.status === 'valid' && certificate !== undefined
    found.push(isAsked ? { ...signature, keyExpired: await expiryOf(ctx, certificate, signature.keyId) } : signature)
  }
  return found
}

async function expiryOf(ctx: Context, certificate: Uint8Array, keyId: string): Promise<number | null> {
  try {
    const key = (await described(ctx, certificate)).keys.find((one) => one.keyId === keyId)
    return key?.expired ? key.expires : null
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}
