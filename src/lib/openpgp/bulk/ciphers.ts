/** Octets of the key of each symmetric algorithm that is worked here: AES. RFC 9580, section 9.3. */
export const keyBytes: ReadonlyMap<number, 16 | 24 | 32> = new Map([
  [7, 16],
  [8, 24],
  [9, 32],
])

/** What OpenPGP.js calls them. */
export const cipherIds: ReadonlyMap<string, number> = new Map([
  ['aes128', 7],
  ['aes192', 8],
  ['aes256', 9],
])

export type AeadMode = { name: 'ocb' | 'gcm'; nonceBytes: number }

/** RFC 9580, section 9.6, without EAX, which OpenSSL does not know. */
export const aeadModes: ReadonlyMap<number, AeadMode> = new Map([
  [2, { name: 'ocb', nonceBytes: 15 }],
  [3, { name: 'gcm', nonceBytes: 12 }],
])

export const ocb = 2

/** Bytes are worked on in pieces that stay in the processor's cache. */
export const pieceBytes = 64 * 1024

/** A session key as OpenPGP.js hands it out: without an algorithm where the data packet names that (RFC 9580, 5.1.2). */
export type SessionKey = { data: Uint8Array; algorithm: string | null }
