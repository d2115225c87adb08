import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

// Behind every digit and letter of an id, in whatever order the database has them.
const BEHIND = 'g'
const FEW = 20

/** Accounts whose ids begin with eight hexadecimal digits from `first` to `last`. */
export const accountsBetween = (ctx: Context, first: string, last: string) =>
  ctx.db
    .selectFrom('account')
    .selectAll()
    .where('id', '>=', first)
    .where('id', '<', last + BEHIND)
    .limit(FEW)
    .execute()

/** Keeps the link to the deleted keys of an address; an older one of it is dead. */
export const keepExposed = (ctx: Context, row: Tables['exposed_keys']) => {
  const { tenant: _, email: __, ...changes } = row
  return ctx.db
    .insertInto('exposed_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant', 'email']).doUpdateSet(changes))
    .execute()
}

export const liveExposed = (ctx: Context, digest: string) =>
  ctx.db
    .selectFrom('exposed_keys')
    .select(['tenant', 'email'])
    .where('digest', '=', digest)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Removes links that are over; a few at a time. */
export async function sweepExposed(ctx: Context): Promise<void> {
  const old = ctx.db.selectFrom('exposed_keys').select('digest').where('expires', '<=', ctx.clock.now()).limit(100)
  await ctx.db.deleteFrom('exposed_keys').where('digest', 'in', old).execute()
}
