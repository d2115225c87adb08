import type { Context } from '#src/context.ts'
import { days } from '#src/lib/clock.ts'
import { type BareRing, bare } from './store.ts'

/** Rings of old versions, of which nobody knows yet when they end; a few. */
export const unjudgedRings = (ctx: Context, most: number): Promise<BareRing[]> =>
  ctx.db.selectFrom('key_ring').select(bare).where('expires', '=', -1).limit(most).execute()

/** Notes when such a ring ends; nothing, when somebody has changed it since. */
export const keepEnd = (ctx: Context, { id, certificate }: BareRing, expires: number) =>
  ctx.db
    .updateTable('key_ring')
    .set({ expires })
    .where('id', '=', id)
    .where('expires', '=', -1)
    .where('certificate', '=', certificate)
    .execute()

/** Current rings with a secret that end soon, whose owners were not told since one of the days that they are told on. */
export function endingRings(ctx: Context, { before, most }: { before: readonly number[]; most: number }) {
  const now = ctx.clock.now()
  return (
    ctx.db
      .selectFrom('key_ring')
      .innerJoin('account', 'account.id', 'key_ring.account_id')
      .select(bare.map((column) => `key_ring.${column}` as const))
      .where('is_current', '=', 1)
      .where('secret', 'is not', null)
      .where('expires', '>', now)
      // No other row can be meant; by this the index ends there.
      .where('expires', '<=', now + days(Math.max(...before)))
      .where('account.suspended', '=', 0)
      .where('account.black_listed', '=', 0)
      .where(({ eb, and, or }) =>
        or(
          before.map((count) =>
            and([eb('expires', '<=', now + days(count)), eb('reminded', '<', eb('expires', '-', days(count)))]),
          ),
        ),
      )
      .orderBy('expires')
      .limit(most)
      .execute()
  )
}

/** Notes that an owner is told; of several nodes at once one gets true, and none when the ring was renewed meanwhile. */
export async function claimReminder(ctx: Context, { id, expires, reminded }: BareRing): Promise<boolean> {
  const row = await ctx.db
    .updateTable('key_ring')
    .set({ reminded: ctx.clock.now() })
    .where('id', '=', id)
    .where('is_current', '=', 1)
    .where('expires', '=', expires)
    .where('reminded', '=', reminded)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
