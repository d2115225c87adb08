import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { inSeconds, keysOf, newKey, withKey } from './keys.ts'
import { asRoot, bearer, change, denied, newPerson, type Person, refused } from './people.ts'

const MEMBERS = ['apiKey', 'description', 'expiresOn', 'id', 'lastUse', 'name', 'rights', 'salt', 'userUuid']

onEveryEngine('OpenWiFi: API keys', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const meWith = (headers: Record<string, string>) => house.call('GET', '/api/v1/oauth2?me=true', { headers })

  it('are made, listed, described and removed by their owner, as the web interface does it', async () => {
    const someone = await newPerson(house, root)
    refused(await keysOf(house, someone, 'GET', someone.id), 404, 404)
    const expiresOn = inSeconds(house, 30 * 86_400)
    const wish = { name: 'Robot1', description: 'for the robot', userUuid: someone.id, expiresOn }
    const made = await keysOf(house, someone, 'POST', someone.id, wish)
    assert.equal(made.status, 200, made.text)
    assert.deepEqual(Object.keys(made.json), MEMBERS)
    assert.match(made.json.apiKey, /^[0-9a-f]{64}$/)
    const { id, apiKey } = made.json
    const entry = {
      apiKey,
      description: 'for the robot',
      expiresOn,
      id,
      lastUse: 0,
      name: 'robot1',
      rights: { acls: [] },
      salt: '',
      userUuid: someone.id,
    }
    assert.deepEqual(made.json, entry)
    assert.deepEqual((await keysOf(house, someone, 'GET', someone.id)).json, { apiKeys: [entry] })
    const told = await house.inbox.next(someone.email)
    assert.match(told.text, /robot1/)
    assert.doesNotMatch(told.raw, new RegExp(apiKey))

    const put = { id, userUuid: someone.id, description: 'for another', name: 'other', expiresOn: 1, apiKey: 'x' }
    const changed = await keysOf(house, someone, 'PUT', `${someone.id}?keyUuid=${id}`, put)
    assert.equal(changed.status, 200, changed.text)
    assert.deepEqual(changed.json, { ...entry, description: 'for another' })
    assert.deepEqual((await keysOf(house, someone, 'PUT', someone.id, { id })).json.description, 'for another')
    assert.equal((await keysOf(house, someone, 'PUT', someone.id, { id, description: '' })).json.description, '')

    const gone = await keysOf(house, someone, 'DELETE', `${someone.id}?keyUuid=${id}`)
    assert.deepEqual([gone.status, gone.text], [200, ''])
    refused(await keysOf(house, someone, 'GET', someone.id), 404, 404)
    refused(await keysOf(house, someone, 'DELETE', `${someone.id}?keyUuid=${id}`), 404, 404)
  })

  it('are kept as digests and sealed texts', async () => {
    const { apiKey } = await newKey(house, root)
    const rows = await house.ctx.database.query.selectFrom('api_key').selectAll().execute()
    assert.ok(rows.length > 0)
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(apiKey))
    const seen = await house.ctx.database.query.selectFrom('audit').selectAll().execute()
    assert.ok(seen.some(({ event }) => event === 'api-key.made'))
    assert.ok(seen.some(({ event }) => event === 'api-key.removed'))
    assert.doesNotMatch(JSON.stringify(seen), new RegExp(apiKey))
  })

  it('refuses what no key can be', async () => {
    const someone = await newPerson(house, root)
    const good = { name: 'good', expiresOn: inSeconds(house, 60) }
    const bad: Record<string, unknown>[] = [
      { ...good, name: '' },
      { ...good, name: undefined },
      { ...good, name: 'with space' },
      { ...good, name: 'naïve' },
      { ...good, name: 'good\n' },
      { ...good, name: 'x'.repeat(21) },
      { ...good, description: 'x'.repeat(65) },
      { ...good, expiresOn: undefined },
      { ...good, expiresOn: inSeconds(house, 0) },
      { ...good, expiresOn: -1 },
      { ...good, expiresOn: 1.5 },
      { ...good, expiresOn: 'tomorrow' },
      { ...good, expiresOn: 1e300 },
      { ...good, expiresOn: inSeconds(house, 11 * 366 * 86_400) },
      { ...good, userUuid: root.id },
      { ...good, rights: { acls: Array.from({ length: 51 }, () => ({ service: 'owsec', access: 'read' })) } },
      { ...good, rights: { acls: [{ service: 'x'.repeat(65), access: 'read' }] } },
    ]
    for (const wish of bad) refused(await keysOf(house, someone, 'POST', someone.id, wish), 400, 1018)
    for (const wish of [
      { ...good, rights: 'all' },
      { ...good, rights: { acls: {} } },
      { ...good, expiresOn: {} },
    ])
      refused(await keysOf(house, someone, 'POST', someone.id, wish), 400, 1003)
    refused(await keysOf(house, someone, 'POST', someone.id), 400, 1003)
    refused(await keysOf(house, someone, 'GET', someone.id), 404, 404)
    assert.equal((await keysOf(house, someone, 'POST', someone.id, { ...good, userUuid: '' })).status, 200)
    refused(await keysOf(house, someone, 'POST', someone.id, { ...good, name: 'GOOD' }), 400, 1147)
    refused(await keysOf(house, someone, 'PUT', someone.id, { description: 'x' }), 400, 1150)
    refused(await keysOf(house, someone, 'PUT', someone.id, { id: 'nothing' }), 400, 1150)
    refused(await keysOf(house, someone, 'DELETE', someone.id), 400, 1018)
    refused(await keysOf(house, someone, 'DELETE', `${someone.id}?keyUuid=`), 400, 1018)
    refused(await keysOf(house, someone, 'DELETE', `${someone.id}?keyUuid=nothing`), 404, 404)
  })

  it('takes ten of one owner, and each name once, under parallel requests too', async () => {
    const someone = await newPerson(house, root)
    const expiresOn = inSeconds(house, 60)
    const make = (name: string) => keysOf(house, someone, 'POST', someone.id, { name, expiresOn })
    const same = await Promise.all(Array.from({ length: 5 }, () => make('same')))
    assert.deepEqual(same.map(({ status }) => status).sort(), [200, 400, 400, 400, 400])
    for (const reply of same) if (reply.status === 400) refused(reply, 400, 1147)
    const many = await Promise.all(Array.from({ length: 14 }, (_, n) => make(`many${n}`)))
    assert.equal(many.filter(({ status }) => status === 200).length, 9)
    for (const reply of many) if (reply.status !== 200) refused(reply, 400, 1148)
    const { apiKeys } = (await keysOf(house, someone, 'GET', someone.id)).json
    assert.equal(apiKeys.length, 10)
    refused(await make('same'), 400, 1147)
    assert.equal((await keysOf(house, someone, 'DELETE', `${someone.id}?keyUuid=${apiKeys[0].id}`)).status, 200)
    assert.equal((await make('again')).status, 200)
  })

  it('are nobody else’s business, and shown to root without their texts', async () => {
    const owner = await newPerson(house, root)
    const admin = await newPerson(house, root, { role: 'admin' })
    const key = await newKey(house, owner)
    const other = await newKey(house, admin)
    for (const [method, path, json] of [
      ['GET', owner.id, undefined],
      ['POST', owner.id, { name: 'mine', expiresOn: inSeconds(house, 60) }],
      ['PUT', owner.id, { id: key.id, description: 'x' }],
      ['DELETE', `${owner.id}?keyUuid=${key.id}`, undefined],
      ['GET', 'no-such-user', undefined],
    ] as const)
      denied(await keysOf(house, admin, method, path, json), 7)
    refused(await keysOf(house, owner, 'PUT', owner.id, { id: other.id, description: 'x' }), 400, 1037)
    refused(await keysOf(house, owner, 'DELETE', `${owner.id}?keyUuid=${other.id}`), 400, 1018)
    assert.equal((await keysOf(house, admin, 'GET', admin.id)).json.apiKeys[0].description, '')

    const seen = await keysOf(house, root, 'GET', owner.id.toUpperCase())
    assert.deepEqual(
      seen.json.apiKeys.map(({ id, apiKey, salt }: Record<string, string>) => [id, apiKey, salt]),
      [[key.id, '', '']],
    )
    const described = await keysOf(house, root, 'PUT', owner.id, { id: key.id, description: 'seen by root' })
    assert.deepEqual([described.json.apiKey, described.json.description], ['', 'seen by root'])
    const wish = { name: 'fromroot', expiresOn: inSeconds(house, 60) }
    const made = await keysOf(house, root, 'POST', owner.id, wish)
    assert.equal((await meWith(withKey(made.json.apiKey))).json.id, owner.id)
    refused(await keysOf(house, root, 'POST', 'no-such-user', wish), 400, 1149)
    refused(await keysOf(house, root, 'GET', 'no-such-user'), 404, 404)
    assert.equal((await keysOf(house, root, 'DELETE', `${owner.id}?keyUuid=${key.id}`)).status, 200)
    denied(await meWith(withKey(key.apiKey)), 8)
  })

  it('open what their owner may do, win over a token, and are no session', async () => {
    const owner = await newPerson(house, root)
    const { apiKey, id } = await newKey(house, owner)
    assert.equal((await meWith(withKey(apiKey))).json.id, owner.id)
    assert.equal((await meWith({ ...withKey(apiKey), ...bearer(root.token) })).json.id, owner.id)
    denied(await meWith({ ...withKey('unknown'), ...bearer(root.token) }), 8)
    denied(await meWith({ ...withKey(''), ...bearer(root.token) }), 8)
    denied(await meWith({ 'X-API-KEY': `${apiKey}, ${apiKey}` }), 8)
    denied(await meWith({ 'X-API-KEY': apiKey.toUpperCase() }), 8)
    denied(await meWith(bearer(apiKey)), 8)
    denied(await house.call('GET', '/api/v1/users', { headers: withKey(apiKey) }), 7)
    for (const [method, path] of [
      ['GET', owner.id],
      ['POST', owner.id],
      ['DELETE', `${owner.id}?keyUuid=${id}`],
    ] as const)
      denied(await house.call(method, `/api/v1/apiKey/${path}`, { headers: withKey(apiKey) }), 7)
    // Signing in and out take no notice of a key.
    const signIn = { json: { userId: owner.email, password: owner.password }, headers: withKey('unknown') }
    const session = await house.call('POST', '/api/v1/oauth2', signIn)
    assert.equal(session.status, 200, session.text)
    const token = session.json.access_token
    const headers = { ...withKey(apiKey), ...bearer(token) }
    assert.equal((await house.call('DELETE', `/api/v1/oauth2/${token}`, { headers })).status, 204)
    denied(await meWith(bearer(token)), 8)
    assert.equal((await meWith(withKey(apiKey))).status, 200)
  })

  it('end to the second, and with their owner', async () => {
    const owner = await newPerson(house, root)
    const short = await newKey(house, owner, { expiresOn: inSeconds(house, 2) })
    const long = await newKey(house, owner)
    house.clock.turn(2000 - (house.clock.now() % 1000) - 1)
    assert.equal((await meWith(withKey(short.apiKey))).status, 200)
    house.clock.turn(1)
    denied(await meWith(withKey(short.apiKey)), 9)
    assert.equal((await meWith(withKey(long.apiKey))).status, 200)
    for (const field of ['suspended', 'blackListed']) {
      assert.equal((await change(house, root, owner.id, { [field]: true })).status, 200)
      denied(await meWith(withKey(long.apiKey)), 8)
      denied(await meWith(withKey(short.apiKey)), 8)
      assert.equal((await change(house, root, owner.id, { [field]: false })).status, 200)
      assert.equal((await meWith(withKey(long.apiKey))).status, 200)
    }
    await house.call('DELETE', `/api/v1/user/${owner.id}`, { headers: bearer(root.token) })
    denied(await meWith(withKey(long.apiKey)), 8)
    assert.equal(
      (await house.ctx.database.query.selectFrom('api_key').select('id').where('account_id', '=', owner.id).execute())
        .length,
      0,
    )
  })

  it('follow the role of their owner, and are of users only', async () => {
    const owner = await newPerson(house, root, { role: 'admin' })
    const { apiKey } = await newKey(house, owner)
    const list = () => house.call('GET', '/api/v1/users', { headers: withKey(apiKey) })
    assert.equal((await list()).status, 200)
    await change(house, root, owner.id, { userRole: 'csr' })
    denied(await list(), 7)
    const wish = { email: 'sub@example.org', userRole: 'subscriber', currentPassword: 'Some-Password-1' }
    const subscriber = await house.call('POST', '/api/v1/subuser/0', { json: wish, headers: bearer(root.token) })
    assert.equal(subscriber.status, 200, subscriber.text)
    const key = { name: 'sub', expiresOn: inSeconds(house, 60) }
    refused(await keysOf(house, root, 'POST', subscriber.json.id, key), 400, 1149)
  })

  it('make nobody who would outlive them, and take nothing from their owner', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const { apiKey } = await newKey(house, admin)
    const headers = withKey(apiKey)
    const make = (userRole: string) => {
      const json = { email: `made-as-${userRole}@example.org`, userRole, currentPassword: 'Made-by-Key-1' }
      return house.call('POST', '/api/v1/user/0', { headers, json })
    }
    denied(await make('admin'), 7)
    const made = await make('csr')
    assert.equal(made.status, 200, made.text)
    denied(await house.call('PUT', `/api/v1/user/${made.json.id}`, { headers, json: { userRole: 'admin' } }), 7)
    const peer = await newPerson(house, root, { role: 'admin' })
    const taken = { currentPassword: 'Taken-over-1' }
    denied(await house.call('PUT', `/api/v1/user/${peer.id}`, { headers, json: taken }), 7)
    denied(await house.call('PUT', `/api/v1/user/${peer.id}?resetMFA=true`, { headers, json: {} }), 7)
    denied(await house.call('DELETE', `/api/v1/user/${admin.id}`, { headers }), 7)
    const changed = await house.call('PUT', `/api/v1/user/${made.json.id}`, { headers, json: taken })
    assert.equal(changed.status, 200, changed.text)
    assert.equal((await house.call('DELETE', `/api/v1/user/${made.json.id}`, { headers })).status, 200)
  })

  it('keep to the rights that speak of this service', async () => {
    const owner = await newPerson(house, root)
    const rights = (...acls: [string, string][]) => ({
      rights: { acls: acls.map(([service, access]) => ({ service, access })) },
    })
    const rename = (apiKey: string) =>
      house.call('PUT', `/api/v1/user/${owner.id}`, { json: { name: 'x' }, headers: withKey(apiKey) })
    const free = await newKey(house, owner, rights(['owgw', 'none'], ['owsec', 'modify']))
    assert.equal((await rename(free.apiKey)).status, 200)
    const reader = await newKey(house, owner, rights(['owsec', 'modify'], ['OWSEC', 'Read']))
    assert.equal((await meWith(withKey(reader.apiKey))).status, 200)
    denied(await rename(reader.apiKey), 7)
    const shut = await newKey(house, owner, rights(['owsec', 'read'], ['owsec', 'none']))
    denied(await meWith(withKey(shut.apiKey)), 7)
    const listed = (await keysOf(house, owner, 'GET', owner.id)).json.apiKeys
    const acls = [
      { access: 'none', service: 'owgw' },
      { access: 'modify', service: 'owsec' },
    ]
    assert.deepEqual(listed.find(({ id }: { id: string }) => id === free.id).rights, { acls })
  })

  it('tell their last use to the minute', async () => {
    const owner = await newPerson(house, root)
    const key = await newKey(house, owner)
    const lastUse = async () => (await keysOf(house, owner, 'GET', owner.id)).json.apiKeys[0].lastUse
    assert.equal(await lastUse(), 0)
    const first = inSeconds(house, 0)
    await meWith(withKey(key.apiKey))
    assert.equal(await lastUse(), first)
    house.clock.turn(59_000)
    await meWith(withKey(key.apiKey))
    assert.equal(await lastUse(), first)
    house.clock.turn(1000)
    await meWith(withKey(key.apiKey))
    assert.equal(await lastUse(), first + 60)
  })
})

onEveryEngine('OpenWiFi: API keys at the internal listener', (engine) => {
  it('open nothing there', async () => {
    const house = await startHouse({
      engine,
      settings: { CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0', CHATELAINE_INTERNAL_KEY: 'k'.repeat(40) },
    })
    try {
      const root = await asRoot(house)
      const { apiKey } = await newKey(house, root)
      const get = (path: string, headers: Record<string, string>) =>
        house.callInternal('GET', `/api/v1${path}`, { headers })
      denied(await get('/oauth2?me=true', withKey(apiKey)), 8)
      denied(await get('/users', { ...withKey(apiKey), 'X-INTERNAL-NAME': 'x' }), 8)
      refused(await get(`/apiKey/${root.id}`, bearer(root.token)), 404, 404)
    } finally {
      await house.stop()
    }
  })
})
