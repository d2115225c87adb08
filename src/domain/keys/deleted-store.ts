import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type DeletedRow = Tables['deleted_ring']

// More than anybody has had, however often his keys were deleted.
const READ_AT_MOST = 300

export const keepDeleted = (ctx: Context, rows: readonly DeletedRow[]) =>
  ctx.db
    .insertInto('deleted_ring')
    .values([...rows])
    .execute()

/** The locked copies of an account's rings. */
export const lockedCopiesOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('locked_secret')
    .innerJoin('key_ring', 'key_ring.id', 'locked_secret.ring_id')
    .select(['locked_secret.ring_id', 'locked_secret.locked'])
    .where('key_ring.account_id', '=', accountId)
    .execute()

/** Removes rings for good, what hangs on them with them. */
export const removeRings = (ctx: Context, ids: readonly string[]) =>
  ctx.db
    .deleteFrom('key_ring')
    .where('id', 'in', [...ids])
    .execute()

/** The deleted rings of an address, what was deleted last first. */
export const deletedAt = (ctx: Context, tenant: number, email: string): Promise<DeletedRow[]> =>
  ctx.db
    .selectFrom('deleted_ring')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('email', '=', email)
    .orderBy('deleted', 'desc')
    .orderBy('ring_created', 'desc')
    .orderBy('id')
    .limit(READ_AT_MOST)
    .execute()

/** The accounts that the deleted rings of an address were of. */
export const ownersOfDeletedAt = async (ctx: Context, tenant: number, email: string): Promise<string[]> =>
  (
    await ctx.db
      .selectFrom('deleted_ring')
      .select('account_id')
      .distinct()
      .where('tenant', '=', tenant)
      .where('email', '=', email)
      .execute()
  ).map(({ account_id }) => account_id)
