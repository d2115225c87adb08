import type { Context } from '#src/context.ts'
import type { Load } from '#src/db/open.ts'
import { type Metering, plainly } from './kinds.ts'

const KNOWN = new Set(['select', 'insert', 'update', 'delete', 'transaction'])

/** Time in the database, and how it is used. */
export function meterDatabase(ctx: Context, meter: Metering): void {
  const time = meter.histogram({
    name: 'chatelaine_database_seconds',
    help: 'Time for a statement by its kind, or for a whole transaction with its wait for the lock or a connection',
    labels: ['statement'],
    buckets: [0.0001, 0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5],
  })
  const failures = meter.counter({
    name: 'chatelaine_database_failures_total',
    help: 'Statements that the database refused, or that it could not be asked',
    labels: ['statement'],
  })
  ctx.house.watch?.follow(({ of, name, took, failed }) => {
    if (of !== 'database') return
    const statement = KNOWN.has(name) ? name : 'other'
    time.observe({ statement }, took / 1000)
    // A transaction ends so whenever a request is refused within it.
    if (failed && name !== 'transaction') failures.inc({ statement })
  })
  meter.level({
    name: 'chatelaine_database_reachable',
    help: '1 when the database answers',
    together: 'min',
    read: async () => plainly(Number(await ctx.database.isReachable())),
  })
  const load = <E extends Load['engine']>(engine: E, of: (load: Extract<Load, { engine: E }>) => number) => {
    const now = ctx.database.load()
    return now.engine === engine ? plainly(of(now as Extract<Load, { engine: E }>)) : []
  }
  meter.level({
    name: 'chatelaine_sqlite_file_bytes',
    help: 'Size of the SQLite file',
    together: 'max',
    read: () => load('sqlite', ({ file }) => file),
  })
  meter.level({
    name: 'chatelaine_sqlite_wal_bytes',
    help: 'Size of the write-ahead log of SQLite',
    together: 'max',
    read: () => load('sqlite', ({ wal }) => wal),
  })
  meter.level({
    name: 'chatelaine_postgres_connections',
    help: 'Connections to PostgreSQL',
    together: 'sum',
    read: () => load('postgres', ({ connections }) => connections),
  })
  meter.level({
    name: 'chatelaine_postgres_connections_idle',
    help: 'Connections to PostgreSQL that nobody uses',
    together: 'sum',
    read: () => load('postgres', ({ idle }) => idle),
  })
  meter.level({
    name: 'chatelaine_postgres_connections_awaited',
    help: 'Statements and transactions that wait for a connection',
    together: 'sum',
    read: () => load('postgres', ({ waiting }) => waiting),
  })
}
