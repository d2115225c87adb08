import type { Context } from '#src/context.ts'
import type { OpenRing } from './sealed.ts'

/** Are the rings that a password opened still what it opened? In a transaction that holds the account. */
export async function areUnchanged(ctx: Context, rings: readonly OpenRing[]): Promise<boolean> {
  const rows = await ctx.db
    .selectFrom('key_ring')
    .select('id')
    .where(({ eb, or, and }) =>
      or(rings.map(({ ring }) => and([eb('id', '=', ring.id), eb('secret', '=', ring.secret)]))),
    )
    .execute()
  return rows.length === rings.length
}

/** Notes where new passwords of these rings go. Answers the addresses that some of them had before in its place. */
export async function moveSecondary(ctx: Context, rings: readonly OpenRing[], secondary: string): Promise<string[]> {
  const ids = rings.map(({ ring }) => ring.id)
  const others = await ctx.db
    .selectFrom('key_ring')
    .select('secondary')
    .where('id', 'in', ids)
    .where('secondary', '!=', secondary)
    .execute()
  await ctx.db.updateTable('key_ring').set({ secondary }).where('id', 'in', ids).execute()
  return others.map((row) => row.secondary)
}

/** Where a new password of a ring goes now; empty for the primary address. */
export async function secondaryOf(ctx: Context, ringId: string): Promise<string> {
  const ring = await ctx.db.selectFrom('key_ring').select('secondary').where('id', '=', ringId).executeTakeFirst()
  return ring?.secondary ?? ''
}
