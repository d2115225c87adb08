import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

type Row = Tables['policy']

export const policiesAt = (ctx: Context, scopes: readonly string[]): Promise<Row[]> =>
  ctx.db
    .selectFrom('policy')
    .selectAll()
    .where('scope', 'in', [...scopes])
    .execute()

export const putPolicy = (ctx: Context, row: Row) =>
  ctx.db
    .insertInto('policy')
    .values(row)
    .onConflict((conflict) => conflict.column('scope').doUpdateSet({ data: row.data, modified: row.modified }))
    .execute()

export const removePolicy = (ctx: Context, scope: string) =>
  ctx.db.deleteFrom('policy').where('scope', '=', scope).execute()
