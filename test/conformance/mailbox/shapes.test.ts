import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { z } from 'zod'
import type { Endpoint } from '#src/http/endpoint.ts'
import { protocols } from '#src/protocols/protocols.ts'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { softPasskey } from './authenticator.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  codeOf,
  cookieOf,
  makeAccount,
  PASSWORD,
  plain,
  signIn,
} from './client.ts'
import { MAIL_SERVER_KEY, mailServer } from './mail-server.ts'
import { pageOf } from './passkey-client.ts'
import { mailedToken, NEXT } from './recovery.ts'

/** The same shape, of which no object takes a member more, or has its members in another order. */
function strict(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    // What a standard says, whose members are not ours to count.
    if (schema.def.catchall instanceof z.ZodUnknown) return schema
    const names = Object.keys(schema.shape)
    const inOrder = (value: object) => {
      const at = Object.keys(value).map((name) => names.indexOf(name))
      return at.every((place, index) => index === 0 || place > at[index - 1]!)
    }
    const own = names.map((name) => [name, strict(schema.shape[name] as z.ZodType)])
    return z.strictObject(Object.fromEntries(own)).refine(inOrder, { message: `not in the order ${names}` })
  }
  if (schema instanceof z.ZodArray) return z.array(strict(schema.element as z.ZodType))
  if (schema instanceof z.ZodUnion) return z.union((schema.options as z.ZodType[]).map(strict))
  if (schema instanceof z.ZodOptional) return strict(schema.unwrap() as z.ZodType).optional()
  return schema
}

const spoken = protocols.filter(({ name }) => ['mailbox', 'mailbox-version', 'mail-servers'].includes(name))

/** What answers without JSON, and with something all the same. */
const pictures: Record<string, RegExp> = {
  'GET /account/security/methods/{id}/qr': /^image\/svg\+xml$/,
  'GET /captha': /^image\/png$/,
  'GET /captcha': /^image\/png$/,
}

onEveryEngine('mailbox shapes', (engine) => {
  let house: House
  const visited = new Set<string>()
  before(async () => {
    house = await startHouse({ engine, settings: { ...mailServer, CHATELAINE_CODE_PAUSE: '0' } })
  })
  after(() => house.stop())

  const endpointAt = (wanted: string): Endpoint => {
    const found = spoken.flatMap((protocol) => protocol.endpoints(house.ctx)).find(({ at }) => at === wanted)
    assert.ok(found, `${wanted} is no endpoint`)
    return found
  }

  function judge({ at, out }: Endpoint, reply: Reply): void {
    const { status, headers, text } = reply
    assert.equal(status, 200, at in pictures ? at : `${at}: ${text}`)
    const type = headers.get('content-type') ?? ''
    if (at in pictures) assert.match(type, pictures[at]!)
    else if (!out) assert.deepEqual([text, type], ['', ''], `${at} says something, and has no 'out'`)
    else {
      assert.match(type, /^application\/json/)
      assert.equal(text, JSON.stringify(reply.json), `${at}: not compact`)
      const result = strict(out).safeParse(reply.json)
      assert.ok(result.success, `${at}: ${result.error?.message}\n${text}`)
    }
  }

  type Call = (method: string, path: string, options?: CallOptions) => Promise<Reply>

  /** Makes a call of the list, whose parameters may be filled in, and judges the answer by what the list says of it. */
  async function go(call: Call, at: string, options: CallOptions = {}, filled = at): Promise<Reply> {
    const [method = '', path = ''] = filled.split(' ')
    const reply = await call(method, path, options)
    judge(endpointAt(at), reply)
    visited.add(at)
    return reply
  }

  const nobody: Call = (method, path, options) => plain(house, method, path, options)
  const withId = (at: string, id: string): string => at.replace('{id}', id)
  const one = (call: Call, at: string, id: string, json?: unknown) => go(call, at, { json }, withId(at, id))

  it('of what anybody may ask', async () => {
    const { email } = await makeAccount(house)
    const authorization = `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}`
    await go(nobody, 'POST /login', { headers: { Authorization: authorization } })
    await go(nobody, 'POST /login/cookie', { json: { username: email, password: PASSWORD } })
    for (const path of ['/captha', '/captcha']) {
      await go(nobody, `GET ${path}/status`, {}, `GET ${path}/status?username=x`)
      await go(nobody, `GET ${path}`, {}, `GET ${path}?username=x`)
    }
    const above: Call = (method, path, options) => house.call(method, path, options)
    for (const at of ['GET /api', 'GET /api/']) await go(above, at)
  })

  it('of methods and 2-step verification', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const { secure } = client
    await go(client.call, 'GET /account/info')
    await go(client.call, 'GET /session')
    const kept = await go(client.call, 'PUT /session')
    await go(nobody, 'GET /session', { headers: { Cookie: `${client.cookie}; ${cookieOf(kept)}` } })
    await go(client.call, 'POST /account/security/check', { json: { password: PASSWORD } })
    const made = await go(secure, 'POST /account/security/methods', { json: { method: 'authApp' } })
    await one(secure, 'GET /account/security/methods/{id}/qr', made.json.id)
    const headers = { Accept: 'application/json' }
    const qr = await secure('GET', `/account/security/methods/${made.json.id}/qr`, { headers })
    const code = (steps: number) => codeOf(house, qr.json.secret, steps)
    await one(secure, 'POST /account/security/methods/{id}/activate', made.json.id, { totpToken: code(0) })
    const mail = await addMail(house, secure, 'shapes@elsewhere.example')
    await go(client.call, 'GET /account/security/methods')
    await one(client.call, 'POST /account/security/methods/{id}/sendtoken', mail)
    await one(client.call, 'PUT /account/security/authenticators/{id}', made.json.id, { name: 'Phone' })
    await go(client.call, 'GET /account/security/authenticators')
    const proof = () => {
      house.clock.turn(30_000)
      return { methodId: made.json.id, totpToken: code(0) }
    }
    await go(secure, 'POST /account/security/2fa', { json: proof() })
    client.renew()
    await go(secure, 'POST /account/security/2fa/recoverycodes')

    const partial = await signIn(house, email)
    const passed = await go(partial.call, 'POST /login/2fa', { json: proof() })
    partial.cookie = cookieOf(passed)
    await go(partial.call, 'POST /account/security/check', { json: { password: PASSWORD, ...proof() } })
    const trusted = await go(partial.call, 'POST /account/security/trusteddevices', { json: { name: 'Desk' } })
    await go(partial.call, 'GET /account/security/trusteddevices')
    await one(partial.call, 'DELETE /account/security/trusteddevices/{id}', trusted.json.id)
    await go(partial.call, 'DELETE /account/security/trusteddevices')

    await go(secure, 'DELETE /account/security/2fa', { json: proof() })
    client.renew()
    await one(secure, 'DELETE /account/security/methods/{id}', mail)
    await go(secure, 'DELETE /account/security/methods')
    const begun = await secure('POST', '/account/security/methods', { json: { method: 'authApp' } })
    const second = await secure('GET', `/account/security/methods/${begun.json.id}/qr`, { headers })
    const first = { methodId: begun.json.id, totpToken: codeOf(house, second.json.secret) }
    await go(secure, 'POST /account/security/2fa/activate', { json: first })
    await go(client.call, 'GET /account/security/overview')
    await go(client.call, 'GET /account/security/activity', {}, 'GET /account/security/activity?limit=2')
  })

  it('of sessions', async () => {
    const { email } = await makeAccount(house)
    const clients: Client[] = []
    for (let i = 0; i < 3; i++) clients.push(await signIn(house, email))
    const [first] = clients
    const { json } = await go(first!.call, 'GET /account/security/sessions')
    const other = json.items.find(({ current }: { current: boolean }) => !current)
    await one(first!.call, 'DELETE /account/security/sessions/{id}', other.id)
    await go(first!.call, 'DELETE /account/security/sessions')
    await go(first!.call, 'POST /logout')
    await go((await signIn(house, email)).call, 'POST /logout/everywhere')
  })

  it('of passkeys', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const { call, secure } = client
    const passkey = softPasskey(pageOf(house))
    const options = await go(secure, 'POST /account/security/passkeys/options')
    const response = passkey.create(options.json)
    const { id } = (await go(secure, 'POST /account/security/passkeys', { json: { name: 'Laptop', response } })).json
    await go(call, 'GET /account/security/passkeys')
    await one(call, 'PUT /account/security/passkeys/{id}', id, { name: 'Desk' })
    const proven = async (held: Client) => {
      const asked = await go(held.call, 'POST /account/security/passkeys/proof')
      return { json: { response: passkey.get(asked.json) } }
    }
    await go(secure, 'POST /account/security/2fa/passkey', await proven(client))
    client.renew()
    const partial = await signIn(house, email)
    await go(partial.call, 'POST /login/2fa/passkey', await proven(partial))
    const signing = await go(nobody, 'POST /login/passkey/options')
    await go(nobody, 'POST /login/passkey', { json: { response: passkey.get(signing.json) } })
    await go(secure, 'DELETE /account/security/2fa/passkey', await proven(client))
    client.renew()
    await one(secure, 'DELETE /account/security/passkeys/{id}', id)
  })

  it('of app passwords, and what mail servers ask', async () => {
    const { email } = await makeAccount(house)
    const { call, secure } = await signIn(house, email)
    const json = { name: 'Phone', scopes: ['imap', 'smtp'] }
    const made = (await go(secure, 'POST /account/security/apppasswords', { json })).json
    const ask = (password: string) =>
      go(nobody, 'POST /auth/verify', {
        json: { address: email, password, protocol: 'imap', clientAddress: '192.0.2.7' },
        headers: { 'X-API-KEY': MAIL_SERVER_KEY },
      })
    assert.equal((await ask(made.password)).json.decision, 'allow')
    assert.equal((await ask('wrong')).json.decision, 'deny')
    await go(call, 'GET /account/security/apppasswords')
    await one(call, 'PUT /account/security/apppasswords/{id}', made.id, { name: 'Old phone' })
    await one(secure, 'DELETE /account/security/apppasswords/{id}', made.id)
  })

  it('of passwords, changed and lost', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const target = 'shapes-lost@elsewhere.example'
    await addMail(house, client.secure, target)
    const reset = await go(client.call, 'POST /account/password/reset', {
      json: { oldPassword: PASSWORD, newPassword: NEXT },
    })
    assert.notEqual(cookieOf(reset), client.cookie)
    await go(nobody, 'POST /recover/username', { json: { email: target } })
    const at = 'GET /recover/password/methods'
    await go(nobody, at, {}, `${at}?username=${encodeURIComponent(email)}`)
    await go(nobody, 'POST /recover/password/sendtoken', { json: { username: 'x', email: target } })
    const recoveryToken = await mailedToken(house, email, target)
    await go(nobody, 'POST /recover/password/validatetoken', { json: { username: email, recoveryToken } })
    const json = { userName: email, recoveryToken, newPassword: 'And-yet-Another-Horse-3' }
    await go(nobody, 'POST /recover/password/reset', { json })

    const due = await makeAccount(house, { mustChangePassword: true })
    const held = await signIn(house, due.email)
    await go(held.call, 'POST /account/password/set', { json: { newPassword: NEXT } })
  })

  it('of lost second factors', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const target = 'shapes-factor@elsewhere.example'
    await addMail(house, client.secure, target)
    const app = await addAuthenticator(house, client.secure)
    const json = { methodId: app.id, totpToken: app.next() }
    assert.equal((await client.secure('POST', '/account/security/2fa', { json })).status, 200)
    client.renew()
    const recoveryToken = await mailedToken(house, email, target)
    await go(nobody, 'POST /recover/secondfactor', { json: { username: email, password: PASSWORD, recoveryToken } })
    await go(client.secure, 'DELETE /account/security/recovery')
  })

  it('leaves no endpoint out', () => {
    const all = spoken.flatMap((protocol) => protocol.endpoints(house.ctx).map(({ at }) => at))
    assert.deepEqual(
      all.filter((at) => !visited.has(at)),
      [],
    )
  })
})
