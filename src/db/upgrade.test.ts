import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { Migrator } from 'kysely/migration'
import { firstHouse } from './migrations/0001-first-house.ts'
import { migrate, openSqlite } from './open.ts'

// As the first version wrote it: later columns are not named.
const account = {
  id: '6a1de5bb-6c0e-4b5e-9d3b-b6a9a5f3c001',
  email: 'ada@example.org',
  role: 'csr',
  created: 1,
  modified: 1,
  unlock_salt: 'salt',
}

it('a database of the first version keeps its people when it is brought up to date', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-upgrade-'))
  const path = join(folder, 'chatelaine.sqlite')
  const old = openSqlite(path)
  const migrations = { '0001-first-house': { up: (db: Parameters<typeof firstHouse>[0]) => firstHouse(db, 'sqlite') } }
  const { error } = await new Migrator({
    db: old.query,
    provider: { getMigrations: async () => migrations },
  }).migrateToLatest()
  assert.equal(error, undefined)
  await old.query
    .insertInto('account')
    .values(account as never)
    .execute()
  await old.close()

  const now = openSqlite(path)
  try {
    await migrate(now)
    const kept = await now.query.selectFrom('account').selectAll().executeTakeFirstOrThrow()
    assert.deepEqual(
      { email: kept.email, role: kept.role, population: kept.population, signing_up: kept.signing_up },
      { email: 'ada@example.org', role: 'csr', population: 'user', signing_up: '' },
    )
    // And the version before can go on writing while it is replaced.
    await now.query
      .insertInto('account')
      .values({ ...account, id: 'second', email: 'bob@example.org' } as never)
      .execute()
  } finally {
    await now.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
