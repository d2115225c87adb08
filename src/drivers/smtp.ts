import { domainToASCII } from 'node:url'
import type { NodemailerError } from 'nodemailer'
import { createTransport } from 'nodemailer'
import addressparser from 'nodemailer/lib/addressparser'
import { type Outcome, quoteWithout } from './outcome.ts'

export type Mail = {
  id: string
  to: string
  subject: string
  text: string
  html?: string
  from?: string
  headers?: Record<string, string>
  /** the whole message, which is sent as it is */
  raw?: string
}

export type Mailer = {
  send(mail: Mail): Promise<Outcome>
  verify(): Promise<void>
  close(): void
}

export type SmtpSettings = {
  /** `smtp://` (STARTTLS when offered) or `smtps://`; nodemailer's own query options work: `?requireTLS=true`. */
  url: string
  from: string
  /** How long the server may stay silent at any step; a whole delivery may take four times as long. */
  timeoutMs?: number
  tlsRejectUnauthorized?: boolean
}

type Mailbox = { name: string; address: string }

// Written by the driver or by the composer of the MIME tree: a second copy would contradict the first.
const ownHeaders = /^(from|to|cc|bcc|subject|date|message-id|mime-version|content-.*)$/i
const headerName = /^[!-9;-~]+$/
const lineBreaker = /[\r\n\0]/
const dotAtom = /^[\w~+=-]+(\.[\w~+=-]+)*$/
// Quoted local parts are refused: they exist mostly to make two parsers disagree about where a mail goes.
const plainAddress = /^[^\s<>()[\]\\,;:"@]+@([^\s<>()[\]\\,;:"@]+|\[[\w.:]+\])$/
const answeredCommand = /^(MAIL FROM|RCPT TO|DATA)$/

/** A mailer that hands each mail to one SMTP server over a few kept connections. */
export function smtpMailer(settings: SmtpSettings): Mailer {
  const { user, password } = readUrl(settings.url)
  const ownFrom = readMailbox(settings.from)
  if (!ownFrom) throw new Error('The sender of outgoing mail must be one address, such as "Name <name@example.org>"')
  const timeout = settings.timeoutMs ?? 60_000
  const secrets = password ? [password, `\0${user}\0${password}`] : []
  const transport = createTransport({
    pool: true,
    url: settings.url,
    maxConnections: 4,
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: settings.tlsRejectUnauthorized === false ? { rejectUnauthorized: false } : {},
  })
  // Every failure already reaches the send() that met it; unheard, the emitter's copy would end the process.
  transport.on('error', () => {})

  return {
    async send(mail) {
      const refuse = (reason: string): Outcome => ({ sent: false, permanent: true, reason })
      const fault = faultOf(mail)
      if (fault) return refuse(fault)
      const from = mail.from === undefined ? ownFrom : readMailbox(mail.from)
      if (!from) return refuse('The sender is not one plain address')
      const to = readMailbox(mail.to)
      if (!to) return refuse('The recipient is not one plain address')
      try {
        const { response } = await transport.sendMail({
          from,
          to,
          envelope: { from: from.address, to: [to.address] },
          messageId: messageIdOf(mail.id, from.address),
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          headers: mail.headers,
          raw: mail.raw,
          // Silence has its own limit; this one is for a server that trickles its answers.
          signal: AbortSignal.timeout(timeout * 4),
        })
        return { sent: true, response: quoteWithout(secrets, response) }
      } catch (error) {
        return { sent: false, permanent: isPermanent(error), reason: reasonOf(error, secrets) }
      }
    },
    async verify() {
      try {
        await transport.verify()
      } catch (error) {
        // Without the cause: it may carry the server's unmasked words.
        throw new Error(`The mail server is not usable: ${reasonOf(error, secrets)}`)
      }
    },
    close: () => transport.close(),
  }
}

function readUrl(text: string): { user: string; password: string } {
  const url = URL.parse(text)
  // The message leaves the url out: it may hold the password.
  if (!url?.hostname || !/^smtps?:$/.test(url.protocol))
    throw new Error('The mail server must be an smtp:// or smtps:// url')
  return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
}

function readMailbox(text: string): Mailbox | undefined {
  if (lineBreaker.test(text)) return undefined
  const [first, second] = addressparser(text)
  if (!first || second || first.address === undefined || !plainAddress.test(first.address)) return undefined
  return { name: first.name, address: first.address }
}

function faultOf(mail: Mail): string | undefined {
  if (!dotAtom.test(mail.id)) return 'The id does not fit into a Message-ID'
  if (lineBreaker.test(mail.subject)) return 'The subject holds a line break'
  for (const [name, value] of Object.entries(mail.headers ?? {})) {
    if (!headerName.test(name)) return 'A header name is malformed'
    if (ownHeaders.test(name)) return `The header ${name} is set by the mailer itself`
    if (lineBreaker.test(value)) return `The header ${name} holds a line break`
  }
  return undefined
}

/** The same for every try, so that a mail sent twice because an answer got lost shows as one. */
function messageIdOf(id: string, address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return `<${id}@${domainToASCII(domain) || domain}>`
}

/** Only a verdict on this mail is final; a refused login or greeting says that the server's settings need care. */
function isPermanent(error: unknown): boolean {
  const { code, command, response, permanent } = error as NodemailerError
  if (response !== undefined) return permanent === true && answeredCommand.test(command ?? '')
  // Judged before asking: an address the server cannot take, or more bytes than its SIZE allows.
  return code === 'EENVELOPE' || code === 'EMESSAGE'
}

function reasonOf(error: unknown, secrets: readonly string[]): string {
  const { code, message } = error as NodemailerError
  return quoteWithout(secrets, code ? `${code}: ${message}` : message)
}
