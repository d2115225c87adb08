import type { Context } from '#src/context.ts'
import { wkdName } from '#src/lib/wkd.ts'

/** Gives an account another address; false when somebody has it. */
export async function insertAddress(ctx: Context, accountId: string, address: string): Promise<boolean> {
  const row = await ctx.db
    .insertInto('address')
    .values({ address, account_id: accountId, created: ctx.clock.now(), wkd: wkdName(address) })
    .onConflict((conflict) => conflict.column('address').doNothing())
    .returning('address')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes an address from an account; false when it did not have it. */
export async function deleteAddress(ctx: Context, accountId: string, address: string): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('address')
    .where('address', '=', address)
    .where('account_id', '=', accountId)
    .returning('address')
    .executeTakeFirst()
  return row !== undefined
}
