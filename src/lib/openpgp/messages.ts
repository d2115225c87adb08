import type { Key, PrivateKey } from 'openpgp'
import { armoredText, binaryOf } from './armor.ts'
import { knownCertificate, knownSecret } from './bulk/known-keys.ts'
import { hiddenId, idsOf, openMessage, openUnjudged, type SessionKey, unwrap } from './bulk/opening.ts'
import { type SealedMessage, sealMessage } from './bulk/sealing.ts'
import type { Reader } from './bulk/wrapping.ts'
import { boundedMessage, type Envelope } from './envelope.ts'
import { judge } from './judge.ts'
import { limits } from './limits.ts'
import { tag } from './packets.ts'
import { messageOf, OpenPgpRefusal } from './refusals.ts'
import { verdictsOf } from './signatures.ts'
import type { OpenedFile, Operations } from './types.ts'

type ForWhom = Omit<Parameters<Operations['encrypt']>[0], 'data' | 'armor'>

/**
 * Encrypts bytes for certificates, signed when `signWith` is given; never compressed. Each certificate is judged at
 * `now`: the refusal names the reason and, as `recipient`, the index of the first that cannot be encrypted to, `hidden`
 * ones counted after the others.
 */
export const encrypt: Operations['encrypt'] = async ({ data, ...forWhom }) => {
  const sealed = await sealFor([data], forWhom)
  return armoredText('MESSAGE', sealed, sealed)
}

/** The same for a document in several parts, to be written wherever it is wanted. */
export async function sealFor(
  document: Uint8Array[],
  { recipients, hidden = [], signWith, now, fileName }: ForWhom & { fileName?: string },
): Promise<SealedMessage> {
  if (recipients.length + hidden.length === 0) throw new RangeError('a message needs a recipient')
  const length = document.reduce((sum, part) => sum + part.length, 0)
  if (length > limits.decompressedBytes) throw new OpenPgpRefusal('message.too-large', `${length} bytes`)
  const known = await readersOf(recipients, 0, now)
  const unnamed = await readersOf(hidden, recipients.length, now)
  for (const fingerprint of known.keys()) unnamed.delete(fingerprint)
  const signer = signWith ? await usableSigner(signWith, now) : null
  // Those who are not named come first.
  const all = [...unnamed.values()].map((reader) => ({ ...reader, isHidden: true }))
  for (const reader of known.values()) all.push({ ...reader, isHidden: false })
  return sealMessage(document, { readers: all, signer, now, fileName })
}

type Judged = Omit<Reader, 'isHidden'>

/** Those who can be encrypted to, by fingerprint: nobody is to be told twice. */
async function readersOf(certificates: Uint8Array[], from: number, now: number): Promise<Map<string, Judged>> {
  const readers = new Map<string, Judged>()
  for (const [index, bytes] of certificates.entries()) {
    const recipient = from + index
    const key = await usableCertificate(bytes, recipient, now)
    readers.set(key.getFingerprint(), { key, recipient })
  }
  return readers
}

async function usableCertificate(bytes: Uint8Array, index: number, now: number): Promise<Key> {
  try {
    const key = await knownCertificate(bytes)
    const verdict = await judge(key, 'encrypt', now)
    if (verdict !== true) throw new OpenPgpRefusal(verdict)
    return key
  } catch (error) {
    throw error instanceof OpenPgpRefusal ? new OpenPgpRefusal(error.reason, error.detail, index) : error
  }
}

async function usableSigner(secret: Uint8Array, now: number): Promise<PrivateKey> {
  const key = await knownSecret(secret)
  const verdict = await judge(key, 'sign', now)
  if (verdict !== true) throw new OpenPgpRefusal(verdict)
  return key
}

/**
 * Opens a message, armored or binary, with whichever of `secrets` fits, and judges its signatures. Data without
 * integrity protection, or changed on its way, is refused as `message.tampered`; nothing of it is given out. Other
 * refusals: `message.no-key`, `message.unreadable`, `message.too-large` (also for what it unpacks to).
 */
export const decrypt: Operations['decrypt'] = async ({ message, secrets, verifyWith, now, most }) => {
  const bytes = binaryOf(message, ['MESSAGE'], 'message.unreadable')
  // What was made out of armor here may be written over; what the caller handed in may not.
  const { outer, sessionKeys, readers } = await unlocked({ bytes, isOurs: bytes !== message }, secrets)
  const verificationKeys = await Promise.all(verifyWith.map(knownCertificate))
  const wanted = { verificationKeys, now, most: most ?? limits.decompressedBytes }
  const { data, results } = await openMessage(outer, sessionKeys, wanted)
  const signatures = await verdictsOf(results, verificationKeys, readers)
  return { data, signatures, recipients: outer.envelope.recipients, readers }
}

/** The document of a binary message and its signatures, not judged. Refuses as `decrypt` does. */
export async function openDocument(
  bytes: Uint8Array,
  { isOurs, secrets, now }: { isOurs: boolean; secrets: Uint8Array[]; now: number },
): Promise<OpenedFile> {
  const { outer, sessionKeys, readers } = await unlocked({ bytes, isOurs }, secrets)
  const wanted = { verificationKeys: [], now, most: limits.decompressedBytes }
  return { ...(await openUnjudged(outer, sessionKeys, wanted)), readers }
}

async function unlocked({ bytes, isOurs }: { bytes: Uint8Array; isOurs: boolean }, secrets: Uint8Array[]) {
  const envelope = boundedMessage(bytes)
  const keys = await Promise.all(secrets.map(knownSecret))
  checkEnvelope(envelope, keys)
  const outer = { bytes, envelope, isOurs }
  const readers = keys.map((key) => key.getFingerprint().toUpperCase())
  return { outer, sessionKeys: await sessionKeysFor(outer, keys), readers }
}

// A mail to more people is asked about by the first of them.
const recipientsTold = 100

function checkEnvelope({ recipients, dataTag }: Envelope, keys: PrivateKey[]): void {
  if (dataTag === tag.unauthenticated) throw new OpenPgpRefusal('message.tampered', 'no integrity protection')
  const encrypted: (number | null)[] = [tag.authenticated, tag.aeadDraft]
  if (!encrypted.includes(dataTag)) throw new OpenPgpRefusal('message.unreadable', 'not encrypted')
  const ours = idsOf(keys)
  if (!recipients.some((id) => id === hiddenId || ours.has(id)))
    throw new OpenPgpRefusal('message.no-key', recipients.slice(0, recipientsTold).join(' '))
}

async function sessionKeysFor(outer: Parameters<typeof unwrap>[0], keys: PrivateKey[]): Promise<SessionKey[]> {
  try {
    return await unwrap(outer, keys)
  } catch (error) {
    if (error instanceof OpenPgpRefusal) throw error
    const ours = idsOf(keys)
    const isOnlyHidden = !outer.envelope.recipients.some((id) => ours.has(id))
    throw new OpenPgpRefusal(isOnlyHidden ? 'message.no-key' : 'message.tampered', messageOf(error))
  }
}
