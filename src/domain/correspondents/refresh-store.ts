import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type Copy = Pick<Tables['external_key'], 'id' | 'account_id' | 'certificate'>

/** The copies of a key that people have uploaded, those behind the one with the id `after`; at most `most`. */
export const copiesOf = (
  ctx: Context,
  { fingerprint, after, most }: { fingerprint: string; after: string; most: number },
): Promise<Copy[]> =>
  ctx.db
    .selectFrom('external_key')
    .select(['id', 'account_id', 'certificate'])
    .where('fingerprint', '=', fingerprint)
    .where('id', '>', after)
    .orderBy('id')
    .limit(most)
    .execute()

/** Puts another certificate in the place of one; false when it is no longer the one that was read. */
export async function replaceCopy(
  ctx: Context,
  { id, was, becomes }: { id: string; was: Uint8Array; becomes: Uint8Array },
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('external_key')
    .set({ certificate: becomes })
    .where('id', '=', id)
    .where('certificate', '=', was)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
