import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type ApiKeyRow = Tables['api_key']

export const insertApiKey = (ctx: Context, row: ApiKeyRow) => ctx.db.insertInto('api_key').values(row).execute()

export const apiKeysOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('api_key')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created')
    .orderBy('id')
    .execute()

export async function apiKeyExists(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db.selectFrom('api_key').select('id').where('id', '=', id).executeTakeFirst()
  return row !== undefined
}

interface OwnKey {
  id: string
  accountId: string
}

/** The key as it is then; undefined when the account has none of this id. */
export const describeApiKey = (
  ctx: Context,
  { id, accountId, description }: OwnKey & { description: string | undefined },
) =>
  ctx.db
    .updateTable('api_key')
    .set((eb) => ({ description: description ?? eb.ref('description') }))
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returningAll()
    .executeTakeFirst()

/** Takes a key away; undefined when the account has none of this id, or somebody else took it. */
export const deleteApiKey = (ctx: Context, { id, accountId }: OwnKey) =>
  ctx.db
    .deleteFrom('api_key')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('name')
    .executeTakeFirst()

export interface KeyAndOwner {
  key: Pick<ApiKeyRow, 'id' | 'expires' | 'last_use' | 'rights'>
  account: Tables['account']
}

/** The key behind a digest and its owner, in one query; judging them is the caller's business. */
export async function apiKeyByDigest(ctx: Context, digest: string): Promise<KeyAndOwner | undefined> {
  const row = await ctx.db
    .selectFrom('api_key')
    .innerJoin('account', 'account.id', 'api_key.account_id')
    .selectAll('account')
    .select(['api_key.id as key_id', 'api_key.expires', 'api_key.last_use', 'api_key.rights'])
    .where('api_key.digest', '=', digest)
    .executeTakeFirst()
  if (!row) return undefined
  const { key_id: id, expires, last_use, rights, ...account } = row
  return { key: { id, expires, last_use, rights }, account }
}

/** Never back: two uses at the same instant may be written in either order. */
export const noteUse = (ctx: Context, id: string, at: number) =>
  ctx.db.updateTable('api_key').set({ last_use: at }).where('id', '=', id).where('last_use', '<', at).execute()
