import { OpenPgpRefusal } from './refusals.ts'

export type ArmorKind = 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK' | 'MESSAGE' | 'SIGNATURE'
export type ArmorBlock = { kind: string; data: Uint8Array; start: number; end: number }

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 16
  for (let bit = 0; bit < 8; bit++) value = value & 0x800000 ? (value << 1) ^ 0x1864cfb : value << 1
  return value & 0xffffff
})

/** The checksum of RFC 9580, section 6.1.1. Only written, never judged: the RFC forbids refusing a wrong one. */
export function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce
  for (const byte of bytes) crc = ((crc << 8) & 0xffffff) ^ crcTable[((crc >>> 16) ^ byte) & 0xff]!
  return crc
}

/** ASCII armor of RFC 9580, section 6.2: no comment and no version, lines of 64, ended by LF. */
export function armor(kind: ArmorKind, bytes: Uint8Array): string {
  const crc = crc24(bytes)
  const sum = Buffer.from([crc >>> 16, (crc >>> 8) & 0xff, crc & 0xff]).toString('base64')
  return `-----BEGIN PGP ${kind}-----\n\n${base64Lines(bytes)}=${sum}\n-----END PGP ${kind}-----\n`
}

const lineLength = 64

/** Without a string per line: of those a mail with attachments would make a million, and fill a worker's heap. */
function base64Lines(bytes: Uint8Array): string {
  const base64 = Buffer.from(view(bytes).toString('base64'), 'latin1')
  const lines = Math.ceil(base64.length / lineLength)
  const result = Buffer.alloc(base64.length + lines, '\n')
  for (let line = 0; line < lines; line++) {
    base64.copy(result, line * (lineLength + 1), line * lineLength, (line + 1) * lineLength)
  }
  return result.toString('latin1')
}

/**
 * Every armored block of a text, in order; text around the blocks is skipped. A block without its end line counts to
 * the end of the text. Linear in the length of the input. `limit` bounds the number of blocks.
 */
export function dearmor(bytes: Uint8Array, limit = 1000): ArmorBlock[] {
  const text = view(bytes).toString('latin1')
  const blocks: ArmorBlock[] = []
  let from = 0
  while (blocks.length < limit) {
    const block = blockAfter(text, from)
    if (!block) break
    blocks.push(block)
    from = block.end
  }
  return blocks
}

/** The bytes of the first block of one of `kinds`, or the input itself when it is binary. */
export function binaryOf(
  bytes: Uint8Array,
  kinds: string[],
  reason: 'message.unreadable' | 'key.unreadable',
): Uint8Array {
  if (isBinary(bytes)) return bytes
  const block = dearmor(bytes).find(({ kind }) => kinds.includes(kind))
  if (!block) throw new OpenPgpRefusal(reason, `no armored ${kinds.join(' or ')}`)
  return block.data
}

/** Whether this starts like an OpenPGP packet and not like text, RFC 9580 section 4.2. */
export function isBinary(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  const isByteOrderMark = first === 0xef && second === 0xbb
  return (first & 0x80) !== 0 && !isByteOrderMark && view(bytes).indexOf('-----BEGIN PGP ') === -1
}

function blockAfter(text: string, from: number): ArmorBlock | null {
  const marker = '-----BEGIN PGP '
  for (let start = text.indexOf(marker, from); start !== -1; start = text.indexOf(marker, start + marker.length)) {
    const lineEnd = endOfLine(text, start)
    const kind = /^-----BEGIN PGP ([A-Z ]{1,30})-----\s*$/.exec(text.slice(start, Math.min(lineEnd, start + 80)))?.[1]
    if (!kind || kind === 'SIGNED MESSAGE') continue
    const endMarker = text.indexOf(`-----END PGP ${kind}-----`, lineEnd)
    const end = endMarker === -1 ? text.length : endMarker
    const body = text.slice(skipHeaders(text, lineEnd + 1, end), end)
    return { kind, data: base64Of(body), start, end: endMarker === -1 ? end : endOfLine(text, end) }
  }
  return null
}

function skipHeaders(text: string, from: number, end: number): number {
  let at = from
  while (at < end) {
    const lineEnd = Math.min(endOfLine(text, at), end)
    const line = text.slice(at, lineEnd).trim()
    if (line === '') return lineEnd + 1
    if (!/^[A-Za-z-]+: ?/.test(line)) return at
    at = lineEnd + 1
  }
  return end
}

function base64Of(body: string): Uint8Array {
  // The checksum line is the only one that starts with `=`; padding of the data never does.
  const sum = /(?:^|\n)=[A-Za-z0-9+/]{4}\s*$/.exec(body.slice(-64))
  const data = sum ? body.slice(0, body.length - Math.min(64, body.length) + sum.index) : body
  return new Uint8Array(Buffer.from(data, 'base64'))
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at === -1 ? text.length : at
}

/** The same bytes as a Buffer, not copied. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
