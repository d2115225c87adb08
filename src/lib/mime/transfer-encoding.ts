import { view } from './message.ts'

/** Undoes a Content-Transfer-Encoding, RFC 2045 section 6. Unknown ones count as none. Tolerant of broken input. */
export function decodeTransfer(bytes: Uint8Array, encoding: string | null): Uint8Array {
  const name = (encoding ?? '').trim().toLowerCase()
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
export function encodeQuotedPrintable(text: string): string {
  return text.split(/\r?\n/).map(encodeLine).join('\r\n')
}

function encodeLine(line: string): string {
  const bytes = Buffer.from(line, 'utf8')
  const lines: string[] = []
  let current = ''
  for (const [index, byte] of bytes.entries()) {
    const isLast = index === bytes.length - 1
    const isBlank = byte === 0x20 || byte === 0x09
    const isPlain = (byte > 0x20 && byte < 0x7f && byte !== 0x3d) || (isBlank && !isLast)
    const token = isPlain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
    if (current.length + token.length > (isLast ? 76 : 75)) {
      lines.push(`${current}=`)
      current = ''
    }
    current += token
  }
  return [...lines, current].join('\r\n')
}
