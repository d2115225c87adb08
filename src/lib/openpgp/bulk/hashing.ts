import { createHash, type Hash } from 'node:crypto'
import { view } from '../armor.ts'
import { pieceBytes } from './ciphers.ts'
import { piecesOf } from './pieces.ts'

/** Names of the hash algorithms of RFC 9580, section 9.5, in OpenSSL. */
const hashNames: ReadonlyMap<number, string> = new Map([
  [1, 'md5'],
  [2, 'sha1'],
  [3, 'ripemd160'],
  [8, 'sha256'],
  [9, 'sha384'],
  [10, 'sha512'],
  [11, 'sha224'],
  [12, 'sha3-256'],
  [14, 'sha3-512'],
])

/** Octets of the salt of a v6 signature, by hash algorithm. */
export const saltBytes: ReadonlyMap<number, number> = new Map([
  [8, 16],
  [9, 24],
  [10, 32],
  [11, 16],
  [12, 16],
  [14, 32],
])

export const sha256 = 8
export const sha512 = 10

/** What a signature covers: type 0x00 the bytes as they are, type 0x01 the same with CRLF at each line's end. */
export type Covered = { hash: number; isText: boolean; salt: Uint8Array | null }

// A mail that its sender signed several times agrees on nearly all of it; who asks for more asks for work.
const waysAtMost = 8

/**
 * Hashes one document for many signatures: as far as they agree on how, it is gone through once. What a signature adds
 * comes with `trailer`. null when the algorithm is not known, or when it would have to be gone through too often.
 */
export function documentHash(document: Uint8Array[]): (how: Covered, trailer: Uint8Array[]) => Buffer | null {
  const begun = new Map<string, Hash>()
  return (how, trailer) => {
    const name = hashNames.get(how.hash)
    if (!name) return null
    const label = `${name} ${how.isText} ${how.salt ? view(how.salt).toString('hex') : ''}`
    if (!begun.has(label) && begun.size >= waysAtMost) return null
    const hash = begun.get(label) ?? hashDocument(document, createHash(name), how)
    begun.set(label, hash)
    const ended = hash.copy()
    for (const part of trailer) ended.update(part)
    return ended.digest()
  }
}

function hashDocument(document: Uint8Array[], hash: Hash, { isText, salt }: Covered): Hash {
  if (salt) hash.update(salt)
  if (isText) hashLines(document, hash)
  else for (const piece of piecesOf(document, pieceBytes)) hash.update(piece)
  return hash
}

const cr = 0x0d
const lf = 0x0a

/** Lone LFs are hashed as CRLF, whatever else there is: by a buffer at a time, for lines may be of no length at all. */
function hashLines(document: Uint8Array[], hash: Hash): void {
  const lines = Buffer.allocUnsafe(pieceBytes + 1)
  let filled = 0
  let before = 0
  for (const part of document) {
    for (const byte of part) {
      if (filled >= pieceBytes) {
        hash.update(lines.subarray(0, filled))
        filled = 0
      }
      if (byte === lf && before !== cr) lines[filled++] = cr
      lines[filled++] = byte
      before = byte
    }
  }
  hash.update(lines.subarray(0, filled))
}

/** The end of what is hashed: the signature's own hashed part and its length. RFC 9580, section 5.2.4. */
export function trailerOf(version: number, hashedPart: Uint8Array): Uint8Array[] {
  const end = Buffer.from([version, 0xff, 0, 0, 0, 0])
  end.writeUInt32BE(hashedPart.length, 2)
  return [hashedPart, end]
}
