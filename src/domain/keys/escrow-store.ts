import { sql } from 'kysely'
import type { Context } from '#src/context.ts'

/** May what is written now be undone with a transaction? */
export const isInTransaction = (ctx: Context): boolean => ctx.db.isTransaction

/** Keeps the second copy of a secret that has none yet, if it still is that secret; true when it did. */
export async function addEscrow(
  ctx: Context,
  { ringId, secret, escrow }: { ringId: string; secret: Uint8Array; escrow: Uint8Array },
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('key_ring')
    .set({ escrow })
    .where('id', '=', ringId)
    .where('secret', '=', secret)
    .where('escrow', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes every second copy of an account. */
export const removeEscrows = (ctx: Context, accountId: string) =>
  ctx.db.updateTable('key_ring').set({ escrow: null }).where('account_id', '=', accountId).execute()

const BATCH = 500

/** Removes second copies of anybody; small batches. Returns how many went. */
export async function sweepEscrows(ctx: Context): Promise<number> {
  const some = ctx.db.selectFrom('key_ring').select('id').where('escrow', 'is not', null).limit(BATCH)
  const result = await ctx.db
    .updateTable('key_ring')
    .set({ escrow: sql`null` })
    .where('id', 'in', some)
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}
