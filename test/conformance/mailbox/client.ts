import assert from 'node:assert/strict'
import { TOTP } from 'otpauth'
import { createAccount, findByAddress, type NewAccount } from '#src/domain/accounts/accounts.ts'
import type { CallOptions, House, Reply } from '#src/testing.ts'

export const PASSWORD = 'Correct-Horse-9'
export const SECURITY = '/account/security'
export const METHODS = `${SECURITY}/methods`

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }
let made = 0

/** A new account with an address of its own. */
export async function makeAccount(
  house: House,
  wanted: Partial<NewAccount> = {},
): Promise<{ id: string; email: string }> {
  const caller = await findByAddress(house.ctx, house.rootEmail)
  const email = `person-${++made}@example.org`
  return createAccount(house.ctx, {
    caller: caller!,
    wanted: { email, role: 'subscriber', password: PASSWORD, ...wanted },
    origin,
  })
}

/** A call outside any session. */
export const plain = (house: House, method: string, path: string, options: CallOptions = {}): Promise<Reply> =>
  house.call(method, `/api/v1${path}`, options)

export const cookieOf = (reply: Reply): string => (reply.headers.getSetCookie()[0] ?? '').split(';')[0]!

const withHandle = (path: string, sessid: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}_h=${encodeURIComponent(sessid)}`

/** A signed-in client, with what it was given. */
export interface Client {
  email: string
  sessid: string
  /** name=value; changed by whoever gets a new one */
  cookie: string
  /** the header X-Axigen-2FA of the sign-in */
  step: string | null
  reply: Reply
  call(method: string, path: string, options?: CallOptions): Promise<Reply>
  /** The same with a securityToken, asked for at the first use. */
  secure(method: string, path: string, options?: CallOptions): Promise<Reply>
  token(): Promise<string>
  /** Asks for a new securityToken next time: the old one is void. */
  renew(): void
}

/** Signs in by cookie; the reply is to be judged by the test. */
export async function signIn(
  house: House,
  email: string,
  password = PASSWORD,
  headers: Record<string, string> = {},
): Promise<Client> {
  const reply = await plain(house, 'POST', '/login/cookie', { json: { username: email, password }, headers })
  assert.equal(reply.status, 200, reply.text)
  let securityToken: string | undefined
  const client: Client = {
    email,
    sessid: reply.json.sessid,
    cookie: cookieOf(reply),
    step: reply.headers.get('x-axigen-2fa'),
    reply,
    call: (method, path, options = {}) =>
      plain(house, method, withHandle(path, client.sessid), {
        ...options,
        headers: { Cookie: client.cookie, ...options.headers },
      }),
    async secure(method, path, options = {}) {
      securityToken ??= await client.token()
      return client.call(method, path, {
        ...options,
        headers: { 'X-Axigen-Security-Token': securityToken, ...options.headers },
      })
    },
    async token() {
      const checked = await client.call('POST', `${SECURITY}/check`, { json: { password } })
      assert.equal(checked.status, 200, checked.text)
      return checked.json.securityToken
    },
    renew() {
      securityToken = undefined
    },
  }
  return client
}

/** What else a refusal says besides its code and words. */
const beside: Record<string, string[]> = { PASSWORD_POLICY: ['passwordPolicy', 'passwordFault'] }

/** A new captcha for a name, and what it says: as a person reads it, who cannot be here. */
export async function readCaptcha(house: House, username: string): Promise<{ captchaId: string; captchaText: string }> {
  // One address gets but a few pictures in a second.
  house.clock.turn(1000)
  const picture = await plain(house, 'GET', `/captcha?username=${encodeURIComponent(username)}`)
  assert.equal(picture.status, 200, picture.text)
  const captchaId = picture.headers.get('x-captcha-id') ?? ''
  const { ctx } = house
  const row = await ctx.db.selectFrom('captcha').select('sealed').where('id', '=', captchaId).executeTakeFirstOrThrow()
  return { captchaId, captchaText: ctx.secrets.sealer.open(row.sealed, `captcha ${captchaId}`).toString() }
}

/** A refusal, judged whole. */
export function refused(reply: Reply, status: number, errorCode: string): void {
  assert.equal(`${reply.status} ${reply.text && reply.json.errorCode}`, `${status} ${errorCode}`)
  assert.deepEqual(Object.keys(reply.json), ['errorCode', 'errorMessage', ...(beside[errorCode] ?? [])])
  assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(reply.headers.get('set-cookie'), null)
}

/** An empty success: no body, and no type that a client would try to parse. */
export function empty(reply: Reply): void {
  assert.equal(reply.status, 200, reply.text)
  assert.equal(reply.text, '')
  assert.equal(reply.headers.get('content-type'), null)
}

/** What an authenticator shows now, or `steps` half minutes later. */
export const codeOf = (house: House, secret: string, steps = 0): string =>
  new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 }).generate({
    timestamp: house.clock.now() + steps * 30_000,
  })

export interface Authenticator {
  id: string
  secret: string
  /** A code that was not shown before: the clock is turned one step for it. */
  next(): string
}

/** Sets up and activates an authenticator with a session that may. */
export async function addAuthenticator(house: House, call: Client['call']): Promise<Authenticator> {
  const { id } = (await call('POST', METHODS, { json: { method: 'authApp' } })).json
  const shown = await call('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } })
  const { secret } = shown.json
  empty(await call('POST', `${METHODS}/${id}/activate`, { json: { totpToken: codeOf(house, secret) } }))
  return {
    id,
    secret,
    next() {
      house.clock.turn(30_000)
      return codeOf(house, secret)
    },
  }
}

/** Adds and activates a mail method. */
export async function addMail(house: House, call: Client['call'], target: string): Promise<string> {
  const created = await call('POST', METHODS, { json: { method: 'email', target } })
  assert.equal(created.status, 200, created.text)
  const { id } = created.json
  empty(await call('POST', `${METHODS}/${id}/sendtoken`))
  empty(await call('POST', `${METHODS}/${id}/activate`, { json: { totpToken: await house.inbox.code(target) } }))
  return id
}

/** An account with an authenticator and 2-step verification on, its first client, and its recovery codes. */
export async function makeTwoStepAccount(house: House) {
  const account = await makeAccount(house)
  const client = await signIn(house, account.email)
  const app = await addAuthenticator(house, client.secure)
  const turnedOn = await client.secure('POST', `${SECURITY}/2fa`, {
    json: { methodId: app.id, totpToken: app.next() },
  })
  assert.equal(turnedOn.status, 200, turnedOn.text)
  client.renew()
  return { account, client, app, recoveryCodes: turnedOn.json.recoveryCodes as string[] }
}
