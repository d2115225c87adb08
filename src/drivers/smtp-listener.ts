import type { AddressInfo } from 'node:net'

export interface MailListener {
  port: number
  /** Takes no new connection; resolves when the last one has ended. */
  close(): Promise<void>
}

interface Wanted {
  at: { host: string; port: number }
  /** the one address that mails are taken for, lower case */
  recipient: string
  /** bytes of the largest mail */
  most: number
  /** Does what there is to do with a mail, before its sender is told that it was taken. What it throws is answered 451. */
  take(mail: Buffer): Promise<void>
}

const CLIENTS = 20
const SILENCE = 30_000
// Until then a connection may end by itself.
const CLOSE_WITHIN = 2000

const answer = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode })

/**
 * An SMTP server for one address, without sign-in and without TLS: for the mail server next door, which hands over what
 * comes for that address. Others are answered 550, mails that are too large 552.
 */
export async function listenForMail({ at, recipient, most, take }: Wanted): Promise<MailListener> {
  // Only who takes mail waits for it to load.
  const { SMTPServer } = await import('smtp-server')
  const server = new SMTPServer({
    size: most,
    maxClients: CLIENTS,
    socketTimeout: SILENCE,
    closeTimeout: CLOSE_WITHIN,
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    banner: 'Web Key Service',
    onRcptTo({ address }, _, done) {
      if (address.toLowerCase() === recipient) done()
      else done(answer(550, '5.1.1 No such mailbox here'))
    },
    onData(stream, _, done) {
      const chunks: Buffer[] = []
      let size = 0
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= most) chunks.push(chunk)
        else chunks.length = 0
      })
      stream.on('end', () => {
        if (size > most) return done(answer(552, '5.3.4 The mail is too large'))
        take(Buffer.concat(chunks)).then(
          () => done(),
          () => done(answer(451, '4.3.0 Please try again later')),
        )
      })
    },
  })
  // A client that goes away in the middle is nobody's fault of ours.
  const ignore = () => {}
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  })
  server.on('error', ignore)
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
