import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type PeerRow = Tables['autocrypt_peer']

export const peerOf = (ctx: Context, accountId: string, address: string): Promise<PeerRow | undefined> =>
  ctx.db
    .selectFrom('autocrypt_peer')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('address', '=', address)
    .executeTakeFirst()

/** All that an account knows by Autocrypt, by address. */
export const peersOf = (ctx: Context, accountId: string): Promise<PeerRow[]> =>
  ctx.db.selectFrom('autocrypt_peer').selectAll().where('account_id', '=', accountId).orderBy('address').execute()

/** Of every key that an account knows by Autocrypt, from its owner or from others. */
export async function peerFingerprints(ctx: Context, accountId: string): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('autocrypt_peer')
    .select(['fingerprint', 'gossip_fingerprint'])
    .where('account_id', '=', accountId)
    .execute()
  return rows.flatMap((row) => [row.fingerprint, row.gossip_fingerprint]).filter((one) => one !== '')
}

export async function keepPeer(ctx: Context, row: PeerRow): Promise<void> {
  const { account_id: _, address: __, ...changes } = row
  await ctx.db
    .insertInto('autocrypt_peer')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'address']).doUpdateSet(changes))
    .execute()
}

/** Makes room: all but the `most` best known are forgotten, those first who are known from hearsay or long ago. */
export async function forgetPeersBeyond(ctx: Context, accountId: string, most: number): Promise<void> {
  const surplus = await ctx.db
    .selectFrom('autocrypt_peer')
    .select('address')
    .where('account_id', '=', accountId)
    .orderBy('verified', 'desc')
    .orderBy('key_seen', 'desc')
    .orderBy('gossip_seen', 'desc')
    .orderBy('address')
    .limit(1000)
    .offset(most)
    .execute()
  const addresses = surplus.map(({ address }) => address)
  if (addresses.length > 0)
    await ctx.db
      .deleteFrom('autocrypt_peer')
      .where('account_id', '=', accountId)
      .where('address', 'in', addresses)
      .execute()
}

interface Own {
  accountId: string
  fingerprint: string
}

/** Marks the key as verified or not, for each address that it came with. Answers those addresses. */
export async function markVerified(ctx: Context, { accountId, fingerprint }: Own, verified: 0 | 1): Promise<string[]> {
  const rows = await ctx.db
    .updateTable('autocrypt_peer')
    .set({ verified })
    .where('account_id', '=', accountId)
    .where('fingerprint', '=', fingerprint)
    .returning('address')
    .execute()
  return rows.map(({ address }) => address)
}

/** Where the key stands beside another one, which came from its owner. */
export const rivalled = (ctx: Context, { accountId, fingerprint }: Own): Promise<PeerRow[]> =>
  ctx.db
    .selectFrom('autocrypt_peer')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('gossip_fingerprint', '=', fingerprint)
    .where('fingerprint', '!=', fingerprint)
    .where('certificate', 'is not', null)
    .execute()

/** Forgets a key wherever it came from; a peer that is known by nothing else goes with it. True when there was one. */
export async function removePeerKey(ctx: Context, { accountId, fingerprint }: Own): Promise<boolean> {
  const gone = await ctx.db
    .deleteFrom('autocrypt_peer')
    .where('account_id', '=', accountId)
    .where('fingerprint', '=', fingerprint)
    .returning('address')
    .execute()
  const hearsay = await ctx.db
    .updateTable('autocrypt_peer')
    .set({ gossip: null, gossip_seen: 0, gossip_fingerprint: '' })
    .where('account_id', '=', accountId)
    .where('gossip_fingerprint', '=', fingerprint)
    .returning('address')
    .execute()
  await ctx.db
    .deleteFrom('autocrypt_peer')
    .where('account_id', '=', accountId)
    .where('certificate', 'is', null)
    .where('gossip', 'is', null)
    .execute()
  return gone.length + hearsay.length > 0
}
