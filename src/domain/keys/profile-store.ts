import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type ProfileRow = Tables['key_profile']

const blank = (account_id: string): ProfileRow => ({
  account_id,
  no_recovery: 0,
  encrypts: 0,
  signs: 0,
  inline: 0,
  last_reset: 0,
  at_rest: 0,
})

/** What an account has decided about its keys; the defaults while it has decided nothing. */
export const profileOf = async (ctx: Context, accountId: string): Promise<ProfileRow> =>
  (await ctx.db.selectFrom('key_profile').selectAll().where('account_id', '=', accountId).executeTakeFirst()) ??
  blank(accountId)

export async function keepProfile(
  ctx: Context,
  accountId: string,
  changes: Partial<Omit<ProfileRow, 'account_id'>>,
): Promise<ProfileRow> {
  return ctx.db
    .insertInto('key_profile')
    .values({ ...blank(accountId), ...changes })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ account_id: accountId, ...changes }))
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Notes that a key password is being reset; false when another reset came in after `was`. */
export async function claimReset(ctx: Context, accountId: string, was: number): Promise<boolean> {
  const last_reset = ctx.clock.now()
  const row = await ctx.db
    .insertInto('key_profile')
    .values({ ...blank(accountId), last_reset })
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet({ last_reset }).where('key_profile.last_reset', '=', was),
    )
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}
