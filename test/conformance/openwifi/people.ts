import assert from 'node:assert/strict'
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
