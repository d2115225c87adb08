import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'

interface Delivered {
  to: string[]
  raw: Buffer
}

/** A real SMTP server on loopback: what it is given lies in its boxes. */
export interface PostOffice {
  url: string
  /** Sends a message that is ready as it is, over SMTP. */
  post(from: string, to: string[], raw: Buffer): Promise<void>
  /** The first mail to an address that suits and was not collected before; waits for it. */
  collect(address: string, suits?: (raw: string) => boolean): Promise<Buffer>
  close(): Promise<void>
}

const WAIT = 15_000

export async function openPostOffice(): Promise<PostOffice> {
  const boxes: Delivered[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address.toLowerCase())
        boxes.push({ to, raw: Buffer.concat(chunks) })
        done()
      })
    },
  })
  // A sender that dies in the middle of a mail is no reason to close.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  const carrier = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true })
  return {
    url: `smtp://127.0.0.1:${port}`,
    async post(from, to, raw) {
      await carrier.sendMail({ envelope: { from, to }, raw })
    },
    async collect(address, suits = () => true) {
      for (let waited = 0; waited < WAIT; waited += 20) {
        const at = boxes.findIndex(({ to, raw }) => to.includes(address) && suits(raw.toString('utf8')))
        if (at >= 0) return boxes.splice(at, 1)[0]!.raw
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`no mail for ${address} arrived`)
    },
    async close() {
      carrier.close()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
