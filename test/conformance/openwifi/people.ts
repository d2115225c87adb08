import assert from 'node:assert/strict'
import { createServer, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { Resvg } from '@resvg/resvg-js'
import readQr from 'jsqr'
import { Secret, TOTP } from 'otpauth'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { activateFactor, beginFactor, setupUri } from '#src/domain/factors/factors.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import type { House, Reply } from '#src/testing.ts'

/** Somebody who is signed in, as a test needs him. */
export interface Person {
  id: string
  email: string
  password: string
  token: string
  refresh: string
}

export const NEW_ROOT_PASSWORD = 'Second-Password-2'
export const PASSWORD = 'Some-Password-1'

export const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

/** Asserts a refusal in the shape of the protocol; `number` is the one in the text. */
export function refused(reply: Reply, status: number, number: number): void {
  const wanted = { status, number: `${number}:`, code: status === 403 ? number : status }
  const { ErrorCode, ErrorDescription = '', ErrorDetails } = reply.json
  assert.deepEqual(
    { status: reply.status, number: String(ErrorDescription).split(' ')[0], code: ErrorCode },
    wanted,
    reply.text,
  )
  assert.match(ErrorDetails, /^[A-Z]+$/)
}

/** Asserts one of the 403s that clients decide by. */
export const denied = (reply: Reply, code: number): void => refused(reply, 403, code)

export const login = (house: House, userId: string, password: string, more: Record<string, unknown> = {}) =>
  house.call('POST', '/api/v1/oauth2', { json: { userId, password, ...more } })

export async function signedIn(house: House, email: string, password: string): Promise<Person> {
  const reply = await login(house, email, password)
  assert.equal(reply.status, 200, reply.text)
  return person(house, { email, password, reply })
}

async function person(
  house: House,
  { email, password, reply }: { email: string; password: string; reply: Reply },
): Promise<Person> {
  const { access_token: token, refresh_token: refresh } = reply.json
  const me = await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(token) })
  return { id: me.json.id, email, password, token, refresh }
}

/** The first administrator, past the change of password that the first sign-in asks for. */
export async function asRoot(house: House): Promise<Person> {
  const first = await login(house, house.rootEmail, house.rootPassword, { newPassword: NEW_ROOT_PASSWORD })
  if (first.status !== 200) return signedIn(house, house.rootEmail, NEW_ROOT_PASSWORD)
  return person(house, { email: house.rootEmail, password: NEW_ROOT_PASSWORD, reply: first })
}

let made = 0

/** Makes a user of a role and signs in as him. */
export async function newPerson(
  house: House,
  by: Person,
  { role = 'csr', ...more }: Record<string, unknown> = {},
): Promise<Person> {
  made++
  const email = `person-${made}@example.org`
  const created = await house.call('POST', '/api/v1/user/0', {
    json: { id: '0', email, userRole: role, currentPassword: PASSWORD, ...more },
    headers: bearer(by.token),
  })
  assert.equal(created.status, 200, created.text)
  return signedIn(house, email, PASSWORD)
}

export const me = (house: House, { token }: { token: string }) =>
  house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(token) })

export const change = (house: House, by: Person, id: string, json: unknown) =>
  house.call('PUT', `/api/v1/user/${id}`, { json, headers: bearer(by.token) })

/** An authenticator that is activated for somebody; shows its code at the house's time. */
export async function authenticatorOf(house: House, someone: Person): Promise<() => string> {
  const { ctx, clock } = house
  const { session } = await findSession(ctx, someone.token, 'openwifi')
  const account = await findAccount(ctx, someone.id)
  assert.ok(account)
  const origin = { protocol: 'openwifi', network: '127.0.0.1', agent: '' }
  const id = await beginFactor(ctx, { account, sessionId: session.id, kind: 'authApp' })
  const { secret } = await setupUri(ctx, { account, sessionId: session.id, id })
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const code = () => totp.generate({ timestamp: clock.now() })
  await activateFactor(ctx, { account, sessionId: session.id, id, code: code(), origin })
  clock.turn(30_000)
  return code
}

export const complete = (house: House, uuid: string, answer: unknown) =>
  house.call('POST', '/api/v1/oauth2?completeMFAChallenge=true', { json: { uuid, answer } })

export const withMethod = (method: string) => ({ userTypeProprietaryInfo: { mfa: { enabled: true, method } } })

const SIZE = 600

/** The code of an authenticator that scanned a picture of `GET /totp`; `otpauth` is what the picture says. */
export function scanned(house: House, svg: string): { otpauth: string; code: () => string } {
  const image = new Resvg(svg, { background: 'white', fitTo: { mode: 'width', value: SIZE } }).render()
  const otpauth = readQr.default(new Uint8ClampedArray(image.pixels), image.width, image.height)?.data
  assert.ok(otpauth, 'the picture shows no code')
  const secret = Secret.fromBase32(new URL(otpauth).searchParams.get('secret') ?? '')
  return { otpauth, code: () => new TOTP({ secret }).generate({ timestamp: house.clock.now() }) }
}

/** Signs a subscriber in at his own door. */
export const subscriberLogin = (house: House, userId: string, password: string, more: Record<string, unknown> = {}) =>
  house.call('POST', '/api/v1/suboauth2', { json: { userId, password, ...more } })

/** Makes a subscriber and signs in as him. */
export async function newSubscriber(house: House, by: Person, more: Record<string, unknown> = {}): Promise<Person> {
  made++
  const email = `subscriber-${made}@example.org`
  const created = await house.call('POST', '/api/v1/subuser/0', {
    json: { id: '0', email, userRole: 'subscriber', currentPassword: PASSWORD, ...more },
    headers: bearer(by.token),
  })
  assert.equal(created.status, 200, created.text)
  const reply = await subscriberLogin(house, email, PASSWORD)
  assert.equal(reply.status, 200, reply.text)
  const { access_token: token, refresh_token: refresh } = reply.json
  return { id: created.json.id, email, password: PASSWORD, token, refresh }
}

/** A key for sibling services, and the settings of a house that has a listener for them. */
export const INTERNAL_KEY = 'a-key-that-only-siblings-know-0123456789'
export const withSiblings = {
  CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0',
  CHATELAINE_INTERNAL_KEY: INTERNAL_KEY,
}
export const sibling = (name = 'https://gw.example.org:17002'): Record<string, string> => ({
  'X-INTERNAL-NAME': name,
  'X-API-KEY': INTERNAL_KEY,
})

/** A request as it is written here, byte for byte: browsers and `fetch` would tidy some of them up. */
export function send(
  url: string,
  method: string,
  path: string,
  { headers = {}, body = '', ca }: { headers?: Record<string, string>; body?: string | Uint8Array; ca?: string } = {},
): Promise<Reply> {
  const length: Record<string, string> = body.length > 0 ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}
  const request = ca === undefined ? plainRequest : tlsRequest
  return new Promise((resolve, reject) => {
    request(
      url + path,
      { method, headers: { ...length, ...headers }, agent: false, ...(ca ? { ca, servername: 'localhost' } : {}) },
      async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        const bytes = Buffer.concat(chunks)
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
          text: bytes.toString('utf8'),
          bytes,
          get json() {
            return JSON.parse(bytes.toString('utf8'))
          },
        })
      },
    )
      .on('error', reject)
      .end(body)
  })
}

/** A provider of SMS on loopback that keeps what it is given. */
export interface SmsPeer {
  /** to be merged into the settings of the house */
  settings: Record<string, string>
  /** the six digits of the next text to a number */
  code(to: string): Promise<string>
  texts: { to: string; body: string }[]
  close(): Promise<void>
}

export async function openSmsPeer(): Promise<SmsPeer> {
  const texts: { to: string; body: string }[] = []
  const taken = new Set<object>()
  const server = createServer(async (message, response) => {
    let body = ''
    for await (const chunk of message) body += chunk
    texts.push(JSON.parse(body))
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    settings: { CHATELAINE_SMS_PRESET: 'generic', CHATELAINE_SMS_URL: `http://127.0.0.1:${port}/send` },
    texts,
    async code(to) {
      for (let waited = 0; waited < 5000; waited += 10) {
        const text = texts.find((one) => !taken.has(one) && one.to === to && /\b\d{6}\b/.test(one.body))
        if (text) {
          taken.add(text)
          return /\b(\d{6})\b/.exec(text.body)![1]!
        }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(`no SMS to ${to} within five seconds`)
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
