import type { Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A message that the next hop has answered for: from then on it is there. */
export interface Taken {
  from: string
  to: string[]
  raw: string
}

/** What the next hop says, which a test may change at any time. */
export interface Mood {
  /** the code for a recipient; 250 when absent */
  recipient?(address: string): number | Promise<number>
  /** the code for a message, once its final dot was read; 250 when absent */
  content?(message: Taken): number | Promise<number>
}

/** A real SMTP server on loopback that keeps what it said 250 to. */
export interface NextHop {
  port: number
  url: string
  mood: Mood
  taken: Taken[]
  /** messages of which any content came in, up to now */
  begun: number
  /** Resolves once as many messages as that were taken; throws after ten seconds. */
  has(count: number): Promise<void>
  /** Breaks all connections, without a word. */
  hangUp(): void
  close(): Promise<void>
}

const refusal = (code: number) => Object.assign(new Error(`${code} says the next hop`), { responseCode: code })

/** Polls until something holds; throws, with what is not, after a while. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, within = 30_000): Promise<void> {
  for (const end = Date.now() + within; Date.now() < end; ) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`not within ${within / 1000} s: ${what}`)
}

export async function openNextHop(
  mood: Mood = {},
  options: SMTPServerOptions & { port?: number } = {},
): Promise<NextHop> {
  const { port: wanted = 0, ...further } = options
  const hop: Omit<NextHop, 'port' | 'url' | 'hangUp' | 'close' | 'has'> = { mood, taken: [], begun: 0 }
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    async onRcptTo({ address }, _session, done) {
      const code = (await hop.mood.recipient?.(address)) ?? 250
      done(code === 250 ? null : refusal(code))
    },
    onData(stream, { envelope }, done) {
      hop.begun++
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const message = {
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
        }
        const code = (await hop.mood.content?.(message)) ?? 250
        if (code !== 250) return done(refusal(code))
        hop.taken.push(message)
        done()
      })
    },
    ...further,
  })
  // A peer that is killed in the middle of a message is what these tests are about.
  server.on('error', () => {})
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  return Object.assign(hop, {
    port,
    url: `smtp://127.0.0.1:${port}`,
    has: (count: number) => until(`${count} messages at the next hop`, () => hop.taken.length >= count),
    hangUp() {
      for (const socket of sockets) socket.destroy()
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  })
}
