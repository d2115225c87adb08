import { view } from './armor.ts'
import { OpenPgpRefusal } from './refusals.ts'

/**
 * Takes a text under the cleartext signature framework apart (RFC 9580, section 7). `signed` are the bytes that the
 * signature covers: dash escapes and trailing blanks removed, lines joined by CRLF, no last line end. Works on bytes,
 * so that text in any charset verifies. Only `Hash` headers are let through: any other line above the text would be
 * shown to people as if it had been signed.
 */
export function readCleartext(message: Uint8Array): { signed: Uint8Array; rest: Uint8Array } {
  const text = view(message).toString('latin1')
  const begin = /(?:^|\n)-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n/.exec(text)
  if (!begin) throw new OpenPgpRefusal('message.unreadable', 'no signed text')
  const body = afterHeaders(text, begin.index + begin[0].length)
  const end = text.indexOf('\n-----BEGIN PGP SIGNATURE-----', body - 1)
  if (end === -1) throw new OpenPgpRefusal('message.unreadable', 'signed text without a signature')
  return { signed: signedIn(view(message).subarray(body, Math.max(body, end))), rest: view(message).subarray(end + 1) }
}

const [LF, CR, DASH, SPACE, TAB] = [0x0a, 0x0d, 0x2d, 0x20, 0x09]

/** Byte for byte: a text of nothing but line ends has more of them than there may be strings. */
function signedIn(text: Buffer): Buffer {
  let lone = 0
  for (let at = text.indexOf(LF); at !== -1; at = text.indexOf(LF, at + 1)) if (text[at - 1] !== CR) lone++
  const signed = Buffer.allocUnsafeSlow(text.length + lone)
  let to = 0
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf(LF, start)
    const lineEnd = found === -1 ? text.length : found
    const from = text[start] === DASH && text[start + 1] === SPACE && start + 1 < lineEnd ? start + 2 : start
    let last = lineEnd
    while (last > from && isBlank(text[last - 1]!)) last--
    to += text.copy(signed, to, from, last)
    if (found === -1) break
    signed[to++] = CR
    signed[to++] = LF
    start = lineEnd + 1
  }
  return signed.subarray(0, to)
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB || byte === CR

function afterHeaders(text: string, from: number): number {
  let at = from
  while (true) {
    const lineEnd = text.indexOf('\n', at)
    if (lineEnd === -1) throw new OpenPgpRefusal('message.unreadable', 'signed text without a body')
    const line = withoutTrailingBlanks(text.slice(at, lineEnd))
    at = lineEnd + 1
    if (line === '') return at
    if (!/^Hash: [A-Za-z0-9, -]*$/.test(line)) throw new OpenPgpRefusal('message.unreadable', 'foreign armor header')
  }
}

/** Written without a regular expression: one with `+$` is quadratic on a line of blanks. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length
  while (end > 0 && ' \t\r'.includes(line[end - 1]!)) end--
  return line.slice(0, end)
}
