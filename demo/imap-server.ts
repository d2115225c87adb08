import { createConnection, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { call } from './person.ts'

/** An IMAP server that knows LOGIN and nothing else, and asks the house whether a password is good (RFC 9051). */
export interface ImapServer {
  /** Logs in as a mail program does; what the server says to it. */
  login(address: string, password: string): Promise<string>
  close(): Promise<void>
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

const words = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, inner, plain]) => inner?.replace(/\\(.)/g, '$1') ?? plain ?? '',
  )

/** Asks as docs/mail-servers.md has Dovecot ask. */
async function isWelcome(api: string, key: string, socket: Socket, given: { address: string; password: string }) {
  const { json } = await call(`${api}/auth/verify`, {
    method: 'POST',
    headers: { 'X-API-KEY': key },
    json: { ...given, protocol: 'imap', clientAddress: socket.remoteAddress ?? '' },
  })
  return json as { decision: 'allow' | 'deny'; reason: string }
}

async function serve(api: string, key: string, socket: Socket): Promise<void> {
  socket.write('* OK IMAP4rev2 ready\r\n')
  for await (const line of createInterface(socket)) {
    const [tag = '*', command = '', address = '', password = ''] = words(line)
    if (command.toUpperCase() !== 'LOGIN') {
      socket.end(`${tag} BAD only LOGIN is known here\r\n`)
      return
    }
    const { decision, reason } = await isWelcome(api, key, socket, { address, password })
    socket.write(decision === 'allow' ? `${tag} OK logged in\r\n` : `${tag} NO [AUTHENTICATIONFAILED] ${reason}\r\n`)
  }
}

export async function openImapServer(api: string, key: string): Promise<ImapServer> {
  const server = createServer((socket) => void serve(api, key, socket).catch(() => socket.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    async login(address, password) {
      const socket = createConnection(port, '127.0.0.1')
      try {
        for await (const line of createInterface(socket)) {
          if (line.startsWith('* OK')) socket.write(`a1 LOGIN ${quoted(address)} ${quoted(password)}\r\n`)
          if (line.startsWith('a1 ')) return line.slice('a1 '.length)
        }
        throw new Error('the IMAP server went away')
      } finally {
        socket.destroy()
      }
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
