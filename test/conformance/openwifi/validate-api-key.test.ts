import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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
  validateKey,
  withKey,
} from './keys.ts'
import { asRoot, bearer, change, denied, me, newPerson, type Person, refused } from './people.ts'

const settings = { CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0', CHATELAINE_INTERNAL_KEY: INTERNAL_KEY }

onEveryEngine('OpenWiFi: validating API keys', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const validate = (by: Person, value: string) => validateKey(house, bearer(by.token), value)
  const atInternal = (headers: Record<string, string>, value: string) =>
    house.callInternal('GET', `/api/v1/validateApiKey?apikey=${value}`, { headers: headers })
  const remove = (by: Person, id: string) => keysOf(house, by, 'DELETE', `${by.id}?keyUuid=${id}`)

  it('tells whose key it is and when it ends, without secrets', async () => {
    const owner = await newPerson(house, root)
    const key = await newKey(house, owner)
    const reply = await validate(root, key.apiKey)
    assert.equal(reply.status, 200, reply.text)
    const { expiresOn, tokenInfo, userInfo, ...rest } = reply.json
    assert.deepEqual(rest, {})
    assert.equal(expiresOn, key.expiresOn)
    assert.deepEqual(userInfo, (await me(house, owner)).json)
    const { aclTemplate, ...empty } = tokenInfo
    assert.equal(aclTemplate.Read, true)
    assert.deepEqual(empty, {
      access_token: '',
      created: 0,
      errorCode: 0,
      expires_in: 0,
      idle_timeout: 0,
      lastRefresh: 0,
      refresh_token: '',
      token_type: '',
      userMustChangePassword: false,
      username: '',
    })
    assert.doesNotMatch(reply.text, new RegExp(key.apiKey))
  })

  it('is known in every spelling (clients b.8)', async () => {
    const { apiKey } = await newKey(house, root)
    for (const path of ['validateApiKey', 'validateAPIKey'])
      for (const name of ['apikey', 'apiKey']) {
        const url = `/api/v1/${path}?${name}=${apiKey}`
        const ask = () => house.call('GET', url, { headers: bearer(root.token) })
        const { reply: first, isKept } = await askFor(house, ask)
        assert.equal(isKept, false, url)
        for (const reply of [first, await keptAnswer(house, ask)]) {
          assert.equal(reply.status, 200, reply.text)
          assert.equal(reply.headers.get('content-type'), 'application/json')
          assert.equal(reply.headers.get('cache-control'), 'no-store')
        }
      }
  })

  it('is for one’s own keys, and for root, partner, admin, system and services', async () => {
    const owner = await newPerson(house, root)
    const { apiKey } = await newKey(house, owner)
    assert.equal((await validate(owner, apiKey)).status, 200)
    assert.equal((await validateKey(house, withKey(apiKey), apiKey)).status, 200)
    for (const role of ['admin', 'partner', 'system'])
      assert.equal((await validate(await newPerson(house, root, { role }), apiKey)).status, 200, role)
    for (const role of ['csr', 'subscriber', 'installer', 'noc', 'accounting'])
      denied(await validate(await newPerson(house, root, { role }), apiKey), 7)
    assert.equal((await atInternal(asService(), apiKey)).status, 200)
    assert.equal((await atInternal(bearer(root.token), apiKey)).status, 200)
    denied(await validateKey(house, {}, apiKey), 8)
  })

  it('refuses what opens nothing', async () => {
    const owner = await newPerson(house, root)
    const { apiKey } = await newKey(house, owner)
    denied(await validate(root, 'unknown'), 7)
    denied(await validate(root, root.token), 7)
    refused(await validate(root, ''), 404, 404)
    refused(await house.call('GET', '/api/v1/validateApiKey', { headers: bearer(root.token) }), 404, 404)
    for (const field of ['suspended', 'blackListed']) {
      await change(house, root, owner.id, { [field]: true })
      denied(await validate(root, apiKey), 15)
      denied(await atInternal(asService(), apiKey), 15)
      denied(await validate(await newPerson(house, root), apiKey), 7)
      await change(house, root, owner.id, { [field]: false })
    }
    await house.call('DELETE', `/api/v1/user/${owner.id}`, { headers: bearer(root.token) })
    denied(await validate(root, apiKey), 7)
  })

  it('forgets a kept answer when the key is removed, or anything changes about its owner', async () => {
    const owner = await newPerson(house, root)
    const asks: Record<string, (value: string) => ReturnType<typeof validate>> = {
      token: (value) => validate(root, value),
      'own token': (value) => validate(owner, value),
      service: (value) => atInternal(asService(), value),
    }
    for (const [how, ask] of Object.entries(asks)) {
      const { id, apiKey } = await newKey(house, owner)
      assert.ok(await isWorkedOut(house, () => ask(apiKey)), how)
      await keptAnswer(house, () => ask(apiKey))
      assert.equal((await change(house, owner, owner.id, { name: how })).status, 200)
      assert.equal((await ask(apiKey)).json.userInfo.name, how)
      assert.equal((await remove(owner, id)).status, 200)
      denied(await ask(apiKey), 7)
    }
    const { apiKey } = await newKey(house, owner)
    const own = () => validateKey(house, withKey(apiKey), apiKey)
    assert.deepEqual(
      [(await own()).status, (await own()).status, (await validate(root, apiKey)).status],
      [200, 200, 200],
    )
    await change(house, root, owner.id, { suspended: true })
    denied(await own(), 8)
    denied(await validate(root, apiKey), 15)
    await change(house, root, owner.id, { suspended: false })
    assert.deepEqual([(await own()).status, (await own()).status], [200, 200])
    await house.call('DELETE', `/api/v1/user/${owner.id}`, { headers: bearer(root.token) })
    denied(await own(), 8)
    denied(await validate(root, apiKey), 7)
  })

  it('forgets it too when whoever asks may no longer ask', async () => {
    const owner = await newPerson(house, root)
    const { apiKey } = await newKey(house, owner)
    const admin = await newPerson(house, root, { role: 'admin' })
    const { id, apiKey: own } = await newKey(house, admin)
    const byKey = () => validateKey(house, withKey(own), apiKey)
    assert.deepEqual([(await byKey()).status, (await byKey()).status], [200, 200])
    assert.deepEqual([(await validate(admin, apiKey)).status, (await validate(admin, apiKey)).status], [200, 200])
    await remove(admin, id)
    denied(await byKey(), 8)
    assert.equal((await validate(admin, apiKey)).status, 200)
    const { apiKey: second } = await newKey(house, admin)
    assert.equal((await validateKey(house, withKey(second), apiKey)).status, 200)
    await change(house, root, admin.id, { userRole: 'csr' })
    denied(await validate(admin, apiKey), 8)
    denied(await validateKey(house, withKey(second), apiKey), 7)
  })

  it('ends to the second, whether it is asked about or asks', async () => {
    const owner = await newPerson(house, root)
    const { apiKey } = await newKey(house, owner, { expiresOn: inSeconds(house, 10) })
    const { apiKey: lasting } = await newKey(house, owner)
    const asked = [() => validate(root, apiKey), () => validateKey(house, withKey(apiKey), lasting)]
    house.clock.turn(9999 - (house.clock.now() % 1000))
    for (const ask of [...asked, ...asked]) assert.equal((await ask()).status, 200)
    house.clock.turn(1)
    denied(await asked[0]!(), 7)
    denied(await asked[1]!(), 9)
  })

  it('keeps the last use of a key true to the minute, kept answers or not', async () => {
    const owner = await newPerson(house, root)
    const { apiKey } = await newKey(house, owner)
    const lastUse = async () => (await keysOf(house, owner, 'GET', owner.id)).json.apiKeys[0].lastUse
    const start = inSeconds(house, 0)
    for (let second = 0; second <= 150; second += 10) {
      assert.equal((await validate(root, apiKey)).status, 200)
      const behind = start + second - (await lastUse())
      assert.ok(behind >= 0 && behind < 60, `${behind} s behind after ${second} s`)
      house.clock.turn(10_000)
    }
  })

  it('takes no service’s word at the public listener, and no wrong key at the internal one', async () => {
    const { apiKey } = await newKey(house, root)
    for (let time = 0; time < 2; time++) {
      assert.equal((await atInternal(asService(), apiKey)).status, 200)
      assert.equal((await atInternal(asService(INTERNAL_KEY, 'another'), apiKey)).status, 200)
      denied(await validateKey(house, asService(), apiKey), 8)
      denied(await validateKey(house, withKey(INTERNAL_KEY), apiKey), 8)
      denied(await atInternal(asService('wrong'), apiKey), 8)
      denied(await atInternal(asService(''), apiKey), 8)
      denied(await atInternal({ 'X-INTERNAL-NAME': 'x' }, apiKey), 8)
      denied(await atInternal({ 'X-INTERNAL-NAME': 'x', ...bearer(root.token) }, apiKey), 8)
      denied(await atInternal(withKey(INTERNAL_KEY), apiKey), 8)
      denied(await atInternal(asService(apiKey), apiKey), 8)
      // A name means nothing at the public listener: the key beside it is judged as a user's.
      assert.equal((await validateKey(house, asService(apiKey), apiKey)).status, 200)
      denied(await validateKey(house, { ...bearer(root.token), ...withKey('wrong') }, apiKey), 8)
      assert.equal((await validateKey(house, { ...bearer('wrong'), ...withKey(apiKey) }, apiKey)).status, 200)
      assert.equal((await validateKey(house, bearer(root.token), apiKey)).status, 200)
      assert.equal((await validateKey(house, withKey(apiKey), apiKey)).status, 200)
    }
  })

  it('takes no header twice, kept answers or not', async () => {
    const { apiKey } = await newKey(house, root)
    const path = `/api/v1/validateApiKey?apikey=${apiKey}`
    const key = `X-API-KEY: ${apiKey}`
    const token = `Authorization: Bearer ${root.token}`
    for (let time = 0; time < 2; time++) {
      assert.equal(await rawGet(house.url, path, [key]), 200)
      assert.equal(await rawGet(house.url, path, [token]), 200)
    }
    assert.equal(await rawGet(house.url, path, [key, 'x-api-key: other']), 403)
    assert.equal(await rawGet(house.url, path, [key, key]), 403)
    assert.equal(await rawGet(house.url, path, [token, 'authorization: Bearer other']), 403)
    assert.equal(await rawGet(house.url, path, [token, 'X-Api-Key:']), 403)
    assert.equal(await rawGet(house.url, `${path}&apikey=${apiKey}`, [token]), 400)
  })
})

onEveryEngine('OpenWiFi: kept answers and changes from elsewhere', (engine) => {
  it('are not given any more once a key is gone, however it went', async () => {
    const house = await startHouse({ engine })
    try {
      const root = await asRoot(house)
      const { id, apiKey } = await newKey(house, root)
      const ask = () => validateKey(house, bearer(root.token), apiKey)
      await keptAnswer(house, ask)
      // Past every verb, as an administrator of the database would.
      await house.ctx.database.query.deleteFrom('api_key').where('id', '=', id).execute()
      // PostgreSQL tells a little later, where no answer waits for it.
      if (engine === 'postgres') await sleep(1000)
      denied(await ask(), 7)
    } finally {
      await house.stop()
    }
  })
})
