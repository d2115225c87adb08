import { view } from './message.ts'

/** The name of a Content-Transfer-Encoding as it is compared; empty for none. */
export const encodingName = (encoding: string | null): string => (encoding ?? '').trim().toLowerCase()

/** Undoes a Content-Transfer-Encoding, RFC 2045 section 6. Unknown ones count as none. Tolerant of broken input. */
export function decodeTransfer(bytes: Uint8Array, encoding: string | null): Uint8Array {
  const name = encodingName(encoding)
  if (name === 'base64') return new Uint8Array(Buffer.from(view(bytes).toString('latin1'), 'base64'))
  return name === 'quoted-printable' ? decodeQuotedPrintable(bytes) : bytes
}

function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const source = view(bytes)
  const result = Buffer.allocUnsafeSlow(source.length)
  let to = 0
  for (let at = 0; at < source.length; at++) {
    const byte = source[at]!
    if (byte !== 0x3d) {
      result[to++] = byte
      continue
    }
    const softBreak = softBreakAt(source, at + 1)
    const hex = softBreak ? '' : source.toString('latin1', at + 1, at + 3)
    if (softBreak) at += softBreak
    else if (/^[0-9a-f]{2}$/i.test(hex)) result[to++] = Number.parseInt(hex, 16)
    else result[to++] = byte
    if (hex !== '' && /^[0-9a-f]{2}$/i.test(hex)) at += 2
  }
  return result.subarray(0, to)
}

/** Length of the line end after `=`, with the blanks that some gateways add before it. */
function softBreakAt(source: Buffer, from: number): number {
  let at = from
  while (at - from < 100 && (source[at] === 0x20 || source[at] === 0x09)) at++
  if (source[at] === 0x0d && source[at + 1] === 0x0a) return at + 2 - from
  return source[at] === 0x0a ? at + 1 - from : 0
}

/** Text with LF or CRLF ends as quoted-printable, RFC 2045 section 6.7: lines of 76 at most, ended by CRLF. */
export const encodeQuotedPrintable = (text: string): string =>
  quotedPrintableOf(Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'utf8')).toString('latin1')

const longestLine = 76
const hexDigits = Buffer.from('0123456789ABCDEF')

/**
 * Bytes as quoted-printable; CRLF stays a line end, and a lone CR or LF is written out. No line ends with a blank or begins
 * with `From `, so that it reaches the other side as it is (RFC 3156, sections 3 and 5).
 */
export function quotedPrintableOf(bytes: Uint8Array): Buffer {
  const source = view(bytes)
  let size = 0
  for (const byte of source) size += isPlain(byte) ? 1 : 3
  const target = Buffer.allocUnsafeSlow(size + 8 * Math.ceil(size / 70) + 8)
  let [to, column] = [0, 0]
  const endLine = () => {
    target[to++] = 0x0d
    target[to++] = 0x0a
    column = 0
  }
  for (let at = 0; at < source.length; at++) {
    if (isCrlf(source, at)) {
      endLine()
      at++
      continue
    }
    if (column + (mayStay(source, at, column) ? 1 : 3) > longestLine - 1) {
      target[to++] = 0x3d
      endLine()
    }
    const byte = source[at]!
    if (mayStay(source, at, column)) {
      target[to++] = byte
      column += 1
    } else {
      target[to++] = 0x3d
      target[to++] = hexDigits[byte >> 4]!
      target[to++] = hexDigits[byte & 15]!
      column += 3
    }
  }
  return target.subarray(0, to)
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09
const isPlain = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f && byte !== 0x3d) || byte === 0x09
const isCrlf = (source: Buffer, at: number): boolean => source[at] === 0x0d && source[at + 1] === 0x0a

function mayStay(source: Buffer, at: number, column: number): boolean {
  const byte = source[at]!
  if (!isPlain(byte)) return false
  if (isBlank(byte)) return at + 1 < source.length && !isCrlf(source, at + 1)
  return column > 0 || byte !== 0x46 || source.toString('latin1', at, at + 5) !== 'From '
}

// Bytes for many whole lines: what is turned into text at once.
const base64Step = 57 * 1024

/** Bytes as base64 in lines of 76, each ended by CRLF. */
export function base64Of(bytes: Uint8Array): Buffer {
  const source = view(bytes)
  const chars = Math.ceil(source.length / 3) * 4
  const target = Buffer.allocUnsafeSlow(chars + 2 * Math.ceil(chars / longestLine))
  let to = 0
  for (let at = 0; at < source.length; at += base64Step) {
    const text = source.toString('base64', at, at + base64Step)
    to += target.write(text.replace(/.{1,76}/g, '$&\r\n'), to, 'latin1')
  }
  return target.subarray(0, to)
}
