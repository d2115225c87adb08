import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { changeAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  readCaptcha,
  refused,
  signIn,
} from './client.ts'

const basic = (name: string, password = PASSWORD) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

onEveryEngine('mailbox: signing in', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('by Authorization header, which every later call repeats', async () => {
    const { email } = await makeAccount(house)
    const headers = { Authorization: basic(email) }
    const login = await plain(house, 'POST', '/login', { headers })
    assert.equal(login.status, 200)
    assert.deepEqual(Object.keys(login.json), ['sessid'])
    assert.equal(login.headers.get('set-cookie'), null)
    const { sessid } = login.json
    const held = { ...headers, 'X-Axigen-Session': sessid }
    assert.deepEqual((await plain(house, 'GET', METHODS, { headers: held })).json, { items: [] })
    const either = [{ 'X-Axigen-Session': sessid }, headers, { ...held, Authorization: basic(email, 'Other-Horse-9') }]
    for (const half of either) refused(await plain(house, 'GET', METHODS, { headers: half }), 401, 'AUTH_REQUIRED')
    empty(await plain(house, 'POST', '/logout', { headers: held }))
    refused(await plain(house, 'GET', METHODS, { headers: held }), 401, 'AUTH_REQUIRED')
  })

  it('by Authorization header, refuses everything that is no right password', async () => {
    const { email } = await makeAccount(house)
    const wrong = [
      basic(email, 'Wrong-Horse-9'),
      basic('nobody@example.org'),
      'Bearer abc',
      'Basic !',
      'Basic YQ==',
      '',
    ]
    for (const authorization of wrong) {
      const headers: Record<string, string> = authorization === '' ? {} : { Authorization: authorization }
      refused(await plain(house, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
    }
    const latin1 = `Basic ${Buffer.from(`${email}:p\xe4ss`, 'latin1').toString('base64')}`
    refused(await plain(house, 'POST', '/login', { headers: { Authorization: latin1 } }), 400, 'BAD_PARAMETER')
    const withNul = basic(`a\0${email}`)
    refused(await plain(house, 'POST', '/login', { headers: { Authorization: withNul } }), 401, 'AUTH_FAILED')
  })

  it('by Authorization header, takes a password with a colon and letters beyond ASCII', async () => {
    const password = 'Grüße:an:alle-9'
    const { email } = await makeAccount(house, { password })
    const headers = { Authorization: basic(email.toUpperCase(), password) }
    assert.equal((await plain(house, 'POST', '/login', { headers })).status, 200)
  })

  it('by Authorization header, is closed to an account with 2-step verification', async () => {
    const { account } = await makeTwoStepAccount(house)
    const headers = { Authorization: basic(account.email) }
    refused(await plain(house, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
  })

  it('by cookie, with the session id in the query or in its header', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    assert.deepEqual(Object.keys(client.reply.json), ['sessid'])
    assert.equal(client.step, null)
    const [cookie = ''] = client.reply.headers.getSetCookie()
    assert.match(cookie, /^mailbox-secret-[0-9a-f]{16}=[\w-]{43,}; Path=\/; HttpOnly; SameSite=Strict$/)
    assert.ok(!cookie.includes(client.sessid))
    assert.deepEqual((await client.call('GET', METHODS)).json, { items: [] })
    const headers = { Cookie: client.cookie, 'X-Axigen-Session': client.sessid }
    assert.equal((await plain(house, 'GET', METHODS, { headers })).status, 200)
  })

  it('by cookie, needs both halves of one session', async () => {
    const [one, other] = [await makeAccount(house), await makeAccount(house)]
    const client = await signIn(house, one.email)
    const foreign = await signIn(house, other.email)
    const name = client.cookie.split('=')[0]
    const tries: [string, Record<string, string>][] = [
      [METHODS, { Cookie: client.cookie }],
      [`${METHODS}?_h=${client.sessid}`, {}],
      [`${METHODS}?_h=${client.sessid}`, { Cookie: foreign.cookie }],
      [`${METHODS}?_h=${client.sessid}`, { Cookie: `${name}=${foreign.cookie.split('=')[1]}` }],
      [`${METHODS}?_h=${client.sessid}`, { Cookie: `${name}=` }],
      [`${METHODS}?_h=${client.sessid}`, { Authorization: basic(one.email) }],
      [`${METHODS}?_h=${client.sessid}x`, { Cookie: client.cookie }],
      [`${METHODS}?_h=`, { Cookie: client.cookie }],
      [METHODS, { Authorization: basic(one.email), 'X-Axigen-Session': client.sessid }],
    ]
    for (const [path, headers] of tries) refused(await plain(house, 'GET', path, { headers }), 401, 'AUTH_REQUIRED')
    // A session of the Authorization header is not held by a cookie either.
    const headers = { Authorization: basic(one.email) }
    const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
    const forged = {
      Cookie: `mailbox-secret-${'0'.repeat(16)}=${client.cookie.split('=')[1]}`,
      'X-Axigen-Session': sessid,
    }
    refused(await plain(house, 'GET', METHODS, { headers: forged }), 401, 'AUTH_REQUIRED')
  })

  it('by cookie, gives a lasting cookie to who wants to be remembered', async () => {
    const { email } = await makeAccount(house)
    const json = { username: email, password: PASSWORD, rememberLogin: true, captchaText: '', captchaId: '' }
    const [cookie = ''] = (await plain(house, 'POST', '/login/cookie', { json })).headers.getSetCookie()
    assert.match(cookie, /; Max-Age=86400$/)
  })

  it('by cookie, tells an unknown account from a wrong password in nothing', async () => {
    const { email } = await makeAccount(house)
    const seen = []
    for (const username of [email, 'stranger@example.org', 'no address', '']) {
      const reply = await plain(house, 'POST', '/login/cookie', { json: { username, password: 'Wrong-Horse-9' } })
      refused(reply, 401, 'AUTH_FAILED')
      const headers = [...reply.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
      seen.push({ status: reply.status, text: reply.text, headers })
    }
    for (const one of seen) assert.deepEqual(one, seen[0])
  })

  it('by cookie, delays guesses of known and unknown accounts alike, also a right one', async () => {
    const { email } = await makeAccount(house)
    const delays = []
    for (const username of [email, 'another-stranger@example.org']) {
      const json = { username, password: 'Wrong-Horse-9' }
      for (let i = 0; i < 5; i++) refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
      const delayed = await plain(house, 'POST', '/login/cookie', { json: { username, password: PASSWORD } })
      refused(delayed, 429, 'TOO_MANY_REQUESTS')
      delays.push(delayed.headers.get('retry-after'))
      const headers = { Authorization: basic(username) }
      refused(await plain(house, 'POST', '/login', { headers }), 429, 'TOO_MANY_REQUESTS')
    }
    assert.equal(delays[0], '60')
    assert.equal(delays[1], delays[0])
    house.clock.turn(61_000)
    const json = { username: email, password: PASSWORD, ...(await readCaptcha(house, email)) }
    assert.equal((await plain(house, 'POST', '/login/cookie', { json })).status, 200)
  })

  it('says that a password must be changed only to who knows it', async () => {
    const { email } = await makeAccount(house, { mustChangePassword: true })
    const wrong = { username: email, password: 'Wrong-Horse-9' }
    refused(await plain(house, 'POST', '/login/cookie', { json: wrong }), 401, 'AUTH_FAILED')
    const client = await signIn(house, email)
    assert.equal(client.step, null)
    refused(await client.call('GET', METHODS), 403, 'PASSWORD_CHANGE_REQUIRED')
    const headers = { Authorization: basic(email) }
    const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
    const held = { ...headers, 'X-Axigen-Session': sessid }
    refused(await plain(house, 'GET', METHODS, { headers: held }), 403, 'PASSWORD_CHANGE_REQUIRED')
  })

  it('lets no suspended account in, and ends the sessions it has', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    const root = await findByAddress(house.ctx, house.rootEmail)
    const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
    await changeAccount(house.ctx, { caller: root!, id, changes: { suspended: true }, origin })
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    const json = { username: email, password: PASSWORD }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
  })

  it('ends with the logout, which takes the cookie away', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const reply = await client.call('POST', '/logout')
    empty(reply)
    assert.match(reply.headers.getSetCookie()[0] ?? '', /^mailbox-secret-\w+=; .*Max-Age=0$/)
    refused(await client.call('POST', '/logout'), 401, 'AUTH_REQUIRED')
  })

  it('ends after an hour without a call, and after a day in any case', async () => {
    const { email } = await makeAccount(house)
    const idle = await signIn(house, email)
    const busy = await signIn(house, email)
    for (let hour = 0; hour < 24; hour++) {
      house.clock.turn(3_599_000)
      assert.equal((await busy.call('GET', METHODS)).status, 200)
    }
    refused(await idle.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    house.clock.turn(60_000)
    refused(await busy.call('GET', METHODS), 401, 'AUTH_REQUIRED')
  })

  it('survives a restart of the server', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    await house.restart()
    assert.equal((await client.call('GET', METHODS)).status, 200)
  })
})

onEveryEngine('mailbox: signing in, as the operator wants it', (engine) => {
  it('opens the Authorization header to accounts with 2-step verification by a setting', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_BASIC_NEEDS_FACTOR: 'off' } })
    t.after(() => house.stop())
    const { account } = await makeTwoStepAccount(house)
    const headers = { Authorization: basic(account.email) }
    const login = await plain(house, 'POST', '/login', { headers })
    assert.equal(login.status, 200)
    const held = { ...headers, 'X-Axigen-Session': login.json.sessid }
    assert.equal((await plain(house, 'GET', METHODS, { headers: held })).json.items.length, 1)
  })

  it('keeps the cookie to https when people come by it', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_PUBLIC_URL: 'https://mail.example.org' } })
    t.after(() => house.stop())
    const { email } = await makeAccount(house)
    const { reply } = await signIn(house, email)
    assert.match(reply.headers.getSetCookie()[0] ?? '', /; Secure/)
    assert.equal(cookieOf(reply).includes('Secure'), false)
  })

  it('asks to come back later when too many passwords wait to be checked', async (t) => {
    const settings = {
      CHATELAINE_PASSWORD_WIDTH: '1',
      CHATELAINE_PASSWORD_QUEUE: '1',
      CHATELAINE_PASSWORD_MEMORY: '65536',
    }
    const house = await startHouse({ engine, settings })
    t.after(() => house.stop())
    const { email } = await makeAccount(house)
    const json = { username: email, password: PASSWORD }
    const replies = await Promise.all(Array.from({ length: 12 }, () => plain(house, 'POST', '/login/cookie', { json })))
    const busy = replies.filter(({ status }) => status === 503)
    assert.ok(busy.length > 0)
    for (const reply of busy) {
      refused(reply, 503, 'SERVER_BUSY')
      assert.ok(Number(reply.headers.get('retry-after')) > 0)
    }
    // Who was turned away has not failed: nothing is delayed afterwards.
    for (let i = 0; i < 3; i++) assert.equal((await plain(house, 'POST', '/login/cookie', { json })).status, 200)
  })
})
