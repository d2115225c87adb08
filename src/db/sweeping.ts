import { type RawBuilder, sql } from 'kysely'
import type { Engine, Query } from './open.ts'
import type { Tables } from './tables.ts'

/** So many rows are gone within a few milliseconds; on SQLite everybody waits for as long. */
const SWEPT_AT_ONCE = 100

/** The condition that a column's time came before another one. */
export const earlier = (column: string, than: number): RawBuilder<unknown> => sql`${sql.ref(column)} < ${than}`

/** What sweeps add to their choice on PostgreSQL: other nodes sweep as well, and none waits for what another one has. */
const unclaimed = (ctx: Context): RawBuilder<unknown> =>
  ctx.database.engine === 'postgres' ? sql`for update skip locked` : sql``

/** What sweeps need of a context. */
interface Context {
  db: Query
  database: { engine: Engine }
}

interface Swept<Table extends keyof Tables> {
  table: Table
  /** its key */
  by: readonly (keyof Tables[Table] & string)[]
  /** which rows; an index must find them */
  where: RawBuilder<unknown>
}

/**
 * The few rows that a sweep takes at once, held until it is done. The choice stands apart, or PostgreSQL may make it
 * again for each row, and take more.
 */
function chosen<Table extends keyof Tables>(ctx: Context, { table, by, where }: Swept<Table>) {
  const key = sql.join(by.map((column) => sql.ref(column)))
  return {
    few: sql`with chosen as materialized
      (select ${key} from ${sql.table(table)} where ${where} limit ${SWEPT_AT_ONCE} ${unclaimed(ctx)})`,
    isChosen: sql`(${key}) in (select ${key} from chosen)`,
  }
}

/** Removes a few rows; returns how many went. */
export async function sweepRows<Table extends keyof Tables>(ctx: Context, swept: Swept<Table>): Promise<number> {
  const { few, isChosen } = chosen(ctx, swept)
  const result = await sql`${few} delete from ${sql.table(swept.table)} where ${isChosen}`.execute(ctx.db)
  return Number(result.numAffectedRows ?? 0)
}

/** Forgets what a column of a few rows holds; returns how many did. */
export async function sweepColumn<Table extends keyof Tables>(
  ctx: Context,
  { column, ...swept }: Swept<Table> & { column: keyof Tables[Table] & string },
): Promise<number> {
  const { few, isChosen } = chosen(ctx, swept)
  const change = sql`${few} update ${sql.table(swept.table)} set ${sql.ref(column)} = null where ${isChosen}`
  return Number((await change.execute(ctx.db)).numAffectedRows ?? 0)
}
