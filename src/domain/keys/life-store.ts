import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'
import type { RingRow } from './store.ts'

export type LastingRow = Tables['lasting_revocation']

export const ringById = (ctx: Context, id: string): Promise<RingRow | undefined> =>
  ctx.db.selectFrom('key_ring').selectAll().where('id', '=', id).executeTakeFirst()

export interface RingChange {
  certificate: Uint8Array
  secret: Uint8Array | null
  secret_behind: number
  /** absent: as it is */
  escrow?: Uint8Array | null
  expires: number
  reminded: number
}

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
export async function keepParts(
  ctx: Context,
  ringId: string,
  parts: readonly Omit<Tables['key_part'], 'ring_id'>[],
): Promise<void> {
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

/** Certificates of the people of a tenant whose primary keys have these ids; a few. */
export const certificatesByKeyIds = (ctx: Context, tenant: number, keyIds: readonly string[]) =>
  keyIds.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('key_ring')
        .innerJoin('account', 'account.id', 'key_ring.account_id')
        .select('key_ring.certificate')
        .where('account.tenant', '=', tenant)
        .where('key_ring.key_id', 'in', keyIds.slice(0, 100))
        .limit(100)
        .execute()
