import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { freshPostgres, onEveryEngine } from '#src/testing.ts'
import { type Migrations, runMigrations, stateOf } from './migrating.ts'
import { addIndex } from './migrations/large.ts'
import { type Database, type Engine, migrate, openPostgres, openSqlite, schemaState } from './open.ts'

const silent = { info() {}, warn() {} }

/** A database that several processes open: `open` gives each its own connections. */
async function shared(engine: Engine) {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-migrating-'))
  const postgres = engine === 'postgres' ? await freshPostgres() : null
  const opened: Database[] = []
  return {
    async open(): Promise<Database> {
      const database = postgres ? await openPostgres(postgres.url) : openSqlite(join(folder, 'chatelaine.sqlite'))
      opened.push(database)
      return database
    },
    async close() {
      for (const database of opened) await database.close()
      await postgres?.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const namesIn = async (database: Database, table: string): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(
    database.query,
  )
  return rows.map(({ name }) => name)
}

/** At the same instant; on SQLite one by one: two handles of one process would wait for each other. */
async function together<T>(engine: Engine, all: readonly T[], does: (one: T) => Promise<unknown>): Promise<void> {
  if (engine === 'postgres') await Promise.all(all.map(does))
  else for (const one of all) await does(one)
}

const made = (db: Kysely<unknown>, table: string) =>
  sql`create table ${sql.table(table)} (id integer primary key)`.execute(db)

onEveryEngine('migrations', (engine) => {
  it('are each run once by processes that start on an empty database at the same instant', async () => {
    const house = await shared(engine)
    try {
      const processes = await Promise.all([house.open(), house.open(), house.open()])
      const ran: string[] = []
      const log = {
        ...silent,
        info(event: string, facts: Record<string, unknown> = {}) {
          if (event === 'schema.migrated') ran.push(String(facts.migration))
        },
      }
      await together(engine, processes, (database) => migrate(database, log))
      assert.equal(new Set(ran).size, ran.length)
      assert.equal(await schemaState(processes[0]!), 'current')
      // Where a version before 0.2.0 looks it finds what it knows, in its order, and nothing else.
      const first = await namesIn(processes[0]!, 'kysely_migration')
      assert.equal(first.length, 7)
      const theirs = new Migrator({
        db: processes[1]!.query,
        provider: { getMigrations: async () => Object.fromEntries(first.map((name) => [name, { async up() {} }])) },
      })
      assert.deepEqual(await theirs.migrateToLatest(), { results: [] })
    } finally {
      await house.close()
    }
  })

  it('of a newer version are left as they are, unless they took something away', async () => {
    const house = await shared(engine)
    try {
      const database = await house.open()
      await migrate(database)
      const told: unknown[] = []
      const log = { ...silent, warn: (event: string, facts?: unknown) => told.push([event, facts]) }
      const insert = (name: string, needs: string) =>
        sql`insert into migration (name, timestamp, needs) values (${name}, '2030-01-01T00:00:00.000Z', ${needs})`.execute(
          database.query,
        )
      await insert('9000-more', '')
      await insert('9001-less', '0007-house-at-work')
      await migrate(database, log)
      assert.deepEqual(told, [['schema.newer', { migrations: ['9000-more', '9001-less'] }]])
      assert.equal(await schemaState(database), 'current')
      await insert('9002-without-the-old', '9000-more')
      await assert.rejects(migrate(database), /9002-without-the-old.*start the newer version/)
    } finally {
      await house.close()
    }
  })

  it('that are apart run again when they were broken off, and hold up nobody', async () => {
    const house = await shared(engine)
    try {
      const [one, other] = await Promise.all([house.open(), house.open()])
      let tries = 0
      const migrations: Migrations = {
        '0008-table': { up: async (db) => void (await made(db, 'large')) },
        '0009-index': {
          apart: true,
          async up(db) {
            await addIndex(db, engine, 'large_id', 'large (id)')
            tries++
            if (tries === 1) throw new Error('the process ended here')
            await addIndex(db, engine, 'large_again', 'large (id) where id > 5', { unique: true })
          },
        },
      }
      const run = (database: Database) => runMigrations({ database, migrations, log: silent })
      await assert.rejects(run(one!), /migration 0009-index failed/)
      assert.equal(await stateOf(one!, migrations), 'behind')
      await together(engine, [one!, other!], run)
      assert.equal(tries, 2)
      assert.equal(await stateOf(other!, migrations), 'current')
      const { rows } = await (engine === 'postgres'
        ? sql`select indexname from pg_indexes where tablename = 'large' and indexname like 'large\_%'`
        : sql`select name from sqlite_master where type = 'index' and name like 'large\_%' escape '\\'`
      ).execute(one!.query)
      assert.equal(rows.length, engine === 'postgres' ? 3 : 2)
    } finally {
      await house.close()
    }
  })

  it('wait for a table in short turns, so that nobody queues up behind them', {
    skip: engine === 'sqlite' && 'SQLite makes every index within its transaction',
  }, async () => {
    const house = await shared(engine)
    try {
      const [one, other] = await Promise.all([house.open(), house.open()])
      await migrate(one!)
      const blocked: string[] = []
      const reading = Promise.withResolvers<void>()
      const over = Promise.withResolvers<void>()
      const reader = other!.query.transaction().execute(async (db) => {
        await sql`select count(*) from account`.execute(db)
        reading.resolve()
        await over.promise
      })
      await reading.promise
      const log = {
        ...silent,
        warn(event: string) {
          if (event !== 'schema.blocked') return
          blocked.push(event)
          over.resolve()
        },
      }
      const migrations: Migrations = {
        '0008-column': { up: async (db) => void (await sql`alter table account add column more text`.execute(db)) },
      }
      await runMigrations({ database: one!, migrations, log })
      await reader
      assert.deepEqual(blocked, ['schema.blocked'])
    } finally {
      await house.close()
    }
  })
})
