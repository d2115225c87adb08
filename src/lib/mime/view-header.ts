import { readSentDate } from '../sent-date.ts'
import { type Mailbox, mailboxesOf, readableText } from './mailboxes.ts'
import { HEADER_BYTES, headerValue, headerValues, splitMessage, view } from './message.ts'

/** What the header of a readable mail tells people, and what an answer to it needs. */
export interface ShownHeader {
  from: Mailbox[]
  to: Mailbox[]
  cc: Mailbox[]
  subject: string
  /** epoch milliseconds; null where none can be read */
  date: number | null
  /** in angle brackets; null for none that an answer could name */
  messageId: string | null
  /** of the mails before it, the oldest first */
  references: string[]
}

const PEOPLE_AT_MOST = 500
const REFERENCES_AT_MOST = 20

/** Ids of messages as they may stand in a header again. */
const idsIn = (value: string | null): string[] => (value ?? '').match(/<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>/g) ?? []

export function shownHeader(message: Uint8Array): ShownHeader {
  const header = splitMessage(view(message).subarray(0, HEADER_BYTES))
  const people = (name: string) => mailboxesOf(headerValues(header, name)).slice(0, PEOPLE_AT_MOST)
  const references = idsIn(headerValue(header, 'references'))
  return {
    from: people('from'),
    to: people('to'),
    cc: people('cc'),
    subject: readableText(headerValue(header, 'subject') ?? ''),
    date: readSentDate(headerValue(header, 'date') ?? ''),
    messageId: idsIn(headerValue(header, 'message-id'))[0] ?? null,
    // The first names the beginning of what people talk about, the last what they said just now.
    references: [...references.slice(0, 1), ...references.slice(1).slice(-REFERENCES_AT_MOST)],
  }
}
