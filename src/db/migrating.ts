import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Log } from '#src/lib/log.ts'
import { isBusy, isInTheWay } from './gone.ts'
import type { Database } from './open.ts'

/** A step of the schema, which the version before goes on working with: ARCHITECTURE.md, migrations. */
export interface Migration {
  up(db: Kysely<unknown>): Promise<void>
  /** On PostgreSQL outside a transaction, for what a large table can only bear there; each statement may run again. */
  apart?: true
  /** The migration that a process must know to work with what this one leaves; none for one that only adds. */
  needs?: string
}

export type Migrations = Record<string, Migration>

interface Run {
  database: Database
  migrations: Migrations
  log: Pick<Log, 'info' | 'warn'>
}

/** Versions before 0.2.0 read this table, and do not start when it names a migration that they do not know. */
const FIRST_RECORD = 'kysely_migration'
const RECORD = 'migration'
/** Where it is noted which migrations were run. */
export const recordTables = [FIRST_RECORD, RECORD] as const
const LAST_OF_FIRST = '0007-house-at-work'
const isOfFirst = (name: string): boolean => name <= LAST_OF_FIRST

// The first is what versions before 0.2.0 wait for. They wait inside a statement, which an index that is made
// concurrently would wait for in turn: hence one of our own, which nobody waits for but asks again.
const FIRST_LOCK = sql.lit('3853314791062309107')
const LOCK = sql.lit('3853314791062309108')

const ASKED_AGAIN = 100
const TRIED_AGAIN = 1000
const TRIED_FOR = 600_000

/** Is it worth trying again? What ran apart, or was wrapped on its way here, has its reason as a cause. */
function isPassing(error: unknown): boolean {
  const { cause } = error as { cause?: unknown }
  return isInTheWay(error) || isBusy(error) || (cause instanceof Error && isPassing(cause))
}

type Asked = Pick<Kysely<unknown>, 'getExecutor'>

interface Recorded {
  name: string
  needs: string
  at: string
}

async function tablesIn({ engine }: Database, db: Asked): Promise<string[]> {
  const wanted = sql`(${FIRST_RECORD}, ${RECORD})`
  const { rows } =
    engine === 'postgres'
      ? await sql<{ name: string }>`select relname as name from pg_class
          where relkind = 'r' and relname in ${wanted} and pg_table_is_visible(oid)`.execute(db)
      : await sql<{ name: string }>`select name from sqlite_master where type = 'table' and name in ${wanted}`.execute(
          db,
        )
  return rows.map(({ name }) => name)
}

async function recorded(database: Database, db: Asked): Promise<Map<string, Recorded>> {
  const tables = await tablesIn(database, db)
  const rows: Recorded[] = []
  for (const table of tables) {
    const needs = table === RECORD ? sql.ref('needs') : sql.lit('')
    const found = await sql<Recorded>`select name, ${needs} as needs, timestamp as at from ${sql.table(table)}`.execute(
      db,
    )
    rows.push(...found.rows)
  }
  return new Map(rows.map((row) => [row.name, row]))
}

/** `if not exists` is no lock: of two that make it at the same instant one is refused, and then finds it made. */
async function makeRecords(db: Kysely<unknown>): Promise<void> {
  const columns = sql`name varchar(255) not null primary key, timestamp varchar(255) not null`
  const first = sql`create table if not exists ${sql.table(FIRST_RECORD)} (${columns})`
  const own = sql`create table if not exists ${sql.table(RECORD)} (${columns}, needs text not null default '')`
  for (const statement of [first, own]) await statement.execute(db).catch(() => statement.execute(db))
}

async function record(db: Asked, name: string, needs: string, before: Iterable<Recorded>): Promise<void> {
  // In their order, whatever the clocks of the machines say that share the work.
  const latest = Math.max(...[...before].map(({ at }) => Date.parse(at)), 0)
  const at = new Date(Math.max(Date.now(), latest + 1)).toISOString()
  await (isOfFirst(name)
    ? sql`insert into ${sql.table(FIRST_RECORD)} (name, timestamp) values (${name}, ${at})`.execute(db)
    : sql`insert into ${sql.table(RECORD)} (name, timestamp, needs) values (${name}, ${at}, ${needs})`.execute(db))
}

/** Gives this transaction, and no other, leave to change the schema; false while another one has it. */
async function mayChange(db: Asked, name: string): Promise<boolean> {
  await sql`set local statement_timeout = 0`.execute(db)
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(db)
  // Who waits for a table has everybody behind him wait too: rather give up and try again.
  await sql`set local lock_timeout = '2s'`.execute(db)
  const locks = isOfFirst(name) ? [LOCK, FIRST_LOCK] : [LOCK]
  for (const lock of locks) {
    const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(${lock}) as got`.execute(db)
    if (!rows[0]?.got) return false
  }
  return true
}

/** On a connection of its own, beside the one that keeps others out. */
const runApart = ({ unhurried }: Database, migration: Migration): Promise<void> =>
  unhurried.connection().execute(async (db) => {
    await sql`set statement_timeout = 0`.execute(db)
    try {
      await migration.up(db as never)
    } finally {
      await sql`reset statement_timeout`.execute(db)
    }
  })

/** Runs one migration, unless it has been run meanwhile; false while another process is at work. */
function runOne({ database, migrations, log }: Run, name: string): Promise<boolean> {
  const migration = migrations[name]!
  const isApart = migration.apart === true && database.engine === 'postgres'
  // There may be but one connection for what takes long.
  const keeper = isApart ? database.query : database.unhurried
  return keeper.transaction().execute(async (db) => {
    if (database.engine === 'postgres' && !(await mayChange(db, name))) return false
    const before = await recorded(database, db)
    if (before.has(name)) return true
    const began = performance.now()
    if (isApart) await runApart(database, migration)
    else await migration.up(db as never)
    await record(db, name, migration.needs ?? '', before.values())
    log.info('schema.migrated', { migration: name, ms: Math.round(performance.now() - began) })
    return true
  })
}

async function untilRun(run: Run, name: string): Promise<void> {
  const until = performance.now() + TRIED_FOR
  for (let tries = 1; ; tries++) {
    try {
      if (await runOne(run, name)) return
      if (tries === 1) run.log.info('schema.waiting', { migration: name, advice: 'another process is at work on it' })
      await sleep(ASKED_AGAIN)
    } catch (error) {
      if (!isPassing(error) || performance.now() > until) throw new Error(`migration ${name} failed`, { cause: error })
      run.log.warn('schema.blocked', { migration: name, advice: 'it is tried again', error })
      await sleep(TRIED_AGAIN)
    }
  }
}

/** Those that a newer version has run. Throws when one of them has taken away what we work with. */
function unknownOf({ migrations }: Pick<Run, 'migrations'>, done: Map<string, Recorded>): string[] {
  const unknown = [...done.values()].filter(({ name }) => !migrations[name])
  const further = unknown.find(({ needs }) => needs !== '' && !migrations[needs])
  if (further)
    throw new Error(
      `a newer version has taken this database further than this one can follow (migration ${further.name}): start the newer version`,
    )
  return unknown.map(({ name }) => name)
}

/**
 * Brings the schema up to date: each migration is run by one process, while the others wait. A schema that a newer
 * version has taken further is worked with as it is.
 */
export async function runMigrations(run: Run): Promise<void> {
  const { database, migrations } = run
  const done = await recorded(database, database.query)
  const unknown = unknownOf(run, done)
  if (unknown.length > 0) run.log.warn('schema.newer', { migrations: unknown })
  const missing = Object.keys(migrations).filter((name) => !done.has(name))
  if (missing.length === 0) return
  await makeRecords(database.query as unknown as Kysely<unknown>)
  for (const name of missing) await untilRun(run, name)
}

/** How far the schema is. Writes nothing. */
export async function stateOf(database: Database, migrations: Migrations): Promise<'empty' | 'behind' | 'current'> {
  const done = await recorded(database, database.query)
  unknownOf({ migrations }, done)
  if (done.size === 0) return 'empty'
  return Object.keys(migrations).every((name) => done.has(name)) ? 'current' : 'behind'
}
