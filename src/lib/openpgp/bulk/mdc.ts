import { createCipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { tag } from '../packets.ts'
import { packetHeader } from './bodies.ts'
import { cipherIds, keyBytes, pieceBytes, type SessionKey } from './ciphers.ts'
import type { Output, Sealed } from './output.ts'
import { piecesOf } from './pieces.ts'

const block = 16
const prefixBytes = block + 2
const mdcHeader = Uint8Array.of(0xd3, 20)
const mdcBytes = mdcHeader.length + 20

/** A packet of type 18, version 1, around `inner`: AES in CFB mode and a SHA-1 at the end. RFC 9580, section 5.13.1. */
export function sealWithMdc(inner: Uint8Array[], key: Uint8Array): Sealed {
  const bodyLength = 1 + prefixBytes + inner.reduce((sum, { length }) => sum + length, 0) + mdcBytes
  const header = packetHeader(tag.authenticated, bodyLength)
  return {
    length: header.length + bodyLength,
    writeTo(output) {
      output.write(header)
      output.write(Uint8Array.of(1))
      writeCiphertext(inner, key, output)
    },
  }
}

function writeCiphertext(inner: Uint8Array[], key: Uint8Array, output: Output): void {
  const cipher = createCipheriv(`aes-${key.length * 8}-cfb`, key, Buffer.alloc(block))
  const hash = createHash('sha1')
  const random = randomBytes(block)
  const prefix = Buffer.concat([random, random.subarray(-2)])
  const put = (parts: Uint8Array[], write: (bytes: Uint8Array) => void) => {
    for (const piece of piecesOf(parts, pieceBytes)) {
      hash.update(piece)
      write(cipher.update(piece))
    }
  }
  put([prefix], output.write)
  put(inner, output.writeInner)
  put([mdcHeader], output.write)
  output.write(cipher.update(hash.digest()))
}

/**
 * Opens the body of such a packet into `into`, which has to be as long as the body and may be the body itself. Answers
 * what was inside; 'tampered' when the key does not fit or a single bit was changed; null when the cipher is none of ours.
 */
export function openWithMdc(
  body: Uint8Array,
  { data: key, algorithm }: SessionKey,
  into: Uint8Array,
): Uint8Array | 'tampered' | null {
  const cipher = cipherIds.get(algorithm ?? '')
  if (!cipher) return null
  if (keyBytes.get(cipher) !== key.length || body.length < 1 + prefixBytes + mdcBytes) return 'tampered'
  const plain = into.subarray(0, body.length - 1)
  decryptCfb(body.subarray(1), key, plain)
  const end = plain.length - mdcBytes
  const hash = createHash('sha1')
  for (const piece of piecesOf([plain.subarray(0, end + mdcHeader.length)], pieceBytes)) hash.update(piece)
  const isWhole = timingSafeEqual(Buffer.concat([mdcHeader, hash.digest()]), plain.subarray(end))
  if (isWhole) return plain.subarray(prefixBytes, end)
  plain.fill(0)
  return 'tampered'
}

/**
 * CFB is decrypted block by block in OpenSSL, though no block waits for another: enciphering the blocks of ciphertext in
 * one go (ECB) and adding the ciphertext that follows each is three times as fast.
 */
function decryptCfb(from: Uint8Array, key: Uint8Array, into: Uint8Array): void {
  const encipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false)
  // The last block of the piece before, at first zeros, and behind it the piece.
  const window = new Uint8Array(block + pieceBytes)
  const words = new Int32Array(window.buffer, block)
  for (let at = 0; at < from.length; at += pieceBytes) {
    const length = Math.min(pieceBytes, from.length - at)
    window.set(from.subarray(at, at + length), block)
    const pad = encipher.update(window.subarray(0, Math.ceil(length / block) * block))
    const last = window.slice(length, length + block)
    addTo(words, pad)
    into.set(window.subarray(block, block + length), at)
    window.set(last, 0)
  }
}

function addTo(words: Int32Array, pad: Buffer): void {
  const aligned = pad.byteOffset % 4 === 0 ? pad : Buffer.from(Uint8Array.from(pad).buffer)
  const others = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
  for (let index = 0; index < others.length; index++) words[index]! ^= others[index]!
}
