import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, newPerson, type Person } from './people.ts'

const COUNT = 1234

onEveryEngine('OpenWiFi: pages of many users', (engine) => {
  let house: House
  let root: Person
  /** ids in the order of the list, root first */
  let users: string[]
  let subscribers: string[]

  const idOf = (n: number) => `${String((n * 7919) % 10_000).padStart(8, '0')}-0000-4000-8000-000000000000`

  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
    const { db } = house.ctx
    const first = await db.selectFrom('account').selectAll().where('id', '=', root.id).executeTakeFirstOrThrow()
    const rows = Array.from({ length: COUNT }, (_, n) => ({
      ...first,
      id: idOf(n),
      email: `u${n}@example.org`,
      name: n % 3 === 0 ? `Fox ${n}` : `Hen ${n}`,
      owner: n % 2 === 0 ? 'north' : 'south',
      role: n % 5 === 0 ? 'subscriber' : 'csr',
      population: n % 5 === 0 ? 'subscriber' : 'user',
      // Whole batches came at the same moment: the order must not depend on the time alone.
      created: first.created + Math.floor(n / 400) * 1000,
    }))
    for (let at = 0; at < COUNT; at += 200)
      await db
        .insertInto('account')
        .values(rows.slice(at, at + 200))
        .execute()
    const notes = rows.flatMap(({ id }, n) =>
      n % 4 === 0 ? [{ id: `note-${n}`, account_id: id, created: n, created_by: 'root', note: `note ${n}` }] : [],
    )
    await db.insertInto('account_note').values(notes).execute()
    const sorted = [first, ...rows].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
    const idsOf = (population: string) => sorted.filter((row) => row.population === population).map(({ id }) => id)
    users = idsOf('user')
    subscribers = idsOf('subscriber')
  })
  after(() => house.stop())

  const page = async (query: string, place = 'users') => {
    const reply = await house.call('GET', `/api/v1/${place}?${query}`, { headers: bearer(root.token) })
    assert.equal(reply.status, 200, reply.text)
    return reply.json.users as { id: string; name: string; notes: { note: string }[] }[]
  }
  const ids = async (query: string, place?: string) => (await page(query, place)).map(({ id }) => id)
  const walk = async (limit: number, query = '', place = 'users') => {
    const seen: string[] = []
    for (let offset = 0; ; offset += limit) {
      const some = await ids(`offset=${offset}&limit=${limit}${query}`, place)
      seen.push(...some)
      if (some.length < limit) return seen
    }
  }

  it('walked to the end show everybody once, oldest first', async () => {
    for (const limit of [500, 100, 333]) assert.deepEqual(await walk(limit), users)
    assert.deepEqual(await walk(100, '', 'subusers'), subscribers)
  })

  it('begin where they are asked to, in any order', async () => {
    for (const [offset, limit] of [
      [users.length - 1, 500],
      [0, 1],
      [users.length, 1],
      [500, 500],
      [users.length + 500, 500],
      [499, 2],
      [7, 0],
      [0, 10_000],
    ] as const)
      assert.deepEqual(await ids(`offset=${offset}&limit=${limit}`), users.slice(offset, offset + limit))
  })

  it('have two thousand on them at the most', async () => {
    const { db } = house.ctx
    const first = await db.selectFrom('account').selectAll().where('id', '=', users[1]!).executeTakeFirstOrThrow()
    const rows = Array.from({ length: 1200 }, (_, n) => ({
      ...first,
      id: `f${String(n).padStart(7, '0')}-0000-4000-8000-000000000000`,
      email: `more${n}@example.org`,
      created: first.created + 1_000_000,
    }))
    for (let at = 0; at < rows.length; at += 200)
      await db
        .insertInto('account')
        .values(rows.slice(at, at + 200))
        .execute()
    const everybody = [...users, ...rows.map(({ id }) => id)]
    for (const limit of [1999, 2000, 2001, 10_000, 999_999_999])
      assert.deepEqual(await ids(`limit=${limit}`), everybody.slice(0, Math.min(limit, 2000)))
    await db.deleteFrom('account').where('email', 'like', 'more%').execute()
  })

  it('carry the notes of those on them, and of nobody else', async () => {
    const seen = await page('offset=400&limit=500')
    const noted = seen.filter(({ notes }) => notes.length > 0)
    assert.ok(noted.length > 50)
    for (const { name, notes } of noted) assert.equal(notes[0]?.note, `note ${name.split(' ')[1]}`)
  })

  it('are of those who were searched for', async () => {
    const all = await page('limit=10000')
    const foxes = all.filter(({ name }) => name.startsWith('Fox')).map(({ id }) => id)
    assert.deepEqual(await walk(100, '&nameSearch=fox'), foxes)
    const some = all.filter(({ name }) => /^Fox .*9$/.test(name)).map(({ id }) => id)
    assert.deepEqual(await walk(7, '&nameSearch=FOX&emailSearch=9@'), some)
    const { db } = house.ctx
    const north = await db.selectFrom('account').select('id').where('owner', '=', 'north').execute()
    const northern = new Set(north.map(({ id }) => id))
    assert.deepEqual(
      await walk(50, '&operatorId=north', 'subusers'),
      subscribers.filter((id) => northern.has(id)),
    )
  })

  it('follow what was deleted and added meanwhile', async () => {
    assert.deepEqual(await ids('offset=0&limit=500'), users.slice(0, 500))
    const [gone] = users.splice(250, 1)
    await house.call('DELETE', `/api/v1/user/${gone}`, { headers: bearer(root.token) })
    assert.deepEqual(await ids('offset=500&limit=500'), users.slice(500, 1000))
    house.clock.turn(60_000)
    const late = await newPerson(house, root)
    assert.deepEqual(await ids(`offset=${users.length}&limit=500`), [late.id])
    users.push(late.id)
    assert.deepEqual(await walk(500), users)
  })
})
