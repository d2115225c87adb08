import { type HeaderField, splitMessage, toCrlf, view } from './message.ts'
import { partsOf } from './multipart.ts'
import { withoutParameters, withParameter } from './parameters.ts'
import { type Choice, changedPart, type Leaf, leafOf, type MadePart, type Part, rawFields, spliced } from './parts.ts'
import { base64Of, decodeTransfer, encodingName, quotedPrintableOf } from './transfer-encoding.ts'

const PARAMETER = 'hp-legacy-display'
const DIV = '<div class="header-protection-legacy-display">'

/** The parts that a person reads when the mail is opened, RFC 9788, section 5.2.2: never an attachment. */
const isMain: Choice = (type, index) => type === 'multipart/alternative' || (index === 0 && type !== 'message/rfc822')

const isText = ({ contentType: { type }, disposition }: Leaf): boolean =>
  (type === 'text/plain' || type === 'text/html' || type === '') && disposition.type !== 'attachment'

const marked = (fields: HeaderField[]): HeaderField[] =>
  fields.map((field) => (field.name === 'content-type' ? withParameter(field, PARAMETER, '1') : field))
const unmarked = (fields: HeaderField[]): HeaderField[] =>
  fields.map((field) => (field.name === 'content-type' ? withoutParameters(field, [PARAMETER]) : field))

/**
 * Puts the subject into the texts of a mail whose header will not show it, for programs that do not look inside: RFC
 * 9788, section 5.2.3. `subject` is readable text in one line.
 */
export const withLegacyDisplay = (part: Part, subject: string): MadePart =>
  changedPart(part, { isChosen: isMain, change: (leaf) => (isText(leaf) ? shown(leaf, subject) : null) })

function shown(leaf: Leaf, subject: string): MadePart | null {
  const { type, parameters } = leaf.contentType
  // Without a Content-Type there is nothing to mark it with, and so it would stay in the text for ever.
  if (type === '') return null
  const head = toCrlf(rawFields(marked(leaf.fields)))
  if (type === 'text/html') return changedText(leaf, head, (text) => insertHtml(text, subject))
  const isPlain = /^[ -~]*$/.test(subject)
  const charset = (parameters.get('charset') ?? 'us-ascii').toLowerCase()
  const words = inCharset(subject, charset)
  if (!words) return null
  const isWidened = !isPlain && charset === 'us-ascii'
  const body = [encodedLines(words, leaf.encoding), leaf.body]
  return { head: isWidened ? toCrlf(rawFields(marked(inUtf8(leaf)))) : head, body }
}

/** null for what the charset of the text has no letters for: it would be a riddle rather than a subject. */
function inCharset(subject: string, charset: string): Buffer | null {
  // Text in ASCII is text in UTF-8 as well, once it says so.
  if (/^[ -~]*$/.test(subject) || charset === 'utf-8' || charset === 'us-ascii') return Buffer.from(subject)
  return /^(iso-8859-1|windows-1252)$/.test(charset) && /^[ -~\u00a0-\u00ff]*$/.test(subject)
    ? Buffer.from(subject, 'latin1')
    : null
}

function inUtf8({ fields, encoding }: Leaf): HeaderField[] {
  const isEncoded = ['base64', 'quoted-printable'].includes(encodingName(encoding))
  const name = 'content-transfer-encoding'
  const kept = fields.filter((field) => isEncoded || field.name !== name)
  const labelled = kept.map((field) =>
    field.name === 'content-type' ? withParameter(field, 'charset', 'utf-8') : field,
  )
  return isEncoded ? labelled : [...labelled, { name, raw: Buffer.from('Content-Transfer-Encoding: 8bit\r\n') }]
}

/** In base64 the lines end where three bytes do, so that what follows need not be written anew. */
function encodedLines(words: Buffer, encoding: string | null): Buffer {
  const name = encodingName(encoding)
  const padding = ' '.repeat(1 + ((3 - ((words.length + 'Subject: \r\n\r\n'.length) % 3)) % 3))
  const lines = (blank: string) => Buffer.concat([Buffer.from(`Subject:${blank}`), words, Buffer.from('\r\n\r\n')])
  if (name === 'base64') return base64Of(lines(padding))
  return name === 'quoted-printable' ? quotedPrintableOf(lines(' ')) : lines(' ')
}

/** A text part with its text changed, in the encoding that it was in. */
function changedText(leaf: Leaf, head: Uint8Array, change: (text: Buffer) => Uint8Array[] | null): MadePart | null {
  const name = encodingName(leaf.encoding)
  const changed = change(view(decodeTransfer(leaf.body, leaf.encoding)))
  if (!changed) return null
  if (name === 'base64') return { head, body: [base64Of(Buffer.concat(changed))] }
  if (name === 'quoted-printable') return { head, body: [quotedPrintableOf(Buffer.concat(changed))] }
  return { head, body: changed }
}

// Where the body of any page that people send has begun.
const HEAD_OF_PAGE = 65_536

function insertHtml(text: Buffer, subject: string): Uint8Array[] {
  const start = startOfBody(text)
  const escaped = subject.replace(/[&<>"]|[^ -~]/gu, (char) => `&#${char.codePointAt(0)};`)
  const element = Buffer.from(`${DIV}<pre>Subject: ${escaped}</pre></div>`)
  return [text.subarray(0, start), element, text.subarray(start)]
}

/** Behind the first of these that is there: the tag that begins the body, the end of the head, the beginning of all. */
function startOfBody(text: Buffer): number {
  const page = text.toString('latin1', 0, HEAD_OF_PAGE)
  for (const tag of [/<body(\s[^<>]*)?>/i, /<\/head>/i, /<html(\s[^<>]*)?>/i, /<!doctype[^<>]*>/i]) {
    const found = tag.exec(page)
    if (found) return found.index + found[0].length
  }
  return 0
}

/** Takes out what `withLegacyDisplay` or another program put in. */
export function withoutLegacyDisplay(part: Part): MadePart {
  let left = MOST_TEXTS
  const change = (leaf: Leaf) => (isText(leaf) && left-- > 0 ? hidden(leaf) : null)
  return changedPart(part, { isChosen: isMain, change })
}

// A stranger could make a mail of nothing but texts to look at.
const MOST_TEXTS = 20

function hidden(leaf: Leaf): MadePart | null {
  const { type, parameters } = leaf.contentType
  if (parameters.get(PARAMETER) !== '1') return null
  const head = toCrlf(rawFields(unmarked(leaf.fields)))
  if (type === 'text/html') return changedText(leaf, head, removeHtml)
  const end = endOfDisplay(leaf)
  return end === null ? changedText(leaf, head, removeLines) : { head, body: [leaf.body.subarray(end)] }
}

/** Where the lines end that show the subject, when a line of the encoded text ends there as well; else null. */
function endOfDisplay({ body, encoding }: Leaf): number | null {
  const text = view(body)
  for (let end = lineAfter(text, 0); end !== 0 && end < MOST_DISPLAY; end = lineAfter(text, end)) {
    const left = removeLines(view(decodeTransfer(body.subarray(0, end), encoding)))
    if (left) return left[0]!.length === 0 ? end : null
  }
  return null
}

const MOST_DISPLAY = 2048

const lineAfter = (text: Buffer, at: number): number => text.indexOf(0x0a, at) + 1

/** Up to and including the first empty line; only when all before it are header fields that people are shown. */
function removeLines(text: Buffer): Uint8Array[] | null {
  const { fields, bodyOffset } = splitMessage(text)
  const isEmptyLine = /\n\r?\n$/.test(text.toString('latin1', Math.max(0, bodyOffset - 3), bodyOffset))
  const isDisplay = fields.length > 0 && isEmptyLine
  return isDisplay ? [text.subarray(bodyOffset)] : null
}

function removeHtml(text: Buffer): Uint8Array[] | null {
  const start = startOfBody(text)
  const found = /^\s*<div\s+class=["']?header-protection-legacy-display["']?\s*>.*?<\/div>/is.exec(
    text.toString('latin1', start, start + HEAD_OF_PAGE),
  )
  return found && [text.subarray(0, start), text.subarray(start + found[0].length)]
}

/**
 * The same for the part in which Enigmail and Thunderbird showed the subject to older programs: the first of a mixed
 * body, marked like the whole.
 */
export function withoutLegacyPart(part: Part): MadePart {
  const { head, body } = { head: toCrlf(rawFields(part.fields)), body: part.body }
  const { contentType } = leafOf(part)
  const [first, second] = partsOf({ contentType, body }, 2)
  if (contentType.type !== 'multipart/mixed' || !first || !second || !isLegacyPart(first)) return { head, body: [body] }
  const [start, end] = [first, second].map(({ byteOffset }) => byteOffset - body.byteOffset)
  return { head, body: spliced(body, [{ start: start!, end: end!, pieces: [] }]) }
}

function isLegacyPart(bytes: Uint8Array): boolean {
  const { contentType } = leafOf({ fields: splitMessage(bytes).fields, body: new Uint8Array() })
  const isShown = contentType.type === 'text/plain' || contentType.type === 'text/rfc822-headers'
  return isShown && contentType.parameters.has('protected-headers')
}
