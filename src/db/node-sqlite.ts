import { closeSync, fdatasync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { CompiledQuery, type DatabaseConnection, type Driver, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely'
import { patientConnection } from './patience.ts'

// Kysely prepares on every call; keeping the statements makes a small query six times cheaper.
const KEPT_STATEMENTS = 500

// The inner pages of all indexes of a million accounts: what is sought takes one page of a file then, and not six.
const CACHE_KIBIBYTES = 32_768

const SWITCH_TRIES = 250
const SWITCH_PAUSE = 20
/** Milliseconds that a statement waits for another process. */
const BUSY = 10_000

/** Switching the journal of a new file does not wait by itself for another process that does the same: up to five seconds. */
function switchToWal(file: DatabaseSync): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 1; ; tries++) {
    try {
      file.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      if (!/locked|busy/.test(String(error))) throw error
      if (tries < SWITCH_TRIES) {
        Atomics.wait(pause, 0, 0, SWITCH_PAUSE)
        continue
      }
      file.close()
      throw new Error('the SQLite file is held by another program: is `chatelaine move` at work?', { cause: error })
    }
  }
}

/**
 * Opens a SQLite file: write-ahead log, foreign keys. A commit does not wait for the disk, because it would make the
 * event loop wait; `walSync` does that for all commits at once, and no answer leaves before it (http/mount.ts).
 */
export function openSqliteFile(path: string): DatabaseSync {
  const file = new DatabaseSync(path)
  switchToWal(file)
  file.exec(`pragma busy_timeout = ${BUSY}`)
  file.exec('pragma synchronous = normal; pragma foreign_keys = on')
  file.exec(`pragma cache_size = -${CACHE_KIBIBYTES}`)
  // SQLite's own knows ASCII only; PostgreSQL's, and ours, knows more.
  file.function('lower', { deterministic: true }, (text) => (typeof text === 'string' ? text.toLowerCase() : text))
  const { journal_mode: journal } = file.prepare('pragma journal_mode').get() as { journal_mode: string }
  if (journal !== 'wal') throw new Error(`SQLite cannot keep a write-ahead log at ${path}`)
  return file
}

/** Makes a commit that everybody sees and that changes nothing; throws at once where somebody else is writing. */
export function commitNothing(path: string): void {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    const { user_version: same } = file.prepare('pragma user_version').get() as { user_version: number }
    file.exec(`pragma user_version = ${same}`)
  } finally {
    file.close()
  }
}

/** Writes the write-ahead log of a SQLite file through to the disk, off the event loop. */
export function walSync(path: string): { sync(): Promise<void>; close(): void } {
  let wal: number | undefined
  return {
    sync: () =>
      new Promise((resolve, reject) => {
        wal ??= openSync(`${path}-wal`, 'r+')
        fdatasync(wal, (error) => (error ? reject(error) : resolve()))
      }),
    close() {
      if (wal !== undefined) closeSync(wal)
    },
  }
}

/** SQLite's default transaction takes its write lock late and then fails under two processes: ask for it at once. */
class ImmediateDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined
  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= patientConnection(await super.acquireConnection())
    return this.#connection
  }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** A full disk has rolled back already: what it said must not be lost over that. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch((error: unknown) => {
      if (!/no transaction is active/.test(String(error))) throw error
    })
  }
}

/** With `begin immediate` a migration is all or nothing here too, and two processes that start wait for each other. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class NodeSqliteDialect extends SqliteDialect {
  readonly #database: ConstructorParameters<typeof SqliteDriver>[0]
  constructor(config: ConstructorParameters<typeof SqliteDriver>[0]) {
    super(config)
    this.#database = config
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
  override createDriver(): Driver {
    return new ImmediateDriver(this.#database)
  }
}

const writes = /^\s*(insert|update|delete|replace|create|drop|alter)\b/i

/** Calls `committed` after every statement that commits something: a write of its own, or the end of a transaction. */
function commitWatch(committed: () => void): (sql: string) => void {
  let isInTransaction = false
  return (sql) => {
    if (/^begin/i.test(sql)) isInTransaction = true
    else if (/^rollback/i.test(sql)) isInTransaction = false
    else if (/^commit/i.test(sql)) {
      isInTransaction = false
      committed()
    } else if (!isInTransaction && writes.test(sql)) committed()
  }
}

/** Kysely's dialect over the SQLite that is built into Node. `committed` is called whenever something was. */
export function nodeSqliteDialect(file: DatabaseSync, committed: () => void): SqliteDialect {
  // What has to wait for another process waits in patience.ts.
  file.exec('pragma busy_timeout = 0')
  const seen = commitWatch(committed)
  const kept = new Map<string, { prepared: StatementSync; reader: boolean }>()
  const statement = (sql: string) => {
    let found = kept.get(sql)
    if (!found) {
      const prepared = file.prepare(sql)
      found = { prepared, reader: prepared.columns().length > 0 }
      if (kept.size >= KEPT_STATEMENTS) kept.delete(kept.keys().next().value!)
      kept.set(sql, found)
    }
    return found
  }
  const told = <T>(sql: string, result: T): T => {
    seen(sql)
    return result
  }
  type Values = readonly (string | number | bigint | null | Uint8Array)[]
  return new NodeSqliteDialect({
    database: {
      close: () => file.close(),
      prepare(sql: string) {
        const { prepared, reader } = statement(sql)
        return {
          reader,
          all: (values) => told(sql, prepared.all(...(values as Values))),
          run: (values) => told(sql, prepared.run(...(values as Values))),
          iterate: (values) => prepared.iterate(...(values as Values)),
        }
      },
    },
  })
}
