import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export const serverSecret = (ctx: Context, name: string) =>
  ctx.db.selectFrom('server_secret').select('value').where('name', '=', name).executeTakeFirst()

/** The secrets of the server that have a name, or that name with a number behind it. */
export const serverSecrets = (ctx: Context, name: string) =>
  ctx.db
    .selectFrom('server_secret')
    .selectAll()
    .where((eb) => eb.or([eb('name', '=', name), eb('name', 'like', `${name} %`)]))
    .execute()

export const dropServerSecret = (ctx: Context, name: string) =>
  ctx.db.deleteFrom('server_secret').where('name', '=', name).execute()

/** Keeps a secret of the server unless another process was faster. */
export const offerServerSecret = (ctx: Context, row: Tables['server_secret']) =>
  ctx.db
    .insertInto('server_secret')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
