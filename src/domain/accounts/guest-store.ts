import type { Context } from '#src/context.ts'
import type { AccountRow } from './store.ts'

/** Keeps an account that no address leads to. */
export async function insertBareAccount(ctx: Context, row: AccountRow): Promise<void> {
  await ctx.db.insertInto('account').values(row).execute()
}

/** The bodies of the mails that an account reads here. */
export const itemBodiesOf = async (ctx: Context, id: string): Promise<string[]> =>
  (await ctx.db.selectFrom('guest_item').select('body_id').where('account_id', '=', id).execute()).map(
    ({ body_id }) => body_id,
  )

/** Removes an account that is a guest's; false for any other. */
export async function removeBareAccount(ctx: Context, id: string): Promise<boolean> {
  const gone = ctx.db.deleteFrom('account').where('id', '=', id).where('population', '=', 'guest')
  return (await gone.returning('id').executeTakeFirst()) !== undefined
}
