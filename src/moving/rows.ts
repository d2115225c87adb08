import type { Cell, SourceFile } from '#src/db/source-file.ts'
import { quoted, type Text } from '#src/db/target-server.ts'
import { plain } from '#src/support/text.ts'
import { NotDone } from '#src/support/verb.ts'
import { readBack, written } from './cells.ts'
import { keyColumns, type MovedTable } from './plan.ts'

/** Rows that go together, as PostgreSQL writes them, in the order of their key. */
export interface Batch {
  rows: Text[][]
  /** letters of all that stands in them */
  size: number
  /** how much work they are: `effortOf` */
  effort: number
}

const BLOCK = 1024

const effortOf = (cells: readonly Cell[]): number =>
  cells.reduce<number>((sum, cell) => (cell instanceof Uint8Array ? sum + Math.floor(cell.length / BLOCK) : sum), 1)

/** How much there is to move of a table. A row is one effort, and as much again for every kibibyte of bytes in it. */
export function measured(source: SourceFile, { name, columns }: MovedTable): { rows: number; effort: number } {
  const blobs = columns.filter(({ type }) => type === 'blob')
  // SQLite knows the length of bytes without reading them.
  const bytes = blobs.map((column) => `coalesce(length(${quoted(column.name)}) / ${BLOCK}, 0)`)
  const [[rows, more] = []] = source.all(
    `select count(*), coalesce(sum(${['0', ...bytes].join(' + ')}), 0) from ${quoted(name)}`,
  )
  return { rows: Number(rows), effort: Number(rows) + Number(more) }
}

/** The parts of a row's key. */
export const keyOf = ({ key }: MovedTable, row: readonly Text[]): string[] => key.map((place) => row[place] ?? '')

/** A row as people may look it up; what stands in its other columns is not told. */
export const nameOf = (table: MovedTable, key: readonly string[]): string =>
  `${table.name} ${keyColumns(table)
    .map(({ name }, at) => `${name} = ${plain(key[at] ?? '')}`)
    .join(', ')}`

function rowOf(table: MovedTable, cells: readonly Cell[]): Text[] {
  const { columns } = table
  return cells.map((cell, at) => {
    const { name, type } = columns[at]!
    const text = written(type, cell)
    if (text !== undefined) return text
    const key = table.key.map((place) => String(cells[place]))
    const why = typeof cell === 'string' && cell.includes('\0') ? 'a NUL' : `something other than ${type}`
    throw new NotDone(
      `PostgreSQL cannot hold what stands in the column ${name} of ${nameOf(table, key)}: it has ${why} in it.`,
    )
  })
}

/** A batch ends with the row that brings it to either. */
const MOST_ROWS = 5000
const MOST_LETTERS = 1024 * 1024

/** The rows of a table behind a key, or all of them, a batch at a time: never more of them in memory. */
export function* batchesOf(source: SourceFile, table: MovedTable, behind: readonly string[] | null): Generator<Batch> {
  const key = keyColumns(table)
  const names = key.map(({ name }) => quoted(name)).join(', ')
  const where = behind ? ` where (${names}) > (${key.map(() => '?').join(', ')})` : ''
  const sql = `select ${table.columns.map(({ name }) => quoted(name)).join(', ')} from ${quoted(table.name)}${where} order by ${names}`
  let batch: Batch = { rows: [], size: 0, effort: 0 }
  for (const cells of source.each(sql, ...(behind ?? []).map((text, at) => readBack(key[at]!.type, text)))) {
    const row = rowOf(table, cells)
    batch.rows.push(row)
    for (const text of row) batch.size += text?.length ?? 0
    batch.effort += effortOf(cells)
    if (batch.rows.length < MOST_ROWS && batch.size < MOST_LETTERS) continue
    yield batch
    batch = { rows: [], size: 0, effort: 0 }
  }
  if (batch.rows.length > 0) yield batch
}
