import { isAscii } from 'node:buffer'
import {
  exposed,
  fieldText,
  HIDDEN_SUBJECT,
  isAboutMime,
  isBlind,
  type Protection,
  protectedHead,
} from './header-protection.ts'
import { withLegacyDisplay } from './legacy-display.ts'
import { readableText } from './mailboxes.ts'
import { type HeaderField, splitMessage, toCrlf, view } from './message.ts'
import { newBoundary } from './multipart.ts'
import { withoutParameters } from './parameters.ts'
import { leafOf, line, type MadePart, type Part, piecesOfPart, rawFields } from './parts.ts'

/** What a message is to bring besides its own content. */
export interface PayloadOptions {
  /** whether it is encrypted, or merely signed */
  by: Protection
  /** header fields besides its own, whole lines */
  fields?: Uint8Array
  /** header protection, RFC 9788 */
  protect?: boolean
  /** the field Bcc stays inside, where the header is protected: for the author's own copies */
  keepsBlind?: boolean
  /** an armored public key to attach */
  key?: string | undefined
}

/** What tells of other people's keys is for the readers of a mail alone (Autocrypt 1.1, section 2.6.1). */
const isGossip = ({ name }: HeaderField): boolean => name === 'autocrypt-gossip'

/**
 * A message taken apart: the header that everybody sees, without Bcc, and the part that is to be sealed or signed: its
 * Content fields, its body and, when encrypted, the fields of Autocrypt-Gossip. A message that is signed already is
 * never given a protected header, whose place would be under that signature.
 */
export function payloadOf(
  original: Uint8Array,
  chance: Uint8Array,
  { by, fields: added = new Uint8Array(), protect = false, keepsBlind = false, key }: PayloadOptions,
): { outer: HeaderField[]; part: MadePart } {
  const { fields: own, bodyOffset } = splitMessage(original)
  const fields = [...own, ...splitMessage(added).fields]
  const rest = view(original).subarray(bodyOffset)
  const body = own[0]?.raw.at(-2) === 0x0d ? rest : toCrlf(rest)
  const content = fields.filter(({ name }) => name.startsWith('content-'))
  const part = { fields: described(content, body, protect), body }
  const common = fields.filter((field) => !isAboutMime(field) && !isBlind(field) && !isGossip(field) && !isOuter(field))
  const isProtected = protect && leafOf(part).contentType.type !== 'multipart/signed'
  const readable = isProtected && by === 'cipher' ? displayed(part, common) : made(part)
  const whole = key === undefined ? readable : withKey(readable, key, chance)
  const blind = keepsBlind ? fields.filter(({ name }) => name === 'bcc') : []
  const head = isProtected ? protectedHead(whole.head, common, { by, blind }) : whole.head
  const gossip = by === 'cipher' ? toCrlf(rawFields(fields.filter(isGossip))) : new Uint8Array()
  return {
    outer: isProtected && by === 'cipher' ? exposed(common) : common,
    part: { head: Buffer.concat([gossip, head]), body: whole.body },
  }
}

const isOuter = ({ name }: HeaderField): boolean => name === 'hp-outer'

const made = ({ fields, body }: Part): MadePart => ({ head: toCrlf(rawFields(fields)), body: [body] })

function displayed(part: Part, fields: HeaderField[]): MadePart {
  const field = fields.find(({ name }) => name === 'subject')
  const subject = field ? readableText(fieldText(field)) : ''
  return subject === '' || subject === HIDDEN_SUBJECT ? made(part) : withLegacyDisplay(part, subject)
}

/** A header is protected by its Content-Type: a part without one gets what it is taken for anyway. */
function described(content: HeaderField[], body: Uint8Array, protect: boolean): HeaderField[] {
  if (content.length === 0) return plainFields(body)
  const isTyped = content.some(({ name }) => name === 'content-type')
  if (!protect) return content
  // Who writes such marks himself does not know what is protected here.
  const marks = ['hp', 'hp-legacy-display', 'protected-headers']
  if (isTyped) return content.map((field) => (field.name === 'content-type' ? withoutParameters(field, marks) : field))
  return [{ name: 'content-type', raw: line('Content-Type: text/plain; charset=us-ascii') }, ...content]
}

/** What a text without Content fields is. */
export const plainFields = (body: Uint8Array): HeaderField[] => {
  const [charset, encoding] = isAscii(body) ? ['us-ascii', '7bit'] : ['utf-8', '8bit']
  return splitMessage(
    Buffer.concat([
      line(`Content-Type: text/plain; charset=${charset}`),
      line(`Content-Transfer-Encoding: ${encoding}`),
    ]),
  ).fields
}

function withKey(part: MadePart, key: string, chance: Uint8Array): MadePart {
  // Not the boundary of the envelope, nor one that begins like it.
  const boundary = `=_k${newBoundary(chance).slice(2)}`
  const around = [
    `--${boundary}`,
    'Content-Type: application/pgp-keys; name="public.asc"',
    'Content-Disposition: attachment; filename="public.asc"',
    'Content-Description: OpenPGP public key',
    'Content-Transfer-Encoding: 7bit',
    '',
    key.trimEnd(),
    `--${boundary}--`,
  ]
  const end = toCrlf(Buffer.concat(around.map(line)))
  return {
    head: line(`Content-Type: multipart/mixed; boundary="${boundary}"`),
    body: [line(`--${boundary}`), ...piecesOfPart(part), line(''), end],
  }
}
