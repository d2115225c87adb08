import { type HeaderField, splitMessage, textOf, toCrlf, view } from './message.ts'
import { withParameter } from './parameters.ts'
import { rawFields } from './parts.ts'

/** `cipher`: the part is encrypted; `clear`: it is only signed (RFC 9788, section 2.1.1). */
export type Protection = 'cipher' | 'clear'

/** What tells of the form of a message and not of its contents: RFC 9788 calls it structural. */
export const isAboutMime = ({ name }: HeaderField): boolean => name.startsWith('content-') || name === 'mime-version'

/** Blind recipients must not travel: sealing is the last step before sending. */
export const isBlind = ({ name }: HeaderField): boolean => name === 'bcc' || name === 'resent-bcc'

// Written by servers on the way, about this one copy; a signature by the author says nothing of them.
const trace = new Set([
  'received',
  'return-path',
  'delivered-to',
  'x-original-to',
  'received-spf',
  'authentication-results',
  'dkim-signature',
  'domainkey-signature',
])

/** Servers and list programs write it outside, and so does Autocrypt (1.1, section 2.1): it means nothing inside. */
export const isOutsideOnly = ({ name }: HeaderField): boolean =>
  trace.has(name) || /^(hp-outer$|autocrypt|arc-|resent-)/.test(name)

const isProtected = (field: HeaderField): boolean => !isAboutMime(field) && !isBlind(field) && !isOutsideOnly(field)

// The last is a second subject, which Outlook writes.
const hidden = new Set(['comments', 'keywords', 'thread-topic'])

/** What the world sees of a field: the policy hcp_baseline of RFC 9788, section 3.2.1. null: nothing. */
function outside(field: HeaderField): HeaderField | null {
  if (field.name === 'subject') return { name: field.name, raw: Buffer.from(`Subject: ${HIDDEN_SUBJECT}\r\n`) }
  return hidden.has(field.name) ? null : field
}

export const HIDDEN_SUBJECT = '[...]'

/** The fields of a message as they stand outside of what is encrypted. */
export const exposed = (fields: HeaderField[]): HeaderField[] =>
  fields.flatMap((field) => (isProtected(field) ? (outside(field) ?? []) : field))

/**
 * The header of a protected part: its Content fields, marked, and all that its message says in the header. Of an
 * encrypted one `HP-Outer` tells what was left outside of that. `blind` fields stand inside alone.
 */
export function protectedHead(
  content: Uint8Array,
  fields: HeaderField[],
  { by, blind = [] }: { by: Protection; blind?: HeaderField[] },
): Uint8Array {
  const inside = fields.filter(isProtected)
  const outer = by === 'cipher' ? exposed(inside).map(outerField) : []
  const marked = splitMessage(content).fields.map((field) =>
    field.name === 'content-type' ? withParameter(field, 'hp', by) : field,
  )
  return toCrlf(rawFields([...marked, ...inside, ...blind, ...outer]))
}

const outerField = ({ raw }: HeaderField): HeaderField => ({
  name: 'hp-outer',
  raw: Buffer.concat([Buffer.from('HP-Outer: '), raw]),
})

/** The text of a field without its name and folding, as two copies of it are compared. */
export function fieldText({ raw }: HeaderField): string {
  const text = textOf(view(raw).subarray(0, LONGEST))
  return text
    .slice(text.indexOf(':') + 1)
    .replace(/\s+/g, ' ')
    .trim()
}

// Of what a stranger wrote, what is looked at.
const LONGEST = 131_072
