import type { AddressInfo } from 'node:net'
import type { SMTPServerDataStream } from 'smtp-server'
import { type LineJudge, lineJudge } from '../lib/mime/line-judge.ts'
import type { MailListener } from './smtp-listener.ts'

/** A mail as it was handed over, with its envelope. */
export interface HandedMail {
  /** empty for a report */
  sender: string
  recipients: string[]
  /** in pieces, as they came */
  chunks: readonly Buffer[]
  bytes: number
}

/** A no with the words of SMTP: what `take` throws to say more than "later". */
export class Turned extends Error {
  readonly responseCode: number
  constructor(responseCode: number, words: string) {
    super(words)
    this.responseCode = responseCode
  }
}

interface Wanted {
  at: { host: string; port: number }
  /** who may hand over mail at all, by his address */
  isPeer(address: string): boolean
  /** bytes of the largest mail */
  most: number
  /**
   * Makes the mail ours, for good, and answers what we call it. What it throws is answered 451, a `Turned` in its own
   * words.
   */
  take(mail: HandedMail): Promise<string>
}

const CLIENTS = 100
const RECIPIENTS = 1000
const SILENCE = 120_000
// Until then a connection may end by itself.
const CLOSE_WITHIN = 2000
// So many of the largest mails may be on their way in at once: each lies in memory until it is kept.
const LARGEST_AT_ONCE = 3

// RFC 3463 has the numbers.
const notPeer = () => new Turned(554, '5.7.1 This is no mail server for you: see CHATELAINE_GATEWAY_PEERS')
const tooLarge = () => new Turned(552, '5.3.4 The mail is too large')
const badLines = () => new Turned(554, '5.6.0 A line of the mail does not end with CR LF, or a CR stands alone')
const full = () => new Turned(452, '4.3.1 Too much mail at once: try again later')
const later = () => new Turned(451, '4.3.0 Please try again later')

interface Arriving {
  chunks: Buffer[]
  bytes: number
  lines: LineJudge
}

/** Reads a mail to its end; what is too much is dropped at once, and refused then. */
function arrive(
  stream: SMTPServerDataStream,
  most: number,
  room: Room,
  done: (error: Error | null, mail: Arriving) => void,
) {
  const mail: Arriving = { chunks: [], bytes: 0, lines: lineJudge() }
  let isCrowded = false
  stream.on('data', (chunk: Buffer) => {
    mail.lines.read(chunk)
    mail.bytes += chunk.length
    isCrowded ||= room.taken + chunk.length > room.most
    if (mail.bytes > most || isCrowded) release(mail, room)
    else {
      room.taken += chunk.length
      mail.chunks.push(chunk)
    }
  })
  stream.on('end', () => {
    const fault = mail.bytes > most ? tooLarge() : isCrowded ? full() : mail.lines.areClean() ? null : badLines()
    done(fault, mail)
  })
  // Whoever goes away in the middle must not leave his bytes behind.
  stream.on('close', () => {
    if (!stream.readableEnded) release(mail, room)
  })
}

interface Room {
  taken: number
  most: number
}

function release({ chunks }: Arriving, room: Room): void {
  for (const { length } of chunks.splice(0)) room.taken -= length
}

/**
 * An SMTP server for mail servers next door, without sign-in and without TLS: what peers hand over is taken for whoever
 * it is to, and everybody else is turned away. A mail ends with CR LF . CR LF and nothing else, and must have CR and LF
 * together only: what two servers could split in two ways is refused.
 */
export async function listenAsGateway({ at, isPeer, most, take }: Wanted): Promise<MailListener> {
  const room: Room = { taken: 0, most: LARGEST_AT_ONCE * most }
  const inHand = new Set<Promise<void>>()
  // Only who takes mail waits for it to load.
  const { SMTPServer } = await import('smtp-server')
  const server = new SMTPServer({
    size: most,
    maxClients: CLIENTS,
    maxRecipients: RECIPIENTS,
    maxAllowedUnauthenticatedCommands: false,
    socketTimeout: SILENCE,
    closeTimeout: CLOSE_WITHIN,
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    // Addresses that are none by the book are in use; where they lead is for the next server to say.
    lenientAddressParsing: true,
    logger: false,
    banner: 'mail gateway',
    onConnect({ remoteAddress }, done) {
      done(isPeer(remoteAddress) ? null : notPeer())
    },
    onData(stream, { envelope }, done) {
      arrive(stream, most, room, (fault, mail) => {
        if (fault) {
          release(mail, room)
          return done(fault)
        }
        const run = take({
          sender: envelope.mailFrom ? envelope.mailFrom.address : '',
          recipients: envelope.rcptTo.map(({ address }) => address),
          chunks: mail.chunks,
          bytes: mail.bytes,
        })
          .then(
            (id) => done(null, `2.0.0 Taken as ${id}`),
            (error: unknown) => done(error instanceof Turned ? error : later()),
          )
          .finally(() => {
            release(mail, room)
            inHand.delete(run)
          })
        inHand.add(run)
      })
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  })
  // A client that goes away in the middle is nobody's fault of ours.
  server.on('error', () => {})
  return {
    port: (server.server.address() as AddressInfo).port,
    async close() {
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all(inHand)
    },
  }
}
