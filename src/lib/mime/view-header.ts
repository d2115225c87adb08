import { dateOf } from '../sent-date.ts'
import { type Mailbox, mailboxesOf, readableText } from './mailboxes.ts'
import { headerValue, headerValues, splitMessage, view } from './message.ts'

/** What the header of a readable mail tells people, and what an answer to it needs. */
export interface ShownHeader {
  from: Mailbox[]
  to: Mailbox[]
  cc: Mailbox[]
  subject: string
  /** as it stands there; empty for none */
  date: string
  /** with its angle brackets; empty for none that can be named in an answer */
  messageId: string
  /** of the mails before it, the oldest first */
  references: string[]
}
