import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { endedTokens, forgetEnded, rememberAnnounced, sweepServices } from '#src/domain/services/services.ts'
import { minutes } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { messageKey, presence, readEvent, tokenEnded } from '#src/protocols/openwifi/service-events.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { keysOf, newKey } from './keys.ts'
import { asRoot, bearer, change, newPerson, type Person } from './people.ts'
import { bySibling, internal } from './sibling.ts'

const said = (more: Record<string, unknown> = {}) => ({
  event: 'keep-alive',
  id: 12_345,
  type: 'owgw',
  publicEndPoint: 'https://gw.example.org:16002/',
  privateEndPoint: 'https://gw.internal:17002',
  key: 'k',
  version: '3.2.0(1)',
  ...more,
})
const read = (value: unknown) => readEvent(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))

describe('OpenWiFi: what services say on the bus', () => {
  const announcement = {
    type: 'owgw',
    publicUri: 'https://gw.example.org:16002',
    privateUri: 'https://gw.internal:17002',
    version: '3.2.0(1)',
    key: 'k',
  }

  it('is that they are here or gone', () => {
    assert.deepEqual(read(said()), { says: 'here', announcement })
    assert.deepEqual(read(said({ event: 'join', more: [1] })), { says: 'here', announcement })
    assert.deepEqual(read(said({ event: 'leave' })), { says: 'gone', privateUri: 'https://gw.internal:17002' })
    const bare = { event: 'join', type: 'owfms', publicEndPoint: 'http://fms', privateEndPoint: 'http://fms' }
    assert.deepEqual(read(bare), {
      says: 'here',
      announcement: { type: 'owfms', publicUri: 'http://fms', privateUri: 'http://fms', version: '', key: null },
    })
    const large = JSON.stringify(said()).replace('12345', '18446744073709551615')
    assert.deepEqual(read(large), { says: 'here', announcement })
  })

  it('may be nothing that we need, or can read', () => {
    const deep = '['.repeat(8000) + ']'.repeat(8000)
    const nothing = [
      '',
      'x',
      'null',
      '7',
      '[]',
      '"join"',
      '{"event":"join"',
      deep,
      said({ event: 'remove-token', token: 'x' }),
      said({ event: 'JOIN' }),
      said({ event: ['join'] }),
      said({ type: undefined }),
      said({ type: 'OWGW' }),
      said({ publicEndPoint: null }),
      said({ publicEndPoint: 'file:///etc/passwd' }),
      said({ privateEndPoint: { toString: 'x' } }),
      said({ event: 'leave', privateEndPoint: 'x' }),
      said({ key: 7 }),
      said({ version: 'a\u0000b' }),
      said({ more: 'x'.repeat(20_000) }),
    ]
    for (const one of nothing) assert.equal(read(one), null, JSON.stringify(one).slice(0, 80))
    assert.equal(readEvent(new Uint8Array([0xc3, 0x28])), null)
  })

  it('is written by us as others read it', () => {
    const own = { type: 'owsec', publicUri: 'https://sec:16001', privateUri: 'https://sec:17001' }
    const { id, ...join } = JSON.parse(presence('join', own, { key: 'k', version: '1' }))
    assert.ok(Number.isSafeInteger(id) && id > 0)
    assert.deepEqual(join, {
      event: 'join',
      type: 'owsec',
      publicEndPoint: 'https://sec:16001',
      privateEndPoint: 'https://sec:17001',
      key: 'k',
      version: '1',
    })
    const ended = JSON.parse(tokenEnded(own, 't'))
    assert.deepEqual([ended.event, ended.id, ended.token, ended.key], ['remove-token', id, 't', undefined])
    assert.equal(messageKey(own), 'https://sec:17001')
    assert.equal(messageKey({ ...own, privateUri: null }), 'https://sec:16001')
  })
})

onEveryEngine('OpenWiFi: tokens that siblings may believe in', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: internal })
    root = await asRoot(house)
  })
  after(() => house.stop())

  // After the start, so that nobody looks for these brokers.
  const withKafka = () =>
    Object.assign(house.ctx, { config: { ...house.ctx.config, kafkaBrokers: ['broker.invalid:9092'] } })
  const rows = () => house.ctx.database.query.selectFrom('announced_token').selectAll().execute()
  const ended = async () => (await endedTokens(house.ctx)).map(({ token }) => token)
  const validated = async (token: string, path = '/validateToken?token=') =>
    assert.equal((await bySibling(house, 'GET', `${path}${token}`)).status, 200)

  it('are written down only where somebody can be told', async () => {
    const person = await newPerson(house, root)
    await validated(person.token)
    assert.deepEqual(await rows(), [])
    const facts = { token: person.token, accountId: person.id }
    assert.equal(await rememberAnnounced(house.ctx, facts), Number.POSITIVE_INFINITY)
    withKafka()
    const other = await newPerson(house, root)
    await validated(other.token)
    const [row] = await rows()
    assert.deepEqual([row?.digest, row?.account_id], [sha256(other.token), other.id])
    assert.ok(!JSON.stringify(row).includes(other.token))
  })

  it('are written again every ten minutes at the most, and are known for twenty at the least', async () => {
    const { id: accountId, token } = await newPerson(house, root)
    const remember = () => rememberAnnounced(house.ctx, { token, accountId })
    const expires = async () => (await rows()).find(({ digest }) => digest === sha256(token))?.expires
    const now = house.clock.now()
    assert.equal(await remember(), now + minutes(10))
    const first = await expires()
    assert.equal(first, now + minutes(30))
    house.clock.turn(minutes(9))
    assert.equal(await remember(), now + minutes(10))
    assert.equal(await expires(), first)
    house.clock.turn(minutes(1))
    await Promise.all([remember(), remember()])
    assert.equal(await expires(), now + minutes(40))
    house.clock.turn(minutes(31))
    await sweepServices(house.ctx)
    assert.deepEqual(await rows(), [])
  })

  it('have ended with their session, its generation, or their owner', async () => {
    const acts: ((person: Person) => Promise<unknown>)[] = [
      ({ token }) => house.call('DELETE', `/api/v1/oauth2/${token}`, { headers: bearer(token) }),
      ({ id }) => change(house, root, id, { suspended: true }),
      ({ id }) => change(house, root, id, { blackListed: true }),
      ({ id }) => change(house, root, id, { userRole: 'noc' }),
      ({ id }) => change(house, root, id, { currentPassword: 'Other-Password-1' }),
      ({ id }) => house.call('DELETE', `/api/v1/user/${id}`, { headers: bearer(root.token) }),
    ]
    const stays = await newPerson(house, root)
    await validated(stays.token)
    for (const act of acts) {
      const person = await newPerson(house, root)
      await validated(person.token)
      assert.deepEqual(await ended(), [])
      await act(person)
      const found = await endedTokens(house.ctx)
      assert.deepEqual(
        found.map(({ token }) => token),
        [person.token],
      )
      assert.equal(await forgetEnded(house.ctx, found), 1)
      assert.deepEqual(await ended(), [])
    }
    assert.deepEqual(
      (await rows()).map(({ digest }) => digest),
      [sha256(stays.token)],
    )
  })

  it('are API keys that were removed, and not those of somebody suspended, who may come back', async () => {
    const owner = await newPerson(house, root)
    const { id, apiKey } = await newKey(house, owner)
    await validated(apiKey, '/validateApiKey?apikey=')
    assert.deepEqual(await ended(), [])
    await change(house, root, owner.id, { suspended: true })
    assert.deepEqual(await ended(), [])
    await change(house, root, owner.id, { suspended: false })
    assert.deepEqual(await ended(), [])
    const back = { ...owner, token: root.token }
    await keysOf(house, back, 'DELETE', `${owner.id}?keyUuid=${id}`)
    assert.deepEqual(await ended(), [apiKey])
  })
})
