import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Sealing at rest: AES-256-GCM, bound to the row it belongs to, under a key from the key file.
 * A sealed text is `<key name>.<base64url of nonce, ciphertext, tag>`, so that keys can be changed one row at a time.
 */
export interface Sealer {
  seal(plain: string | Uint8Array, boundTo: string): string
  /** Throws when the text was changed, belongs to another row, or was sealed under a key that is not here. */
  open(sealed: string, boundTo: string): Buffer
  /** the name of the key that seals */
  readonly current: string
}

/** A key of 32 bytes, and the name that what it sealed begins with. */
export interface SealingKey {
  name: string
  key: Uint8Array
}

/** The name of the key that a text was sealed under. */
export const sealedUnder = (sealed: string): string => sealed.split('.', 1)[0]!

const NONCE = 12
const TAG = 16

/** Encrypts `plain` under a 32-byte key; the answer is nonce, ciphertext and tag in one piece. */
export function encryptBytes(key: Uint8Array, plain: Uint8Array, boundTo: string): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(boundTo))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The reverse of `encryptBytes`; throws when key, binding or bytes are not the same. */
export function decryptBytes(key: Uint8Array, sealed: Uint8Array, boundTo: string): Buffer {
  if (sealed.length < NONCE + TAG) throw new Error('sealed bytes are too short')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE))
  decipher.setAAD(Buffer.from(boundTo))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()])
}

/** Derives a 32-byte key for one purpose from a stronger one (HKDF-SHA-256, RFC 5869). */
export const derivedKey = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, new Uint8Array(), purpose, 32))

function ringOf(keys: readonly SealingKey[]) {
  const current = keys[0]
  if (!current) throw new Error('a sealer needs at least one key')
  return {
    current: current.name,
    byName: new Map(keys.map(({ name, key }) => [name, derivedKey(key, 'chatelaine sealing')])),
  }
}

/** Seals under the first of `keys`; opens what any of them sealed. `change` puts others in their place. */
export function sealer(keys: readonly SealingKey[]): Sealer & { change(keys: readonly SealingKey[]): void } {
  let ring = ringOf(keys)
  return {
    get current() {
      return ring.current
    },
    seal(plain, boundTo) {
      const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain
      return `${ring.current}.${encryptBytes(ring.byName.get(ring.current)!, bytes, boundTo).toString('base64url')}`
    },
    open(sealed, boundTo) {
      const name = sealedUnder(sealed)
      const key = ring.byName.get(name)
      if (!key) throw new Error('sealed under a key that is not in the key file')
      return decryptBytes(key, Buffer.from(sealed.slice(name.length + 1), 'base64url'), boundTo)
    },
    change(others) {
      ring = ringOf(others)
    },
  }
}
