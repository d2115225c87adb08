import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type RequestRow = Tables['guest_request']

export const insertRequest = (ctx: Context, row: RequestRow) => ctx.db.insertInto('guest_request').values(row).execute()

/** Takes the oldest request away; of several takers each gets another one. */
export function takeRequest(ctx: Context): Promise<RequestRow | undefined> {
  const oldest = ctx.db.selectFrom('guest_request').select('id').orderBy('created').limit(1)
  const free = ctx.database.engine === 'postgres' ? oldest.forUpdate().skipLocked() : oldest
  return ctx.db.deleteFrom('guest_request').where('id', '=', free).returningAll().executeTakeFirst()
}

/** Keeps a link; those before it are void at once. */
export async function replaceReset(ctx: Context, row: Tables['guest_reset']): Promise<void> {
  await ctx.db.deleteFrom('guest_reset').where('account_id', '=', row.account_id).execute()
  await ctx.db.insertInto('guest_reset').values(row).execute()
}

/** The account that a link is for, if it works at this moment. */
export const accountOfReset = async (ctx: Context, digest: string): Promise<string | undefined> =>
  (
    await ctx.db
      .selectFrom('guest_reset')
      .select('account_id')
      .where('digest', '=', digest)
      .where('expires', '>', ctx.clock.now())
      .executeTakeFirst()
  )?.account_id

/** Uses a link up; of two at the same instant, one gets true. */
export async function takeReset(ctx: Context, digest: string): Promise<boolean> {
  const gone = ctx.db.deleteFrom('guest_reset').where('digest', '=', digest).where('expires', '>', ctx.clock.now())
  return (await gone.returning('digest').executeTakeFirst()) !== undefined
}

/** Removes links that nobody has followed in time; small batches. Returns how many went. */
export const sweepResets = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'guest_reset', by: ['digest'], where: sql`expires <= ${ctx.clock.now()}` })
