import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type ItemRow = Tables['guest_item']

export const insertItem = (ctx: Context, row: ItemRow) => ctx.db.insertInto('guest_item').values(row).execute()

/** A mail of a guest that is still kept. */
export const itemOf = (ctx: Context, { id, accountId }: { id: string; accountId: string }) =>
  ctx.db
    .selectFrom('guest_item')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

export const expiredItems = async (ctx: Context, most: number): Promise<string[]> =>
  (
    await ctx.db
      .selectFrom('guest_item')
      .select('id')
      .where('expires', '<=', ctx.clock.now())
      .orderBy('expires')
      .limit(most)
      .execute()
  ).map(({ id }) => id)

export const itemIdsOf = async (ctx: Context, accountId: string): Promise<string[]> =>
  (await ctx.db.selectFrom('guest_item').select('id').where('account_id', '=', accountId).execute()).map(({ id }) => id)

/** Removes items; answers the bodies that no other item refers to any more. */
export async function removeItems(ctx: Context, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const gone = await ctx.db.deleteFrom('guest_item').where('id', 'in', ids).returning('body_id').execute()
  const bodies = [...new Set(gone.map(({ body_id }) => body_id))]
  if (bodies.length === 0) return []
  const left = await ctx.db.selectFrom('guest_item').select('body_id').where('body_id', 'in', bodies).execute()
  const kept = new Set(left.map(({ body_id }) => body_id))
  return bodies.filter((id) => !kept.has(id))
}
