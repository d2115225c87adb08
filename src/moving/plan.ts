import { moveTables } from '#src/db/house-move.ts'
import { recordTables } from '#src/db/migrating.ts'
import type { SourceFile } from '#src/db/source-file.ts'
import type { TargetServer } from '#src/db/target-server.ts'
import { NotDone } from '#src/support/verb.ts'
import { typesThere } from './cells.ts'

/** Tables that stay behind, each with the reason. All others are moved, whichever migration made them. */
export const leftOut: Readonly<Record<string, string>> = {
  account_change: 'tells running servers what changed a moment ago',
  process_seen: 'which servers run on the SQLite file',
  process_sample: 'how they fare',
  ...Object.fromEntries(
    [...recordTables, 'kysely_migration_lock'].map((table) => [table, 'the new database has migrations of its own']),
  ),
  ...Object.fromEntries(moveTables.map((table) => [table, 'notes of the move itself'])),
}

export interface Column {
  name: string
  /** as it was declared in SQLite */
  type: string
}

export interface MovedTable {
  name: string
  columns: readonly Column[]
  /** which of the columns are the primary key, in its order */
  key: readonly number[]
}

export const keyColumns = ({ columns, key }: MovedTable): Column[] => key.map((place) => columns[place]!)

/** Every table of a SQLite file that is moved, in the order in which they were made. */
export function planOf(source: SourceFile): MovedTable[] {
  const tables = source.all("select name from sqlite_schema where type = 'table' and name not glob 'sqlite_*'")
  const moved = tables.map(([name]) => String(name)).filter((name) => !Object.hasOwn(leftOut, name))
  return moved.map((name) => {
    // Generated columns are hidden: they make themselves.
    const columns = source.all('select name, lower(type), pk from pragma_table_xinfo(?) where hidden = 0', name)
    const places = columns.map(([, , place]) => Number(place))
    const key = places.map((_, at) => at).filter((at) => places[at]! > 0)
    return {
      name,
      columns: columns.map(([column, type]) => ({ name: String(column), type: String(type) })),
      key: key.sort((a, b) => places[a]! - places[b]!),
    }
  })
}

/** The tables of a PostgreSQL database, with the types of their columns. */
export async function tablesThere(target: TargetServer): Promise<Map<string, Map<string, string>>> {
  const rows = await target.query(`select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    from pg_class c left join pg_attribute a
      on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname, a.attnum`)
  const tables = new Map<string, Map<string, string>>()
  for (const [table, column, type] of rows) {
    const columns = tables.get(table!) ?? new Map<string, string>()
    if (column !== null) columns.set(column!, type!)
    tables.set(table!, columns)
  }
  return tables
}

function* faultsOf(table: MovedTable, there: Map<string, string>): Generator<string> {
  const { name, columns, key } = table
  for (const column of columns) {
    const type = there.get(column.name)
    if (type === undefined) yield `${name}.${column.name} is not in the new database`
    else if (!typesThere(column.type).includes(type))
      yield `${name}.${column.name} is ${column.type} here and ${type} there, and the move does not know how`
  }
  for (const column of there.keys())
    if (!columns.some((one) => one.name === column)) yield `${name}.${column} is in the new database only`
  if (key.length === 0) yield `${name} has no primary key`
}

/** Throws where the two sides are not alike: nothing of a house may be lost in silence. */
export async function judgeTables(plan: readonly MovedTable[], target: TargetServer): Promise<void> {
  const there = await tablesThere(target)
  const faults = plan.flatMap((table) => {
    const columns = there.get(table.name)
    return columns ? [...faultsOf(table, columns)] : [`${table.name} is not in the new database`]
  })
  for (const name of there.keys())
    if (!Object.hasOwn(leftOut, name) && !plan.some((table) => table.name === name))
      faults.push(`${name} is in the new database only`)
  if (faults.length > 0) throw new NotDone(`The tables of the two sides are not the same:\n  ${faults.join('\n  ')}`)
}
