import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  askFor,
  asService,
  INTERNAL_KEY,
  inSeconds,
  isWorkedOut,
  keptAnswer,
  keysOf,
  newKey,
  rawGet,
  withKey,
} from './keys.ts'
import { asRoot, bearer, denied, me, newPerson, type Person, refused } from './people.ts'

onEveryEngine('OpenWiFi: validating tokens', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const validate = (by: Person, token: string) =>
    house.call('GET', `/api/v1/validateToken?token=${token}`, { headers: bearer(by.token) })

  it('tells whose token it is and how long it lives, without secrets (surface 14)', async () => {
    const someone = await newPerson(house, root)
    const reply = await validate(root, someone.token)
    assert.equal(reply.status, 200, reply.text)
    const { tokenInfo, userInfo, ...rest } = reply.json
    assert.deepEqual(rest, {})
    assert.deepEqual(userInfo, (await me(house, someone)).json)
    assert.deepEqual(
      [userInfo.currentPassword, userInfo.lastPasswords, userInfo.userTypeProprietaryInfo.authenticatorSecret],
      ['', [], ''],
    )
    assert.equal(tokenInfo.access_token, someone.token)
    assert.equal(tokenInfo.refresh_token, '')
    assert.equal(tokenInfo.username, someone.email)
    assert.deepEqual([tokenInfo.created, tokenInfo.expires_in], [Math.floor(house.clock.now() / 1000), 2_592_000])
  })

  it('lets everybody validate his own, and root, admin, partner and system anybody’s', async () => {
    const subject = await newPerson(house, root)
    for (const role of ['admin', 'partner', 'system']) {
      const caller = await newPerson(house, root, { role })
      assert.equal((await validate(caller, subject.token)).status, 200, role)
    }
    for (const role of ['csr', 'subscriber', 'installer', 'noc', 'accounting']) {
      const caller = await newPerson(house, root, { role })
      assert.equal((await validate(caller, caller.token)).status, 200, role)
      denied(await validate(caller, subject.token), 7)
      refused(await validate(caller, 'unknown'), 404, 404)
    }
  })

  it('knows nothing of tokens that are none, and needs a caller', async () => {
    refused(await validate(root, 'unknown'), 404, 404)
    refused(await validate(root, ''), 404, 404)
    refused(await validate(root, root.refresh), 404, 404)
    refused(await house.call('GET', '/api/v1/validateToken', { headers: bearer(root.token) }), 404, 404)
    denied(await house.call('GET', `/api/v1/validateToken?token=${root.token}`), 8)
    const someone = await newPerson(house, root)
    house.clock.turn(2_592_000_000)
    const fresh = await asRoot(house)
    refused(await validate(fresh, someone.token), 404, 404)
    denied(await validate(someone, someone.token), 9)
  })
})

onEveryEngine('OpenWiFi: validating tokens with an API key, or as a service', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    const settings = { CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0', CHATELAINE_INTERNAL_KEY: INTERNAL_KEY }
    house = await startHouse({ engine, settings })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const validate = (headers: Record<string, string>, token: string) =>
    house.call('GET', `/api/v1/validateToken?token=${token}`, { headers: headers })
  const inside = (headers: Record<string, string>, token: string) =>
    house.callInternal('GET', `/api/v1/validateToken?token=${token}`, { headers: headers })

  it('keeps no second answer for another spelling of the same token', async () => {
    for (const scheme of ['bearer', 'Bearer  ', 'bEaRer']) {
      const headers = { Authorization: `${scheme} ${root.token}` }
      for (let asked = 0; asked < 3; asked++) {
        const { reply, isKept } = await askFor(house, () => validate(headers, root.token))
        assert.equal(reply.status, 200, reply.text)
        assert.equal(isKept, false)
      }
    }
  })

  it('answers services whatever they call themselves, and from memory the second time', async () => {
    const someone = await newPerson(house, root)
    const { reply: first, isKept } = await askFor(house, () => inside(asService(), someone.token))
    assert.equal(first.status, 200, first.text)
    assert.equal(isKept, false)
    const second = await keptAnswer(house, () => inside(asService(INTERNAL_KEY, 'another'), someone.token))
    assert.equal(second.text, first.text)
    denied(await inside(asService('wrong'), someone.token), 8)
    denied(await inside(asService(`${INTERNAL_KEY}x`), someone.token), 8)
    denied(await inside({ 'X-INTERNAL-NAME': 'x', ...bearer(root.token) }, someone.token), 8)
    denied(await inside(withKey(INTERNAL_KEY), someone.token), 8)
    denied(await validate(asService(), someone.token), 8)
    assert.equal((await inside(bearer(root.token), someone.token)).status, 200)
    await house.call('DELETE', `/api/v1/oauth2/${someone.token}`, { headers: bearer(someone.token) })
    refused(await inside(asService(), someone.token), 404, 404)
  })

  it('answers whoever holds a key for as long as it lives', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const someone = await newPerson(house, root)
    const { id, apiKey } = await newKey(house, admin)
    const short = await newKey(house, admin, { expiresOn: inSeconds(house, 5) })
    for (const key of [apiKey, short.apiKey]) {
      assert.ok(await isWorkedOut(house, () => validate(withKey(key), someone.token)))
      await keptAnswer(house, () => validate(withKey(key), someone.token))
    }
    house.clock.turn(5000 - (house.clock.now() % 1000))
    denied(await validate(withKey(short.apiKey), someone.token), 9)
    assert.equal((await validate(withKey(apiKey), someone.token)).status, 200)
    await keysOf(house, admin, 'DELETE', `${admin.id}?keyUuid=${id}`)
    denied(await validate(withKey(apiKey), someone.token), 8)
    const csr = await newKey(house, someone)
    denied(await validate(withKey(csr.apiKey), root.token), 7)
    assert.equal((await validate(withKey(csr.apiKey), someone.token)).status, 200)
  })

  it('lets the key decide where a token comes with it', async () => {
    const someone = await newPerson(house, root)
    const own = await newKey(house, someone)
    for (let time = 0; time < 2; time++) {
      assert.equal((await validate(bearer(root.token), root.token)).status, 200)
      denied(await validate({ ...bearer(root.token), ...withKey('wrong') }, root.token), 8)
      denied(await validate({ ...bearer(root.token), ...withKey('') }, root.token), 8)
      denied(await validate({ ...bearer(root.token), ...withKey(own.apiKey) }, root.token), 7)
      assert.equal((await validate({ ...bearer('wrong'), ...withKey(own.apiKey) }, someone.token)).status, 200)
    }
    const path = `/api/v1/validateToken?token=${root.token}`
    const token = `Authorization: Bearer ${root.token}`
    assert.equal(await rawGet(house.url, path, [token]), 200)
    assert.equal(await rawGet(house.url, path, [token, 'Authorization: Bearer other']), 403)
    assert.equal(await rawGet(house.url, path, [token, 'X-API-KEY: other']), 403)
  })
})
