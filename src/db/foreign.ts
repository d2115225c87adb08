import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export type ForeignValue = string | number | Uint8Array | null
export type ForeignRow = Record<string, ForeignValue>

/** A database that is not ours: it is read, and never written. */
export interface ForeignDatabase {
  engine: 'sqlite' | 'postgres'
  /** The columns of a table, lower case; empty when there is no such table. */
  columnsOf(table: string): Promise<string[]>
  /** Runs a query with `?` where the values go. */
  query(sql: string, values?: readonly ForeignValue[]): Promise<ForeignRow[]>
  close(): Promise<void>
}

/** Texts that were claimed, and by whom, in a file that the operating system forgets: their number costs no memory. */
export interface Ledger {
  /** Null when nobody had it before, else who has it. */
  claim(text: string, owner: string): string | null
  close(): void
}

export function openLedger(): Ledger {
  const file = new DatabaseSync('')
  file.exec('create table claim (text text primary key, owner text not null) without rowid')
  const taken = file.prepare('select owner from claim where text = ?')
  const take = file.prepare('insert into claim (text, owner) values (?, ?)')
  return {
    claim(text, owner) {
      const before = taken.get(text)
      if (!before) take.run(text, owner)
      return before ? String(before.owner) : null
    },
    close: () => file.close(),
  }
}

function openSqlite(path: string): ForeignDatabase {
  if (/^\w+:\/\//.test(path)) throw new Error('only SQLite files and postgres:// URLs can be read')
  if (!existsSync(path)) throw new Error(`there is no file ${path}`)
  const file = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  const all = (sql: string, values: readonly ForeignValue[] = []) => file.prepare(sql).all(...values) as ForeignRow[]
  try {
    all('select count(*) from sqlite_master')
  } catch (error) {
    file.close()
    throw new Error(`${path} cannot be read as a SQLite database (${(error as Error).message})`)
  }
  return {
    engine: 'sqlite',
    columnsOf: async (table) =>
      all('select lower(name) as name from pragma_table_info(?)', [table]).map(({ name }) => String(name)),
    query: async (sql, values) => all(sql, values),
    close: async () => file.close(),
  }
}

async function openPostgres(url: string): Promise<ForeignDatabase> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // Without a listener a connection that dies would end the process; the next query tells.
  client.on('error', () => {})
  await client.connect()
  // One view of the whole for as long as it is read, and no way to write.
  await client.query('begin transaction isolation level repeatable read read only')
  const query = async (sql: string, values: readonly ForeignValue[] = []) => {
    let place = 0
    const { rows } = await client.query(
      sql.replace(/\?/g, () => `$${++place}`),
      [...values],
    )
    return rows as ForeignRow[]
  }
  return {
    engine: 'postgres',
    columnsOf: async (table) =>
      (
        await query(
          'select attname as name from pg_attribute where attrelid = to_regclass(?) and attnum > 0 and not attisdropped',
          [table],
        )
      ).map(({ name }) => String(name)),
    query,
    close: () => client.end(),
  }
}

/** Opens a SQLite file by its path or a PostgreSQL database by its URL, for reading only. */
export const openForeign = async (source: string): Promise<ForeignDatabase> =>
  /^postgres(ql)?:\/\//.test(source) ? openPostgres(source) : openSqlite(source)
