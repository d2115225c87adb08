import type { ExpressionBuilder } from 'kysely'
import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type RingRow = Tables['key_ring']
export type PartRow = Tables['key_part']

/** Of a ring what decides most questions: of its secret and the second copy only whether they are there (null: no). */
export type RingOutline = Pick<RingRow, 'id' | 'is_current' | 'secondary'> & Record<'secret' | 'escrow', unknown>

/** A ring without what is secret of it. */
export type BareRing = Omit<RingRow, 'secret' | 'escrow' | 'revocation'>

/** A ring as lists show it. Its secret, which is as large as all else together, stays where it is, and so does the copy. */
export type ListedRing = BareRing & RingOutline

/** A ring as it is read to be opened with a password. */
export type LockedRing = BareRing & { secret: RingRow['secret']; escrow: unknown }

const outline = ['id', 'is_current', 'secondary'] as const
export const bare = [
  ...outline,
  'account_id',
  'fingerprint',
  'key_id',
  'certificate',
  'secret_behind',
  'inline',
  'created',
  'modified',
  'published',
  'expires',
  'reminded',
  'no_recovery',
  'unlock_salt',
] as const satisfies readonly (keyof BareRing)[]

/** The current one first, then the newest. */
const ringsIn = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('key_ring')
    .where('account_id', '=', accountId)
    .orderBy('is_current', 'desc')
    .orderBy('created', 'desc')
    .orderBy('id')

const isThere = (column: 'secret' | 'escrow') => (eb: ExpressionBuilder<Tables, 'key_ring'>) =>
  eb.case().when(`key_ring.${column}`, 'is not', null).then(eb.lit(1)).end().as(column)

/** An account's rings, whole: the current one first, then the newest, as in all lists of them. */
export const ringsOf = (ctx: Context, accountId: string): Promise<RingRow[]> =>
  ringsIn(ctx, accountId).selectAll().execute()

export const outlinesOf = (ctx: Context, accountId: string): Promise<RingOutline[]> =>
  ringsIn(ctx, accountId)
    .select(outline)
    .select([isThere('secret'), isThere('escrow')])
    .execute()

export const listedRingsOf = (ctx: Context, accountId: string): Promise<ListedRing[]> =>
  ringsIn(ctx, accountId)
    .select(bare)
    .select([isThere('secret'), isThere('escrow')])
    .execute()

/** Those with a secret. */
export const lockedRingsOf = (ctx: Context, accountId: string): Promise<LockedRing[]> =>
  ringsIn(ctx, accountId)
    .select([...bare, 'secret'])
    .select(isThere('escrow'))
    .where('secret', 'is not', null)
    .execute()

export const listedRing = (ctx: Context, id: string): Promise<ListedRing | undefined> =>
  ctx.db
    .selectFrom('key_ring')
    .select(bare)
    .select([isThere('secret'), isThere('escrow')])
    .where('id', '=', id)
    .executeTakeFirst()

export const ringById = (ctx: Context, id: string): Promise<RingRow | undefined> =>
  ctx.db.selectFrom('key_ring').selectAll().where('id', '=', id).executeTakeFirst()

export const currentRingOf = (ctx: Context, accountId: string): Promise<RingRow | undefined> =>
  ctx.db
    .selectFrom('key_ring')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('is_current', '=', 1)
    .executeTakeFirst()

export const currentOutlineOf = (ctx: Context, accountId: string): Promise<RingOutline | undefined> =>
  ctx.db
    .selectFrom('key_ring')
    .select(outline)
    .select([isThere('secret'), isThere('escrow')])
    .where('account_id', '=', accountId)
    .where('is_current', '=', 1)
    .executeTakeFirst()

/** What others need of the current ring. */
export const currentCertificateOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('key_ring')
    .select(['certificate', 'fingerprint', 'inline'])
    .where('account_id', '=', accountId)
    .where('is_current', '=', 1)
    .executeTakeFirst()

export const certificatesOf = (ctx: Context, accountIds: readonly string[]) =>
  accountIds.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('key_ring')
        .select('certificate')
        .where('account_id', 'in', [...accountIds])
        .orderBy('created', 'desc')
        .execute()

/** How large an account's certificates are together. */
export async function bytesOf(ctx: Context, accountId: string): Promise<number> {
  const sizes = ctx.db.selectFrom('key_ring').select(({ fn }) => fn.sum(fn('length', ['certificate'])).as('bytes'))
  const row = await sizes.where('account_id', '=', accountId).executeTakeFirst()
  return Number(row?.bytes ?? 0)
}

/** The keys of an account's rings, in the order of these. Every ring has one at least. */
export const partsOf = (ctx: Context, accountId: string): Promise<PartRow[]> =>
  ringsIn(ctx, accountId).innerJoin('key_part', 'key_part.ring_id', 'key_ring.id').selectAll('key_part').execute()
