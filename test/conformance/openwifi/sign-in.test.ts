import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, denied, login, me, NEW_ROOT_PASSWORD, newPerson, PASSWORD, refused } from './people.ts'

onEveryEngine('OpenWiFi: signing in', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('asks the first administrator for a new password, and takes it from the body (surface 3 and 4)', async () => {
    denied(await login(house, house.rootEmail, 'Wrong-Password-1'), 2)
    denied(await login(house, house.rootEmail, house.rootPassword), 1)
    denied(await login(house, house.rootEmail, house.rootPassword, { newPassword: 'short' }), 5)
    denied(await login(house, house.rootEmail, house.rootPassword, { newPassword: house.rootPassword }), 3)
    const reply = await login(house, house.rootEmail, house.rootPassword, { newPassword: NEW_ROOT_PASSWORD })
    assert.equal(reply.status, 200, reply.text)
    assert.equal((await login(house, house.rootEmail, NEW_ROOT_PASSWORD)).status, 200)
    denied(await login(house, house.rootEmail, house.rootPassword), 2)
  })

  it('answers with a whole token (surface 2)', async () => {
    const reply = await login(house, ` ${house.rootEmail.toUpperCase()}`, NEW_ROOT_PASSWORD)
    const { access_token: access, refresh_token: refresh, ...rest } = reply.json
    assert.match(access, /^[0-9a-f]{64}$/)
    assert.match(refresh, /^[0-9a-f]{64}$/)
    assert.deepEqual(rest, {
      aclTemplate: { Delete: true, PortalLogin: true, Read: true, ReadWrite: true, ReadWriteCreate: true },
      created: house.clock.now() / 1000,
      errorCode: 0,
      expires_in: 2_592_000,
      idle_timeout: 300,
      lastRefresh: 0,
      token_type: 'Bearer',
      userMustChangePassword: false,
      username: house.rootEmail,
    })
  })

  it('writes compact JSON with its keys in order, and keeps it out of caches (surface 18)', async () => {
    const reply = await login(house, house.rootEmail, NEW_ROOT_PASSWORD)
    assert.doesNotMatch(reply.text, /[:,] /)
    const keys = Object.keys(reply.json)
    assert.deepEqual(keys, keys.toSorted())
    assert.equal(reply.headers.get('content-type'), 'application/json')
    assert.equal(reply.headers.get('cache-control'), 'no-store')
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff')
  })

  it('says what a password must be like, without a usable Authorization (surface 12)', async () => {
    const reply = await house.call('POST', '/api/v1/oauth2?requirements=true', {
      json: {},
      headers: { Authorization: 'Bearer ' },
    })
    assert.deepEqual(Object.keys(reply.json), ['accessPolicy', 'passwordPattern', 'passwordPolicy'])
    for (const flags of ['', 'u', 'v']) {
      const pattern = new RegExp(reply.json.passwordPattern, flags)
      assert.ok(pattern.test(PASSWORD) && pattern.test('aB3\\aaaa') && pattern.test('aB3]aaaa'))
      for (const weak of ['aB3-aaa', 'ab3-aaaa', 'AB3-AAAA', 'aBc-aaaa', 'aB3aaaaa'])
        assert.ok(!pattern.test(weak), weak)
    }
    for (const path of [reply.json.accessPolicy, reply.json.passwordPolicy]) {
      const page = await house.call('GET', path)
      assert.equal(page.status, 200)
      assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    }
    refused(await house.call('GET', '/wwwassets/other.html'), 404, 404)
  })

  it('ignores what is in Authorization, and takes flags literally (surface 20)', async () => {
    for (const Authorization of ['Bearer ', 'Bearer null', 'Bearer abc', 'Basic eA==', 'x']) {
      const path = '/api/v1/oauth2?forgotPassword=false&requirements=1&resendMFACode=TRUE&completeMFAChallenge='
      const json = { userId: house.rootEmail, password: NEW_ROOT_PASSWORD }
      const reply = await house.call('POST', path, { json, headers: { Authorization } })
      assert.equal(reply.status, 200, Authorization)
      assert.ok(reply.json.access_token)
    }
  })

  it('takes a new password from the query too, but not the word null, and the body counts first', async () => {
    const root = await asRoot(house)
    const someone = await newPerson(house, root)
    const post = (query: string, json: Record<string, unknown>) =>
      house.call('POST', `/api/v1/oauth2?newPassword=${query}`, { json: { userId: someone.email, ...json } })
    assert.equal((await post('null', { password: PASSWORD })).status, 200)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
    assert.equal((await post('From-Query-1', { password: PASSWORD })).status, 200)
    denied(await login(house, someone.email, PASSWORD), 2)
    const both = await post('From-Query-2', { password: 'From-Query-1', newPassword: 'From-Body-1' })
    assert.equal(both.status, 200)
    assert.equal((await login(house, someone.email, 'From-Body-1')).status, 200)
  })

  it('tells nothing about an account before its password was right', async () => {
    const root = await asRoot(house)
    const someone = await newPerson(house, root)
    assert.equal((await change(house, root, someone.id, { suspended: true })).status, 200)
    const unknown = await login(house, 'nobody@example.org', PASSWORD)
    const wrong = await login(house, someone.email, 'Wrong-Password-1')
    denied(unknown, 2)
    assert.equal(unknown.text, wrong.text)
    denied(await login(house, someone.email, PASSWORD), 15)
    await change(house, root, someone.id, { suspended: false, blackListed: true })
    denied(await login(house, someone.email, PASSWORD), 15)
    await change(house, root, someone.id, { blackListed: 'false', changePassword: 'true' })
    denied(await login(house, someone.email, PASSWORD), 1)
    await house.ctx.db.updateTable('account').set({ awaiting_confirmation: 1 }).where('id', '=', someone.id).execute()
    denied(await login(house, someone.email, PASSWORD), 4)
  })

  it('turns down usual and former passwords at a change', async () => {
    const someone = await newPerson(house, await asRoot(house))
    denied(await login(house, someone.email, PASSWORD, { newPassword: 'Password1!'.slice(0, 9) }), 5)
    assert.equal((await login(house, someone.email, PASSWORD, { newPassword: 'Other-Password-1' })).status, 200)
    denied(await login(house, someone.email, 'Other-Password-1', { newPassword: PASSWORD }), 3)
    denied(await login(house, someone.email, 'Other-Password-1', { newPassword: 'without-Digit' }), 5)
  })

  it('gives the caller his record, and nobody else anything (surface 5 and 6)', async () => {
    const root = await asRoot(house)
    const reply = await me(house, root)
    assert.equal(reply.status, 200)
    assert.equal(reply.json.email, house.rootEmail)
    assert.equal(reply.json.userRole, 'root')
    refused(await house.call('GET', '/api/v1/oauth2', { headers: bearer(root.token) }), 400, 1050)
    denied(await house.call('GET', '/api/v1/oauth2?me=true'), 8)
    for (const Authorization of ['Bearer ', 'Bearer null', 'Bearer', `Basic ${root.token}`, `Bearer ${root.token}x`])
      denied(await house.call('GET', '/api/v1/oauth2?me=true', { headers: { Authorization } }), 8)
    const anyCase = await house.call('GET', '/api/v1/oauth2?me=true', {
      headers: { authorization: `bEARER ${root.token}` },
    })
    assert.equal(anyCase.status, 200)
  })

  it('says 9, not 8, once a token is past its life', async () => {
    const root = await asRoot(house)
    house.clock.turn(2_592_000_000 - 1000)
    assert.equal((await me(house, root)).status, 200)
    house.clock.turn(1000)
    denied(await me(house, root), 9)
  })

  it('ends a session for good, with only the token itself (surface 19)', async () => {
    const root = await asRoot(house)
    const path = `/api/v1/oauth2/${root.token}`
    refused(await house.call('DELETE', path), 400, 1018)
    refused(await house.call('DELETE', path, { headers: bearer('other') }), 400, 1018)
    refused(await house.call('DELETE', path, { headers: { Authorization: `Basic ${root.token}` } }), 400, 1018)
    assert.equal((await me(house, root)).status, 200)
    const headers = { ...bearer(root.token), 'Content-Type': 'application/json' }
    const gone = await house.call('DELETE', path, { headers })
    assert.equal(gone.status, 204)
    assert.equal(gone.text, '')
    denied(await me(house, root), 8)
    const renewed = await house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
      json: { refreshToken: root.refresh },
      headers: bearer(root.token),
    })
    denied(renewed, 14)
    assert.equal((await house.call('DELETE', path, { headers })).status, 204)
    assert.equal((await house.call('DELETE', '/api/v1/oauth2/null', { headers: bearer('null') })).status, 204)
  })

  it('ends an expired session too, so that it cannot be renewed', async () => {
    const root = await asRoot(house)
    house.clock.turn(2_592_001_000)
    denied(await me(house, root), 9)
    const left = await house.call('DELETE', `/api/v1/oauth2/${root.token}`, { headers: bearer(root.token) })
    assert.equal(left.status, 204)
    const renewed = await house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
      json: { refreshToken: root.refresh },
      headers: bearer(root.token),
    })
    denied(renewed, 14)
  })
})
