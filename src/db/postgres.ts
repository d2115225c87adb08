import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient, QueryResult } from 'pg'
import { groupSync } from '#src/lib/group-sync.ts'
import type { Tell } from '#src/lib/watch.ts'
import { changePoll } from './change-poll.ts'
import { answers, DatabaseGone, isBroken, isPassing } from './gone.ts'
import type { Database } from './open.ts'
import { type Statement, statementBook } from './statements.ts'
import type { Tables } from './tables.ts'
import { watched } from './watching.ts'

export interface PostgresOptions {
  /** off where a pooler hands out connections by the transaction: nothing is prepared under a name, nothing listened to */
  prepare?: boolean
  /** at most, besides one for what may take long and one that looks for changes */
  connections?: number
  /** hears of every statement */
  tell?: Tell | undefined
}

// Milliseconds. A network that swallows everything closes nothing: whoever asks then has to hear of it.
const CONNECTED_WITHIN = 4000
const ANSWERED_WITHIN = 5000
const ALIVE_AFTER = 10_000
const IDLE_UNHURRIED = 1000

const gone = (error: unknown): unknown => (isPassing(error) ? new DatabaseGone(error) : error)

/** A statement was prepared before a migration gave its table another column. */
const isOutdated = (error: unknown): boolean =>
  (error as { code?: string }).code === '0A000' && /cached plan/.test((error as Error).message)

interface Shared {
  of: ReturnType<typeof statementBook>
  /** called after everything that was committed and has to be told */
  committed: () => void
}

/** A connection as Kysely uses it, with names for what it asks often; one that broke is used no more. */
class Line {
  readonly #client: PoolClient
  readonly #shared: Shared
  #isBroken = false
  #isInTransaction = false
  #hasToTell = false
  // Names of what was prepared before a migration are not used again on this connection.
  #age = 0

  constructor(client: PoolClient, shared: Shared) {
    this.#client = client
    this.#shared = shared
  }

  async query(sql: string, values: readonly unknown[]): Promise<QueryResult> {
    if (this.#isBroken) throw new DatabaseGone(new Error('the connection is broken'))
    const statement = this.#shared.of(sql, values.length)
    try {
      return await this.#asked(sql, values, statement)
    } catch (error) {
      if (isPassing(error) && isBroken(error)) this.#isBroken = true
      throw gone(error)
    } finally {
      // Also when it failed: a commit may have happened although nobody heard of it.
      this.#follow(sql, statement)
    }
  }

  async #asked(text: string, values: readonly unknown[], { name, isOpen }: Statement) {
    const query = { text, values: [...values] }
    // Inside a transaction nothing can be asked again once it has failed.
    if (name === null || (isOpen && this.#isInTransaction)) return this.#client.query(query)
    try {
      return await this.#client.query({ ...query, name: `${name}_${this.#age}` })
    } catch (error) {
      if (!isOutdated(error) || this.#isInTransaction) throw error
      this.#age++
      return this.#client.query(query)
    }
  }

  #follow(sql: string, { tells }: Statement): void {
    if (sql === 'begin' || sql.startsWith('start transaction')) this.#isInTransaction = true
    if (tells) this.#hasToTell = true
    const isOver = sql === 'commit' || sql === 'rollback'
    if (isOver) this.#isInTransaction = false
    if (this.#isInTransaction || !this.#hasToTell) return
    this.#hasToTell = false
    if (sql !== 'rollback') this.#shared.committed()
  }

  release(isToEnd?: boolean): void {
    this.#client.release(isToEnd || this.#isBroken)
  }
}

/** The pool as Kysely uses it. */
function lines(pool: Pool, shared: Shared): PostgresPool {
  const known = new WeakMap<PoolClient, Line>()
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw gone(error)
      })
      const line = known.get(client) ?? new Line(client, shared)
      known.set(client, line)
      // Kysely's type has a second form of `query`, for cursors, which nobody uses.
      return line as unknown as PostgresPoolClient
    },
  }
}

/** Opens PostgreSQL by its URL. */
export async function openPostgres(
  url: string,
  { prepare = true, connections = 10, tell }: PostgresOptions = {},
): Promise<Database> {
  // Only who uses it waits for it to load.
  const { default: pg } = await import('pg')
  // 64-bit integers are epoch milliseconds and counts here: far below 2^53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const common = {
    connectionString: url,
    connectionTimeoutMillis: CONNECTED_WITHIN,
    keepAlive: true,
    keepAliveInitialDelayMillis: ALIVE_AFTER,
  }
  const watch = changePoll((options) => new pg.Client({ ...common, ...options }), { listens: prepare })
  const changes = groupSync(watch.looked)
  const shared = { of: statementBook(prepare), committed: changes.note }

  function open(options: object): { pool: Pool; query: Kysely<Tables> } {
    const pool = new pg.Pool({ ...common, ...options })
    // Without a listener a connection that dies would end the process: while idle, and while somebody has it, who hears
    // of it by his query.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    return {
      pool,
      query: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: lines(pool, shared) }), ...watched(tell) }),
    }
  }

  const hurried = open({ max: connections, query_timeout: ANSWERED_WITHIN })
  const unhurried = open({ max: 1, idleTimeoutMillis: IDLE_UNHURRIED })
  return {
    engine: 'postgres',
    query: hurried.query,
    unhurried: unhurried.query,
    tell,
    hot: () => null,
    version: () => null,
    watchChanges: watch.tell,
    // PostgreSQL's own commit waits for its disk; what is left is that this process knows of it.
    durable: changes.settled,
    checkpoint() {},
    load: () => ({
      engine: 'postgres',
      connections: hurried.pool.totalCount,
      idle: hurried.pool.idleCount,
      waiting: hurried.pool.waitingCount,
    }),
    isReachable: () => answers(hurried.query),
    isGone: (error) => error instanceof DatabaseGone,
    async close() {
      await watch.close()
      const ended = Promise.all([hurried.pool.end(), unhurried.pool.end()])
      // A server that is not there says no farewell.
      await Promise.race([ended, sleep(ANSWERED_WITHIN, undefined, { ref: false })])
    },
  }
}
