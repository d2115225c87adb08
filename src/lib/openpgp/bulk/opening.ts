import {
  type DecryptedSessionKey,
  decryptSessionKeys,
  type Key,
  type SessionKey as LibraryKey,
  decrypt as open,
  type PrivateKey,
  readMessage,
  verify,
} from 'openpgp'
import { view } from '../armor.ts'
import { allowingSha1, strict } from '../config.ts'
import type { Envelope } from '../envelope.ts'
import { tag } from '../packets.ts'
import { messageOf, OpenPgpRefusal, refusing } from '../refusals.ts'
import { openWithAead } from './aead.ts'
import { wholeBody } from './bodies.ts'
import type { SessionKey } from './ciphers.ts'
import { type Content, contentOf } from './content.ts'
import { openWithMdc } from './mdc.ts'
import { resultsOn, type VerificationResult } from './verifying.ts'

export type { SessionKey } from './ciphers.ts'

/** A message and what is known of its outer packets. When it `isOurs`, its plaintext may be written over it. */
export type Outer = { bytes: Uint8Array; envelope: Envelope; isOurs: boolean }

export type Opened = { data: Uint8Array; results: VerificationResult[] }

/**
 * The session keys that `keys` unwrap. Only those of the kind that the data asks for are looked at: RFC 9580, section
 * 10.3.2.1. Throws what the library throws.
 */
export async function unwrap({ bytes, envelope }: Outer, keys: PrivateKey[]): Promise<SessionKey[]> {
  const wanted = envelope.isAead ? 6 : 3
  const ours = idsOf(keys).add(hiddenId)
  const fitting = envelope.sessions.filter(
    ({ bodyStart }, index) => bytes[bodyStart] === wanted && ours.has(envelope.recipients[index]!),
  )
  if (fitting.length === 0) throw new OpenPgpRefusal('message.unreadable', 'no session key of its kind')
  const wraps = Buffer.concat(fitting.map(({ start, end }) => bytes.subarray(start, end)))
  const message = await refusing('message.unreadable', () => readMessage({ binaryMessage: wraps, config: strict }))
  // A secret that we hold may open old mail, whatever hash binds it and whether or not it has expired.
  const found: DecryptedSessionKey[] = await decryptSessionKeys({ message, decryptionKeys: keys, config: allowingSha1 })
  const different = new Map(found.map((key) => [view(key.data).toString('hex'), key]))
  // Each is tried on the whole message.
  if (different.size > sessionKeysAtMost) throw new OpenPgpRefusal('message.too-large', 'session keys')
  return [...different.values()] as SessionKey[]
}

const sessionKeysAtMost = 8
// The library goes through the document for each of them.
const slowSignaturesAtMost = 2
const slowBytes = 1024 * 1024

/** What a message tells of a reader that it does not name; it may be anybody. */
export const hiddenId = '0'.repeat(16)

/** Ids of all keys and subkeys, 16 upper-case hex digits each. */
export const idsOf = (keys: PrivateKey[]): Set<string> =>
  new Set(keys.flatMap((key) => key.getKeyIDs().map((id) => id.toHex().toUpperCase())))

/** By which keys its signatures are judged and when, and how many bytes its document may have. */
type Wanted = { verificationKeys: Key[]; now: number; most: number }

/**
 * Opens a message with its session keys. Nothing of it is given out, or even parsed, before the whole is known not to
 * have been changed; else `message.tampered`. Further refusals: `message.unreadable`, `message.too-large`.
 */
export async function openMessage(outer: Outer, sessionKeys: SessionKey[], wanted: Wanted): Promise<Opened> {
  const plain = unsealed(outer, sessionKeys)
  if (!plain) return openByLibrary(outer.bytes, sessionKeys, wanted)
  const { verificationKeys, now, most } = wanted
  const content = contentOf(plain, most)
  if (!content) return readByLibrary(plain, wanted)
  const { data, signatures } = content
  const results = signatures.length === 0 ? [] : await resultsOn(data, signatures, verificationKeys, now)
  return { data, results }
}

/** The same without a judgement: the signatures come as packets, one behind the other. */
export async function openUnjudged(outer: Outer, sessionKeys: SessionKey[], wanted: Wanted): Promise<Content> {
  const plain = unsealed(outer, sessionKeys)
  const content = plain && contentOf(plain, wanted.most)
  if (content) return content
  const { data, results } = plain
    ? await readByLibrary(plain, wanted)
    : await openByLibrary(outer.bytes, sessionKeys, wanted)
  const signatures: Uint8Array[] = []
  for (const { signature } of results) signatures.push((await signature).write() as Uint8Array)
  return { data, fileName: '', signatures: Buffer.concat(signatures) }
}

/** null when neither cipher nor mode is one of ours. */
function unsealed({ bytes, envelope, isOurs }: Outer, sessionKeys: SessionKey[]): Uint8Array | null {
  const { dataFrame } = envelope
  const found = dataFrame && wholeBody(bytes, dataFrame)
  // Somebody cut it off, or the way here did: no program makes such a message.
  if (!found) throw new OpenPgpRefusal('message.tampered', 'a packet that does not end')
  if (found.end !== bytes.length) throw new OpenPgpRefusal('message.unreadable', 'more behind the encrypted data')
  const { body } = found
  const version = body[0] ?? 0
  if (version !== 1 && (version !== 2 || dataFrame.tag !== tag.authenticated)) {
    throw new OpenPgpRefusal('message.unreadable', `version ${version} of encrypted data`)
  }
  const isAead = dataFrame.tag !== tag.authenticated || version === 2
  for (const key of sessionKeys) {
    // Whatever is written over is gone for a second key.
    const into = sessionKeys.length === 1 && isOurs ? body : Buffer.allocUnsafeSlow(body.length)
    const plain = isAead ? openWithAead(dataFrame.tag, body, key, into) : openWithMdc(body, key, into)
    if (plain !== 'tampered') return plain
  }
  throw new OpenPgpRefusal('message.tampered')
}

/** What is inside in some rarer form: compressed with BZip2, signed the old way. */
async function readByLibrary(plain: Uint8Array, { verificationKeys, now, most }: Wanted): Promise<Opened> {
  const config = { ...strict, maxDecompressedMessageSize: most }
  try {
    // WebCrypto takes nothing that lies in shared memory.
    const binaryMessage = plain.buffer instanceof ArrayBuffer ? plain : new Uint8Array(plain)
    const message = await readMessage({ binaryMessage, config })
    const date = new Date(now)
    bound(message, plain.length)
    const read = await verify({ message, verificationKeys, format: 'binary', date, config })
    return openedFrom(read as unknown as Read, most)
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Leaves so many signatures to be judged as there is time for. */
function bound(message: Awaited<ReturnType<typeof readMessage>>, bytes: number): void {
  const inner = message.unwrapCompressed()
  // Nobody knows how much is in what is packed.
  if (inner === message && bytes <= slowBytes) return
  const { packets } = inner
  let seen = 0
  for (let at = 0; at < packets.length; at++) {
    if ((packets[at]!.constructor as { tag?: number }).tag !== tag.signature) continue
    seen += 1
    if (seen > slowSignaturesAtMost) packets.splice(at--, 1)
  }
}

/** The whole by OpenPGP.js: ciphers that OpenSSL has no longer, and EAX. */
async function openByLibrary(bytes: Uint8Array, keys: SessionKey[], { verificationKeys, now, most }: Wanted) {
  const config = { ...strict, maxDecompressedMessageSize: most }
  // WebCrypto takes nothing that lies in shared memory.
  const binaryMessage = new Uint8Array(bytes)
  const message = await refusing('message.unreadable', () => readMessage({ binaryMessage, config }))
  const sessionKeys = keys as LibraryKey[]
  const date = new Date(now)
  try {
    const read = await open({ message, sessionKeys, verificationKeys, format: 'binary', date, config })
    return openedFrom(read as unknown as Read, most)
  } catch (error) {
    throw refusalOf(error)
  }
}

type Read = { data: Uint8Array | null; signatures: VerificationResult[] }

function openedFrom({ data, signatures }: Read, most: number): Opened {
  if (!data) throw new OpenPgpRefusal('message.unreadable', 'no data inside')
  if (data.length > most) throw new OpenPgpRefusal('message.too-large', 'unpacked')
  return { data, results: signatures }
}

function refusalOf(error: unknown): OpenPgpRefusal {
  if (error instanceof OpenPgpRefusal) return error
  const message = messageOf(error)
  if (/maximum decompressed|message size/i.test(message)) return new OpenPgpRefusal('message.too-large', message)
  const isTampered = /modification detected|tag mismatch|authenticat|session key size|session key algorithm/i
  return new OpenPgpRefusal(isTampered.test(message) ? 'message.tampered' : 'message.unreadable', message)
}
