import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  codeOf,
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

const secondStep = (client: Client, json: unknown) => client.call('POST', '/login/2fa', { json })
const wrongOf = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

onEveryEngine('mailbox: the securityToken', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const asks = (client: Client, token: string) =>
    client.call('DELETE', METHODS, { headers: { 'X-Axigen-Security-Token': token } })

  it('is given for the password, and good for ten minutes, more than once', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const checked = await client.call('POST', `${SECURITY}/check`, { json: { password: 'Correct-Horse-9' } })
    assert.deepEqual(Object.keys(checked.json), ['securityToken'])
    const token = checked.json.securityToken
    empty(await asks(client, token))
    house.clock.turn(599_000)
    empty(await asks(client, token))
    // It does not slide: what counts is when the password was typed.
    house.clock.turn(61_000)
    refused(await asks(client, token), 403, 'SECURITY_TOKEN_INVALID')
  })

  it('is good for its session only, and ends with it', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const token = await one.token()
    refused(await asks(two, token), 403, 'SECURITY_TOKEN_INVALID')
    empty(await one.call('POST', '/logout'))
    refused(await asks(two, token), 403, 'SECURITY_TOKEN_INVALID')
    refused(await asks(one, token), 401, 'AUTH_REQUIRED')
  })

  it('ends when 2-step verification is turned on or off, in every session', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const foreign = await two.token()
    const app = await addAuthenticator(house, one.secure)
    const json = () => ({ json: { methodId: app.id, totpToken: app.next() } })
    assert.equal((await one.secure('POST', `${SECURITY}/2fa`, json())).status, 200)
    refused(await one.secure('DELETE', METHODS), 403, 'SECURITY_TOKEN_INVALID')
    refused(await asks(two, foreign), 403, 'SECURITY_TOKEN_INVALID')
    one.renew()
    const step = { password: 'Correct-Horse-9', ...json().json }
    const later = (await two.call('POST', `${SECURITY}/check`, { json: step })).json.securityToken
    refused(await asks(two, later), 403, 'METHOD_IN_USE')
    empty(await one.secure('DELETE', `${SECURITY}/2fa`, json()))
    refused(await one.secure('DELETE', METHODS), 403, 'SECURITY_TOKEN_INVALID')
    refused(await asks(two, later), 403, 'SECURITY_TOKEN_INVALID')
  })

  it('is refused for a wrong password, and delayed after five, without ending the session', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const check = (password: string) => client.call('POST', `${SECURITY}/check`, { json: { password } })
    for (let i = 0; i < 5; i++) refused(await check('Wrong-Horse-9'), 403, 'INVALID_PASSWORD')
    const delayed = await check('Correct-Horse-9')
    refused(delayed, 429, 'TOO_MANY_REQUESTS')
    assert.equal(delayed.headers.get('retry-after'), '60')
    assert.equal((await client.call('GET', METHODS)).status, 200)
    house.clock.turn(61_000)
    assert.equal((await check('Correct-Horse-9')).status, 200)
  })
})

onEveryEngine('mailbox: 2-step verification', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('is turned on by a method, passed by it, and turned off by it', async () => {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    assert.equal(recoveryCodes.length, 10)
    for (const code of recoveryCodes) assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)

    const partial = await signIn(house, account.email)
    assert.equal(partial.step, 'required')
    const { items } = (await partial.call('GET', `${METHODS}?scope=2fa`)).json
    assert.deepEqual(
      items.map(({ id }: { id: string }) => id),
      [app.id],
    )
    const passed = await secondStep(partial, { methodId: app.id, totpToken: app.next() })
    empty(passed)
    const former = partial.cookie
    partial.cookie = cookieOf(passed)
    assert.equal(partial.cookie.split('=')[0], former.split('=')[0])
    assert.notEqual(partial.cookie, former)
    assert.equal((await partial.call('GET', METHODS)).status, 200)
    partial.cookie = former
    refused(await partial.call('GET', METHODS), 401, 'AUTH_REQUIRED')

    const off = await client.secure('DELETE', `${SECURITY}/2fa`, { json: { methodId: app.id, totpToken: app.next() } })
    empty(off)
    client.renew()
    assert.equal((await client.call('GET', METHODS)).json.items.length, 1)
    assert.equal((await signIn(house, account.email)).step, null)
    refused(await client.secure('POST', `${SECURITY}/2fa/recoverycodes`), 403, 'TWO_FACTOR_NOT_ACTIVE')
  })

  it('keeps a lasting cookie lasting', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const json = { username: account.email, password: 'Correct-Horse-9', rememberLogin: true }
    const first = await house.call('POST', '/api/v1/login/cookie', { json })
    const second = await house.call('POST', `/api/v1/login/2fa?_h=${first.json.sessid}`, {
      json: { methodId: app.id, totpToken: app.next() },
      headers: { Cookie: cookieOf(first) },
    })
    empty(second)
    assert.match(second.headers.getSetCookie()[0] ?? '', /; Max-Age=86400$/)
  })

  it('takes no code twice: the next one is due in so many seconds', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const app = await addAuthenticator(house, client.secure)
    const turnOn = (totpToken: string) =>
      client.secure('POST', `${SECURITY}/2fa`, { json: { methodId: app.id, totpToken } })
    const used = await turnOn(codeOf(house, app.secret))
    refused(used, 400, 'TOKEN_ALREADY_USED')
    assert.equal(used.headers.get('retry-after'), String(30 - (Math.floor(house.clock.now() / 1000) % 30)))
    refused(await turnOn(codeOf(house, app.secret, -1)), 400, 'TOKEN_ALREADY_USED')
    house.clock.turn(Number(used.headers.get('retry-after')) * 1000)
    assert.equal((await turnOn(codeOf(house, app.secret))).status, 200)
  })

  it('refuses everything wrong at the second step alike', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const stranger = await makeTwoStepAccount(house)
    const totpToken = app.next()
    const wrong = [
      { methodId: app.id, totpToken: wrongOf(totpToken) },
      { methodId: 'unknown', totpToken },
      { methodId: stranger.app.id, totpToken: stranger.app.next() },
      { recoveryCode: 'AAAA-BBBB-CCCC-DDDD' },
      { recoveryCode: stranger.recoveryCodes[0] },
    ]
    const texts = []
    for (const json of wrong) {
      const reply = await secondStep(await signIn(house, account.email), json)
      refused(reply, 401, 'AUTH_FAILED')
      texts.push(reply.text)
    }
    assert.equal(new Set(texts).size, 1)
    const shapes = [
      {},
      { methodId: app.id },
      { totpToken },
      { methodId: app.id, totpToken, recoveryCode: 'AAAA-BBBB-CCCC-DDDD' },
      { methodId: app.id, totpToken: 123456 },
    ]
    const client = await signIn(house, account.email)
    for (const json of shapes) refused(await secondStep(client, json), 400, 'BAD_PARAMETER')
  })

  it('ends a session that waits for it after five tries', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const client = await signIn(house, account.email)
    const right = { methodId: app.id, totpToken: app.next() }
    const wrong = { ...right, totpToken: wrongOf(right.totpToken) }
    for (let i = 0; i < 5; i++) refused(await secondStep(client, wrong), 401, 'AUTH_FAILED')
    refused(await secondStep(client, right), 401, 'AUTH_REQUIRED')
    assert.equal((await signIn(house, account.email)).step, 'required')
  })

  it('makes an account wait after ten failures, over all its sessions', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    for (let session = 0; session < 5; session++) {
      const client = await signIn(house, account.email)
      const wrong = { methodId: app.id, totpToken: wrongOf(codeOf(house, app.secret)) }
      for (let i = 0; i < 2; i++) refused(await secondStep(client, wrong), 401, 'AUTH_FAILED')
    }
    const client = await signIn(house, account.email)
    const delayed = await secondStep(client, { methodId: app.id, totpToken: app.next() })
    refused(delayed, 429, 'TOO_MANY_REQUESTS')
    house.clock.turn(Number(delayed.headers.get('retry-after')) * 1000)
    empty(await secondStep(client, { methodId: app.id, totpToken: app.next() }))
  })

  it('lets one of two in that send the same code at the same instant', async () => {
    const { account, app, client: first } = await makeTwoStepAccount(house)
    const mail = await addMail(house, first.secure, `race-${account.id}@elsewhere.example`)
    for (let round = 0; round < 5; round++) {
      const json = { methodId: app.id, totpToken: app.next() }
      const same = await signIn(house, account.email)
      const pair = await Promise.all([secondStep(same, json), secondStep(same, json)])
      assert.deepEqual(pair.map(({ status }) => status).sort(), [200, 401])
      const clients = [await signIn(house, account.email), await signIn(house, account.email)]
      const next = { methodId: app.id, totpToken: app.next() }
      const two = await Promise.all(clients.map((client) => secondStep(client, next)))
      assert.deepEqual(two.map(({ status }) => status).sort(), [200, 401])
    }
    const client = await signIn(house, account.email)
    empty(await client.call('POST', `${METHODS}/${mail}/sendtoken`))
    const json = { methodId: mail, totpToken: await house.inbox.code(`race-${account.id}@elsewhere.example`) }
    const pair = await Promise.all([secondStep(client, json), secondStep(client, json)])
    assert.deepEqual(pair.map(({ status }) => status).sort(), [200, 401])
  })

  it('takes a recovery code as people type it, once under twenty at the same instant', async () => {
    const { account, recoveryCodes } = await makeTwoStepAccount(house)
    const [first = '', second = ''] = recoveryCodes
    const typed = first.toLowerCase().replaceAll('-', ' ').replace('0', 'o').replace('1', 'l')
    empty(await secondStep(await signIn(house, account.email), { recoveryCode: typed }))
    refused(await secondStep(await signIn(house, account.email), { recoveryCode: first }), 401, 'AUTH_FAILED')
    const clients = []
    for (let i = 0; i < 20; i++) clients.push(await signIn(house, account.email))
    const replies = await Promise.all(clients.map((client) => secondStep(client, { recoveryCode: second })))
    assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    assert.ok(replies.every(({ status }) => status === 200 || status === 401 || status === 429))
  })

  it('makes new recovery codes, and the old ones void', async () => {
    const { account, client, recoveryCodes } = await makeTwoStepAccount(house)
    const renewed = (await client.secure('POST', `${SECURITY}/2fa/recoverycodes`)).json
    assert.deepEqual(Object.keys(renewed), ['recoveryCodes'])
    assert.equal(renewed.recoveryCodes.length, 10)
    const partial = await signIn(house, account.email)
    refused(await secondStep(partial, { recoveryCode: recoveryCodes[0] }), 401, 'AUTH_FAILED')
    empty(await secondStep(partial, { recoveryCode: renewed.recoveryCodes[0] }))
  })

  it('voids the recovery codes when it is turned off', async () => {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    empty(await client.secure('DELETE', `${SECURITY}/2fa`, { json: { methodId: app.id, totpToken: app.next() } }))
    refused(await secondStep(partial, { recoveryCode: recoveryCodes[0] }), 401, 'AUTH_FAILED')
  })

  it('is not turned off by a wrong code, a recovery code or no code', async () => {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const off = (json: unknown) => client.secure('DELETE', `${SECURITY}/2fa`, { json })
    const totpToken = wrongOf(app.next())
    refused(await off({ methodId: app.id, totpToken }), 400, 'INVALID_TOKEN')
    refused(await off({ methodId: app.id, totpToken: recoveryCodes[0] }), 400, 'INVALID_TOKEN')
    refused(await off({ recoveryCode: recoveryCodes[0] }), 400, 'BAD_PARAMETER')
    refused(await off(undefined), 400, 'BAD_PARAMETER')
    refused(await off({ methodId: 'unknown', totpToken }), 404, 'NOT_FOUND')
    assert.equal((await signIn(house, account.email)).step, 'required')
  })
})
