import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type LastingRow = Tables['lasting_revocation']

/** Keeps what the world shall always see of a revoked key; a newer state of it takes the place of the older. */
export async function keepLasting(ctx: Context, rows: readonly LastingRow[]): Promise<void> {
  for (const row of rows) {
    const { fingerprint: _, address: __, created: ___, ...changes } = row
    await ctx.db
      .insertInto('lasting_revocation')
      .values(row)
      .onConflict((conflict) => conflict.columns(['fingerprint', 'address']).doUpdateSet(changes))
      .execute()
  }
}

/** The revocations that stay at an address, the newest first. */
export const lastingAt = (ctx: Context, address: string): Promise<LastingRow[]> =>
  ctx.db
    .selectFrom('lasting_revocation')
    .selectAll()
    .where('address', '=', address)
    .orderBy('created', 'desc')
    .execute()

/** Those at addresses with a name in the Web Key Directory, in any domain. */
export const lastingNamed = (ctx: Context, wkd: string): Promise<LastingRow[]> =>
  ctx.db.selectFrom('lasting_revocation').selectAll().where('wkd', '=', wkd).orderBy('created', 'desc').execute()

/** The revocations that stay of keys with an id (16 upper-case hex digits) or a fingerprint. */
export const lastingOf = (ctx: Context, id: string): Promise<LastingRow[]> =>
  ctx.db
    .selectFrom('lasting_revocation')
    .selectAll()
    .where(id.length === 16 ? 'key_id' : 'fingerprint', '=', id)
    .orderBy('created', 'desc')
    .execute()
