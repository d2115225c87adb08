import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** What a front asks of its callers besides speaking Kafka. */
export interface Guard {
  cert: string
  key: string
  user: string
  password: string
}

/** A door before a broker that can be shut: the broker itself could not come back at the same port. */
export interface Front {
  port: number
  shut(): Promise<void>
  open(): Promise<void>
}

// Requests of the protocol by number, and one of its errors.
const HANDSHAKE = 17
const VERSIONS = 18
const AUTHENTICATE = 36
const REFUSED = 58
const TAGS = Buffer.alloc(1)
const NULL = Buffer.alloc(1)
const ROUNDS = 4096

const int = (bytes: 2 | 4 | 8, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeIntBE(value, Math.max(0, bytes - 6), Math.min(bytes, 6))
  return buffer
}
const framed = (...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([int(4, body.length), body])
}
/** Bytes with their length plus one before them, seven bits at a time. */
function compact(bytes: Buffer): Buffer {
  const length = bytes.length + 1
  return Buffer.concat([Buffer.from(length < 128 ? [length] : [(length & 127) | 128, length >> 7]), bytes])
}
function uncompacted(bytes: Buffer): Buffer {
  const [low = 0, high = 0] = bytes
  return low < 128 ? bytes.subarray(1, low) : bytes.subarray(2, (low & 127) + (high << 7) + 1)
}
const hash = (text: Uint8Array) => createHash('sha256').update(text).digest()
const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()

/** The server's side of SCRAM-SHA-256 (RFC 5802): one answer to each of two messages; throws at a wrong proof. */
function scram({ user, password }: Guard) {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256')
  const stored = hash(mac(salted, 'Client Key'))
  let first = ''
  let reply = ''
  return (message: string): string => {
    if (first === '') {
      first = message.replace(/^n,,/, '')
      const [, name, nonce] = /^n=([^,]*),r=(.*)$/.exec(first) ?? []
      if (name !== user) throw new Error('unknown user')
      reply = `r=${nonce}${randomBytes(12).toString('hex')},s=${salt.toString('base64')},i=${ROUNDS}`
      return reply
    }
    const [, said = '', proof = ''] = /^(.*),p=([^,]*)$/.exec(message) ?? []
    const whole = `${first},${reply},${said}`
    const signature = mac(stored, whole)
    const clientKey = Buffer.from(proof, 'base64').map((byte, at) => byte ^ signature[at]!)
    if (!hash(clientKey).equals(stored)) throw new Error('wrong password')
    return `v=${mac(mac(salted, 'Server Key'), whole).toString('base64')}`
  }
}

/** Answers the requests that prove who calls, and lets the rest through once they have. */
function doorman(
  guard: Guard,
  { answer, pass, turnAway }: Record<'answer' | 'pass', (bytes: Buffer) => void> & { turnAway(): void },
) {
  const step = scram(guard)
  let steps = 0
  let waiting = Buffer.alloc(0)
  return (chunk: Buffer): void => {
    waiting = Buffer.concat([waiting, chunk])
    while (waiting.length > 4 && waiting.length >= 4 + waiting.readInt32BE()) {
      const frame = waiting.subarray(0, 4 + waiting.readInt32BE())
      waiting = waiting.subarray(frame.length)
      const api = frame.readInt16BE(4)
      const version = frame.readInt16BE(6)
      const correlation = frame.subarray(8, 12)
      const body = frame.subarray(14 + frame.readInt16BE(12))
      if (api === HANDSHAKE) {
        const name = Buffer.from('SCRAM-SHA-256')
        answer(framed(correlation, int(2, 0), int(4, 1), int(2, name.length), name))
      } else if (api === AUTHENTICATE && version === 2) {
        try {
          // Before and behind the message is room for tags, of which there are none.
          const said = Buffer.from(step(uncompacted(body.subarray(1)).toString()))
          steps++
          answer(framed(correlation, TAGS, int(2, 0), NULL, compact(said), int(8, 0), TAGS))
        } catch {
          answer(framed(correlation, TAGS, int(2, REFUSED), NULL, compact(Buffer.alloc(0)), int(8, 0), TAGS))
          turnAway()
        }
      } else if (steps === 2 || api === VERSIONS) pass(frame)
      else turnAway()
    }
  }
}

/** Opens a door before the broker at `port`, and has the broker's answers name it instead. */
export async function openFront(port: number, guard?: Guard): Promise<Front> {
  const sockets = new Set<Socket>()
  const address = (at: number) => Buffer.concat([Buffer.from('127.0.0.1'), int(4, at)])
  let own = 0

  function serve(client: Socket): void {
    const broker = connect(port, '127.0.0.1')
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        broker.destroy()
      })
    }
    const pass = (bytes: Buffer) => void broker.write(bytes)
    const turnAway = () => void client.end()
    const hear = guard ? doorman(guard, { answer: (bytes) => void client.write(bytes), pass, turnAway }) : pass
    client.on('data', (chunk) => hear(Buffer.from(chunk)))
    broker.on('data', (chunk) => {
      const bytes = Buffer.from(chunk)
      const found = bytes.indexOf(address(port))
      if (found >= 0) address(own).copy(bytes, found)
      client.write(bytes)
    })
  }

  let server: Server
  const open = () =>
    new Promise<void>((resolve) => {
      server = guard ? createTlsServer(guard, serve) : createServer(serve)
      server.on('tlsClientError', () => {})
      server.listen(own, '127.0.0.1', () => {
        own = (server.address() as { port: number }).port
        resolve()
      })
    })
  await open()
  return {
    get port() {
      return own
    },
    open,
    shut: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
