import { oneAuthor } from './author.ts'
import { parseContentType } from './content-type.ts'
import { fieldText, isAboutMime, isOutsideOnly, type Protection } from './header-protection.ts'
import { withoutLegacyDisplay, withoutLegacyPart } from './legacy-display.ts'
import { type HeaderField, headerValue, splitMessage, toCrlf, view } from './message.ts'
import { withoutParameters } from './parameters.ts'
import { line, type Part, rawFields } from './parts.ts'
import { plainFields } from './payload.ts'
import { addressesOf } from './recipients.ts'
import { quotedPrintableOf } from './transfer-encoding.ts'

/** What the inside of a message says of its header. */
export interface ProtectedFields {
  /** addresses in the protected From; null when there is none */
  authors: string[] | null
  /** the one of them, where it cannot be read as anybody else */
  author: string | null
  /** the one outside has other addresses */
  fromDiffers: boolean
  fields: {
    /** in lower case */
    name: string
    /** its text stands nowhere outside, and was not meant to */
    hidden: boolean
    /** what stands outside is not what the author put there */
    changed: boolean
  }[]
}

/** The author's own: where he has protected his header, one outside that is missing inside is somebody else's. */
const authored = new Set(
  'from to cc subject date reply-to sender message-id in-reply-to references comments keywords followup-to mail-followup-to mail-reply-to'.split(
    ' ',
  ),
)

/** Who is answered: somebody who sends the mail of another on, under a header of his own, is not to get to read it. */
const answered = new Set(['reply-to', 'followup-to', 'mail-followup-to', 'mail-reply-to'])

interface Inside {
  by: Protection | 'draft'
  fields: HeaderField[]
  /** as the author left them outside */
  outer: HeaderField[]
}

const mostFields = 200

/** The header that is protected inside a part (RFC 9788, or its drafts, which marked it `protected-headers`), or null. */
function insideOf(part: Part): Inside | null {
  const { parameters } = parseContentType(headerValue({ ...part, bodyOffset: 0 }, 'content-type'))
  const hp = parameters.get('hp')
  const by = hp === 'cipher' || hp === 'clear' ? hp : parameters.has('protected-headers') ? 'draft' : null
  if (!by) return null
  const isOther = (field: HeaderField) => isAboutMime(field) || isOutsideOnly(field)
  const outer = part.fields.filter(({ name }) => name === 'hp-outer').slice(0, mostFields)
  return {
    by,
    fields: part.fields.filter((field) => !isOther(field)).slice(0, mostFields),
    outer: outer.flatMap(outerField),
  }
}

/** The field that is written out in a field HP-Outer. */
function outerField(field: HeaderField): HeaderField[] {
  const value = fieldText(field)
  const colon = value.indexOf(':')
  return colon < 1 ? [] : [{ name: value.slice(0, colon).trim().toLowerCase(), raw: Buffer.from(value) }]
}

const valuesOf = (fields: HeaderField[], wanted: string): string[] =>
  fields.filter(({ name }) => name === wanted).map(fieldText)

const isSame = (some: string[], others: string[]): boolean =>
  some.length === others.length && some.every((text, index) => text === others[index])

function factsOf(inside: Inside, outside: HeaderField[], encrypted: boolean): ProtectedFields {
  const names = [...new Set(inside.fields.map(({ name }) => name))]
  const fields = names.map((name) => {
    const [real, told, now] = [inside.fields, inside.outer, outside].map((each) => valuesOf(each, name))
    // Without HP-Outer nobody can tell what was changed from what was hidden.
    const meant = inside.by === 'cipher' ? told! : inside.by === 'clear' ? real! : now!
    const isOutside = isSame(real!, now!) || (inside.by === 'cipher' && isSame(real!, told!))
    return { name, hidden: encrypted && !isOutside, changed: !isSame(meant, now!) }
  })
  const from = (some: HeaderField[]) => addressesOf(valuesOf(some, 'from'))
  const authors = names.includes('from') ? from(inside.fields) : null
  const author = oneAuthor(valuesOf(inside.fields, 'from'))
  return { authors, author, fromDiffers: authors !== null && !isSame(authors, from(outside)), fields }
}

/**
 * The readable message: the header, then the Content fields and the body of the part that was inside, byte for byte but
 * for what showed the subject to older programs. A part without a header is plain text. Where the part protects the
 * header, that one is shown; of what its author would have written, nothing else is. A From with other addresses than
 * the one outside is shown only as `inner`: it needs a signature of its own (RFC 9788, section 4.4).
 */
export function decryptedMessage(
  message: Uint8Array,
  data: Uint8Array,
  { from = 'outer', encrypted = true }: { from?: 'inner' | 'outer'; encrypted?: boolean } = {},
): { message: Uint8Array[]; protection: ProtectedFields | null } {
  const outside = splitMessage(message).fields.filter((field) => !isAboutMime(field))
  const { fields, bodyOffset } = splitMessage(data)
  const content = fields.filter(({ name }) => name.startsWith('content-'))
  const isHeadless = content.length === 0 && fields.length > 0
  const body = view(data).subarray(isHeadless ? 0 : bodyOffset)
  if (content.length === 0)
    return { message: assembled(outside, rawFields(plainFields(body)), [body]), protection: null }
  const inside = insideOf({ fields, body })
  if (!inside) return { message: assembled(outside, rawFields(content), [body]), protection: null }
  const protection = factsOf(inside, outside, encrypted)
  const shown = shownFields(inside, outside, protection.fromDiffers && from === 'outer')
  const part = { fields: content.map(unmarked), body }
  const readable = inside.by === 'cipher' ? withoutLegacyDisplay(part) : withoutLegacyPart({ fields: content, body })
  const head = inside.by === 'cipher' ? readable.head : rawFields(part.fields)
  return { message: assembled(shown, head, readable.body), protection }
}

function shownFields(inside: Inside, outside: HeaderField[], keepsFrom: boolean): HeaderField[] {
  const isTaken = ({ name }: HeaderField) => !(keepsFrom && name === 'from')
  const fields = inside.fields.filter(isTaken)
  const inner = new Set(fields.map(({ name }) => name))
  const left = new Set(inner)
  // The drafts protected what their program liked; where it protects its author, it says where answers go.
  const isAuthored = ({ name }: HeaderField) =>
    inside.by === 'draft' ? inner.has('from') && answered.has(name) : authored.has(name)
  // A mail says whom it is from, even where nothing inside does.
  const isKept = (field: HeaderField) => field.name === 'from' || !isAuthored(field)
  const shown: HeaderField[] = []
  for (const field of outside) {
    // In the places that they have outside, for those who read the header as it is.
    if (left.delete(field.name)) shown.push(...fields.filter(({ name }) => name === field.name))
    else if (!inner.has(field.name) && isKept(field)) shown.push(field)
  }
  return [...shown, ...fields.filter(({ name }) => left.has(name))]
}

/** What is opened is no longer a part that protects anything. */
const unmarked = (field: HeaderField): HeaderField =>
  field.name === 'content-type' ? withoutParameters(field, ['hp', 'protected-headers']) : field

/** The whole in parts that follow each other: what is large is not copied. */
function assembled(fields: HeaderField[], content: Uint8Array, body: Uint8Array[]): Uint8Array[] {
  const head = [rawFields(fields.map(closed)), line('MIME-Version: 1.0'), content, line('')]
  const last = body.at(-1)
  const isLarge = last !== undefined && last.length > MUCH
  const first = Buffer.concat([toCrlf(Buffer.concat(head)), ...(isLarge ? body.slice(0, -1) : body)])
  return isLarge ? [first, last] : [first]
}

const MUCH = 1024 * 1024

/**
 * A field that is one for everybody. To some programs a CR alone ends a line, and a line of blanks the header: a stranger's
 * field could have them take the rest of the header, and the secret behind it, for the end of a page of his (EFAIL).
 */
function closed(field: HeaderField): HeaderField {
  const text = view(field.raw).toString('latin1')
  if (!/\0|\r(?!\n)|\n[ \t]*\r?\n/.test(text)) return field
  const raw = text.replace(/\0|\r(?!\n)/g, ' ').replace(/\n[ \t]*\r?(?=\n)/g, '')
  return { name: field.name, raw: Buffer.from(raw, 'latin1') }
}

/** A message whose encrypted text stood in the body: the same header, the decrypted text as its only part. */
export function inlineMessage(outer: Uint8Array, text: string): Uint8Array[] {
  const fields = splitMessage(outer).fields.filter((field) => !isAboutMime(field))
  const body = toCrlf(Buffer.from(text, 'utf8'))
  return isLineSafe(view(body))
    ? inlineText(fields, body, '8bit')
    : inlineText(fields, quotedPrintableOf(body), 'quoted-printable')
}

/** RFC 5321 allows 998 octets in a line, and neither NUL nor a lone CR. The lines of `text` end with CRLF. */
function isLineSafe(text: Buffer): boolean {
  if (text.includes(0)) return false
  for (let at = text.indexOf(CR); at !== -1; at = text.indexOf(CR, at + 1)) if (text[at + 1] !== LF) return false
  for (let start = 0, end = 0; end !== -1; start = end + 1) {
    end = text.indexOf(LF, start)
    if ((end === -1 ? text.length : end - 1) - start > LONGEST_LINE) return false
  }
  return true
}

const [LF, CR, LONGEST_LINE] = [0x0a, 0x0d, 998]

/** A message with these fields and one text in UTF-8, which is encoded already. */
const inlineText = (fields: HeaderField[], body: Uint8Array, encoding: string): Uint8Array[] => {
  const about = ['Content-Type: text/plain; charset=utf-8', `Content-Transfer-Encoding: ${encoding}`]
  return assembled(fields, Buffer.concat(about.map(line)), [body])
}
