import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { groupSync } from '#src/lib/group-sync.ts'
import type { Log } from '#src/lib/log.ts'
import type { Tell } from '#src/lib/watch.ts'
import type { ChangeWatch, Told } from './change-poll.ts'
import { answers, isPassingInSqlite } from './gone.ts'
import { type Migrations, runMigrations, stateOf } from './migrating.ts'
import { firstHouse } from './migrations/0001-first-house.ts'
import { openwifiInFull } from './migrations/0002-openwifi-in-full.ts'
import { accountSecurity } from './migrations/0003-account-security.ts'
import { openpgpKeys } from './migrations/0004-openpgp-keys.ts'
import { encryptedMail } from './migrations/0005-encrypted-mail.ts'
import { directory } from './migrations/0006-directory.ts'
import { houseAtWork } from './migrations/0007-house-at-work.ts'
import { changes } from './migrations/0008-changes.ts'
import { nodes } from './migrations/0009-nodes.ts'
import { flatCost, flatCostIndexes } from './migrations/0010-flat-cost.ts'
import { commitNothing, nodeSqliteDialect, openSqliteFile, walSync } from './node-sqlite.ts'
import type { Tables } from './tables.ts'
import { walVersion } from './wal-version.ts'
import { watched } from './watching.ts'

export { openPostgres } from './postgres.ts'

export type Engine = 'sqlite' | 'postgres'
export type Query = Kysely<Tables>

/** A prepared query that is answered at once, on a connection of its own that sees only what is committed. */
export interface HotStatement {
  all(...values: (string | number)[]): Record<string, unknown>[]
}

/** How much room the files take, in bytes; or how many connections there are. */
export type Load =
  | { engine: 'sqlite'; file: number; wal: number }
  | { engine: 'postgres'; connections: number; idle: number; waiting: number }

export interface Database {
  readonly engine: Engine
  readonly query: Query
  /** For what may take minutes, such as migrations; all else is given up after some seconds. */
  readonly unhurried: Query
  /** hears of every statement and transaction; absent where nobody listens */
  readonly tell?: Tell | undefined
  /** For the hottest paths of SQLite; null on PostgreSQL, which answers nothing at once. */
  hot(sql: string): HotStatement | null
  /** A number that stays the same as long as nothing was committed by anybody; null on PostgreSQL. */
  version(): number | null
  /** Tells whose account changed, and whether all is known; null on SQLite, whose `version` tells. */
  watchChanges(told: Told): ChangeWatch | null
  /** Resolves once everything that was committed so far would survive a power cut, and whoever keeps answers knows. */
  durable(): Promise<void>
  /** Moves the write-ahead log into the file, a little at a time; nothing to do on PostgreSQL. */
  checkpoint(): void
  load(): Load
  /** Does it answer? */
  isReachable(): Promise<boolean>
  /** Was it thrown because the database does not answer, or cannot do it now? Then it is worth trying again. */
  isGone(error: unknown): boolean
  close(): Promise<void>
}

const migrations = (engine: Engine): Migrations => ({
  '0001-first-house': { up: (db) => firstHouse(db, engine) },
  '0002-openwifi-in-full': { up: (db) => openwifiInFull(db, engine) },
  '0003-account-security': { up: (db) => accountSecurity(db, engine) },
  '0004-openpgp-keys': { up: (db) => openpgpKeys(db, engine) },
  '0005-encrypted-mail': { up: (db) => encryptedMail(db, engine) },
  '0006-directory': { up: (db) => directory(db, engine) },
  '0007-house-at-work': { up: (db) => houseAtWork(db) },
  '0008-changes': { up: (db) => changes(db, engine) },
  '0009-nodes': { up: (db) => nodes(db) },
  '0010-flat-cost': { up: (db) => flatCost(db, engine) },
  '0010-flat-cost-indexes': { up: (db) => flatCostIndexes(db, engine), apart: true },
})

const quiet: Pick<Log, 'info' | 'warn'> = { info() {}, warn() {} }

/** The migrations of this version. */
export const migrationNames = (engine: Engine): string[] => Object.keys(migrations(engine))

/** Brings the schema up to date; safe when several processes start at once. Throws with the migration's name. */
export const migrate = (database: Database, log = quiet): Promise<void> =>
  runMigrations({ database, migrations: migrations(database.engine), log })

/** How far the schema is. Writes nothing. */
export const schemaState = (database: Database): Promise<'empty' | 'behind' | 'current'> =>
  stateOf(database, migrations(database.engine))

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Opens SQLite at `path`, a file. `tell` hears of every statement. */
export function openSqlite(path: string, tell?: Tell): Database {
  const file = openSqliteFile(path)
  let reader: DatabaseSync | undefined
  const readerFile = () => {
    reader ??= openSqliteFile(path)
    return reader
  }
  const wal = walSync(path)
  const commits = groupSync(wal.sync)
  const query = new Kysely<Tables>({ dialect: nodeSqliteDialect(file, commits.note), ...watched(tell) })
  let versionStatement: ReturnType<DatabaseSync['prepare']> | undefined
  const askVersion = () => {
    versionStatement ??= readerFile().prepare('pragma data_version')
    return versionStatement.get()!.data_version as number
  }
  const versions = walVersion(path, askVersion, () => commitNothing(path))
  return {
    engine: 'sqlite',
    query,
    unhurried: query,
    tell,
    hot(text) {
      const statement = readerFile().prepare(text)
      return { all: (...values) => statement.all(...values) }
    },
    version: versions.version,
    watchChanges: () => null,
    durable: commits.settled,
    checkpoint() {
      // On the reading connection: the other one may be in the middle of a transaction.
      readerFile().exec('pragma wal_checkpoint(passive)')
    },
    load: () => ({ engine: 'sqlite', file: sizeOf(path), wal: sizeOf(`${path}-wal`) }),
    isReachable: () => answers(query),
    isGone: isPassingInSqlite,
    async close() {
      await commits.settled()
      reader?.close()
      await query.destroy()
      wal.close()
      versions.close()
    },
  }
}
