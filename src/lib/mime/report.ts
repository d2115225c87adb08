import { dateField } from './compose.ts'
import { encodedText } from './encoded-words.ts'
import { mailboxesOf } from './mailboxes.ts'
import type { SplitMessage } from './message.ts'

/** A mail that did not reach everybody, as RFC 3464 tells its sender. */
export interface Report {
  /** as the field From has it */
  from: string
  to: string
  subject: string
  /** in plain words */
  text: string
  /** who reports */
  host: string
  /** without its angle brackets */
  messageId: string
  boundary: string
  /** epoch milliseconds, as `received` */
  date: number
  received: number
  failures: readonly {
    address: string
    /** RFC 3463 */
    status: string
    /** what a mail server said of it */
    words: string | null
  }[]
  original: SplitMessage
}

/** What of a header says which mail it was, and nothing of what is in it. */
const HARMLESS = new Set(['from', 'to', 'cc', 'date', 'message-id'])

const MOST_WORDS = 300

const inOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, MOST_WORDS)

/** The name alone may have other letters than ASCII. */
function inWords(from: string): string {
  const [mailbox] = mailboxesOf([from])
  return /^[\x20-\x7e]*$/.test(from) || !mailbox ? from : `${encodedText(mailbox.name)} <${mailbox.address}>`
}

const inLines = (text: string): string =>
  Buffer.from(text.replace(/\r?\n/g, '\r\n')).toString('base64').replace(/.{76}/g, '$&\r\n')

const fieldsOf = ({ status, address, words }: Report['failures'][number]): string[] => [
  '',
  `Final-Recipient: rfc822; ${inOneLine(address)}`,
  'Action: failed',
  `Status: ${status}`,
  ...(words === null ? [] : [`Diagnostic-Code: smtp; ${inOneLine(words)}`]),
]

/** The whole report: multipart/report with text, what a program reads of it, and a few fields of the mail. */
export function deliveryReport(report: Report): Buffer {
  const { from, to, subject, text, host, messageId, boundary, date, received, failures, original } = report
  const next = `--${boundary}`
  const quoted = original.fields
    .filter(({ name }) => HARMLESS.has(name))
    .map(({ raw }) => Buffer.from(raw).toString('utf8').trimEnd().replace(/\r?\n/g, '\r\n'))
  const lines = [
    `From: ${inWords(from)}`,
    `To: <${to}>`,
    `Subject: ${encodedText(inOneLine(subject))}`,
    `Date: ${dateField(date)}`,
    `Message-ID: <${messageId}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    next,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    inLines(text),
    next,
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${host}`,
    `Arrival-Date: ${dateField(received)}`,
    ...failures.flatMap(fieldsOf),
    '',
    next,
    'Content-Type: text/rfc822-headers',
    '',
    ...quoted,
    '',
    `${next}--`,
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}
