import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { endedTokens, sweepServices } from '#src/domain/services/services.ts'
import { type Events, startEvents } from '#src/events.ts'
import { selfSignedCertificate } from '#src/lib/self-signed.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { INTERNAL_KEY, keysOf, newKey } from '../conformance/openwifi/keys.ts'
import { asRoot, bearer, change, newPerson, type Person } from '../conformance/openwifi/people.ts'
import { bySibling, internal } from '../conformance/openwifi/sibling.ts'
import { openFront } from './kafka-front.ts'
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
    const people = new Map<string, Person>()
    for (const name of Object.keys(acts)) {
      const person = await newPerson(house, root)
      people.set(name, person)
      await validated(person.token)
    }
    for (const [name, person] of people) await acts[name]!(person)
    for (const [name, person] of people) {
      const { key, value } = await ending(person.token)
      assert.deepEqual([key, value.type, value.key], [PRIVATE, 'owsec', undefined], name)
    }
    await until(async () => (await announced()) === 1)
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
  })
})

/** What a house logs of Kafka, by name. */
function heardBy(house: House): string[] {
  const events: string[] = []
  house.ctx.log.setLevel('all', 'information')
  house.ctx.log.watch(({ event }) => event.startsWith('kafka.') && events.push(event))
  return events
}

describe('Kafka that goes and comes back', () => {
  let broker: Broker
  let house: House
  before(async () => {
    if (needsKcat.skip) return
    broker = await startBroker()
    house = await houseAt(broker.port)
  })
  after(async () => {
    if (needsKcat.skip) return
    await house.stop()
    await broker.stop()
  })

  const at = (port: number, more: Partial<House['ctx']['config']> = {}) => ({
    ...house.ctx,
    config: { ...house.ctx.config, kafkaBrokers: [`127.0.0.1:${port}`], ...more },
  })

  it('loses nothing that was to be told, and is logged once each way', needsKcat, async () => {
    const front = await openFront(broker.port)
    const log = heardBy(house)
    await front.shut()
    const events = startEvents(at(front.port))
    await until(() => log.length > 0)
    assert.deepEqual(log, ['kafka.lost'])
    await front.open()
    await until(() => log.length > 1)
    assert.deepEqual(log, ['kafka.lost', 'kafka.back'])
    const root = await asRoot(house)
    const person = await newPerson(house, root)
    assert.equal((await bySibling(house, 'GET', `/validateToken?token=${person.token}`)).status, 200)
    await front.shut()
    await until(() => log.length > 2)
    await change(house, root, person.id, { suspended: true })
    // Long enough for some more tries.
    await new Promise((resolve) => setTimeout(resolve, 2500))
    assert.deepEqual(log.slice(2), ['kafka.lost'])
    assert.ok(await house.ctx.database.query.selectFrom('announced_token').selectAll().executeTakeFirst())
    assert.equal((await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(root.token) })).status, 200)
    await front.open()
    const listener = listen(broker.port)
    await listener.next(({ value }) => value.token === person.token)
    assert.deepEqual(log.slice(2), ['kafka.lost', 'kafka.back'])
    await listener.stop()
    await events.stop()
    await front.shut()
  })

  it('is told no more than twenty minutes after it could have mattered', needsKcat, async () => {
    const root = await asRoot(house)
    const person = await newPerson(house, root)
    await bySibling(house, 'GET', `/validateToken?token=${person.token}`)
    house.clock.turn(31 * 60_000)
    await change(house, root, person.id, { suspended: true })
    assert.deepEqual(await endedTokens(house.ctx), [])
    await sweepServices(house.ctx)
    assert.deepEqual(await house.ctx.database.query.selectFrom('announced_token').selectAll().execute(), [])
  })

  it('hears of a whole server that starts and ends', needsKcat, async () => {
    const settings = {
      ...internal,
      CHATELAINE_KAFKA_BROKERS: `127.0.0.1:${broker.port}`,
      CHATELAINE_KAFKA_TOPIC: 'own',
    }
    const server = await startHouse({ settings: { ...settings, CHATELAINE_INTERNAL_URL: PRIVATE } })
    const listener = listen(broker.port, 'own')
    const ours = (wanted: string) => listener.next(({ key, event }) => key === PRIVATE && event === wanted)
    await ours('join')
    await server.restart()
    await ours('leave')
    await ours('join')
    await server.stop()
    await ours('leave')
    await listener.stop()
  })

  it('may ask for TLS and a password (SCRAM-SHA-256)', needsKcat, async () => {
    const made = await selfSignedCertificate({ names: ['127.0.0.1'], now: Date.now(), days: 1 })
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, made.cert])
    const front = await openFront(broker.port, { ...made, user: 'chatelaine', password: 'pencil, and more' })
    const settings = { kafkaTls: true, kafkaUser: 'chatelaine', kafkaPassword: 'pencil, and more' }
    const log = heardBy(house)
    const events = startEvents(at(front.port, settings))
    await until(() => log.length > 0)
    assert.deepEqual(log, ['kafka.joined'])
    await events.stop()
    for (const wrong of [{ kafkaPassword: 'pencil' }, { kafkaUser: 'other' }, { kafkaTls: false }]) {
      const refused = startEvents(at(front.port, { ...settings, ...wrong }))
      await until(() => log.length > 1)
      assert.equal(log.pop(), 'kafka.lost')
      await refused.stop()
    }
    setDefaultCACertificates(trusted)
    const untrusted = startEvents(at(front.port, settings))
    await until(() => log.length > 1)
    assert.equal(log.pop(), 'kafka.lost')
    await untrusted.stop()
    await front.shut()
  })
})

describe('What is no Kafka', () => {
  const habits: Record<string, (socket: Socket) => void> = {
    'says nothing': () => {},
    'hangs up': (socket) => socket.destroy(),
    'breaks off': (socket) => socket.resetAndDestroy(),
    'breaks off in the middle': (socket) => socket.once('data', () => socket.resetAndDestroy()),
    'speaks HTTP': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'speaks nonsense': (socket) =>
      socket.on('data', () => socket.write(Buffer.concat([Buffer.from([0, 0, 2, 0]), randomBytes(512)]))),
    'answers with nothing': (socket) => socket.on('data', () => socket.write(Buffer.alloc(64))),
    'speaks TLS': (socket) => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])),
  }
  for (const [habit, does] of Object.entries(habits))
    it(`ends nothing when it ${habit}`, async () => {
      const server = createServer((socket) => {
        socket.on('error', () => {})
        does(socket)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const house = await houseAt(port)
      const log = heardBy(house)
      const events = startEvents(house.ctx)
      if (habit !== 'says nothing') await until(() => log.length > 0)
      assert.ok(!log.includes('kafka.joined'))
      const began = performance.now()
      await events.stop()
      assert.ok(performance.now() - began < 4000)
      assert.equal((await house.call('GET', '/healthz')).status, 200)
      await house.stop()
      server.close()
    })
})
