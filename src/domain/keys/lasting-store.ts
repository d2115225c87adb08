import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type LastingRow = Tables['lasting_revocation']

// At one address. What is older, everybody has had the time to learn of.
const KEPT_AT_MOST = 20

/** The revocations of an address, the newest first. */
const newestAt = (ctx: Context, address: string) =>
  ctx.db
    .selectFrom('lasting_revocation')
    .where('address', '=', address)
    .orderBy('created', 'desc')
    .orderBy('fingerprint')
    .limit(KEPT_AT_MOST)

/**
 * Keeps what the world shall always see of a revoked key; a newer state of it takes the place of the older. The newest
 * twenty of an address stay.
 */
export async function keepLasting(ctx: Context, rows: readonly LastingRow[]): Promise<void> {
  for (const row of rows) {
    const { fingerprint: _, address: __, created: ___, ...changes } = row
    await ctx.db
      .insertInto('lasting_revocation')
      .values(row)
      .onConflict((conflict) => conflict.columns(['fingerprint', 'address']).doUpdateSet(changes))
      .execute()
    await ctx.db
      .deleteFrom('lasting_revocation')
      .where('address', '=', row.address)
      .where('fingerprint', 'not in', newestAt(ctx, row.address).select('fingerprint'))
      .execute()
  }
}

/** The revocations that stay at an address, the newest first. */
export const lastingAt = (ctx: Context, address: string): Promise<LastingRow[]> =>
  newestAt(ctx, address).selectAll().execute()

/** Those at the address that has this name in the Web Key Directory of a domain. */
export const lastingNamed = (ctx: Context, wkd: string, domain: string): Promise<LastingRow[]> =>
  ctx.db
    .selectFrom('lasting_revocation')
    .selectAll()
    .where('wkd', '=', wkd)
    .where(sql<boolean>`address like ${`%@${domain}`}`)
    .orderBy('created', 'desc')
    .limit(KEPT_AT_MOST)
    .execute()

/** The revocations that stay of keys with an id (16 upper-case hex digits) or a fingerprint. */
export const lastingOf = (ctx: Context, id: string): Promise<LastingRow[]> =>
  ctx.db
    .selectFrom('lasting_revocation')
    .selectAll()
    .where(id.length === 16 ? 'key_id' : 'fingerprint', '=', id)
    .orderBy('created', 'desc')
    .limit(KEPT_AT_MOST)
    .execute()
