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
  /** The text of a ciphertext, in whatever way it was padded; some other text when it is none of ours. */
  read(ciphertext: string): string
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

/** The private key `pem`, ready for use. Every ciphertext costs the same three tries. */
export function transportKey(pem: string): TransportKey {
  const key = createPrivateKey(pem)
  return {
    publicPem: createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string,
    read(ciphertext) {
      const noise = randomBytes(BYTES)
      // Below every modulus of this size, so that noise too goes all the way.
      noise[0] = 0
      const found = paddings.map((how) => tried(key, bytesOf(ciphertext) ?? noise, how))
      return (found.find((plain) => plain !== null) ?? noise).toString('utf8')
    },
  }
}
