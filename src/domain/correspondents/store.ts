import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type ExternalRow = Tables['external_key']

/** Every key that an account has uploaded, the newest first. */
export const uploadedBy = (ctx: Context, accountId: string): Promise<ExternalRow[]> =>
  ctx.db
    .selectFrom('external_key')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created', 'desc')
    .orderBy('id')
    .execute()

/** What an account has uploaded for an address, the newest first. */
export const uploadedWith = (ctx: Context, accountId: string, address: string): Promise<ExternalRow[]> =>
  ctx.db
    .selectFrom('external_key')
    .innerJoin('external_address', 'external_address.external_key_id', 'external_key.id')
    .selectAll('external_key')
    .where('account_id', '=', accountId)
    .where('address', '=', address)
    .orderBy('external_key.modified', 'desc')
    .orderBy('external_key.id')
    .execute()

const sharedInTenant = (ctx: Context, { id, tenant }: { id: string; tenant: number }) =>
  ctx.db
    .selectFrom('external_key')
    .innerJoin('account', 'account.id', 'external_key.account_id')
    .selectAll('external_key')
    .where('account.tenant', '=', tenant)
    .where('account.id', '!=', id)
    // Who cannot get in, or was never there, has no say in what others encrypt to.
    .where('account.confirmed', '!=', 0)
    .where('account.suspended', '=', 0)
    .where('account.black_listed', '=', 0)
    // As it stands in its index, so that SQLite takes that one where there is no address to begin with.
    .where(sql<boolean>`external_key.shared = 1`)

/** What others of a tenant share with an account, the newest first; at most `most`. */
export const sharedWith = (
  ctx: Context,
  account: { id: string; tenant: number },
  most: number,
): Promise<ExternalRow[]> =>
  sharedInTenant(ctx, account).orderBy('external_key.modified', 'desc').orderBy('external_key.id').limit(most).execute()

/** What others of a tenant share with an account for one address, the newest first; at most `most`. */
export const sharedWithFor = (
  ctx: Context,
  { account, address, most }: { account: { id: string; tenant: number }; address: string; most: number },
): Promise<ExternalRow[]> =>
  sharedInTenant(ctx, account)
    .where('external_key.id', 'in', (own) =>
      own.selectFrom('external_address').select('external_key_id').where('address', '=', address),
    )
    .orderBy('external_key.modified', 'desc')
    .orderBy('external_key.id')
    .limit(most)
    .execute()

export async function fingerprintsUploadedBy(ctx: Context, accountId: string): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('external_key')
    .select('fingerprint')
    .where('account_id', '=', accountId)
    .execute()
  return rows.map(({ fingerprint }) => fingerprint)
}

/** Writes an uploaded key, anew or in the place of what was there; sharing and the like are not touched. */
export async function keepUploaded(ctx: Context, row: ExternalRow, addresses: readonly string[]): Promise<void> {
  const { certificate, modified } = row
  await ctx.db
    .insertInto('external_key')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ certificate, modified }))
    .execute()
  await ctx.db.deleteFrom('external_address').where('external_key_id', '=', row.id).execute()
  const rows = addresses.map((address) => ({ external_key_id: row.id, address }))
  if (rows.length > 0) await ctx.db.insertInto('external_address').values(rows).execute()
}

interface Own {
  accountId: string
  fingerprint: string
}

export const markUploaded = (
  ctx: Context,
  { accountId, fingerprint }: Own,
  marks: Partial<Pick<ExternalRow, 'shared' | 'inline'>>,
) =>
  ctx.db
    .updateTable('external_key')
    .set(marks)
    .where('account_id', '=', accountId)
    .where('fingerprint', '=', fingerprint)
    .execute()

/** False when the account has none such, or somebody else took it away at the same instant. */
export async function removeUploaded(ctx: Context, { accountId, fingerprint }: Own): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('external_key')
    .where('account_id', '=', accountId)
    .where('fingerprint', '=', fingerprint)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
