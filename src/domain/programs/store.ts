import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type AppPasswordRow = Tables['app_password']

interface Own {
  id: string
  accountId: string
}

export const insertAppPassword = (ctx: Context, row: AppPasswordRow) =>
  ctx.db.insertInto('app_password').values(row).execute()

export const appPasswordsOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('app_password')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created')
    .orderBy('id')
    .execute()

export const appPasswordByDigest = (ctx: Context, accountId: string, digest: string) =>
  ctx.db
    .selectFrom('app_password')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('digest', '=', digest)
    .executeTakeFirst()

export const renameAppPassword = (ctx: Context, { id, accountId }: Own, name: string) =>
  ctx.db
    .updateTable('app_password')
    .set({ name })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('id')
    .executeTakeFirst()

/** Takes one away; undefined when the account has none of this id, or somebody else took it. */
export const deleteAppPassword = (ctx: Context, { id, accountId }: Own) =>
  ctx.db
    .deleteFrom('app_password')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('name')
    .executeTakeFirst()

export const deleteAppPasswordsOf = (ctx: Context, accountId: string) =>
  ctx.db.deleteFrom('app_password').where('account_id', '=', accountId).returning('id').execute()

/** Writes a use down, unless one since `before` is written already: of two at the same instant, one gets a row. */
export const noteUse = (
  ctx: Context,
  { id, before, use }: { id: string; before: number; use: { at: number; protocol: string; network: string } },
) =>
  ctx.db
    .updateTable('app_password')
    .set({ last_used: use.at, last_protocol: use.protocol, last_network: use.network })
    .where('id', '=', id)
    .where(({ eb, or }) => or([eb('last_used', 'is', null), eb('last_used', '<=', before)]))
    .returning('id')
    .executeTakeFirst()
