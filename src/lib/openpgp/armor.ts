import { armoredLength, type Sealed, writeArmored } from './bulk/output.ts'
import type { SealedMessage } from './bulk/sealing.ts'
import { framesOf, tag } from './packets.ts'
import { OpenPgpRefusal } from './refusals.ts'

export type ArmorKind = 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK' | 'MESSAGE' | 'SIGNATURE'
export type ArmorBlock = { kind: string; data: Uint8Array; start: number; end: number }

/**
 * ASCII armor of RFC 9580, section 6.2: no comment and no version, lines of 64, ended by LF. A checksum only where section
 * 6.1 allows one: not over what belongs to version 6.
 */
export function armor(kind: ArmorKind, bytes: Uint8Array): string {
  const [first] = framesOf(bytes, 0) ?? []
  const sealed: Sealed = { length: bytes.length, writeTo: (output) => output.write(bytes) }
  return armoredText(kind, sealed, { hasChecksum: !first || bytes[first.bodyStart] !== 6 })
}

/** The same for something that is made while it is written. */
export function armoredText(
  kind: ArmorKind,
  sealed: Sealed,
  { hasChecksum }: Pick<SealedMessage, 'hasChecksum'>,
): string {
  const options = { kind, lineEnd: '\n', hasChecksum } as const
  const target = Buffer.allocUnsafe(armoredLength(sealed.length, options))
  return target.toString('latin1', 0, writeArmored(sealed, target, 0, options))
}

/** A message in armor with CRLF line ends, between what stands before and behind it in a mail. */
export function armoredBetween(before: Uint8Array, sealed: SealedMessage, after: Uint8Array): Uint8Array {
  const options = { kind: 'MESSAGE', lineEnd: '\r\n', hasChecksum: sealed.hasChecksum } as const
  const length = armoredLength(sealed.length, options)
  const target = Buffer.allocUnsafeSlow(before.length + length + after.length)
  target.set(before)
  target.set(after, writeArmored(sealed, target, before.length, options))
  return target
}

/**
 * Every armored block of a text, in order; text around the blocks is skipped. A block without its end line counts to
 * the end of the text. Linear in the length of the input. `limit` bounds the number of blocks.
 */
export function dearmor(bytes: Uint8Array, limit = 1000): ArmorBlock[] {
  const text = view(bytes)
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

const beginningBytes = 64 * 1024
const beginsMessage: number[] = [
  tag.publicKeySession,
  tag.passwordSession,
  tag.unauthenticated,
  tag.authenticated,
  tag.aeadDraft,
  tag.marker,
  tag.padding,
]

/** Whether this begins as an encrypted message does, armored or binary. Looks at no more than 64 KiB of it. */
export function looksEncrypted(bytes: Uint8Array): boolean {
  const beginning = bytes.subarray(0, beginningBytes)
  const data = isBinary(beginning) ? beginning : dearmor(beginning).find(({ kind }) => kind === 'MESSAGE')?.data
  const [first = 0] = data ?? []
  return (first & 0x80) !== 0 && beginsMessage.includes((first & 0x40) !== 0 ? first & 0x3f : (first >> 2) & 0x0f)
}

function blockAfter(text: Buffer, from: number): ArmorBlock | null {
  const found = frameAfter(text, from)
  return found && { kind: found.kind, data: base64Of(found.body), start: found.start, end: found.end }
}

function frameAfter(text: Buffer, from: number): (Omit<ArmorBlock, 'data'> & { body: Buffer }) | null {
  const marker = '-----BEGIN PGP '
  for (let start = text.indexOf(marker, from); start !== -1; start = text.indexOf(marker, start + marker.length)) {
    const lineEnd = endOfLine(text, start)
    const line = text.toString('latin1', start, Math.min(lineEnd, start + 80))
    const kind = /^-----BEGIN PGP ([A-Z ]{1,30})-----\s*$/.exec(line)?.[1]
    if (!kind || kind === 'SIGNED MESSAGE') continue
    const endMarker = text.indexOf(`-----END PGP ${kind}-----`, lineEnd)
    const end = endMarker === -1 ? text.length : endMarker
    const body = text.subarray(skipHeaders(text, lineEnd + 1, end), end)
    return { kind, body, start, end: endMarker === -1 ? end : endOfLine(text, end) }
  }
  return null
}

/**
 * The bytes of the first armored message of a text, written over the text itself from its start on. Refuses
 * `message.unreadable` when there is none.
 */
export function decodedOver(text: Uint8Array): Uint8Array {
  const whole = view(text)
  let found = frameAfter(whole, 0)
  while (found && found.kind !== 'MESSAGE') found = frameAfter(whole, found.end)
  if (!found) throw new OpenPgpRefusal('message.unreadable', 'no armored MESSAGE')
  const body = withoutChecksum(found.body)
  const step = 66 * linesAtOnce
  // Four characters make three bytes, so what is written stays behind what is still to be read.
  let [to, rest] = [0, '']
  for (let from = 0; from < body.length; from += step) {
    const characters = rest + body.toString('latin1', from, from + step).replace(/[^A-Za-z0-9+/]/g, '')
    const end = from + step < body.length ? characters.length - (characters.length % 4) : characters.length
    to += whole.write(characters.slice(0, end), to, 'base64')
    rest = characters.slice(end)
  }
  return text.subarray(0, to)
}

function skipHeaders(text: Buffer, from: number, end: number): number {
  let at = from
  while (at < end) {
    const lineEnd = Math.min(endOfLine(text, at), end)
    const line = text.toString('latin1', at, Math.min(lineEnd, at + 80)).trim()
    if (line === '') return lineEnd + 1
    if (!/^[A-Za-z-]+: ?/.test(line)) return at
    at = lineEnd + 1
  }
  return end
}

function base64Of(body: Buffer): Uint8Array {
  const data = withoutChecksum(body)
  return evenLines(data) ?? new Uint8Array(Buffer.from(data.toString('latin1'), 'base64'))
}

function withoutChecksum(body: Buffer): Buffer {
  const tail = Math.max(0, body.length - 64)
  // The checksum line is the only one that starts with `=`; padding of the data never does.
  const sum = /(?:^|\n)=[A-Za-z0-9+/]{4}\s*$/.exec(body.toString('latin1', tail))
  return sum ? body.subarray(0, tail + sum.index) : body
}

const linesAtOnce = 4096

/**
 * Base64 in lines of one length, as everybody writes it: in steps, without a second text of the whole. null when a line
 * turns out to be different.
 */
function evenLines(text: Buffer): Uint8Array | null {
  const end = text.indexOf(0x0a)
  const chars = text[end - 1] === 0x0d ? end - 1 : end
  if (chars < 4 || chars > 100 || chars % 4 !== 0) return null
  const step = (end + 1) * linesAtOnce
  const bytes = Buffer.allocUnsafeSlow(Math.ceil(text.length / 4) * 3)
  let to = 0
  for (let from = 0; from < text.length; from += step) {
    const isLast = from + step >= text.length
    const written = bytes.write(text.toString('latin1', from, from + step), to, 'base64')
    if (!isLast && written !== (chars / 4) * 3 * linesAtOnce) return null
    to += written
  }
  return new Uint8Array(bytes.buffer, 0, to)
}

function endOfLine(text: Buffer, from: number): number {
  const at = text.indexOf(0x0a, from)
  return at === -1 ? text.length : at
}

/** The same bytes as a Buffer, not copied. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
