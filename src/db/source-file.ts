import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** What stands in one column of one row, as SQLite has it. */
export type Cell = string | bigint | number | Uint8Array | null

/** A SQLite file that nobody else can open for as long as we read it. */
export interface SourceFile {
  all(sql: string, ...values: Cell[]): Cell[][]
  /** Row by row, however many there are. */
  each(sql: string, ...values: Cell[]): Iterable<Cell[]>
  /** A text that stays the same as long as nobody has written. */
  readonly state: string
  close(): void
}

/** Somebody else has the file open. */
export class InUse extends Error {}

/** Takes the file for itself. Whoever has opened a file with a write-ahead log keeps a lock on it, so this sees even one that rests. */
function takeAlone(file: DatabaseSync): void {
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive; commit')
  } catch (error) {
    if (/locked|busy/.test(String(error))) throw new InUse()
    throw error
  }
}

/** Opens a SQLite file to read it alone: throws `InUse` while anybody has it open, and locks out who comes later. */
export function openSourceFile(path: string): SourceFile {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    takeAlone(file)
    // What is still in the log goes into the file: from here on its date tells of every write.
    file.exec('pragma wal_checkpoint(truncate); pragma query_only = on')
  } catch (error) {
    file.close()
    throw error
  }
  const prepared = (sql: string) => {
    const statement = file.prepare(sql)
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    return statement
  }
  const { size, mtimeNs } = statSync(path, { bigint: true })
  return {
    all: (sql, ...values) => prepared(sql).all(...values) as unknown as Cell[][],
    each: (sql, ...values) => prepared(sql).iterate(...values) as unknown as Iterable<Cell[]>,
    state: `${size} bytes of ${mtimeNs}`,
    close: () => file.close(),
  }
}
