import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type StoredRow = Tables['stored_auth']

export const insertKeySession = (ctx: Context, row: Tables['key_session']) =>
  ctx.db.insertInto('key_session').values(row).execute()

export const liveKeySession = (ctx: Context, { id, sessionId }: { id: string; sessionId: string }) =>
  ctx.db
    .selectFrom('key_session')
    .selectAll()
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** The session that a live key session hangs on. */
export const sessionOfKeySession = async (ctx: Context, id: string): Promise<string | undefined> =>
  (
    await ctx.db
      .selectFrom('key_session')
      .select('session_id')
      .where('id', '=', id)
      .where('expires', '>', ctx.clock.now())
      .executeTakeFirst()
  )?.session_id

/** Ends a key session; false when somebody else did before. */
export async function endKeySession(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db.deleteFrom('key_session').where('id', '=', id).returning('id').executeTakeFirst()
  return row !== undefined
}

/** Ends every key session of an account, and forgets the auth left with its sessions. */
export async function endKeySessionsOf(ctx: Context, accountId: string): Promise<void> {
  await ctx.db.deleteFrom('key_session').where('account_id', '=', accountId).execute()
  await ctx.db
    .deleteFrom('stored_auth')
    .where('session_id', 'in', (eb) => eb.selectFrom('session').select('id').where('account_id', '=', accountId))
    .execute()
}

export const keepStoredAuth = (ctx: Context, row: StoredRow) => {
  const { session_id: _, ...changes } = row
  return ctx.db
    .insertInto('stored_auth')
    .values(row)
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(changes))
    .execute()
}

export const storedAuthOf = (ctx: Context, sessionId: string) =>
  ctx.db
    .selectFrom('stored_auth')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Forgets the auth left with a session, if it still is this one: of two at the same instant, one gets true. */
export async function dropStoredAuth(ctx: Context, { session_id, token }: StoredRow): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('stored_auth')
    .where('session_id', '=', session_id)
    .where('token', '=', token)
    .returning('session_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes key sessions and stored auth that are over; small batches. Returns how many went. */
export async function sweep(ctx: Context): Promise<number> {
  const where = sql`expires < ${ctx.clock.now()}`
  const sessions = await sweepRows(ctx, { table: 'key_session', by: ['id'], where })
  return sessions + (await sweepRows(ctx, { table: 'stored_auth', by: ['session_id'], where }))
}
