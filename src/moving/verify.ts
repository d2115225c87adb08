import { quoted, type TargetServer, type Text } from '#src/db/target-server.ts'
import { listOf, readBack } from './cells.ts'
import { keyColumns, type MovedTable } from './plan.ts'
import { type Batch, batchesOf, keyOf, nameOf } from './rows.ts'
import type { Work } from './work.ts'

const PAGE = 5000
/** Named of each table; the others are counted. */
const NAMED = 20

/** What differs in a table. */
interface Differences {
  count: number
  /** the first of them, in words */
  named: string[]
}

const namesOf = (columns: readonly { name: string }[]): string => columns.map(({ name }) => quoted(name)).join(', ')

const places = (table: MovedTable): string =>
  keyColumns(table)
    .map(({ type }, at) => `$${at + 1}::${listOf(type)}`)
    .join(', ')

/** The rows of the new database with the keys of a batch, by their keys. */
async function counterparts(target: TargetServer, table: MovedTable, { rows }: Batch): Promise<Map<string, Text[]>> {
  const keys = rows.map((row) => keyOf(table, row))
  const found = await target.query(
    `select ${namesOf(table.columns)} from ${quoted(table.name)}
      where (${namesOf(keyColumns(table))}) in (select * from unnest(${places(table)}))`,
    table.key.map((_, at) => keys.map((key) => key[at]!)),
  )
  return new Map(found.map((row) => [JSON.stringify(keyOf(table, row)), row]))
}

/** The columns in which two rows are not the same. */
const unlike = ({ columns }: MovedTable, here: readonly Text[], there: readonly Text[]): string[] =>
  columns.flatMap(({ name }, at) => (here[at] === there[at] ? [] : [name]))

/** The keys of the new database, in its own order, a page at a time. */
async function* keysThere(target: TargetServer, table: MovedTable): AsyncGenerator<string[]> {
  const names = namesOf(keyColumns(table))
  for (let last: string[] | null = null; ; ) {
    const behind = last ? ` where (${names}) > (${last.map((_, at) => `$${at + 1}`).join(', ')})` : ''
    const sql = `select ${names} from ${quoted(table.name)}${behind} order by ${names} limit ${PAGE}`
    const page = (await target.query(sql, last ?? [])) as string[][]
    yield* page
    if (page.length < PAGE) return
    last = page.at(-1)!
  }
}

/** Rows that are in the new database only. */
async function strangers({ source, target }: Work, table: MovedTable, tell: (line: string) => void): Promise<void> {
  const columns = keyColumns(table)
  const where = columns.map(({ name }) => `${quoted(name)} = ?`).join(' and ')
  for await (const key of keysThere(target, table)) {
    const cells = key.map((text, at) => readBack(columns[at]!.type, text))
    if (source.all(`select 1 from ${quoted(table.name)} where ${where}`, ...cells).length === 0)
      tell(`${nameOf(table, key)} is in the new database only`)
  }
}

/** Compares every row of a table with its counterpart, value by value. */
export async function compareTable(work: Work, table: MovedTable, of: number): Promise<Differences> {
  const { source, target, progress } = work
  const differences: Differences = { count: 0, named: [] }
  const tell = (line: string) => {
    differences.count++
    if (differences.named.length < NAMED) differences.named.push(line)
  }
  let seen = 0
  let met = 0
  for (const batch of batchesOf(source, table, null)) {
    const found = await counterparts(target, table, batch)
    for (const row of batch.rows) {
      const key = keyOf(table, row)
      const other = found.get(JSON.stringify(key))
      const columns = other ? unlike(table, row, other) : []
      if (!other) tell(`${nameOf(table, key)} is not in the new database`)
      else if (columns.length > 0) tell(`${nameOf(table, key)} differs in ${columns.join(', ')}`)
    }
    seen += batch.rows.length
    met += found.size
    progress.add({ table: table.name, rows: seen, of }, { ...batch, rows: batch.rows.length })
  }
  const [[there] = []] = await target.query(`select count(*) from ${quoted(table.name)}`)
  if (Number(there) !== met) await strangers(work, table, tell)
  return differences
}
