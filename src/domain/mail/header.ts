import { Refusal } from '#src/domain/refusals.ts'
import { oneAuthor } from '#src/lib/mime/author.ts'
import { HEADER_BYTES, headerValues, type SplitMessage, splitMessage, view } from '#src/lib/mime/message.ts'
import { addressesOf, areEndless } from '#src/lib/mime/recipients.ts'

/** The addresses in the header of a mail, in lower case and without doubles. */
export interface MailHeader {
  /** of From; more than one only when the mail has several authors */
  authors: string[]
  /** the one in From, where it cannot be read as anybody else; null when there are several */
  author: string | null
  /** of Sender and Reply-To */
  deputies: string[]
  /** of To and Cc */
  named: string[]
  /** of Bcc, those left out that are named anyway */
  blind: string[]
}

const MOST_RECIPIENTS = 500
const PEOPLE = ['from', 'to', 'cc', 'bcc']

/** The header of a mail from anywhere; 'mail.unreadable' when there is none, or it is too large to be one. */
export function readHeader(message: Uint8Array): MailHeader {
  return addressesIn(split(message))
}

/**
 * The header of a mail that is about to be sent. Stricter: where two programs could disagree on who sends it and who
 * gets it, it is refused as 'mail.unreadable'. Without recipients: 'mail.no-recipient'.
 */
export function readOutgoingHeader(message: Uint8Array): MailHeader {
  const header = readDraftHeader(message)
  const count = header.named.length + header.blind.length
  if (count === 0) throw new Refusal('mail.no-recipient')
  if (count > MOST_RECIPIENTS)
    throw new Refusal('input.invalid', { params: [`more than ${MOST_RECIPIENTS} recipients`] })
  return header
}

/** The same of a mail that goes to nobody yet, or of whose recipients nothing depends. */
export function readDraftHeader(message: Uint8Array): MailHeader {
  const parts = split(message)
  const last = parts.fields.at(-1)!.raw
  const end = last.byteOffset + last.length - message.byteOffset
  // No empty line behind the last field, and yet more to come: a line that is no field stands in the header.
  if (end === parts.bodyOffset && end < message.length) throw new Refusal('mail.unreadable')
  // A lone CR is a line end to some programs, and NUL the end of everything: fields could hide behind either.
  if (/\0|\r(?!\n)/.test(view(message).toString('latin1', 0, end))) throw new Refusal('mail.unreadable')
  // Whoever would be left out is somebody whom the mail names.
  if (PEOPLE.some((name) => areEndless(headerValues(parts, name)))) throw new Refusal('mail.unreadable')
  const header = addressesIn(parts)
  if (headerValues(parts, 'from').length !== 1 || header.authors.length === 0) throw new Refusal('mail.unreadable')
  return header
}

function split(message: Uint8Array): SplitMessage {
  const parts = splitMessage(message.subarray(0, HEADER_BYTES))
  const isCut = parts.bodyOffset === HEADER_BYTES && message.length > HEADER_BYTES
  if (parts.fields.length === 0 || isCut) throw new Refusal('mail.unreadable')
  return parts
}

function addressesIn(parts: SplitMessage): MailHeader {
  const of = (...names: string[]) => [...new Set(names.flatMap((name) => addressesOf(headerValues(parts, name))))]
  const named = of('to', 'cc')
  return {
    authors: of('from'),
    author: oneAuthor(headerValues(parts, 'from')),
    deputies: of('sender', 'reply-to'),
    named,
    blind: of('bcc').filter((address) => !named.includes(address)),
  }
}
