import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'

const BITS = 2048
const BYTES = BITS / 8

/** Makes the RSA key that clients encrypt passwords with, off the event loop. Answers it as PKCS#8 PEM. */
export async function makeTransportKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

export interface TransportKey {
  /** SubjectPublicKeyInfo as PEM: JSEncrypt and Web Crypto both take it */
  publicPem: string
  /** What a ciphertext is in each padding, always the same work; OAEP tells whether it fits, PKCS#1 v1.5 does not. */
  tries(ciphertext: Buffer): { oaep: Buffer | null; pkcs1: Buffer | null }
}

/** Base64 as forms and mail leave it (blanks for plus signs, line breaks), base64url, or hex. */
function bytesOf(text: string): Buffer | null {
  const trimmed = text.trim()
  const tight = trimmed.replace(/\s/g, '')
  if (/^[0-9a-f]+$/i.test(tight) && tight.length === BYTES * 2) return Buffer.from(tight, 'hex')
  const readings = [trimmed.replace(/[\r\n\t]/g, '').replace(/ /g, '+'), tight]
  return readings.map((reading) => Buffer.from(reading, 'base64')).find(({ length }) => length === BYTES) ?? null
}

const paddings = [
  { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
  { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  // OpenSSL answers a wrong PKCS#1 v1.5 padding with random bytes that look like a message (implicit rejection), so
  // that nobody can learn from us whether a padding was right (Bleichenbacher; CVE-2023-46809).
  { padding: constants.RSA_PKCS1_PADDING },
]

function tried(key: KeyObject, ciphertext: Buffer, how: (typeof paddings)[number]): Buffer | null {
  try {
    return privateDecrypt({ key, ...how }, ciphertext)
  } catch {
    return null
  }
}

/** The private key `pem`, ready for use. */
export function transportKey(pem: string): TransportKey {
  const key = createPrivateKey(pem)
  return {
    publicPem: createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string,
    tries(ciphertext) {
      const [newer, older, pkcs1 = null] = paddings.map((how) => tried(key, ciphertext, how))
      return { oaep: newer ?? older ?? null, pkcs1 }
    },
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Could somebody have typed this? What OpenSSL makes of a wrong padding hardly ever looks so. */
function isTyped(bytes: Buffer): boolean {
  try {
    return bytes.length > 0 && !/\p{Cc}/u.test(utf8.decode(bytes))
  } catch {
    return false
  }
}

/**
 * The text of a ciphertext for one of `keys`, in whatever way it was padded; some other text when it is for none of them.
 * Every ciphertext, and what is none, costs the same tries with every key.
 */
export function readTransported(keys: readonly TransportKey[], text: string): string {
  const noise = randomBytes(BYTES)
  // Below every modulus of this size, so that noise too goes all the way.
  noise[0] = 0
  const ciphertext = bytesOf(text) ?? noise
  const all = keys.map((key) => key.tries(ciphertext))
  const certain = all.map(({ oaep }) => oaep).find((plain) => plain !== null)
  const maybe = all.map(({ pkcs1 }) => pkcs1).filter((plain) => plain !== null)
  // Some of that noise is a letter or two: of several texts the longest was meant.
  const [likely] = maybe.filter(isTyped).toSorted((a, b) => b.length - a.length)
  return (certain ?? likely ?? maybe[0] ?? noise).toString('utf8')
}
