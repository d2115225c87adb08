import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { readKeys as parse, readKey } from 'openpgp'
import { dearmor } from '#src/lib/openpgp/armor.ts'
import { bloatedKey } from '#src/lib/openpgp/bloated-key.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newPerson } from '../guard/person.ts'
import { bring, madeKey, ownerOf, readKeys } from './owners.ts'

onEveryEngine('Keys that are made to be a burden', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())
  beforeEach(() => house.clock.turn(1000))

  const at = (email: string) => house.call('GET', `/pks/lookup?op=get&search=${email}`)
  /** How often the engine is asked for something while `work` runs. */
  const countingWork = async (work: () => Promise<unknown>): Promise<number> => {
    const { openpgp } = house.ctx.workers
    const { forAddress, inspect } = openpgp
    let count = 0
    openpgp.forAddress = (input) => {
      count++
      return forAddress(input)
    }
    openpgp.inspect = (input) => {
      count++
      return inspect(input)
    }
    await work().finally(() => Object.assign(openpgp, { forAddress, inspect }))
    return count
  }

  it('are shown with the newest of what they say of themselves, and looked at once', async () => {
    const person = await newPerson(house, 'again@example.org')
    const made = house.clock.now()
    await bring(person, await bloatedKey('again@example.org', { now: made, times: 300 }))
    const [key] = await parse({ binaryKeys: armoredBytes(await at('again@example.org')) })
    const times = key!.users[0]!.selfCertifications.map(({ created }) => Number(created))
    assert.equal(times.length, 16)
    assert.equal(Math.max(...times), Math.floor((made - 86_400_000 + 300_000) / 1000) * 1000)
    assert.equal(await countingWork(() => at('again@example.org')), 0)
  })

  it('are ten at one address, however many were revoked there', async () => {
    const { person } = await ownerOf(house, 'many@example.org')
    const now = house.clock.now()
    const made = await Promise.all(
      Array.from({ length: 24 }, () => bloatedKey('many@example.org', { now, times: 2, revoked: true })),
    )
    for (const key of made) {
      house.clock.turn(10)
      await bring(person, key)
    }
    house.clock.turn(1000)
    const keys = await readKeys(house, armoredBytes(await at('many@example.org')))
    assert.equal(keys.length, 10)
    assert.equal(keys.filter((key) => key.keys[0]!.revoked).length, 9)
    const { rows } = await house.ctx.database.query
      .selectFrom('lasting_revocation')
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .where('address', '=', 'many@example.org')
      .executeTakeFirstOrThrow()
    assert.equal(Number(rows), 20)
    const newest = (await readKey({ binaryKey: made.at(-1)! })).getFingerprint().toUpperCase()
    assert.ok(keys.some(({ fingerprint }) => fingerprint === newest))
  })

  it('that are too large are not shown', async () => {
    const { key } = await ownerOf(house, 'large@example.org')
    assert.equal((await at('large@example.org')).status, 200)
    // As it may have been kept before there was a bound for what is brought.
    const certificate = await bloatedKey('large@example.org', { now: house.clock.now(), times: 12, note: 30_000 })
    const { fingerprint } = key.info
    const rings = house.ctx.database.query.updateTable('key_ring')
    await rings.set({ certificate }).where('fingerprint', '=', fingerprint).execute()
    assert.equal((await at('large@example.org')).status, 404)
  })

  it('can be asked for by so many at a time, and nobody who signs in waits for them', async () => {
    const person = await newPerson(house, 'crowd@example.org')
    const keys = await Promise.all(Array.from({ length: 29 }, () => madeKey(house, 'crowd@example.org')))
    await bring(person, Buffer.concat(keys.map(({ certificate }) => certificate)))
    const { openpgp } = house.ctx.workers
    const { forAddress } = openpgp
    const gate = Promise.withResolvers<void>()
    openpgp.forAddress = (input) => gate.promise.then(() => forAddress(input))
    const asked = keys.map(({ info }) => house.call('GET', `/vks/v1/by-fingerprint/${info.fingerprint}`))
    const refused: Awaited<(typeof asked)[number]>[] = []
    for (const reply of asked) void reply.then((it) => void (it.status === 503 && refused.push(it)))
    try {
      // One at work and sixteen that wait: the others hear at once that they have to come again.
      for (let tries = 0; refused.length < 12 && tries < 100; tries++) await setTimeout(50)
      assert.equal(refused.length, 12)
      assert.ok(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0))
      const reply = await person.call('GET', '/oxguard/keys?action=getKeys')
      assert.equal(reply.json.data.keyRings.length, 29)
    } finally {
      gate.resolve()
      openpgp.forAddress = forAddress
    }
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    assert.deepEqual(
      [200, 503].map((one) => statuses.filter((status) => status === one).length),
      [17, 12],
    )
  })
})

/** The packets in an armored answer. */
function armoredBytes({ text }: { text: string }): Uint8Array {
  return Buffer.concat(dearmor(Buffer.from(text)).map(({ data }) => data))
}
