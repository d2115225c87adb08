import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'
import { seconds } from '#src/lib/clock.ts'
import { sweepChanges } from './change-store.ts'

export type SessionRow = Tables['session']
export type ChallengeRow = Tables['challenge']

export const insertSession = (ctx: Context, row: SessionRow) => ctx.db.insertInto('session').values(row).execute()

/** The session behind a handle's digest, whatever its state; judging it is the caller's business. */
export const sessionByHandle = (ctx: Context, handle: string) =>
  ctx.db.selectFrom('session').selectAll().where('handle', '=', handle).executeTakeFirst()

export const sessionById = (ctx: Context, id: string) =>
  ctx.db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()

/** The sessions of an account that are open or could be renewed, newest first. */
export function liveSessions(ctx: Context, account: Tables['account'], most: number) {
  const now = ctx.clock.now()
  const idleSince = now - seconds(ctx.config.sessionIdle)
  return (
    ctx.db
      .selectFrom('session')
      .selectAll()
      .where('account_id', '=', account.id)
      .where('generation', '=', account.generation)
      .where(({ eb, and, or }) =>
        or([
          eb('refresh_expires', '>', now),
          and([eb('expires', '>', now), or([eb('refresh', 'is not', null), eb('last_seen', '>=', idleSince)])]),
        ]),
      )
      // None that waits to set up what is there meanwhile.
      .where('state', '!=', account.two_step === 1 ? 'setup' : '')
      .orderBy('created', 'desc')
      .orderBy('id')
      .limit(most)
      .execute()
  )
}

export const updateSession = (ctx: Context, id: string, changes: Partial<Omit<SessionRow, 'id'>>) =>
  ctx.db.updateTable('session').set(changes).where('id', '=', id).returningAll().executeTakeFirst()

/** Upgrades a session that waits in `from`; undefined when somebody else did, or it is gone. */
export const upgradeSession = (
  ctx: Context,
  { id, from, changes }: { id: string; from: string; changes: Partial<Omit<SessionRow, 'id'>> },
) =>
  ctx.db
    .updateTable('session')
    .set(changes)
    .where('id', '=', id)
    .where('state', '=', from)
    .returningAll()
    .executeTakeFirst()

/** Counts a try at the second step of a session; false when it has none left. */
export async function strikeSession(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('session')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('id', '=', id)
    .where('strikes', '<', ctx.config.tries)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends a session of an account; undefined when it has none of this id. */
export const deleteSession = (ctx: Context, { id, account_id }: Pick<SessionRow, 'id' | 'account_id'>) =>
  ctx.db
    .deleteFrom('session')
    .where('id', '=', id)
    .where('account_id', '=', account_id)
    .returning('protocol')
    .executeTakeFirst()

/** Ends the sessions of an account, but for one if it is named; returns how many. */
export async function deleteSessionsOf(ctx: Context, accountId: string, but = ''): Promise<number> {
  const own = ctx.db.deleteFrom('session').where('account_id', '=', accountId)
  return Number((await own.where('id', '!=', but).executeTakeFirst()).numDeletedRows)
}

/** Ends the sessions of an account that may become full ones without a second step, but for one if it is named. */
export const deletePartialSessions = (ctx: Context, accountId: string, but: string) =>
  ctx.db
    .deleteFrom('session')
    .where('account_id', '=', accountId)
    .where('state', 'in', ['setup', 'change'])
    .where('id', '!=', but)
    .execute()

/** No session of an account has passed its second step any more. */
export const forgetSteps = (ctx: Context, accountId: string) =>
  ctx.db.updateTable('session').set({ stepped: 0 }).where('account_id', '=', accountId).execute()

/** Changes both tokens of a session, if the pair is the live one: of two at the same instant, one gets a row. */
export const rotate = (
  ctx: Context,
  {
    handle,
    refresh,
    protocol,
    next,
  }: { handle: string; refresh: string; protocol: string; next: { handle: string; refresh: string; expires: number } },
) =>
  ctx.db
    .updateTable('session')
    .set({
      handle: next.handle,
      refresh: next.refresh,
      previous_refresh: refresh,
      refreshed: ctx.clock.now(),
      last_seen: ctx.clock.now(),
      expires: next.expires,
    })
    .where('handle', '=', handle)
    .where('refresh', '=', refresh)
    .where('protocol', '=', protocol)
    .where('refresh_expires', '>', ctx.clock.now())
    .where('generation', '=', (eb) =>
      eb
        .selectFrom('account')
        .select('account.generation')
        .whereRef('account.id', '=', 'session.account_id')
        .where('account.suspended', '=', 0)
        .where('account.black_listed', '=', 0),
    )
    .returningAll()
    .executeTakeFirst()

export const sessionByPreviousRefresh = (ctx: Context, refresh: string) =>
  ctx.db.selectFrom('session').selectAll().where('previous_refresh', '=', refresh).executeTakeFirst()

export const insertChallenge = (ctx: Context, row: ChallengeRow) => ctx.db.insertInto('challenge').values(row).execute()

export const challengeById = (ctx: Context, id: string) =>
  ctx.db
    .selectFrom('challenge')
    .selectAll()
    .where('id', '=', id)
    .where('used', 'is', null)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Counts a try against a live challenge; undefined when it is over or has none left. */
export const strikeChallenge = (ctx: Context, id: string) =>
  ctx.db
    .updateTable('challenge')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('id', '=', id)
    .where('used', 'is', null)
    .where('expires', '>', ctx.clock.now())
    .where('strikes', '<', ctx.config.tries)
    .returningAll()
    .executeTakeFirst()

export async function useChallenge(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('challenge')
    .set({ used: ctx.clock.now() })
    .where('id', '=', id)
    .where('used', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export const insertElevation = (ctx: Context, row: Tables['elevation']) =>
  ctx.db.insertInto('elevation').values(row).execute()

export const elevationByHandle = (ctx: Context, handle: string, sessionId: string) =>
  ctx.db
    .selectFrom('elevation')
    .select('handle')
    .where('handle', '=', handle)
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

export const deleteElevationsOf = (ctx: Context, accountId: string) =>
  ctx.db
    .deleteFrom('elevation')
    .where('session_id', 'in', (eb) => eb.selectFrom('session').select('id').where('account_id', '=', accountId))
    .execute()

/** Removes sessions, challenges and elevations that are over, and what is known of changes; small batches. Returns how many went. */
export async function sweep(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const later = sql.raw(ctx.database.engine === 'postgres' ? 'greatest' : 'max')
  const changes = await sweepChanges(ctx)
  const gone = [
    await sweepRows(ctx, { table: 'session', by: ['id'], where: sql`${later}(expires, refresh_expires) < ${now}` }),
    await sweepRows(ctx, { table: 'challenge', by: ['id'], where: sql`expires < ${now}` }),
    await sweepRows(ctx, { table: 'elevation', by: ['handle'], where: sql`expires < ${now}` }),
  ]
  return gone.reduce((sum, some) => sum + some, changes)
}
