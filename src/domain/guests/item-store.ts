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

export const hasItems = async (ctx: Context, accountId: string): Promise<boolean> =>
  (await ctx.db
    .selectFrom('guest_item')
    .select('id')
    .where('account_id', '=', accountId)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Removes an item; answers its body, or undefined when somebody else removed it before. */
export const removeItem = async (ctx: Context, id: string): Promise<string | undefined> =>
  (await ctx.db.deleteFrom('guest_item').where('id', '=', id).returning('body_id').executeTakeFirst())?.body_id

/** Gives all mail that is kept for an account to another one. Answers how many there are. */
export async function giveItems(ctx: Context, from: string, to: string): Promise<number> {
  const given = ctx.db.updateTable('guest_item').set({ account_id: to }).where('account_id', '=', from)
  return Number((await given.executeTakeFirst()).numUpdatedRows)
}
