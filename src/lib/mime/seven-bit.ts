import { toCrlf, view } from './message.ts'
import { isMultipart, partsOf } from './multipart.ts'
import {
  changedPart,
  type Leaf,
  leafOf,
  type MadePart,
  type Part,
  piecesOfPart,
  rawFields,
  type Splice,
} from './parts.ts'
import { base64Of, decodeTransfer, encodingName, quotedPrintableOf } from './transfer-encoding.ts'

const cr = 0x0d
const lf = 0x0a
const longestLine = 998

/**
 * A part as it can be signed: nothing in it that a server on the way, or a program that stores it, may change (RFC
 * 3156, sections 3 and 5). 8-bit or long lines, blanks at their end and lines that begin with `From ` are encoded. What
 * is safe already stays byte for byte, and so does what others have signed or encrypted inside.
 */
export function signablePart(part: Part): Uint8Array {
  const whole = { head: toCrlf(rawFields(part.fields)), body: [part.body] }
  if (isSafe(view(part.body)) && isSafe(view(whole.head))) return Buffer.concat(piecesOfPart(whole))
  const fields = part.fields.filter((field) => !isContainer(part) || !isTransferLabel(field))
  const changed = changedPart(
    { ...part, fields },
    { change: encoded, isChosen: () => true, betweenParts: unsafeAround },
  )
  const bytes = view(toCrlf(Buffer.concat(piecesOfPart(changed))))
  return bytes.includes('multipart/signed') ? bytes : withoutBlanks(bytes)
}

const isTransferLabel = ({ name }: Part['fields'][number]): boolean => name === 'content-transfer-encoding'
const isContainer = (part: Part): boolean => isMultipart(leafOf(part))

/** 7-bit text in lines of bearable length that nothing on the way has a reason to touch. */
export function isSafe(bytes: Buffer): boolean {
  let start = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === lf) {
      if (bytes[at - 1] !== cr || isUnsafeLine(bytes, start, at - 1)) return false
      start = at + 1
    } else if (byte > 0x7e || (byte < 0x20 && byte !== 0x09 && !(byte === cr && bytes[at + 1] === lf))) return false
  }
  return !isUnsafeLine(bytes, start, bytes.length)
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09

const isUnsafeLine = (bytes: Buffer, start: number, end: number): boolean =>
  end - start > longestLine ||
  (end > start && isBlank(bytes[end - 1])) ||
  (bytes[start] === 0x46 && bytes.toString('latin1', start, start + 5) === 'From ')

function encoded(leaf: Leaf): MadePart | null {
  const name = encodingName(leaf.encoding)
  if (name === 'base64' || name === 'quoted-printable') {
    return isSafe(view(leaf.body)) ? null : made(leaf, decodeTransfer(leaf.body, name))
  }
  // Where it does not say that it is binary, a lone LF ends a line: servers would make CRLF of it as well.
  const lines = name === 'binary' ? leaf.body : toCrlf(leaf.body)
  if (isSafe(view(lines))) return relabelled(leaf, '7bit', lines)
  return made(leaf, isText(leaf) ? lines : leaf.body)
}

const isText = ({ contentType: { type } }: Leaf): boolean => type === '' || type.startsWith('text/')

const made = (leaf: Leaf, bytes: Uint8Array): MadePart =>
  isText(leaf) && isMostlyAscii(bytes)
    ? relabelled(leaf, 'quoted-printable', quotedPrintableOf(bytes))
    : relabelled(leaf, 'base64', base64Of(bytes))

/** Text that stays readable as quoted-printable, and no larger than in base64; of a few words the first is enough. */
function isMostlyAscii(bytes: Uint8Array): boolean {
  let others = 0
  for (const byte of bytes) if (byte > 0x7e) others++
  return others * 6 <= bytes.length + FEW_WORDS
}

const FEW_WORDS = 100

function relabelled({ fields }: Leaf, encoding: string, body: Uint8Array): MadePart {
  const isLabelled = fields.some(isTransferLabel)
  // Without a label it is 7bit.
  if (encoding === '7bit' && !isLabelled) return { head: toCrlf(rawFields(fields)), body: [body] }
  const kept = fields.filter((field) => !isTransferLabel(field))
  const label = Buffer.from(`Content-Transfer-Encoding: ${encoding}\r\n`)
  return { head: Buffer.concat([toCrlf(rawFields(kept)), label]), body: [body] }
}

/** What stands before the first part and behind the last one is read by nobody. */
function unsafeAround({ contentType, body }: Leaf, parts: Uint8Array[]): Splice[] {
  const [first, last] = [parts[0], parts.at(-1)]
  if (!first || !last || partsOf({ contentType, body }, 1).length === 0) return []
  const text = view(body)
  const delimiter = `--${contentType.parameters.get('boundary')}`
  const offsetOf = (bytes: Uint8Array) => bytes.byteOffset - body.byteOffset
  const begin = text.lastIndexOf(delimiter, offsetOf(first))
  const close = text.indexOf(`${delimiter}--`, offsetOf(last) + last.length)
  const end = close === -1 ? text.length : close + delimiter.length + 2
  return [
    { start: 0, end: begin, pieces: [] },
    { start: end, end: text.length, pieces: [] },
  ].filter(({ start, end: to }) => to > start && !isSafe(text.subarray(start, to)))
}

/** By now such blanks stand in headers and behind boundaries only, where they mean nothing. */
function withoutBlanks(bytes: Buffer): Uint8Array {
  let to = 0
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === cr && bytes[at + 1] === lf) while (isBlank(bytes[to - 1])) to--
    bytes[to++] = bytes[at]!
  }
  while (isBlank(bytes[to - 1])) to--
  return bytes.subarray(0, to)
}
