import { Readable } from 'node:stream'
import type { NodemailerError } from 'nodemailer'
import { parseConnectionUrl } from 'nodemailer/lib/shared'
import SmtpConnection from 'nodemailer/lib/smtp-connection'
import { seconds } from '#src/lib/clock.ts'
import { type HandedOver, type Parcel, quoteWithout } from './outcome.ts'

export interface HopSettings {
  /** `smtp://` (STARTTLS when offered) or `smtps://`; nodemailer's own query options work: `?requireTLS=true`. */
  url: string
  /** How long the server may stay silent at any step but the last, milliseconds. */
  stepMs: number
}

/** A mail server that takes whole messages. */
export interface NextHop {
  /** Hands over one message; never throws. As many at the same time as it is called for. */
  handOver(parcel: Parcel): Promise<HandedOver>
  /** Closes the connections that nobody uses. */
  close(): void
}

// RFC 5321, 4.5.3.2.6: who gives up on the answer to the final dot too early sends twice.
const ANSWER = seconds(600)
const IDLE = seconds(60)
// EHLO, STARTTLS, EHLO once more, AUTH: the steps before a message that have no limits of their own.
const CONNECTING = 4
const MOST_ON_ONE = 100
const MOST_IDLE = 10

interface Line {
  connection: SmtpConnection
  /** messages that it was used for */
  used: number
  idle?: NodeJS.Timeout
}

/** A next hop whose connections are kept for a while and used again. */
export function nextHop({ url, stepMs }: HopSettings): NextHop {
  const options = {
    ...parseConnectionUrl(url),
    dnsTimeout: stepMs,
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    // The steps of a message have limits of their own.
    socketTimeout: ANSWER,
  }
  const { auth } = options
  const secrets = auth?.pass ? [String(auth.pass), `\0${auth.user}\0${auth.pass}`] : []
  const free: Line[] = []

  function drop(line: Line): void {
    clearTimeout(line.idle)
    const at = free.indexOf(line)
    if (at >= 0) free.splice(at, 1)
    line.connection.close()
  }

  function keep(line: Line): void {
    if (line.connection.destroyed) return
    if (line.used >= MOST_ON_ONE || free.length >= MOST_IDLE) drop(line)
    else {
      line.idle = setTimeout(drop, IDLE, line).unref()
      free.push(line)
    }
  }

  async function lineOf(): Promise<Line> {
    for (let kept = free.pop(); kept; kept = free.pop()) {
      clearTimeout(kept.idle)
      if (!kept.connection.destroyed) return kept
    }
    return { connection: await connected(options, { auth, within: CONNECTING * stepMs }), used: 0 }
  }

  async function overOne(parcel: Parcel): Promise<HandedOver | 'stale'> {
    const line = await lineOf()
    const wasUsed = line.used++ > 0
    const sending = await send(line.connection, parcel, stepMs)
    const { error } = sending
    const isStale = wasUsed && !sending.isBegun && error && (!error.responseCode || error.responseCode === 421)
    if (isStale) {
      drop(line)
      return 'stale'
    }
    if (!error && sending.isEnded) keep(line)
    else if (await canGoOn(line.connection, sending)) keep(line)
    else drop(line)
    return fates(parcel, sending, (said) => quoteWithout(secrets, said))
  }

  return {
    async handOver(parcel) {
      try {
        for (;;) {
          const handed = await overOne(parcel)
          // It lay idle, and the server had ended it: another one, until one is new.
          if (handed !== 'stale') return handed
        }
      } catch (error) {
        const words = quoteWithout(secrets, said(error as NodemailerError))
        return { ...nobody(words), deferred: allOf(parcel.recipients, words), isUnreached: true }
      }
    },
    close() {
      for (const line of [...free]) drop(line)
    },
  }
}

type Options = ConstructorParameters<typeof SmtpConnection>[0]
type Auth = { user?: string; pass?: string }

/** A new connection, ready for a message: greeted, encrypted and signed in as the settings want it. */
function connected(
  options: Options,
  { auth, within }: { auth: Auth | undefined; within: number },
): Promise<SmtpConnection> {
  const connection = new SmtpConnection(options)
  let watch: NodeJS.Timeout
  const isReady = new Promise<SmtpConnection>((resolve, reject) => {
    const refuse = (error: Error) => {
      // First, as closing says so too, in fewer words.
      reject(error)
      connection.close()
    }
    watch = setTimeout(() => {
      const error = new Error(`not ready for a message within ${within / 1000} s`)
      refuse(Object.assign(error, { code: 'ETIMEDOUT' }))
    }, within)
    // Stays: a connection that breaks while idle says so too, and unheard that would end the process.
    connection.on('error', refuse)
    connection.once('end', () => reject(new Error('Connection closed')))
    connection.connect((error) => {
      if (error) return refuse(error)
      if (!auth || !connection.allowsAuth) return resolve(connection)
      connection.login({ user: auth.user, pass: auth.pass }, (error) => (error ? refuse(error) : resolve(connection)))
    })
  })
  return isReady.finally(() => clearTimeout(watch))
}

interface Sending {
  /** something of the message was asked for: the server wants it */
  isBegun: boolean
  /** the message came to its end, and with it the final dot is written */
  isEnded: boolean
  error?: NodemailerError & { rejectedErrors?: NodemailerError[] }
  rejected: NodemailerError[]
  accepted: string[]
  response: string
}

/** One message on a connection, each step within its time; how far it came. */
function send(connection: SmtpConnection, parcel: Parcel, stepMs: number): Promise<Sending> {
  const sending: Sending = { isBegun: false, isEnded: false, rejected: [], accepted: [], response: '' }
  return new Promise((resolve) => {
    let watch: NodeJS.Timeout
    const finish = (more: Partial<Sending>) => {
      clearTimeout(watch)
      message.destroy()
      resolve({ ...sending, ...more })
    }
    const within = (limit: number, step: string) => {
      clearTimeout(watch)
      watch = setTimeout(() => {
        finish({
          error: Object.assign(new Error(`no answer within ${limit / 1000} s: ${step}`), { code: 'ETIMEDOUT' }),
        })
        connection.close()
      }, limit)
    }
    async function* watched(): AsyncIterable<Uint8Array> {
      sending.isBegun = true
      for await (const piece of parcel.pieces()) {
        within(stepMs, 'content')
        yield piece
      }
      sending.isEnded = true
      within(ANSWER, 'end of content')
    }
    const message = Readable.from(watched(), { objectMode: false })
    // After the end of it all nobody else hears this one.
    message.on('error', () => {})
    const { sender, recipients, bytes } = parcel
    const envelope = { from: sender, to: [...recipients], size: bytes, use8BitMime: true }
    // Every recipient may need a moment, of a server that looks each of them up.
    within(stepMs + recipients.length * 1000, 'envelope')
    connection.send(envelope, message, (error, info) => {
      if (error) return finish({ error, rejected: (error as Sending['error'])?.rejectedErrors ?? [] })
      const { accepted = [], rejectedErrors = [], response = '' } = info ?? {}
      finish({ accepted, rejected: rejectedErrors, response })
    })
  })
}

/** Takes the connection back to where a new message may begin, after a refusal. */
function canGoOn(connection: SmtpConnection, { error, isBegun, isEnded }: Sending): Promise<boolean> {
  // What is in the middle of a message has nowhere to go back to.
  const isClean = error?.responseCode !== undefined && error.responseCode !== 421 && (!isBegun || isEnded)
  if (!isClean || connection.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds(5), false)
    connection.once('end', () => resolve(false))
    connection.reset((error) => {
      clearTimeout(timer)
      resolve(!error)
    })
  })
}

const nobody = (words: string): HandedOver => ({
  sent: [],
  refused: {},
  deferred: {},
  words,
  isUncertain: false,
  isUnreached: false,
})
const allOf = (recipients: readonly string[], words: string) =>
  Object.fromEntries(recipients.map((address) => [address, words]))
/** The server's own words where there are any: a report about the message quotes them. */
const said = ({ code, message, response }: NodemailerError): string =>
  response ? response : code ? `${code}: ${message}` : message

/** Only a verdict on this message is final; a refused login or greeting says that the settings need care. */
function isFinal(error: NodemailerError, { isBegun }: Sending): boolean {
  if (error.responseCode !== undefined)
    return error.permanent === true && /^(MAIL FROM|RCPT TO|DATA)$/.test(error.command ?? '')
  // Judged before asking: more bytes than the server's SIZE allows. Later it is an answer that nobody understands.
  return error.code === 'EMESSAGE' && !isBegun
}

/** Who got it, who never will, and who may yet. */
function fates({ recipients }: Parcel, sending: Sending, quote: (words: string) => string): HandedOver {
  const { error, rejected, accepted, isEnded, response } = sending
  const words = quote(error ? said(error) : rejected[0] ? said(rejected[0]) : response)
  const handed = nobody(words)
  for (const one of rejected)
    (isFinal(one, sending) ? handed.refused : handed.deferred)[one.recipient ?? ''] = quote(said(one))
  const isJudged = (address: string) =>
    Object.hasOwn(handed.refused, address) || Object.hasOwn(handed.deferred, address)
  const others = recipients.filter((address) => !isJudged(address))
  // An answer before the end of the message is none to it.
  if (!error && isEnded) return { ...handed, sent: others.filter((address) => accepted.includes(address)) }
  const rest = allOf(others, error ? words : 'the server answered before the end')
  if (error && isFinal(error, sending)) return { ...handed, refused: { ...handed.refused, ...rest } }
  // 421 may be said to end the connection, and not as an answer.
  const isUncertain = isEnded && (error?.responseCode === undefined || error.responseCode === 421)
  return { ...handed, deferred: { ...handed.deferred, ...rest }, isUncertain }
}
