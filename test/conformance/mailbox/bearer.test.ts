import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { changeAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { accountScope, changePolicy } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { bearer, signedIn } from '../openwifi/people.ts'
import {
  type Client,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

const APPS = `${SECURITY}/apppasswords`
const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

const basic = (name: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

onEveryEngine('mailbox: sessions of programs', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  /** Signs in with an Authorization header; the calls of that session. */
  async function opened(headers: Record<string, string>) {
    const login = await plain(house, 'POST', '/login', { headers })
    assert.equal(login.status, 200, login.text)
    assert.deepEqual(Object.keys(login.json), ['sessid'])
    assert.equal(login.headers.get('x-axigen-2fa'), null)
    const held = { ...headers, 'X-Axigen-Session': login.json.sessid }
    return {
      held,
      call: (method: string, path: string, json?: unknown) =>
        plain(house, method, path, { headers: held, ...(json === undefined ? {} : { json }) }),
    }
  }

  async function appPassword(client: Client, scopes: string[]): Promise<{ id: string; password: string }> {
    return (await client.secure('POST', APPS, { json: { name: 'Script', scopes } })).json
  }

  const isOpen = async (one: Awaited<ReturnType<typeof opened>>) => {
    const reply = await one.call('GET', METHODS)
    if (reply.status === 401) return false
    refused(reply, 403, 'NOT_AVAILABLE_WITH_OAUTH')
    return true
  }

  it('are opened with an access token, and can change nothing', async () => {
    const { email } = await makeAccount(house)
    const { token } = await signedIn(house, email, PASSWORD)
    const program = await opened(bearer(token))
    const closed: [string, string, unknown?][] = [
      ['POST', `${SECURITY}/check`, { password: PASSWORD }],
      ['GET', METHODS],
      ['POST', METHODS, { method: 'authApp' }],
      ['DELETE', METHODS],
      ['GET', APPS],
      ['POST', APPS, { name: 'Mine', scopes: ['imap'] }],
      ['DELETE', `${APPS}/x`],
      ['POST', `${SECURITY}/2fa/recoverycodes`],
      ['POST', '/login/2fa', { recoveryCode: 'x' }],
      ['POST', '/logout/everywhere'],
    ]
    for (const [method, path, json] of closed)
      refused(await program.call(method, path, json), 403, 'NOT_AVAILABLE_WITH_OAUTH')
    empty(await program.call('POST', '/logout'))
    refused(await program.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    assert.equal((await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(token) })).status, 200)
  })

  it('may read the account', async () => {
    const { email } = await makeAccount(house)
    const { token } = await signedIn(house, email, PASSWORD)
    const info = await (await opened(bearer(token))).call('GET', '/account/info')
    assert.equal(info.status, 200, info.text)
  })

  it('need their header on every call', async () => {
    const { email } = await makeAccount(house)
    const { token } = await signedIn(house, email, PASSWORD)
    const other = await signedIn(house, email, PASSWORD)
    const { held } = await opened(bearer(token))
    const sessid = held['X-Axigen-Session'] ?? ''
    const halves: Record<string, string>[] = [
      { 'X-Axigen-Session': sessid },
      bearer(token),
      { ...bearer(other.token), 'X-Axigen-Session': sessid },
      { ...basic(email, PASSWORD), 'X-Axigen-Session': sessid },
    ]
    for (const headers of halves) refused(await plain(house, 'GET', METHODS, { headers }), 401, 'AUTH_REQUIRED')
  })

  it('end with the token: at its sign-out, its renewal and its end', async () => {
    const { email } = await makeAccount(house)
    const out = await signedIn(house, email, PASSWORD)
    const renewed = await signedIn(house, email, PASSWORD)
    const programs = [await opened(bearer(out.token)), await opened(bearer(renewed.token))]
    for (const program of programs) assert.equal(await isOpen(program), true)
    await house.call('DELETE', `/api/v1/oauth2/${out.token}`, { headers: bearer(out.token) })
    assert.equal(await isOpen(programs[0]!), false)
    const fresh = await house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
      json: { refreshToken: renewed.refresh },
      headers: bearer(renewed.token),
    })
    assert.equal(fresh.status, 200, fresh.text)
    assert.equal(await isOpen(programs[1]!), false)
    refused(await plain(house, 'POST', '/login', { headers: bearer(renewed.token) }), 401, 'AUTH_FAILED')
    assert.equal(await isOpen(await opened(bearer(fresh.json.access_token))), true)
  })

  it('are not opened with a token of another kind, or an old one', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const { token, refresh } = await signedIn(house, email, PASSWORD)
    for (const wrong of [client.sessid, refresh, 'x', token.slice(1)])
      refused(await plain(house, 'POST', '/login', { headers: bearer(wrong) }), 401, 'AUTH_FAILED')
    house.clock.turn(31 * 86_400_000)
    refused(await plain(house, 'POST', '/login', { headers: bearer(token) }), 401, 'AUTH_FAILED')
  })

  it('are opened with an app password of that scope, in spite of the second step', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const { password } = await appPassword(client, ['api'])
    const program = await opened(basic(account.email.toUpperCase(), password))
    assert.equal(await isOpen(program), true)
    refused(await program.call('POST', `${SECURITY}/check`, { password }), 403, 'NOT_AVAILABLE_WITH_OAUTH')
    const imap = await appPassword(client, ['imap'])
    const other = await makeAccount(house)
    for (const headers of [basic(account.email, imap.password), basic(other.email, password)])
      refused(await plain(house, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
    const { items } = (await client.call('GET', APPS)).json
    assert.deepEqual(items.map((one: { lastUsedProtocol: string }) => one.lastUsedProtocol).sort(), ['', 'mailbox'])
  })

  it('end with the app password, with the policy, and with every session', async () => {
    const account = await makeAccount(house)
    const client = await signIn(house, account.email)
    const { id, password } = await appPassword(client, ['api'])
    const program = await opened(basic(account.email, password))
    const policy = { scope: accountScope(account), actor: 'test', origin }
    await changePolicy(house.ctx, { ...policy, changes: { appPasswords: false } })
    assert.equal(await isOpen(program), false)
    await changePolicy(house.ctx, { ...policy, changes: { appPasswords: undefined } })
    assert.equal(await isOpen(program), true)
    empty(await client.secure('DELETE', `${APPS}/${id}`))
    assert.equal(await isOpen(program), false)
    const next = await opened(basic(account.email, (await appPassword(client, ['api'])).password))
    empty(await client.call('POST', '/logout/everywhere'))
    assert.equal(await isOpen(next), false)
  })

  it('are not opened for who is shut out', async () => {
    const { id, email } = await makeAccount(house)
    const { password } = await appPassword(await signIn(house, email), ['api'])
    const root = (await findByAddress(house.ctx, house.rootEmail))!
    await changeAccount(house.ctx, { caller: root, id, changes: { suspended: true }, origin })
    refused(await plain(house, 'POST', '/login', { headers: basic(email, password) }), 401, 'AUTH_FAILED')
  })

  it('open no mail and no key of their owner', async () => {
    const { email } = await makeAccount(house)
    const { token } = await signedIn(house, email, PASSWORD)
    const { held } = await opened(bearer(token))
    const reply = await plain(house, 'POST', '/mail/decrypt', { headers: held, body: 'x' })
    assert.equal(reply.status, 403, reply.text)
  })
})
