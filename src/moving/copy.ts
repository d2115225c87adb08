import { lineOf } from './cells.ts'
import { type Done, noteBatch } from './note.ts'
import type { MovedTable } from './plan.ts'
import { batchesOf, keyOf, nameOf } from './rows.ts'
import type { Work } from './work.ts'

/** PostgreSQL tells the line of what it did not take; we know whose it is. */
function explain(error: unknown, table: MovedTable, keys: string[][]): unknown {
  const { where = '', message } = error as { where?: string; message: string }
  const line = /line (\d+)/.exec(where)?.[1]
  const key = line === undefined ? undefined : keys[Number(line) - 1]
  return key ? new Error(`${message} (${nameOf(table, key)})`) : error
}

/** Copies what is still to come of a table, a transaction for each batch; answers its rows. */
export async function copyTable(
  { source, target, progress }: Work,
  table: MovedTable,
  { done, of }: { done: Done; of: number },
): Promise<number> {
  const columns = table.columns.map(({ name }) => name)
  let { rows } = done
  for (const batch of batchesOf(source, table, done.last)) {
    const lines = batch.rows.map(lineOf).join('')
    await target
      .atOnce(async () => {
        await target.copyIn(table.name, columns, lines)
        await noteBatch(target, table, batch)
      })
      .catch((error: unknown) => {
        throw explain(
          error,
          table,
          batch.rows.map((row) => keyOf(table, row)),
        )
      })
    rows += batch.rows.length
    progress.add({ table: table.name, rows, of }, { ...batch, rows: batch.rows.length })
  }
  return rows
}
