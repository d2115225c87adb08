import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

type Row = Tables['policy']

const NUL = '\0'

/** For a name with a NUL nothing is said, and PostgreSQL takes no such text. */
export const policiesAt = (ctx: Context, scopes: readonly string[]): Promise<Row[]> =>
  ctx.db
    .selectFrom('policy')
    .selectAll()
    .where(
      'scope',
      'in',
      scopes.filter((scope) => !scope.includes(NUL)),
    )
    .execute()

export const putPolicy = (ctx: Context, row: Row) =>
  ctx.db
    .insertInto('policy')
    .values(row)
    .onConflict((conflict) => conflict.column('scope').doUpdateSet({ data: row.data, modified: row.modified }))
    .execute()

export const removePolicy = (ctx: Context, scope: string) =>
  ctx.db.deleteFrom('policy').where('scope', '=', scope).execute()
