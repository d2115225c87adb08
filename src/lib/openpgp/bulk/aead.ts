import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { tag } from '../packets.ts'
import { OpenPgpRefusal } from '../refusals.ts'
import { packetHeader } from './bodies.ts'
import { type AeadMode, aeadModes, cipherIds, keyBytes, pieceBytes, type SessionKey } from './ciphers.ts'
import type { Output, Sealed } from './output.ts'
import { evenPiecesOf, lengthOf, piecesOf } from './pieces.ts'

const tagBytes = 16
const saltBytes = 32
/** 2^(12 + 6) bytes: 256 KiB. */
const chunkOctet = 12
/** RFC 9580, section 5.13.2: larger ones must not be made. */
const largestChunkOctet = 16
/** Each chunk costs 4 µs whatever its size: a flood of tiny ones would buy a minute. */
const mostChunks = 262_144

/** How one packet is cut into chunks: what both its forms, of RFC 9580 and of the draft that GnuPG follows, differ in. */
type Chunking = {
  name: string
  key: Uint8Array
  chunkBytes: number
  nonceOf(index: number): Uint8Array
  /** `total` only for the last tag: octets of plaintext. */
  associatedOf(index: number, total?: number): Uint8Array
}

/** A packet of type 18, version 2, around `inner`. RFC 9580, section 5.13.2. */
export function sealWithAead(inner: Uint8Array[], sessionKey: Uint8Array, cipher: number, aead: number): Sealed {
  const length = lengthOf(inner)
  const chunks = Math.max(1, Math.ceil(length / 2 ** (chunkOctet + 6)))
  const salt = randomBytes(saltBytes)
  const about = Uint8Array.of(2, cipher, aead, chunkOctet)
  const bodyLength = about.length + saltBytes + length + (chunks + 1) * tagBytes
  const header = packetHeader(tag.authenticated, bodyLength)
  return {
    length: header.length + bodyLength,
    writeTo(output) {
      for (const part of [header, about, salt]) output.write(part)
      writeChunks(inner, chunkingOfV2(about, salt, sessionKey, aeadModes.get(aead)!), output)
    },
  }
}

function writeChunks(inner: Uint8Array[], chunking: Chunking, output: Output): void {
  const { name, key } = chunking
  const one = (plain: Uint8Array, nonce: Uint8Array, associated: Uint8Array) => {
    const cipher = createCipheriv(name as 'aes-256-ocb', key, nonce, { authTagLength: tagBytes }).setAAD(associated)
    for (const piece of piecesOf([plain], pieceBytes)) output.writeInner(cipher.update(piece))
    // OCB keeps a last block that is not full until the end.
    output.writeInner(cipher.final())
    output.write(cipher.getAuthTag())
  }
  let index = 0
  for (const piece of evenPiecesOf(inner, chunking.chunkBytes)) {
    one(piece, chunking.nonceOf(index), chunking.associatedOf(index))
    index++
  }
  one(new Uint8Array(), chunking.nonceOf(index), chunking.associatedOf(index, lengthOf(inner)))
}

/**
 * Opens the body of a packet of type 18, version 2, or of type 20 (draft-ietf-openpgp-rfc4880bis, which GnuPG writes) into
 * `into`, which has to be as long as the body and may be the body itself. Answers what was inside, once the last tag
 * is known to be right; 'tampered' when it or any other is not; null when cipher or mode are none of ours. Refuses
 * `message.unreadable` and `message.too-large` for chunks of an absurd size.
 */
export function openWithAead(
  packetTag: number,
  body: Uint8Array,
  { data: key, algorithm }: SessionKey,
  into: Uint8Array,
): Uint8Array | 'tampered' | null {
  const [, cipher = 0, aead = 0, octet = 0] = body
  const mode = aeadModes.get(aead)
  const isDraft = packetTag !== tag.authenticated
  if (!mode || !keyBytes.has(cipher) || (isDraft && mode.name !== 'ocb')) return null
  if (octet > largestChunkOctet) throw new OpenPgpRefusal('message.unreadable', 'chunks that are too large')
  if (body.length / (2 ** (octet + 6) + tagBytes) > mostChunks) throw new OpenPgpRefusal('message.too-large', 'chunks')
  const start = 4 + (isDraft ? mode.nonceBytes : saltBytes)
  const isFitting = keyBytes.get(cipher) === key.length && (!isDraft || cipherIds.get(algorithm ?? '') === cipher)
  if (!isFitting || body.length < start + tagBytes) return 'tampered'
  const [about, random] = [body.slice(0, 4), body.slice(4, start)]
  const chunking = isDraft ? chunkingOfDraft(about, random, key) : chunkingOfV2(about, random, key, mode)
  const plain = readChunks(body.subarray(start), chunking, into)
  if (plain) return plain
  into.fill(0)
  return 'tampered'
}

function readChunks(from: Uint8Array, chunking: Chunking, into: Uint8Array): Uint8Array | null {
  const { name, key, chunkBytes } = chunking
  let [at, to, index] = [0, 0, 0]
  const open = (sealed: Uint8Array, nonce: Uint8Array, associated: Uint8Array): void => {
    const decipher = createDecipheriv(name as 'aes-256-ocb', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(associated).setAuthTag(sealed.subarray(-tagBytes))
    const put = (plain: Uint8Array) => {
      into.set(plain, to)
      to += plain.length
    }
    for (const piece of piecesOf([sealed.subarray(0, -tagBytes)], pieceBytes)) put(decipher.update(piece))
    put(decipher.final())
  }
  try {
    for (const end = from.length - tagBytes; at < end; index++) {
      const chunk = from.subarray(at, Math.min(at + chunkBytes + tagBytes, end))
      if (chunk.length < tagBytes) return null
      open(chunk, chunking.nonceOf(index), chunking.associatedOf(index))
      at += chunk.length
    }
    open(from.subarray(at), chunking.nonceOf(index), chunking.associatedOf(index, to))
  } catch {
    return null
  }
  return into.subarray(0, to)
}

function chunkingOfV2(about: Uint8Array, salt: Uint8Array, sessionKey: Uint8Array, mode: AeadMode): Chunking {
  const [, cipher = 0, , octet = 0] = about
  const associated = Buffer.concat([Uint8Array.of(0xc0 | tag.authenticated), about])
  const size = keyBytes.get(cipher)!
  const derived = Buffer.from(hkdfSync('sha256', sessionKey, salt, associated, size + mode.nonceBytes - 8))
  return {
    name: `aes-${size * 8}-${mode.name}`,
    key: derived.subarray(0, size),
    chunkBytes: 2 ** (octet + 6),
    nonceOf: (index) => Buffer.concat([derived.subarray(size), numberIn8(index)]),
    associatedOf: (_, total) => (total === undefined ? associated : Buffer.concat([associated, numberIn8(total)])),
  }
}

function chunkingOfDraft(about: Uint8Array, iv: Uint8Array, key: Uint8Array): Chunking {
  const associated = Buffer.concat([Uint8Array.of(0xc0 | tag.aeadDraft), about])
  return {
    name: `aes-${key.length * 8}-ocb`,
    key,
    chunkBytes: 2 ** (about[3]! + 6),
    nonceOf: (index) => {
      const nonce = Buffer.from(iv)
      for (const [place, octet] of numberIn8(index).entries()) nonce[nonce.length - 8 + place]! ^= octet
      return nonce
    },
    associatedOf: (index, total) =>
      Buffer.concat([associated, numberIn8(index), total === undefined ? Buffer.alloc(0) : numberIn8(total)]),
  }
}

function numberIn8(value: number): Buffer {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64BE(BigInt(value))
  return octets
}
