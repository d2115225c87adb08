import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

type KeyRow = Tables['gateway_key']

/**
 * Lets a secret be used for an account, in the place of an older one. False when the ring is not the account's current
 * one any more.
 */
export async function keepKey(ctx: Context, row: KeyRow): Promise<boolean> {
  const ring = await ctx.db
    .selectFrom('key_ring')
    .select('id')
    .where('id', '=', row.ring_id)
    .where('account_id', '=', row.account_id)
    .where('is_current', '=', 1)
    .executeTakeFirst()
  if (!ring) return false
  const { account_id, ...rest } = row
  await ctx.db
    .insertInto('gateway_key')
    .values(row)
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(rest))
    .execute()
  return true
}

/** What an account has let us use, with its ring as it is now; `is_over`: 1 when it must not be used any more. */
export const keyOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('gateway_key')
    .innerJoin('key_ring', 'key_ring.id', 'gateway_key.ring_id')
    .leftJoin('key_profile', 'key_profile.account_id', 'gateway_key.account_id')
    .select(['gateway_key.account_id', 'gateway_key.ring_id', 'gateway_key.secret', 'gateway_key.created'])
    .select(['key_ring.certificate', 'key_ring.fingerprint'])
    .select((eb) =>
      eb
        .case()
        .when(
          eb.or([eb('key_ring.is_current', '=', 0), eb('key_profile.last_reset', '>=', eb.ref('gateway_key.created'))]),
        )
        .then(1)
        .else(0)
        .end()
        .as('is_over'),
    )
    .where('gateway_key.account_id', '=', accountId)
    .executeTakeFirst()

/** False when there was none. */
export async function removeKey(ctx: Context, accountId: string): Promise<boolean> {
  const result = await ctx.db.deleteFrom('gateway_key').where('account_id', '=', accountId).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

/** Accounts whose permission is over: another ring is current, or the key password was reset since. */
export const keysOver = async (ctx: Context, most: number): Promise<string[]> =>
  (
    await ctx.db
      .selectFrom('gateway_key')
      .innerJoin('key_ring', 'key_ring.id', 'gateway_key.ring_id')
      .leftJoin('key_profile', 'key_profile.account_id', 'gateway_key.account_id')
      .select('gateway_key.account_id')
      .where((eb) =>
        eb.or([eb('key_ring.is_current', '=', 0), eb('key_profile.last_reset', '>=', eb.ref('gateway_key.created'))]),
      )
      .limit(most)
      .execute()
  ).map(({ account_id }) => account_id)
