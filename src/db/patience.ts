import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { isBusy } from './gone.ts'

// As long as SQLite itself was asked to wait before.
const PATIENCE = 10_000
// The lock is mostly held for less than a millisecond: so often it is asked for at every turn of the event loop.
const QUICK_TRIES = 50

/**
 * A connection to a SQLite file that other processes write, too. SQLite would wait for their locks by sleeping, and the
 * event loop with it; here whoever wants to write waits alone.
 */
export function patientConnection(connection: DatabaseConnection): DatabaseConnection {
  async function executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    let until: number | null = null
    for (let tries = 1; ; tries++) {
      try {
        return await connection.executeQuery<R>(query)
      } catch (error) {
        if (!isBusy(error)) throw error
        until ??= performance.now() + PATIENCE
        if (performance.now() > until) throw error
      }
      await (tries <= QUICK_TRIES ? turn() : sleep(1))
    }
  }
  return { executeQuery, streamQuery: (query, size) => connection.streamQuery(query, size) }
}
