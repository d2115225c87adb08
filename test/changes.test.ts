import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { sweepChanges } from '#src/domain/sessions/change-store.ts'
import { answersOf } from '#src/protocols/openwifi/hot-answers.ts'
import { engines, type House, startHouse } from '#src/testing.ts'
import { keptAnswer } from './conformance/openwifi/keys.ts'
import { asRoot, bearer, change, login, newPerson, PASSWORD, type Person } from './conformance/openwifi/people.ts'

const skip = engines.includes('postgres') ? false : 'there is no PostgreSQL'
// What is promised, on a clock that no test turns.
const KNOWN_AFTER = 1000

const validate = (house: House, by: Person, token: string) =>
  house.call('GET', `/api/v1/validateToken?token=${token}`, { headers: bearer(by.token) })
const shownName = async (house: House, by: Person, token: string): Promise<string> =>
  (await validate(house, by, token)).json.userInfo.name

/** Somebody who works on the database beside us. */
async function neighbour(house: House): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: house.ctx.config.databaseUrl })
  await client.connect()
  return client
}

describe('Changes on PostgreSQL', { skip }, () => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine: 'postgres' })
    root = await asRoot(house)
  })
  after(() => house.stop())

  it('are seen in whatever order they are committed', async () => {
    const [early, late] = [await newPerson(house, root), await newPerson(house, root)]
    const [first, second] = [await neighbour(house), await neighbour(house)]
    try {
      for (const { token } of [early, late]) await keptAnswer(house, () => validate(house, root, token))
      const rename = "update account set name = 'changed' where id = $1"
      for (const client of [first, second]) await client.query('begin')
      await first.query(rename, [early.id])
      await second.query(rename, [late.id])
      await second.query('commit')
      await sleep(KNOWN_AFTER)
      assert.equal(await shownName(house, root, late.token), 'changed')
      await keptAnswer(house, () => validate(house, root, early.token))
      await first.query('commit')
      await sleep(KNOWN_AFTER)
      assert.equal(await shownName(house, root, early.token), 'changed')
    } finally {
      await Promise.all([first.end(), second.end()])
    }
  })

  it('are told to those who wait only when somebody’s access ends', async () => {
    const client = await neighbour(house)
    let told = 0
    client.on('notification', () => told++)
    try {
      await client.query('listen chatelaine_change')
      const heard = async () => {
        // Notifications come before the answer to a query that is asked later.
        await client.query('select 1')
        const now = told
        told = 0
        return now
      }
      const someone = await newPerson(house, root)
      const { access_token: token } = (await login(house, someone.email, PASSWORD)).json
      await change(house, root, someone.id, { name: 'Somebody' })
      assert.equal(await heard(), 0)
      await house.call('DELETE', `/api/v1/oauth2/${token}`, { headers: bearer(token) })
      assert.equal(await heard(), 1)
      await change(house, root, someone.id, { suspended: true })
      assert.ok((await heard()) > 0)
      await house.call('DELETE', `/api/v1/user/${someone.id}`, { headers: bearer(root.token) })
      assert.ok((await heard()) > 0)
    } finally {
      await client.end()
    }
  })

  it('are forgotten once everybody has seen them, and those of another life of the database', async () => {
    const { ctx } = house
    const count = async () =>
      Number((await sql<{ n: number }>`select count(*) as n from account_change`.execute(ctx.db)).rows[0]!.n)
    const someone = await newPerson(house, root)
    await change(house, root, someone.id, { name: 'before' })
    await sweepChanges(ctx, 0)
    const open = await neighbour(house)
    try {
      await open.query('begin')
      await open.query("update account set name = 'in between' where id = $1", [someone.id])
      await sql`insert into account_change (xid, account_id) values ('9000000000000000000'::xid8, 'x')`.execute(ctx.db)
      assert.ok((await sweepChanges(ctx, 0)) > 1)
      await open.query('commit')
    } finally {
      await open.end()
    }
    // It was not over when the sweep before looked: somebody may not have seen it yet.
    assert.deepEqual([await sweepChanges(ctx, 0), await count()], [0, 1])
    assert.deepEqual([await sweepChanges(ctx, 0), await count()], [1, 0])
  })

  it('count how often answers were kept', async () => {
    const { counts } = answersOf(house.ctx)
    const someone = await newPerson(house, root)
    const was = { ...counts }
    await validate(house, root, someone.token)
    await keptAnswer(house, () => validate(house, root, someone.token))
    assert.ok(counts.hits > was.hits && counts.misses > was.misses, JSON.stringify(counts))
  })

  it('of the schema are survived by statements that were prepared before', async () => {
    const someone = await newPerson(house, root)
    const everything = async () => {
      const asked = Array.from({ length: 20 }, async () => {
        assert.equal((await house.call('GET', '/api/v1/users', { headers: bearer(root.token) })).status, 200)
        assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
      })
      await Promise.all(asked)
    }
    await everything()
    await everything()
    const { rows } = await sql<{ n: number }>`select count(*) as n from pg_prepared_statements`.execute(house.ctx.db)
    assert.ok(Number(rows[0]!.n) > 5)
    for (const table of ['account', 'session', 'factor', 'address', 'known_network'])
      await sql`alter table ${sql.table(table)} add column later text not null default ''`.execute(house.ctx.db)
    await everything()
    await everything()
  })
})

describe('Changes on PostgreSQL behind a pooler by transaction', { skip }, () => {
  it('are seen without prepared statements and without being told', async () => {
    const house = await startHouse({ engine: 'postgres', settings: { CHATELAINE_DATABASE_PREPARE: 'off' } })
    const client = await neighbour(house)
    try {
      const root = await asRoot(house)
      const someone = await newPerson(house, root)
      await keptAnswer(house, () => validate(house, root, someone.token))
      for (let time = 0; time < 5; time++) await validate(house, root, someone.token)
      await client.query('delete from session where account_id = $1', [someone.id])
      await sleep(KNOWN_AFTER)
      assert.equal((await validate(house, root, someone.token)).status, 404)
      const prepared = await sql<{ n: number }>`select count(*) as n from pg_prepared_statements`.execute(house.ctx.db)
      assert.equal(Number(prepared.rows[0]!.n), 0)
    } finally {
      await client.end()
      await house.stop()
    }
  })
})
