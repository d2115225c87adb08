import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import type { SealedColumn } from '#src/domain/seats.ts'

/** A sealed text, and the columns that its row is found by. */
export interface SealedRow {
  key: [string, string]
  sealed: string
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString()

/** How many there are in a column. */
export async function sealedIn(ctx: Context, { table, column }: SealedColumn): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(${sql.ref(column)}) as count from ${sql.table(table)}`.execute(ctx.db)
  return Number(rows[0]?.count)
}

/** Those behind a key, in its order. */
export async function sealedAfter(
  ctx: Context,
  { table, column, key }: SealedColumn,
  { after, most }: { after: string; most: number },
): Promise<SealedRow[]> {
  const [first, second = first] = key
  const { rows } = await sql<{ first: string; second: string; sealed: unknown }>`
    select ${sql.ref(first)} as first, ${sql.ref(second)} as second, ${sql.ref(column)} as sealed
    from ${sql.table(table)} where ${sql.ref(column)} is not null and ${sql.ref(first)} > ${after}
    order by ${sql.ref(first)} limit ${most}`.execute(ctx.db)
  return rows.map((row) => ({ key: [row.first, row.second], sealed: textOf(row.sealed) }))
}

/** Puts another text in the place of one, unless that has changed meanwhile. */
export async function replaceSealed(
  ctx: Context,
  { table, column, key, inBytes }: SealedColumn,
  { row, sealed }: { row: SealedRow; sealed: string },
): Promise<void> {
  const stored = (text: string) => (inBytes ? Buffer.from(text) : text)
  const [first, second = first] = key
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${stored(sealed)}
    where ${sql.ref(first)} = ${row.key[0]} and ${sql.ref(second)} = ${row.key[1]}
    and ${sql.ref(column)} = ${stored(row.sealed)}`.execute(ctx.db)
}
