import {
  createMessage,
  type DecryptedSessionKey,
  decryptSessionKeys,
  encryptSessionKey,
  generateSessionKey,
  type Key,
  decrypt as open,
  type PrivateKey,
  readMessage,
  type SessionKey,
  encrypt as seal,
} from 'openpgp'
import { armor, binaryOf } from './armor.ts'
import { allowingSha1, limits, strict } from './config.ts'
import { boundedMessage, type Envelope } from './envelope.ts'
import { judge } from './judge.ts'
import { tag } from './packets.ts'
import { readRing, readUnlocked } from './read.ts'
import { messageOf, OpenPgpRefusal, refusing } from './refusals.ts'
import { type VerificationResult, verdictsOf } from './signatures.ts'
import type { Operations } from './types.ts'

const hidden = '0'.repeat(16)

/**
 * Encrypts bytes for certificates, signed when `signWith` is given; never compressed. Each certificate is judged at
 * `now`: the refusal names the reason and, as `recipient`, the index of the first that cannot be encrypted to, `hidden`
 * ones counted after the others.
 */
export const encrypt: Operations['encrypt'] = async ({ data, recipients, hidden = [], signWith, now }) => {
  if (recipients.length + hidden.length === 0) throw new RangeError('a message needs a recipient')
  if (data.length > limits.decompressedBytes) throw new OpenPgpRefusal('message.too-large', `${data.length} bytes`)
  const known = await usableCertificates(recipients, 0, now)
  const unnamed = await usableCertificates(hidden, recipients.length, now)
  for (const fingerprint of known.keys()) unnamed.delete(fingerprint)
  const signingKeys = signWith ? [await usableSigner(signWith, now)] : []
  const date = new Date(now)
  const message = await createMessage({ binary: data, date })
  const sealing = () =>
    sealFor(message, { known: [...known.values()], unnamed: [...unnamed.values()] }, signingKeys, date)
  // Every certificate was judged above, so what still fails is a signing key whose secret is only a stub.
  const bytes = signWith ? await refusing('key.no-signing-key', sealing) : await sealing()
  return armor('MESSAGE', bytes)
}

type Readers = { known: Key[]; unnamed: Key[] }

/** The session key is wrapped twice over when some readers are not to be named; those wraps come first. */
async function sealFor(
  message: Awaited<ReturnType<typeof createMessage>>,
  { known, unnamed }: Readers,
  signingKeys: PrivateKey[],
  date: Date,
): Promise<Uint8Array> {
  const how = { date, config: strict, format: 'binary' } as const
  const sessionKey = await generateSessionKey({ encryptionKeys: [...known, ...unnamed], date, config: strict })
  const wraps =
    known.length > 0 && unnamed.length > 0
      ? await encryptSessionKey({ ...sessionKey, ...how, encryptionKeys: unnamed, wildcard: true })
      : new Uint8Array()
  const sealed = await seal({
    ...how,
    message,
    sessionKey,
    signingKeys,
    encryptionKeys: known.length > 0 ? known : unnamed,
    wildcard: known.length === 0,
  })
  return Buffer.concat([wraps as Uint8Array, sealed as Uint8Array])
}

async function usableCertificates(certificates: Uint8Array[], from: number, now: number): Promise<Map<string, Key>> {
  const keys = new Map<string, Key>()
  for (const [index, bytes] of certificates.entries()) {
    const key = await usableCertificate(bytes, from + index, now)
    keys.set(key.getFingerprint(), key)
  }
  return keys
}

async function usableCertificate(bytes: Uint8Array, index: number, now: number): Promise<Key> {
  try {
    const key = (await readRing(bytes)).toPublic()
    const verdict = await judge(key, 'encrypt', now)
    if (verdict !== true) throw new OpenPgpRefusal(verdict)
    return key
  } catch (error) {
    throw error instanceof OpenPgpRefusal ? new OpenPgpRefusal(error.reason, error.detail, index) : error
  }
}

async function usableSigner(secret: Uint8Array, now: number): Promise<PrivateKey> {
  const key = await readUnlocked(secret)
  const verdict = await judge(key, 'sign', now)
  if (verdict !== true) throw new OpenPgpRefusal(verdict)
  return key
}

/**
 * Opens a message, armored or binary, with whichever of `secrets` fits, and judges its signatures. Data without
 * integrity protection, or changed on its way, is refused as `message.tampered`; nothing of it is given out. Other
 * refusals: `message.no-key`, `message.unreadable`, `message.too-large` (also for what it unpacks to).
 */
export const decrypt: Operations['decrypt'] = async ({ message, secrets, verifyWith, now }) => {
  const bytes = binaryOf(message, ['MESSAGE'], 'message.unreadable')
  const envelope = boundedMessage(bytes)
  const keys = await Promise.all(secrets.map(readUnlocked))
  checkEnvelope(envelope, keys)
  const sessionKeys = await unwrap(bytes, envelope, keys)
  const verificationKeys = await Promise.all(verifyWith.map(readRing))
  const { data, signatures } = await openWith(bytes, sessionKeys, verificationKeys, now)
  return { data, signatures: await verdictsOf(signatures, verificationKeys), recipients: envelope.recipients }
}

function checkEnvelope({ recipients, dataTag }: Envelope, keys: PrivateKey[]): void {
  if (dataTag === tag.unauthenticated) throw new OpenPgpRefusal('message.tampered', 'no integrity protection')
  const encrypted: (number | null)[] = [tag.authenticated, 20]
  if (!encrypted.includes(dataTag)) throw new OpenPgpRefusal('message.unreadable', 'not encrypted')
  const ours = idsOf(keys)
  if (!recipients.some((id) => id === hidden || ours.has(id))) throw new OpenPgpRefusal('message.no-key')
}

const idsOf = (keys: PrivateKey[]): Set<string> =>
  new Set(keys.flatMap((key) => key.getKeyIDs().map((id) => id.toHex().toUpperCase())))

async function unwrap(bytes: Uint8Array, envelope: Envelope, keys: PrivateKey[]): Promise<DecryptedSessionKey[]> {
  const message = await refusing('message.unreadable', () => readMessage({ binaryMessage: bytes, config: strict }))
  try {
    // A secret that we hold may open old mail, whatever hash binds it and whether or not it has expired.
    return await decryptSessionKeys({ message, decryptionKeys: keys, config: allowingSha1 })
  } catch (error) {
    const ours = idsOf(keys)
    const isOnlyHidden = !envelope.recipients.some((id) => ours.has(id))
    throw new OpenPgpRefusal(isOnlyHidden ? 'message.no-key' : 'message.tampered', messageOf(error))
  }
}

type Opened = { data: Uint8Array; signatures: VerificationResult[] }

async function openWith(bytes: Uint8Array, keys: DecryptedSessionKey[], verificationKeys: Key[], now: number) {
  const message = await refusing('message.unreadable', () => readMessage({ binaryMessage: bytes, config: strict }))
  const sessionKeys = keys as SessionKey[]
  const date = new Date(now)
  try {
    const opened = await open({ message, sessionKeys, verificationKeys, format: 'binary', date, config: strict })
    if (!opened.data) throw new OpenPgpRefusal('message.unreadable', 'no data inside')
    return opened as unknown as Opened
  } catch (error) {
    throw error instanceof OpenPgpRefusal ? error : refusalOf(messageOf(error))
  }
}

function refusalOf(message: string): OpenPgpRefusal {
  if (/maximum decompressed|message size/i.test(message)) return new OpenPgpRefusal('message.too-large', message)
  const isTampered = /modification detected|tag mismatch|authenticat|session key size|session key algorithm/i
  return new OpenPgpRefusal(isTampered.test(message) ? 'message.tampered' : 'message.unreadable', message)
}
