import type { Context } from '#src/context.ts'
import type { RingRow } from './store.ts'

/** Keeps the secret of a ring as its owner's own key seals it; false when it is no longer what was opened. */
export async function resealRing(
  ctx: Context,
  was: { id: string; secret: Uint8Array; unlock_salt: string },
  secret: Uint8Array,
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('key_ring')
    .set({ secret, unlock_salt: '' })
    .where('id', '=', was.id)
    .where('secret', '=', was.secret)
    .where('unlock_salt', '=', was.unlock_salt)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives a ring to another account; it is no longer the current one of anybody. */
export const giveRing = (ctx: Context, ring: Pick<RingRow, 'id'>, to: { accountId: string; unlockSalt: string }) =>
  ctx.db
    .updateTable('key_ring')
    .set({ account_id: to.accountId, unlock_salt: to.unlockSalt, is_current: 0 })
    .where('id', '=', ring.id)
    .execute()
