import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './conformance/mailbox/client.ts'

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** Done through one protocol, seen through the others. */
onEveryEngine('one house', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const oauth2 = (json: unknown, query = '') => house.call('POST', `/api/v1/oauth2${query}`, { json })
  const tokenOf = async (userId: string, password = PASSWORD): Promise<string> => {
    const reply = await oauth2({ userId, password })
    assert.equal(typeof reply.json.access_token, 'string', reply.text)
    return reply.json.access_token
  }
  const change = async (token: string, id: string, json: unknown) => {
    const reply = await house.call('PUT', `/api/v1/user/${id}`, { json, headers: bearer(token) })
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }
  const isOver = async (client: Client) => refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
  /** Somebody who may change others, signed in through OpenWiFi. */
  const administrator = async () => tokenOf((await makeAccount(house, { role: 'admin' })).email)

  it('an authenticator made in the mailbox is asked for by OpenWiFi', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const challenge = (await oauth2({ userId: account.email, password: PASSWORD })).json
    assert.equal(challenge.method, 'authenticator')
    assert.equal('access_token' in challenge, false)
    const answer = { uuid: challenge.uuid, answer: app.next() }
    const { access_token } = (await oauth2(answer, '?completeMFAChallenge=true')).json
    const me = (await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(access_token) })).json
    assert.deepEqual(me.userTypeProprietaryInfo.mfa, { enabled: true, method: 'authenticator' })
    // A code that was spent there is spent here.
    const client = await signIn(house, account.email)
    const json = { methodId: app.id, totpToken: answer.answer }
    refused(await client.call('POST', '/login/2fa', { json }), 401, 'AUTH_FAILED')
  })

  it('a mail method made in the mailbox is where OpenWiFi sends its codes', async () => {
    const target = 'one-house@elsewhere.example'
    const client = await signIn(house, (await makeAccount(house)).email)
    const id = await addMail(house, client.secure, target)
    house.clock.turn(60_000)
    empty(await client.call('POST', `${METHODS}/${id}/sendtoken`))
    const json = { methodId: id, totpToken: await house.inbox.code(target) }
    assert.equal((await client.secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
    const challenge = (await oauth2({ userId: client.email, password: PASSWORD })).json
    assert.equal(challenge.method, 'email')
    const answer = { uuid: challenge.uuid, answer: await house.inbox.code(target) }
    assert.equal(typeof (await oauth2(answer, '?completeMFAChallenge=true')).json.access_token, 'string')
  })

  it('a recovery code works in both, and once', async () => {
    const { account, recoveryCodes } = await makeTwoStepAccount(house)
    const [first, second] = recoveryCodes
    const challenge = (await oauth2({ userId: account.email, password: PASSWORD })).json
    const passed = await oauth2({ uuid: challenge.uuid, answer: first }, '?completeMFAChallenge=true')
    assert.equal(typeof passed.json.access_token, 'string')
    const client = await signIn(house, account.email)
    refused(await client.call('POST', '/login/2fa', { json: { recoveryCode: first } }), 401, 'AUTH_FAILED')
    empty(await client.call('POST', '/login/2fa', { json: { recoveryCode: second } }))
  })

  it('2-step verification turned on through OpenWiFi is asked for by the mailbox', async () => {
    const { id, email } = await makeAccount(house)
    const before = await signIn(house, email)
    const securityToken = await before.token()
    const mfa = { userTypeProprietaryInfo: { mfa: { enabled: true, method: 'email' } } }
    await change(await tokenOf(email), id, mfa)
    const headers = { 'X-Axigen-Security-Token': securityToken }
    refused(await before.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')

    const client = await signIn(house, email)
    assert.equal(client.step, 'required')
    const [method] = (await client.call('GET', `${METHODS}?scope=2fa`)).json.items
    assert.equal(method.method, 'email')
    empty(await client.call('POST', `${METHODS}/${method.id}/sendtoken`))
    const json = { methodId: method.id, totpToken: await house.inbox.code(email) }
    const passed = await client.call('POST', '/login/2fa', { json })
    empty(passed)
    client.cookie = cookieOf(passed)
    refused(await client.secure('DELETE', METHODS), 403, 'METHOD_IN_USE')
    const basic = { Authorization: `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}` }
    refused(await plain(house, 'POST', '/login', { headers: basic }), 401, 'AUTH_FAILED')
  })

  it('2-step verification turned off in the mailbox is off in OpenWiFi, and the other way round', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const json = () => ({ json: { methodId: app.id, totpToken: app.next() } })
    empty(await client.secure('DELETE', `${SECURITY}/2fa`, json()))
    client.renew()
    const token = await tokenOf(account.email)
    assert.equal((await client.secure('POST', `${SECURITY}/2fa`, json())).status, 200)
    const mfa = { userTypeProprietaryInfo: { mfa: { enabled: false } } }
    await change(token, account.id, mfa)
    assert.equal((await signIn(house, account.email)).step, null)
  })

  it('factors reset by an administrator are gone in the mailbox', async () => {
    const { account } = await makeTwoStepAccount(house)
    const headers = bearer(await administrator())
    const reset = await house.call('PUT', `/api/v1/user/${account.id}?resetMFA=true`, { json: {}, headers })
    assert.equal(reset.status, 200, reset.text)
    const client = await signIn(house, account.email)
    assert.equal(client.step, null)
    assert.deepEqual((await client.call('GET', METHODS)).json, { items: [] })
  })

  it('a suspension there ends sessions here, the waiting ones too, and opens none', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const waiting = await signIn(house, account.email)
    await change(await administrator(), account.id, { suspended: true })
    await isOver(client)
    refused(await waiting.call('GET', `${METHODS}?scope=2fa`), 401, 'AUTH_REQUIRED')
    const json = { username: account.email, password: PASSWORD }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
  })

  it('a new password there ends sessions here, and is the password here', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    const token = await tokenOf(email)
    await change(token, id, { currentPassword: 'Another-Horse-10' })
    await isOver(client)
    const json = { username: email, password: PASSWORD }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
    assert.equal((await signIn(house, email, 'Another-Horse-10')).step, null)
  })

  it('a deletion there ends sessions here', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    await addAuthenticator(house, client.secure)
    const headers = bearer(await administrator())
    assert.ok((await house.call('DELETE', `/api/v1/user/${id}`, { headers })).status < 300)
    await isOver(client)
  })

  it('a sign-out ends the session it is made in, and no other', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const token = await tokenOf(email)
    assert.equal((await house.call('DELETE', `/api/v1/oauth2/${token}`, { headers: bearer(token) })).status, 204)
    assert.equal((await client.call('GET', METHODS)).status, 200)
    const second = await tokenOf(email)
    empty(await client.call('POST', '/logout'))
    const me = await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(second) })
    assert.equal(me.status, 200)
  })

  it('a sign-out everywhere ends every session in every protocol, refresh tokens included', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const other = await signIn(house, email)
    const tokens = (await oauth2({ userId: email, password: PASSWORD })).json
    empty(await client.call('POST', '/logout/everywhere'))
    await isOver(client)
    await isOver(other)
    const headers = bearer(tokens.access_token)
    const me = await house.call('GET', '/api/v1/oauth2?me=true', { headers })
    assert.deepEqual([me.status, me.json.ErrorCode], [403, 8])
    const renewed = await house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
      headers,
      json: { refreshToken: tokens.refresh_token },
    })
    assert.deepEqual([renewed.status, renewed.json.ErrorCode], [403, 14])
  })

  it('a token of one protocol is no session of another', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const token = await tokenOf(email)
    const crossed = { ...bearer(token), 'X-Axigen-Session': token }
    refused(await plain(house, 'GET', METHODS, { headers: crossed }), 401, 'AUTH_REQUIRED')
    const headers = { ...bearer(client.sessid), Cookie: client.cookie }
    assert.equal((await house.call('GET', '/api/v1/oauth2?me=true', { headers })).status, 403)
  })

  it('guesses of a password count in both', async () => {
    const { email } = await makeAccount(house)
    for (let i = 0; i < 3; i++) await oauth2({ userId: email, password: 'Wrong-Horse-9' })
    const json = { username: email, password: 'Wrong-Horse-9' }
    for (let i = 0; i < 2; i++) refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
    refused(await plain(house, 'POST', '/login/cookie', { json }), 429, 'TOO_MANY_REQUESTS')
  })
})
