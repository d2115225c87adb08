import { crc24End, crc24Start, crc24Step } from './crc24.ts'
import { evenPiecesOf } from './pieces.ts'

/** Where bytes of a known total go, in order. */
export type Output = {
  write(bytes: Uint8Array): void
  /** The same for the ciphertext of what is inside a message, byte for byte. */
  writeInner(bytes: Uint8Array): void
}

/** Something whose length is known before it is made; `writeTo` may be called once. */
export type Sealed = { length: number; writeTo(output: Output): void }

/** Writes into `target`, which must be large enough. */
export function binaryOutput(target: Uint8Array): Output {
  let at = 0
  const write = (bytes: Uint8Array) => {
    target.set(bytes, at)
    at += bytes.length
  }
  return { write, writeInner: write }
}

/** The bytes of something sealed, in memory of their own, so that they may move to another thread. */
export function bytesOf(sealed: Sealed): Buffer<ArrayBuffer> {
  const target = Buffer.allocUnsafeSlow(sealed.length)
  sealed.writeTo(binaryOutput(target))
  return target
}

const lineBytes = 48
const lineChars = 64
const linesAtOnce = 1024

export type ArmorOptions = { kind: string; lineEnd: '\n' | '\r\n'; hasChecksum: boolean }

const beginOf = ({ kind, lineEnd }: ArmorOptions) => `-----BEGIN PGP ${kind}-----${lineEnd}${lineEnd}`
const endOf = ({ kind, lineEnd }: ArmorOptions) => `-----END PGP ${kind}-----${lineEnd}`

/** Octets of the armor of `length` bytes. */
export function armoredLength(length: number, options: ArmorOptions): number {
  const checksum = options.hasChecksum ? 5 + options.lineEnd.length : 0
  return beginOf(options).length + linesLength(length, options) + checksum + endOf(options).length
}

const linesLength = (length: number, { lineEnd }: ArmorOptions): number =>
  Math.ceil(length / 3) * 4 + Math.ceil(length / lineBytes) * lineEnd.length

/** Writes the ASCII armor of RFC 9580, section 6.2, of `sealed` into `target` from `start` on; answers where it ends. */
export function writeArmored(sealed: Sealed, target: Buffer, start: number, options: ArmorOptions): number {
  const output = armorOutput(target, start, options)
  sealed.writeTo(output)
  return output.end()
}

/** The same armor piece by piece, some 64 KiB each, of something that comes in parts: it is nowhere as a whole. */
export function* armoredPieces(parts: Iterable<Uint8Array>, options: ArmorOptions): Generator<Buffer> {
  yield Buffer.from(beginOf(options), 'latin1')
  let crc = crc24Start
  for (const bytes of evenPiecesOf(parts, lineBytes * linesAtOnce)) {
    if (options.hasChecksum) crc = crc24Step(crc, bytes)
    const lines = Buffer.allocUnsafe(linesLength(bytes.length, options))
    writeLines(view(bytes), lines, 0, options)
    yield lines
  }
  const checksum = options.hasChecksum ? `=${checksumOf(crc)}${options.lineEnd}` : ''
  yield Buffer.from(checksum + endOf(options), 'latin1')
}

/** Neither a string nor a copy for each line: of lines a mail with attachments has a million. */
function armorOutput(target: Buffer, start: number, options: ArmorOptions): Output & { end(): number } {
  const block = Buffer.allocUnsafe(lineBytes * linesAtOnce)
  const { lineEnd, hasChecksum } = options
  let at = start + target.write(beginOf(options), start, 'latin1')
  let crc = crc24Start
  let filled = 0

  function put(bytes: Buffer): void {
    if (hasChecksum) crc = crc24Step(crc, bytes)
    at = writeLines(bytes, target, at, options)
  }

  function write(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const taken = bytes.subarray(from, from + block.length - filled)
      block.set(taken, filled)
      filled += taken.length
      from += taken.length
      if (filled < block.length) return
      put(block)
      filled = 0
    }
  }

  function end(): number {
    put(block.subarray(0, filled))
    if (hasChecksum) at += target.write(`=${checksumOf(crc)}${lineEnd}`, at, 'latin1')
    return at + target.write(endOf(options), at, 'latin1')
  }

  return { write, writeInner: write, end }
}

const text = Buffer.allocUnsafe(lineChars * linesAtOnce)

/** The base64 of at most `linesAtOnce` lines into `target` from `at` on; answers where it ends. */
function writeLines(bytes: Buffer, target: Buffer, start: number, { lineEnd }: ArmorOptions): number {
  const length = text.write(bytes.toString('base64'), 0, 'latin1')
  let at = start
  for (let from = 0; from < length; from += lineChars) {
    at += text.copy(target, at, from, Math.min(from + lineChars, length))
    if (lineEnd.length === 2) target[at++] = 0x0d
    target[at++] = 0x0a
  }
  return at
}

function checksumOf(state: number): string {
  const sum = Buffer.alloc(3)
  sum.writeUIntBE(crc24End(state), 0, 3)
  return sum.toString('base64')
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
