import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type Events, startEvents } from '#src/events.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { INTERNAL_KEY, keysOf, newKey } from '../conformance/openwifi/keys.ts'
import { asRoot, bearer, change, newPerson, type Person } from '../conformance/openwifi/people.ts'
import { bySibling, internal } from '../conformance/openwifi/sibling.ts'
import { type Broker, type Listener, listen, needsKcat, say, startBroker } from './kafka-peers.ts'

const PUBLIC = 'https://sec.example.org:16001'
const PRIVATE = 'https://sec.internal:17001'

/** Waits until something is so; up to ten seconds. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('not so within ten seconds')
}

/** A house whose settings name a broker, after it has started: its events are started and ended by the test. */
async function houseAt(port: number, engine: 'sqlite' | 'postgres' = 'sqlite'): Promise<House> {
  const settings = { ...internal, CHATELAINE_PUBLIC_URL: PUBLIC, CHATELAINE_INTERNAL_URL: `${PRIVATE}/` }
  const house = await startHouse({ engine, settings })
  Object.assign(house.ctx, { config: { ...house.ctx.config, kafkaBrokers: [`127.0.0.1:${port}`] } })
  return house
}

onEveryEngine('Kafka', (engine) => {
  let broker: Broker
  let listener: Listener
  let house: House
  let root: Person
  let events: Events
  before(async () => {
    if (needsKcat.skip) return
    broker = await startBroker()
    house = await houseAt(broker.port, engine)
    root = await asRoot(house)
    events = startEvents(house.ctx)
    listener = listen(broker.port)
    await listener.next(({ event }) => event === 'join')
  })
  after(async () => {
    if (needsKcat.skip) return
    await events.stop()
    await listener.stop()
    await house.stop()
    await broker.stop()
  })

  const uris = async () => {
    const { json } = await house.call('GET', '/api/v1/systemEndpoints', { headers: bearer(root.token) })
    return json.endpoints.map(({ type, uri }: { type: string; uri: string }) => `${type} ${uri}`)
  }
  const word = (event: string, more: Record<string, unknown> = {}) =>
    JSON.stringify({
      event,
      id: 12_345,
      type: 'owgw',
      publicEndPoint: 'https://gw.example.org:16002',
      privateEndPoint: 'https://gw.internal:17002',
      key: 'f'.repeat(64),
      version: '3.2.0(1)',
      ...more,
    })
  const validated = async (token: string, path = '/validateToken?token=') => {
    const reply = await bySibling(house, 'GET', `${path}${token}`)
    assert.equal(reply.status, 200, reply.text)
  }
  const ending = (token: string) =>
    listener.next(({ value }) => value.event === 'remove-token' && value.token === token)
  const announced = async () =>
    (await house.ctx.database.query.selectFrom('announced_token').select('digest').execute()).length

  it('hears that we are here, with what it takes to ask us', needsKcat, async () => {
    const { key, value } = await listener.next(({ event }) => event === 'keep-alive')
    const { id, version, ...rest } = value
    assert.equal(key, PRIVATE)
    assert.ok(Number.isSafeInteger(id) && id > 0 && version.length > 0)
    assert.deepEqual(rest, {
      event: 'keep-alive',
      type: 'owsec',
      publicEndPoint: PUBLIC,
      privateEndPoint: PRIVATE,
      key: INTERNAL_KEY,
    })
    assert.deepEqual(await uris(), [])
  })

  it('tells us who else is there, until he leaves or falls silent', needsKcat, async () => {
    await say(broker.port, [word('join')])
    await until(async () => (await uris()).length === 1)
    assert.deepEqual(await uris(), ['owgw https://gw.example.org:16002'])
    // A batch of an earlier day, in every packing there is.
    for (const packing of ['gzip', 'snappy', 'lz4', 'zstd']) {
      const uri = `https://${packing}.example.org`
      await say(
        broker.port,
        [word('keep-alive', { type: packing, publicEndPoint: uri, privateEndPoint: uri })],
        ['-z', packing],
      )
      await until(async () => (await uris()).includes(`${packing} ${uri}`))
    }
    await say(broker.port, [word('leave')])
    await until(async () => (await uris()).length === 4)
    house.clock.turn(121_000)
    assert.deepEqual(await uris(), [])
  })

  it('may be full of anything', needsKcat, async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    await say(broker.port, [
      'no JSON',
      '',
      '[]',
      'null',
      '7',
      '"text"',
      deep,
      `{"event":"join","x":${deep}}`,
      new Uint8Array([0xff, 0xfe, 0, 1, 2]),
      `{"event":${'"x"'.repeat(3)}}`,
      word('dance'),
      word('remove-token', { token: 'x' }),
      word('join', { type: 5 }),
      word('join', { type: 'OW GW' }),
      word('join', { publicEndPoint: 'javascript:alert(1)' }),
      word('join', { privateEndPoint: ['https://x'] }),
      word('join', { privateEndPoint: '' }),
      word('join', { key: { $gt: '' } }),
      word('join', { version: 'x'.repeat(900_000) }),
      word('leave', { privateEndPoint: 7 }),
      word('leave', { privateEndPoint: "'; drop table service; --" }),
      // Ourselves, and another process of this house.
      word('join', { type: 'owsec', publicEndPoint: PUBLIC, privateEndPoint: PRIVATE }),
      word('join', { type: 'owsec', publicEndPoint: PUBLIC, privateEndPoint: 'https://sec-2.internal:17001' }),
      // What is fine: numbers beyond ours, unknown members, the API path.
      word('join', { privateEndPoint: 'https://fine.internal/api/v1' }).replace('12345', '18446744073709551615'),
    ])
    await until(async () => (await uris()).length > 0)
    assert.deepEqual(await uris(), ['owgw https://gw.example.org:16002'])
    const [row] = await house.ctx.database.query.selectFrom('service').selectAll().where('type', '=', 'owgw').execute()
    assert.deepEqual([row?.private_uri, row?.source], ['https://fine.internal', 'kafka'])
    await say(broker.port, [word('leave', { privateEndPoint: 'https://fine.internal' })])
    await until(async () => (await uris()).length === 0)
  })

  it('is told of every token that a sibling may believe in and that has ended', needsKcat, async () => {
    const acts: Record<string, (person: Person) => Promise<unknown>> = {
      'signed out': ({ token }) => house.call('DELETE', `/api/v1/oauth2/${token}`, { headers: bearer(token) }),
      renewed: ({ token, refresh }) =>
        house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
          json: { refreshToken: refresh },
          headers: bearer(token),
        }),
      suspended: ({ id }) => change(house, root, id, { suspended: true }),
      'black-listed': ({ id }) => change(house, root, id, { blackListed: true }),
      'new role': ({ id }) => change(house, root, id, { userRole: 'noc' }),
      'new password': ({ id }) => change(house, root, id, { currentPassword: 'Other-Password-1' }),
      deleted: ({ id }) => house.call('DELETE', `/api/v1/user/${id}`, { headers: bearer(root.token) }),
    }
    const stays = await newPerson(house, root)
    const unasked = await newPerson(house, root)
    await validated(stays.token)
    for (const [name, act] of Object.entries(acts)) {
      const person = await newPerson(house, root)
      await validated(person.token)
      assert.equal(await announced(), 2, name)
      await act(person)
      const { key, value } = await ending(person.token)
      assert.deepEqual([key, value.type, value.key], [PRIVATE, 'owsec', undefined], name)
      await until(async () => (await announced()) === 1)
    }
    await change(house, root, unasked.id, { suspended: true })
    const keyed = await newPerson(house, root)
    const { id, apiKey } = await newKey(house, keyed)
    await validated(apiKey, '/validateApiKey?apikey=')
    await keysOf(house, keyed, 'DELETE', `${keyed.id}?keyUuid=${id}`)
    await ending(apiKey)
    const said = listener.told.filter(({ event }) => event === 'remove-token').map(({ value }) => value.token)
    assert.ok(!said.includes(stays.token) && !said.includes(unasked.token))
  })

  it('hears that we go', needsKcat, async () => {
    await events.stop()
    await listener.next(({ event, value }) => event === 'leave' && value.privateEndPoint === PRIVATE)
    assert.deepEqual(listener.told.filter(({ event }) => event === 'join').length, 1)
  })
})
