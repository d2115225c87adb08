import assert from 'node:assert/strict'
import { createAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { findProvenSession, type Signed } from '#src/domain/sessions/sessions.ts'
import type { CallOptions, House, Reply } from '#src/testing.ts'

export const PASSWORD = 'Sign-In-Password-1'
export const KEY_PASSWORD = 'key password ä1'
export const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

/** Someone with an App Suite session. Calls carry the session id and its cookie. */
export interface Person {
  email: string
  session: string
  cookie: string
  call(method: string, path: string, options?: CallOptions): Promise<Reply>
  /** The session as the rules see it. */
  signed(): Promise<Signed>
}

export async function newAccount(house: House, email: string): Promise<void> {
  const caller = await findByAddress(house.ctx, house.rootEmail)
  const wanted = { email, role: 'subscriber', name: 'Some Body', password: PASSWORD } as const
  await createAccount(house.ctx, { caller: caller!, wanted, origin })
}

const asked = (path: string, session: string): string => `${path}${path.includes('?') ? '&' : '?'}session=${session}`

/** A person at a session that is there already. */
export const personAt = (
  house: House,
  { email, session, headers }: { email: string; session: string; headers: Record<string, string> },
): Person => ({
  email,
  session,
  cookie: headers.Cookie ?? '',
  call: (method, path, options = {}) =>
    house.call(method, `/appsuite/api${asked(path, session)}`, {
      ...options,
      headers: { ...headers, ...options.headers },
    }),
  signed: () =>
    findProvenSession(house.ctx, {
      token: session,
      protocols: ['guard', 'mailbox', 'openwifi'],
      isProven: () => true,
    }),
})

export async function signIn(house: House, email: string): Promise<Person> {
  const reply = await house.call('POST', '/appsuite/api/login?action=login', {
    form: { name: email, password: PASSWORD },
  })
  assert.equal(reply.json.error, undefined, reply.text)
  const cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  return personAt(house, { email, session: reply.json.session, headers: { Cookie: cookie } })
}

export async function newPerson(house: House, email: string): Promise<Person> {
  await newAccount(house, email)
  return signIn(house, email)
}

/** A person with a key under KEY_PASSWORD. */
export async function newKeyOwner(house: House, email: string, password = KEY_PASSWORD): Promise<Person> {
  const person = await newPerson(house, email)
  const made = await person.call('POST', '/oxguard/keys?action=create', { form: { name: 'Some Body', password } })
  assert.equal(made.json.error, undefined, made.text)
  return person
}

export const keyLogin = (person: Person, password: string): Promise<Reply> =>
  person.call('POST', '/oxguard/login?action=login', { json: { encr_password: password } })

export async function tokenOf(person: Person, password = KEY_PASSWORD): Promise<string> {
  const { auth } = (await keyLogin(person, password)).json
  assert.ok(auth.length > 20, auth)
  return auth
}

/** The form of every error object; answers its code. */
export function assertError(reply: Reply, code: string, category: string): void {
  const { json } = reply
  assert.equal(json.code, code, reply.text)
  assert.equal(json.categories, category)
  assert.equal(typeof json.error, 'string')
  assert.ok(Array.isArray(json.error_params))
  assert.match(json.error_id, /^-?\d+-\d+$/)
  assert.equal(typeof json.error_desc, 'string')
  assert.equal(typeof json.category, 'number')
  assert.equal('error_stack' in json, false)
  assert.equal('data' in json, false)
}
