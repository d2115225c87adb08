import type { Context } from '#src/context.ts'
import type { ItemRow } from './item-store.ts'

const live = (ctx: Context, accountId: string) =>
  ctx.db.selectFrom('guest_item').where('account_id', '=', accountId).where('expires', '>', ctx.clock.now())

/** Where a page of a list begins: behind this item. */
export interface Place {
  created: number
  id: string
}

/** The mails of an account, the newest first: `most` of them behind a place. */
export function itemsOf(
  ctx: Context,
  { accountId, behind, most }: { accountId: string; behind: Place | null; most: number },
): Promise<ItemRow[]> {
  const all = live(ctx, accountId).selectAll().orderBy('created', 'desc').orderBy('id', 'desc').limit(most)
  if (!behind) return all.execute()
  const { created, id } = behind
  return all
    .where('created', '<=', created)
    .where(({ eb, or, and }) =>
      or([eb('created', '<', created), and([eb('created', '=', created), eb('id', '<', id)])]),
    )
    .execute()
}

export const countItems = async (ctx: Context, accountId: string): Promise<number> =>
  Number(
    (
      await live(ctx, accountId)
        .select(({ fn }) => fn.countAll().as('count'))
        .executeTakeFirstOrThrow()
    ).count,
  )

/** Notes that a mail was opened; false when it was before. */
export async function noteOpened(ctx: Context, id: string): Promise<boolean> {
  const noted = ctx.db.updateTable('guest_item').set({ opened: ctx.clock.now() }).where('id', '=', id)
  return (await noted.where('opened', '=', 0).returning('id').executeTakeFirst()) !== undefined
}

/** Whose mail it is, as long as it is kept. */
export const ownerOfItem = async (ctx: Context, id: string): Promise<string | undefined> =>
  (
    await ctx.db
      .selectFrom('guest_item')
      .select('account_id')
      .where('id', '=', id)
      .where('kind', '=', 'received')
      .where('expires', '>', ctx.clock.now())
      .executeTakeFirst()
  )?.account_id
