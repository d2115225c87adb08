import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

/** Where a client comes from and goes to: all of 127/8 is this machine. */
export interface Way {
  port: number
  from?: string
}

/**
 * Says one command to an IMAP server after its greeting. Returns the status of its tagged answer and the code behind,
 * as in `OK` and `NO [AUTHENTICATIONFAILED]`. A challenge is answered with an empty line.
 */
async function said({ port, from = '127.0.0.1' }: Way, command: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  await once(socket, 'connect')
  try {
    for await (const line of createInterface({ input: socket })) {
      if (line.startsWith('* OK [CAPABILITY')) socket.write(`a ${command}\r\n`)
      else if (line.startsWith('+')) socket.write('\r\n')
      const [, status = '', code = ''] = /^a (\w+)(?: (\[\w+\]))?/.exec(line) ?? []
      if (status !== '') return status === 'OK' || code === '' ? status : `${status} ${code}`
    }
    throw new Error('the server hung up')
  } finally {
    socket.destroy()
  }
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const login = (way: Way, address: string, password: string): Promise<string> =>
  said(way, `LOGIN ${quoted(address)} ${quoted(password)}`)

export const plainLogin = (way: Way, address: string, password: string): Promise<string> =>
  said(way, `AUTHENTICATE PLAIN ${base64(`\0${address}\0${password}`)}`)

export const xoauth2 = (way: Way, address: string, token: string): Promise<string> =>
  said(way, `AUTHENTICATE XOAUTH2 ${base64(`user=${address}\x01auth=Bearer ${token}\x01\x01`)}`)

export const oauthBearer = (way: Way, address: string, token: string): Promise<string> =>
  said(way, `AUTHENTICATE OAUTHBEARER ${base64(`n,a=${address},\x01auth=Bearer ${token}\x01\x01`)}`)
