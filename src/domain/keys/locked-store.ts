import type { Context } from '#src/context.ts'

/** Which of these rings have a locked copy, and of which state of theirs. */
export const copiesOf = (ctx: Context, ringIds: readonly string[]) =>
  ctx.db
    .selectFrom('locked_secret')
    .select(['ring_id', 'made_of'])
    .where('ring_id', 'in', [...ringIds])
    .execute()

/** Is this still what is kept as the secret of a ring? In a transaction that holds the account it stays so. */
export async function isStill(ctx: Context, ringId: string, secret: Uint8Array): Promise<boolean> {
  const ring = ctx.db.selectFrom('key_ring').select('id').where('id', '=', ringId).where('secret', '=', secret)
  return (await ring.executeTakeFirst()) !== undefined
}

export const keepLocked = (ctx: Context, row: { ring_id: string; locked: string; made_of: number }) => {
  const { ring_id: _, ...changes } = row
  return ctx.db
    .insertInto('locked_secret')
    .values(row)
    .onConflict((conflict) => conflict.column('ring_id').doUpdateSet(changes))
    .execute()
}

/** Forgets the locked copy of a ring that gets another password, in the transaction that gives it. */
export const dropLocked = (ctx: Context, ringId: string) =>
  ctx.db.deleteFrom('locked_secret').where('ring_id', '=', ringId).execute()
