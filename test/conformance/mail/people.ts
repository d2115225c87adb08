import assert from 'node:assert/strict'
import { createAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { createRing } from '#src/domain/keys/keys.ts'
import type { House, Reply } from '#src/testing.ts'

export const PASSWORD = 'Correct-Horse-9'
/** Not ASCII, and with characters that mean something in headers and URLs. */
export const KEY_PASSWORD = 'Schlüssel: 100% & „more“'

export const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }
let made = 0

export interface Person {
  email: string
  sessid: string
  cookie: string
  /** A call with the session of this person. */
  post(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Reply>
  encrypt(mail: string | Uint8Array, query?: string, headers?: Record<string, string>): Promise<Reply>
  decrypt(mail: string | Uint8Array, headers?: Record<string, string>): Promise<Reply>
  /** Leaves auth with the session, through guard-json. */
  remember(minutesValid: number): Promise<void>
  /** An auth token, as Guard's login gives it. */
  token(): Promise<string>
}

export const withPassword = (password = KEY_PASSWORD) => ({ 'X-Key-Password': encodeURIComponent(password) })

/** An account, signed in by cookie; with a key unless told otherwise. */
export async function person(
  house: House,
  name: string,
  { hasKey = true, password = KEY_PASSWORD }: { hasKey?: boolean; password?: string } = {},
): Promise<Person> {
  const email = `${name}-${++made}@example.org`
  const caller = await findByAddress(house.ctx, house.rootEmail)
  const wanted = { email, role: 'subscriber', password: PASSWORD } as const
  const account = await createAccount(house.ctx, { caller: caller!, wanted, origin })
  if (hasKey) await createRing(house.ctx, { account, name, password, origin })
  const reply = await house.call('POST', '/api/v1/login/cookie', { json: { username: email, password: PASSWORD } })
  assert.equal(reply.status, 200, reply.text)
  const { sessid } = reply.json
  const cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  const post: Person['post'] = (path, body, headers = {}) =>
    house.call('POST', `/api/v1${path}${path.includes('?') ? '&' : '?'}_h=${sessid}`, {
      body,
      headers: { 'Content-Type': 'message/rfc822', Cookie: cookie, ...headers },
    })
  return {
    email,
    sessid,
    cookie,
    post,
    encrypt: (mail, query = 'sign=true', headers = withPassword(password)) =>
      post(`/mail/encrypt?${query}`, mail, headers),
    decrypt: (mail, headers = withPassword(password)) => post('/mail/decrypt', mail, headers),
    async remember(minutesValid) {
      const path = `/appsuite/api/guard-json?action=auth-token&session=${sessid}`
      const stored = await house.call('POST', path, { json: { password, minutesValid }, headers: { Cookie: cookie } })
      assert.equal(stored.json.data?.minutesValid, minutesValid, stored.text)
    },
    async token() {
      const path = `/appsuite/api/oxguard/login?action=login&session=${sessid}`
      const opened = await house.call('POST', path, { json: { encr_password: password }, headers: { Cookie: cookie } })
      return opened.json.auth
    },
  }
}

/** A mail; lines end with CRLF unless told otherwise. */
export function mailOf(header: Record<string, string>, body: string | Uint8Array, end = '\r\n'): Buffer {
  const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}${end}`)
  return Buffer.concat([Buffer.from(lines.join('') + end), Buffer.from(body as string)])
}

/** A refusal, judged whole. */
export function refused(reply: Reply, status: number, errorCode: string): void {
  assert.equal(`${reply.status} ${reply.json.errorCode}`, `${status} ${errorCode}`)
  const members = Object.keys(reply.json).filter((name) => name !== 'recipients' && name !== 'reasons')
  assert.deepEqual(members, ['errorCode', 'errorMessage'])
  assert.equal(reply.headers.get('cache-control'), 'no-store')
  assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
}

/** The message out of an answer of /mail/decrypt, as bytes. */
export function messageIn(reply: Reply): Buffer {
  assert.equal(reply.status, 200, reply.text.slice(0, 300))
  const { message, messageEncoding } = reply.json
  return Buffer.from(message, messageEncoding)
}

/** What follows the header of a message. */
export const bodyOf = (message: Buffer): Buffer => message.subarray(message.indexOf('\r\n\r\n') + 4)
