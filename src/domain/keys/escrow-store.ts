import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepColumn } from '#src/db/sweeping.ts'

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
    .where('no_recovery', '=', 0)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** What was decided about second copies of a ring with a secret; undefined where there is none. */
export async function markOf(ctx: Context, ringId: string): Promise<number | undefined> {
  const ring = ctx.db.selectFrom('key_ring').select('no_recovery').where('id', '=', ringId)
  return (await ring.where('secret', 'is not', null).executeTakeFirst())?.no_recovery
}

/** Removes the second copies of these rings, and notes that there shall be none. */
export const removeEscrows = (ctx: Context, ringIds: readonly string[]) =>
  ctx.db.updateTable('key_ring').set({ escrow: null, no_recovery: 1 }).where('id', 'in', ringIds).execute()

/** Notes that these rings may have second copies. */
export const allowEscrows = (ctx: Context, ringIds: readonly string[]) =>
  ctx.db.updateTable('key_ring').set({ no_recovery: 0 }).where('id', 'in', ringIds).execute()

/** Removes second copies of anybody; small batches. Returns how many went. */
export const sweepEscrows = (ctx: Context): Promise<number> =>
  sweepColumn(ctx, { table: 'key_ring', by: ['id'], column: 'escrow', where: sql`escrow is not null` })
