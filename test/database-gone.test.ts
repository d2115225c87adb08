import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { engines, freshPostgres, type House, type Reply, startHouse } from '#src/testing.ts'
import { asRoot, bearer, newPerson, type Person } from './conformance/openwifi/people.ts'
import { openWire } from './database-wire.ts'

const BODY = { json: { username: 'root@example.org', password: 'Some-Password-1' } }
const SESSION = { 'X-Axigen-Session': 'a'.repeat(32), Authorization: 'Basic cm9vdDp4' }

/** A call of every protocol that has to ask the database. */
const calls: Record<string, (house: House, root: Person) => Promise<Reply>> = {
  openwifi: (house, root) => house.call('GET', '/api/v1/users', { headers: bearer(root.token) }),
  'the hot path': (house, root) =>
    house.call('GET', `/api/v1/validateToken?token=${root.token}`, { headers: bearer(root.token) }),
  mailbox: (house) => house.call('POST', '/api/v1/login/cookie', BODY),
  administration: (house) => house.call('GET', '/api/v1/admin/accounts', { headers: SESSION }),
  mail: (house) => house.call('POST', '/api/v1/mail/plan', { json: {}, headers: SESSION }),
  guard: (house) =>
    house.call('POST', '/appsuite/api/login?action=login', { form: { name: 'root@example.org', password: 'x' } }),
  guests: (house) => house.call('POST', '/api/v1/guest/login', { json: { address: 'x@example.net', password: 'x' } }),
  keyserver: (house) => house.call('GET', '/pks/lookup?op=get&options=mr&search=root@example.org'),
  vks: (house) => house.call('GET', '/vks/v1/by-email/root%40example.org'),
}

async function allSayBusy(house: House, root: Person): Promise<void> {
  const said = await Promise.all(
    Object.entries(calls).map(async ([protocol, call]) => {
      const { status, headers, text } = await call(house, root)
      assert.doesNotMatch(text, /ECONN|timeout|terminated|127\.0\.0\.1/)
      return [protocol, `${status} ${headers.get('retry-after')}`]
    }),
  )
  assert.deepEqual(Object.fromEntries(said), Object.fromEntries(Object.keys(calls).map((name) => [name, '503 2'])))
}

describe('A database that is gone', { skip: engines.includes('postgres') ? false : 'there is no PostgreSQL' }, () => {
  it('is told as 503 by every protocol, whether it refuses, falls silent or throws everybody out; then all goes on', async () => {
    const database = await freshPostgres(process.env.CHATELAINE_TEST_TEMPLATE)
    const wire = await openWire(database.url)
    const house = await startHouse({ engine: 'postgres', settings: { CHATELAINE_DATABASE_URL: wire.url } })
    try {
      const root = await asRoot(house)
      const works = async () => {
        for (let tries = 0; tries < 100; tries++) {
          if ((await calls.openwifi!(house, root)).status === 200) return
          await sleep(50)
        }
        throw new Error('it did not recover')
      }
      await works()
      await wire.cut()
      await allSayBusy(house, root)
      await wire.mend()
      await works()
      wire.freeze()
      await allSayBusy(house, root)
      wire.thaw()
      await works()
      // As an operator who restarts the server: idle connections hear of it, or the next query does.
      const { query } = house.ctx.database
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(query)
      await works()
    } finally {
      wire.thaw()
      await house.stop()
      await wire.close()
      await database.drop()
    }
  })
})

describe('A disk that is full', () => {
  it('is told as 503, changes nothing, and all goes on when there is room', async () => {
    const house = await startHouse()
    try {
      const root = await asRoot(house)
      const someone = await newPerson(house, root)
      const { query } = house.ctx.database
      const pragma = async (name: string) =>
        Object.values((await sql<object>`${sql.raw(`pragma ${name}`)}`.execute(query)).rows[0]!)[0] as number
      await pragma(`max_page_count = ${await pragma('page_count')}`)
      const note = (n: number) =>
        house.call('PUT', `/api/v1/user/${someone.id}`, {
          json: { notes: [{ note: `${n} ${'long '.repeat(200)}` }] },
          headers: bearer(root.token),
        })
      let full: Reply | undefined
      for (let n = 0; n < 200 && !full; n++) {
        const reply = await note(n)
        if (reply.status !== 200) full = reply
      }
      assert.ok(full, 'it never was full')
      assert.equal(`${full.status} ${full.headers.get('retry-after')}`, '503 2', full.text)
      const read = await house.call('GET', `/api/v1/user/${someone.id}`, { headers: bearer(root.token) })
      assert.equal(read.status, 200, read.text)
      await pragma('max_page_count = 1000000')
      assert.equal((await note(0)).status, 200)
      assert.equal(await pragma('integrity_check'), 'ok')
    } finally {
      await house.stop()
    }
  })
})
