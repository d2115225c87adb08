import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { refreshKeys } from '#src/domain/discovery/discovery.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { armored, friendsKey, openWorld, revoked, type World } from './friends.ts'
import { newPerson, type Person } from './person.ts'

const HOUR = 3_600_000
const sources = 'tenant=5,https://vks.example.net=3'
const longSessions = { CHATELAINE_SESSION_IDLE: '100000000', CHATELAINE_SESSION_LIFETIME: '100000000' }

onEveryEngine('a found key that is asked for again in the background', (engine) => {
  let house: House
  let world: World
  let me: Person
  before(async () => {
    world = await openWorld()
    const settings = { ...world.settings, CHATELAINE_KEY_SOURCES: sources, ...longSessions }
    house = await startHouse({ engine, settings })
    me = await newPerson(house, 'me@example.org')
  })
  after(async () => {
    await house.stop()
    await world.close()
  })
  afterEach(() => {
    world.instead = undefined
  })

  const now = () => house.clock.now()
  const find = async (email: string) => {
    const { json, text } = await me.call('GET', `/oxguard/keys?action=getRecipKey&email=${email}`)
    assert.equal(json.error, undefined, text)
    return { id: json.data.publicRing?.keys[0].keyId, reason: json.data.reason }
  }
  const askedFor = (name: string) => world.asked().filter((path) => path.endsWith(name)).length

  /** Asks for it again as the job does, while its server keeps us waiting, until what happens meanwhile has happened. */
  async function meanwhile(files: Record<string, string>, happens: () => Promise<void>): Promise<void> {
    const go = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    world.instead = async ({ url = '' }, response) => {
      const name = decodeURIComponent(url.split('/').at(-1)!)
      if (url.includes('by-fingerprint')) {
        begun.resolve()
        await go.promise
      }
      response.writeHead(name in files ? 200 : 404).end(files[name])
    }
    const refreshing = refreshKeys(house.ctx)
    await begun.promise
    try {
      await happens()
    } finally {
      go.resolve()
      await refreshing
    }
  }

  it('is no better for it meanwhile: whoever wants it asks for himself', async () => {
    const email = 'hit@friend.example'
    const key = await friendsKey(email, { now: now() })
    const { keyId, fingerprint } = key.info
    world.vks(email, armored(key.certificate))
    assert.deepEqual(await find(email), { id: keyId, reason: undefined })
    house.clock.turn(200 * HOUR)
    const bad = armored(await revoked(key, now()))
    await meanwhile({ [email]: bad, [fingerprint]: armored(key.certificate) }, async () => {
      assert.deepEqual(await find(email), { id: keyId, reason: 'revoked' })
    })
    assert.deepEqual(await find(email), { id: keyId, reason: 'revoked' })
  })

  it('does not take the place of a newer one that somebody has found meanwhile', async () => {
    const email = 'new@friend.example'
    const [first, second] = [await friendsKey(email, { now: now() }), await friendsKey(email, { now: now() })]
    world.vks(email, armored(first.certificate))
    assert.equal((await find(email)).id, first.info.keyId)
    for (const answer of [armored(first.certificate), null]) {
      house.clock.turn(200 * HOUR)
      const files: Record<string, string> = { [email]: armored(second.certificate) }
      if (answer) files[first.info.fingerprint] = answer
      await house.ctx.database.query
        .updateTable('found_key')
        .set({ certificate: first.certificate, fingerprint: first.info.fingerprint })
        .where('address', '=', email)
        .execute()
      await meanwhile(files, async () => assert.equal((await find(email)).id, second.info.keyId))
      world.instead = undefined
      assert.equal((await find(email)).id, second.info.keyId)
      const rows = await house.ctx.database.query
        .selectFrom('found_key')
        .select(['fingerprint', 'claimed'])
        .where('address', '=', email)
        .execute()
      assert.deepEqual(
        rows.map(({ fingerprint, claimed }) => [fingerprint, Number(claimed)]),
        [[second.info.fingerprint, 0]],
      )
    }
  })

  it('is asked for by one process at a time, and again when that one has died', async () => {
    const email = 'once@friend.example'
    const key = await friendsKey(email, { now: now() })
    const { fingerprint } = key.info
    world.vks(email, armored(key.certificate))
    world.vks(fingerprint, armored(key.certificate))
    await find(email)
    const due = (claimed: number) =>
      house.ctx.database.query
        .updateTable('found_key')
        .set({ expires: now() - 1, claimed })
        .where('address', '=', email)
        .execute()
    await due(0)
    await Promise.all(Array.from({ length: 5 }, () => refreshKeys(house.ctx)))
    assert.equal(askedFor(fingerprint), 1)
    await due(now() + 600_000)
    await refreshKeys(house.ctx)
    assert.equal(askedFor(fingerprint), 1)
    house.clock.turn(600_000)
    await refreshKeys(house.ctx)
    assert.equal(askedFor(fingerprint), 2)
  })
})
