import type { DatabaseSync } from 'node:sqlite'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { groupSync } from '#src/lib/group-sync.ts'
import { firstHouse } from './migrations/0001-first-house.ts'
import { openwifiInFull } from './migrations/0002-openwifi-in-full.ts'
import { accountSecurity } from './migrations/0003-account-security.ts'
import { openpgpKeys } from './migrations/0004-openpgp-keys.ts'
import { encryptedMail } from './migrations/0005-encrypted-mail.ts'
import { directory } from './migrations/0006-directory.ts'
import { houseAtWork } from './migrations/0007-house-at-work.ts'
import { commitNothing, nodeSqliteDialect, openSqliteFile, walSync } from './node-sqlite.ts'
import type { Tables } from './tables.ts'
import { walVersion } from './wal-version.ts'

export type Engine = 'sqlite' | 'postgres'
export type Query = Kysely<Tables>

/** A prepared query that is answered at once, on a connection of its own that sees only what is committed. */
export interface HotStatement {
  all(...values: (string | number)[]): Record<string, unknown>[]
}

export interface Database {
  readonly engine: Engine
  readonly query: Query
  /** For the hottest paths of SQLite; null on PostgreSQL, which answers nothing at once. */
  hot(sql: string): HotStatement | null
  /** A number that stays the same as long as nothing was committed by anybody; null on PostgreSQL. */
  version(): number | null
  /** Resolves once everything that was committed so far would survive a power cut. */
  durable(): Promise<void>
  /** Moves the write-ahead log into the file, a little at a time; nothing to do on PostgreSQL. */
  checkpoint(): void
  /** Does it answer? */
  isReachable(): Promise<boolean>
  close(): Promise<void>
}

const migrations = (engine: Engine): Record<string, Migration> => ({
  '0001-first-house': { up: (db) => firstHouse(db, engine) },
  '0002-openwifi-in-full': { up: (db) => openwifiInFull(db, engine) },
  '0003-account-security': { up: (db) => accountSecurity(db, engine) },
  '0004-openpgp-keys': { up: (db) => openpgpKeys(db, engine) },
  '0005-encrypted-mail': { up: (db) => encryptedMail(db, engine) },
  '0006-directory': { up: (db) => directory(db, engine) },
  '0007-house-at-work': { up: (db) => houseAtWork(db) },
})

/** Brings the schema up to date; safe when several processes start at once. Throws with the migration's name. */
export async function migrate(database: Database): Promise<void> {
  const migrator = new Migrator({
    db: database.query,
    provider: { getMigrations: async () => migrations(database.engine) },
  })
  const { error, results } = await migrator.migrateToLatest()
  if (!error) return
  const failed = results?.find((result) => result.status === 'Error')
  // It did not come to a migration: the database itself does not answer.
  if (!failed) throw error
  throw new Error(`migration ${failed.migrationName} failed`, { cause: error })
}

/** How far the schema is. Writes nothing. */
export async function schemaState(database: Database): Promise<'empty' | 'behind' | 'current'> {
  const provider = { getMigrations: async () => migrations(database.engine) }
  const done = (await new Migrator({ db: database.query, provider }).getMigrations()).map(
    ({ executedAt }) => executedAt,
  )
  if (done.every((at) => !at)) return 'empty'
  return done.every((at) => at) ? 'current' : 'behind'
}

const answers = (query: Query): Promise<boolean> =>
  sql`select 1`.execute(query).then(
    () => true,
    () => false,
  )

/** Opens SQLite at `path`, a file. */
export function openSqlite(path: string): Database {
  const file = openSqliteFile(path)
  let reader: DatabaseSync | undefined
  const readerFile = () => {
    reader ??= openSqliteFile(path)
    return reader
  }
  const wal = walSync(path)
  const commits = groupSync(wal.sync)
  const query = new Kysely<Tables>({ dialect: nodeSqliteDialect(file, commits.note) })
  let versionStatement: ReturnType<DatabaseSync['prepare']> | undefined
  const askVersion = () => {
    versionStatement ??= readerFile().prepare('pragma data_version')
    return versionStatement.get()!.data_version as number
  }
  const versions = walVersion(path, askVersion, () => commitNothing(path))
  return {
    engine: 'sqlite',
    query,
    hot(text) {
      const statement = readerFile().prepare(text)
      return { all: (...values) => statement.all(...values) }
    },
    version: versions.version,
    durable: commits.settled,
    checkpoint() {
      // On the reading connection: the other one may be in the middle of a transaction.
      readerFile().exec('pragma wal_checkpoint(passive)')
    },
    isReachable: () => answers(query),
    async close() {
      await commits.settled()
      reader?.close()
      await query.destroy()
      wal.close()
      versions.close()
    },
  }
}

/** Opens PostgreSQL by its URL. */
export async function openPostgres(url: string): Promise<Database> {
  // Only who uses it waits for it to load.
  const { default: pg } = await import('pg')
  // 64-bit integers are epoch milliseconds and counts here: far below 2^53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5000 })
  // Without a listener a connection that dies would end the process: while idle, and while somebody has it, who hears of
  // it by his query.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const query = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return {
    engine: 'postgres',
    query,
    hot: () => null,
    version: () => null,
    // PostgreSQL's own commit waits for its disk.
    durable: async () => {},
    checkpoint() {},
    isReachable: () => answers(query),
    close: () => pool.end(),
  }
}
