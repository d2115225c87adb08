import type { Context } from '#src/context.ts'
import type { PartRow, RingRow } from './store.ts'

type Part = Omit<PartRow, 'ring_id'>

/** Writes a ring and its parts, anew or in the place of what was there; which ring is current is not touched. */
export async function keepRing(ctx: Context, ring: RingRow, parts: readonly Part[]) {
  const { id, account_id: _, is_current: __, ...changes } = ring
  await ctx.db
    .insertInto('key_ring')
    .values({ ...ring, is_current: 0 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute()
  await keepParts(ctx, id, parts)
}

/** Makes one ring the current one and no other. */
export async function markCurrent(ctx: Context, accountId: string, ringId: string): Promise<void> {
  const own = ctx.db.updateTable('key_ring').where('account_id', '=', accountId)
  await own.set({ is_current: 0 }).where('is_current', '=', 1).execute()
  await own.set({ is_current: 1 }).where('id', '=', ringId).execute()
}

/** What may become of a ring; what is left out stays. */
export type RingChange = Partial<
  Pick<RingRow, 'certificate' | 'secret' | 'secret_behind' | 'unlock_salt' | 'escrow' | 'expires' | 'reminded'>
>

/** Writes a changed ring; false when it is no longer the one that was read, certificate and secret. */
export async function changeRing(ctx: Context, was: RingRow, becomes: RingChange): Promise<boolean> {
  const changed = ctx.db
    .updateTable('key_ring')
    .set({ ...becomes, modified: ctx.clock.now() })
    .where('id', '=', was.id)
    .where('certificate', '=', was.certificate)
  const same = was.secret ? changed.where('secret', '=', was.secret) : changed.where('secret', 'is', null)
  return (await same.returning('id').executeTakeFirst()) !== undefined
}

/** Says which keys a ring has, in the place of what was known. */
export async function keepParts(ctx: Context, ringId: string, parts: readonly Part[]): Promise<void> {
  await ctx.db.deleteFrom('key_part').where('ring_id', '=', ringId).execute()
  await ctx.db
    .insertInto('key_part')
    .values(parts.map((part) => ({ ...part, ring_id: ringId })))
    .execute()
}

/** Removes a ring, its parts with it; false when it is no longer the one that was read. */
export async function deleteRing(ctx: Context, was: RingRow): Promise<boolean> {
  const gone = ctx.db.deleteFrom('key_ring').where('id', '=', was.id).where('certificate', '=', was.certificate)
  const same = was.secret ? gone.where('secret', '=', was.secret) : gone.where('secret', 'is', null)
  return (await same.returning('id').executeTakeFirst()) !== undefined
}

/** Keeps a revocation certificate with a ring that has none yet; sealed. */
export const keepRevocation = (ctx: Context, ringId: string, revocation: string) =>
  ctx.db.updateTable('key_ring').set({ revocation }).where('id', '=', ringId).where('revocation', 'is', null).execute()

/** Says whether the world may find a ring; false when there is no such ring. */
export async function setPublished(
  ctx: Context,
  { accountId, ringId, published }: { accountId: string; ringId: string; published: number },
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('key_ring')
    .set({ published, modified: ctx.clock.now() })
    .where('id', '=', ringId)
    .where('account_id', '=', accountId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
