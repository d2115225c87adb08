import { sql } from 'kysely'
import type { Context } from '#src/context.ts'

const ALIKE_AT_MOST = 20

/**
 * Rings of a tenant that hold a key with one of these ids of 16 digits: an account's own, then those whose primary key has
 * it, then whoever had it first, since anybody can bind the subkey of somebody else to a key of his own.
 */
export async function tenantRingsWith(
  ctx: Context,
  { id, tenant }: { id: string; tenant: number },
  keyIds: readonly string[],
) {
  if (keyIds.length === 0) return []
  return (
    ctx.db
      .selectFrom('key_part')
      .innerJoin('key_ring', 'key_ring.id', 'key_part.ring_id')
      .innerJoin('account', 'account.id', 'key_ring.account_id')
      .select(['key_ring.certificate', 'key_ring.inline', 'account.email'])
      .where('key_part.key_id', 'in', [...keyIds])
      .where('account.tenant', '=', tenant)
      // Their keys are found by their addresses only, which are in another table.
      .where('account.population', '!=', 'guest')
      .orderBy(sql`case when account.id = ${id} then 0 else 1 end`)
      .orderBy(sql`case when key_ring.key_id = key_part.key_id then 0 else 1 end`)
      .orderBy('key_ring.created')
      .orderBy('key_ring.id')
      .limit(ALIKE_AT_MOST)
      .execute()
  )
}

/** Has an account a secret ring with a key of one of these ids? */
export const hasSecretWith = async (ctx: Context, accountId: string, keyIds: readonly string[]): Promise<boolean> =>
  keyIds.length > 0 &&
  (await ctx.db
    .selectFrom('key_part')
    .innerJoin('key_ring', 'key_ring.id', 'key_part.ring_id')
    .select('key_ring.id')
    .where('key_part.key_id', 'in', [...keyIds])
    .where('key_ring.account_id', '=', accountId)
    .where('key_ring.secret', 'is not', null)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Certificates of the people of a tenant whose primary keys have these ids; a few. */
export const certificatesByKeyIds = (ctx: Context, tenant: number, keyIds: readonly string[]) =>
  keyIds.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('key_part')
        .innerJoin('key_ring', 'key_ring.id', 'key_part.ring_id')
        .innerJoin('account', 'account.id', 'key_ring.account_id')
        .select('key_ring.certificate')
        // Only the parts are found by their ids; that of the primary key is one of them.
        .where('key_part.key_id', 'in', keyIds.slice(0, 100))
        .whereRef('key_part.key_id', '=', 'key_ring.key_id')
        .where('account.tenant', '=', tenant)
        .limit(100)
        .execute()
