import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { firstHouse } from './migrations/0001-first-house.ts'
import { openwifiInFull } from './migrations/0002-openwifi-in-full.ts'
import { accountSecurity } from './migrations/0003-account-security.ts'
import { openpgpKeys } from './migrations/0004-openpgp-keys.ts'
import { encryptedMail } from './migrations/0005-encrypted-mail.ts'
import { directory } from './migrations/0006-directory.ts'
import { type Database, migrate, openSqlite } from './open.ts'

const first: Record<string, Migration> = { '0001-first-house': { up: (db) => firstHouse(db, 'sqlite') } }
const second: Record<string, Migration> = {
  ...first,
  '0002-openwifi-in-full': { up: (db) => openwifiInFull(db, 'sqlite') },
}
const third: Record<string, Migration> = {
  ...second,
  '0003-account-security': { up: (db) => accountSecurity(db, 'sqlite') },
}
const fourth: Record<string, Migration> = {
  ...third,
  '0004-openpgp-keys': { up: (db) => openpgpKeys(db, 'sqlite') },
}
const fifth: Record<string, Migration> = {
  ...fourth,
  '0005-encrypted-mail': { up: (db) => encryptedMail(db, 'sqlite') },
}
const sixth: Record<string, Migration> = {
  ...fifth,
  '0006-directory': { up: (db) => directory(db, 'sqlite') },
}

// As the first version wrote them: later columns are not named.
const account = {
  id: '6a1de5bb-6c0e-4b5e-9d3b-b6a9a5f3c001',
  email: 'ada@example.org',
  role: 'csr',
  created: 1,
  modified: 1,
  unlock_salt: 'salt',
}
const factor = { id: 'phone', account_id: account.id, kind: 'sms', target: '+41446681800', created: 1, last_step: 0 }
const session = {
  id: 'open',
  account_id: account.id,
  protocol: 'mailbox',
  state: 'full',
  generation: 0,
  handle: 'handle',
  created: 1,
  last_seen: 1,
  expires: 2,
  network: '192.0.2.1',
  agent: 'old',
}

const ring = {
  id: 'first',
  account_id: account.id,
  fingerprint: 'A'.repeat(40),
  key_id: 'A'.repeat(16),
  certificate: new Uint8Array([1]),
  is_current: 1,
  created: 1,
  modified: 1,
}
const message = {
  id: 'letter',
  channel: 'mail',
  recipient: 'ada@example.org',
  content: 'sealed',
  created: 1,
  due: 1,
  expires: 2,
  state: 'queued',
}
const line = {
  id: 'line',
  at: 1,
  event: 'sign-in.done',
  account_id: account.id,
  protocol: 'mailbox',
  network: '192.0.2.0/24',
  detail: '{}',
}
// The example of the draft (draft-koch-openpgp-webkey-service, section 3.1).
const WKD_OF_JOE = 'iy9q119eutrkn8s1mk4r39qejnbu3n5q'

/** What `old` says to a database that has had these migrations, and `then` to the same one brought up to date. */
async function upgraded(
  migrations: Record<string, Migration>,
  old: (database: Database) => Promise<void>,
  then: (database: Database) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-upgrade-'))
  const path = join(folder, 'chatelaine.sqlite')
  try {
    const before = openSqlite(path)
    const { error } = await new Migrator({
      db: before.query,
      provider: { getMigrations: async () => migrations },
    }).migrateToLatest()
    assert.equal(error, undefined)
    await old(before)
    await before.close()
    const now = openSqlite(path)
    try {
      await migrate(now)
      await then(now)
    } finally {
      await now.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Table = 'account' | 'factor' | 'session' | 'address' | 'key_ring' | 'key_profile' | 'message' | 'audit'
const insert = (database: Database, table: Table, row: object) =>
  database.query
    .insertInto(table)
    .values(row as never)
    .execute()

it('a database of the first version keeps its people when it is brought up to date', () =>
  upgraded(
    first,
    async (database) => {
      await insert(database, 'account', account)
    },
    async (database) => {
      const kept = await database.query.selectFrom('account').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual(
        { email: kept.email, role: kept.role, population: kept.population, signing_up: kept.signing_up },
        { email: 'ada@example.org', role: 'csr', population: 'user', signing_up: '' },
      )
      // And the version before can go on writing while it is replaced.
      await insert(database, 'account', { ...account, id: 'second', email: 'bob@example.org' })
    },
  ))

it('a database of the second version keeps its factors and sessions', () =>
  upgraded(
    second,
    async (database) => {
      await insert(database, 'account', account)
      await insert(database, 'factor', factor)
      await insert(database, 'session', session)
    },
    async (database) => {
      const phone = await database.query.selectFrom('factor').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual({ name: phone.name, recovered: phone.recovered }, { name: '', recovered: 0 })
      const open = await database.query.selectFrom('session').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual({ state: open.state, stepped: open.stepped }, { state: 'full', stepped: 0 })
      await insert(database, 'factor', { ...factor, id: 'other', target: '+41446681801' })
      await insert(database, 'session', { ...session, id: 'next', handle: 'other' })
    },
  ))

it('a database of the third version keeps its keys, and its addresses are found in the Web Key Directory', () =>
  upgraded(
    third,
    async (database) => {
      await insert(database, 'account', account)
      // More than are named in one go.
      for (let n = 0; n < 1002; n++)
        await insert(database, 'address', { address: `joe.doe${n}@example.org`, account_id: account.id, created: 1 })
      await insert(database, 'address', { address: 'joe.doe@example.org', account_id: account.id, created: 1 })
      await insert(database, 'key_ring', ring)
    },
    async (database) => {
      const kept = await database.query.selectFrom('key_ring').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual(
        { escrow: kept.escrow, published: kept.published, expires: kept.expires, reminded: kept.reminded },
        { escrow: null, published: 1, expires: -1, reminded: 0 },
      )
      const named = database.query.selectFrom('address').select('address').where('wkd', '=', WKD_OF_JOE)
      assert.deepEqual(
        (await named.execute()).map(({ address }) => address),
        ['joe.doe@example.org'],
      )
      const nameless = database.query.selectFrom('address').select('address').where('wkd', '=', '')
      assert.deepEqual(await nameless.execute(), [])
      await insert(database, 'key_ring', { ...ring, id: 'second', fingerprint: 'B'.repeat(40), is_current: 0 })
    },
  ))

it('a database of the fourth version keeps its keys under the salt of their owners, and has no guests', () =>
  upgraded(
    fourth,
    async (database) => {
      await insert(database, 'account', account)
      await insert(database, 'key_ring', ring)
      await insert(database, 'key_profile', { account_id: account.id, signs: 1 })
    },
    async (database) => {
      const kept = await database.query.selectFrom('key_ring').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual({ id: kept.id, unlock_salt: kept.unlock_salt }, { id: 'first', unlock_salt: '' })
      const profile = await database.query.selectFrom('key_profile').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual({ signs: profile.signs, at_rest: profile.at_rest }, { signs: 1, at_rest: 0 })
      for (const table of ['guest', 'guest_item', 'locked_secret', 'deleted_ring', 'delivery'] as const)
        assert.deepEqual(await database.query.selectFrom(table).selectAll().execute(), [], table)
      // And the version before can go on writing while it is replaced.
      await insert(database, 'key_ring', { ...ring, id: 'second', fingerprint: 'B'.repeat(40), is_current: 0 })
    },
  ))

it('a database of the fifth version gets the indexes that lists of people are read by', () =>
  upgraded(
    fifth,
    async (database) => {
      await insert(database, 'account', { ...account, name: 'Ada Lovelace' })
    },
    async (database) => {
      const plan = await sql<{ detail: string }>`explain query plan select id from account
        where population = 'user' and lower(name) >= 'ada' and lower(name) < 'adb' order by lower(name), email`.execute(
        database.query,
      )
      assert.match(plan.rows.map(({ detail }) => detail).join(), /^SEARCH account USING INDEX account_name/)
      await insert(database, 'account', { ...account, id: 'second', email: 'bob@example.org' })
    },
  ))

it('a database of the sixth version keeps its record and what waits in the outbox, and both are found by index', () =>
  upgraded(
    sixth,
    async (database) => {
      await insert(database, 'message', message)
      await insert(database, 'audit', line)
    },
    async (database) => {
      const kept = await database.query.selectFrom('message').selectAll().executeTakeFirstOrThrow()
      assert.deepEqual(
        { content: kept.content, state: kept.state, template: kept.template, held: kept.held },
        { content: 'sealed', state: 'queued', template: '', held: 0 },
      )
      assert.equal((await database.query.selectFrom('audit').select('id').executeTakeFirst())?.id, 'line')
      const plans = [
        ['audit', "event = 'x' order by at desc, id desc", 'audit_event'],
        ['audit', "network = 'x' order by at desc, id desc", 'audit_network'],
        ['audit', "protocol = 'x' order by at desc, id desc", 'audit_protocol'],
        ['audit', "actor_id = 'x' order by at desc, id desc", 'audit_actor'],
        ['audit', 'at < 5 order by at desc, id desc', 'audit_place'],
        ['message', "state = 'failed' order by created desc, id desc", 'message_state'],
        ['message', "state = 'sent' and channel = 'sms' order by due desc", 'message_channel'],
        ['delivery', "state = 'failed' order by created desc, id desc", 'delivery_state'],
      ] as const
      for (const [table, sought, index] of plans) {
        const plan = await sql<{ detail: string }>`explain query plan select * from ${sql.table(table)}
          where ${sql.raw(sought)}`.execute(database.query)
        assert.match(plan.rows.map(({ detail }) => detail).join(), new RegExp(`^SEARCH ${table} USING INDEX ${index} `))
      }
      // And the version before can go on writing while it is replaced.
      await insert(database, 'message', { ...message, id: 'second' })
      await insert(database, 'audit', { ...line, id: 'other' })
    },
  ))
