import type { Mailbox } from './mailboxes.ts'
import { toCrlf } from './message.ts'

/** A small mail that we write ourselves. */
export interface Composed {
  from: Mailbox
  to: Mailbox
  cc?: Mailbox[]
  replyTo?: Mailbox
  subject: string
  text: string
  html?: string | undefined
  /** further fields; values may hold any letters, and no line ends */
  headers?: Record<string, string> | undefined
  /** without its angle brackets */
  messageId: string
  /** epoch milliseconds */
  date: number
}

/** The whole message, lines ended by CRLF. Nothing is read from files or from the world on its behalf. */
export async function composedMessage({ messageId, date, headers = {}, ...mail }: Composed): Promise<Buffer> {
  // Only who writes a mail waits for it to load.
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const built = new MailComposer({
    ...mail,
    headers,
    // Left alone, the composer has its own ideas of capitals.
    normalizeHeaderKey: (name) => Object.keys(headers).find((own) => own.toLowerCase() === name.toLowerCase()) ?? name,
    messageId: `<${messageId}>`,
    date: new Date(date),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return Buffer.from(toCrlf(await built.compile().build()))
}

/** A moment as the field Date has it (RFC 5322, section 3.3), in UTC. */
export const dateField = (at: number): string => new Date(at).toUTCString().replace(/GMT$/, '+0000')
