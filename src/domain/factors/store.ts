import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type FactorRow = Tables['factor']
export type PendingRow = Tables['pending_factor']

/** The active methods of an account, oldest first. */
export const factorsOf = (ctx: Context, accountId: string) =>
  ctx.db.selectFrom('factor').selectAll().where('account_id', '=', accountId).orderBy('created').orderBy('id').execute()

export const factorsOfMany = (ctx: Context, accountIds: readonly string[]) =>
  accountIds.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('factor')
        .selectAll()
        .where('account_id', 'in', [...accountIds])
        .orderBy('created')
        .orderBy('id')
        .execute()

export const factorById = (ctx: Context, accountId: string, id: string) =>
  ctx.db.selectFrom('factor').selectAll().where('id', '=', id).where('account_id', '=', accountId).executeTakeFirst()

export const insertFactor = (ctx: Context, row: FactorRow) => ctx.db.insertInto('factor').values(row).execute()

export async function deleteFactor(ctx: Context, accountId: string, id: string): Promise<boolean> {
  const result = await ctx.db
    .deleteFrom('factor')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

export const deleteFactors = (ctx: Context, accountId: string) =>
  ctx.db.deleteFrom('factor').where('account_id', '=', accountId).execute()

/** Marks a one-time password's step as used; false when it or a later one was used before. Decided by one statement. */
export async function useStep(ctx: Context, id: string, step: number): Promise<boolean> {
  const row = await ctx.db
    .updateTable('factor')
    .set({ last_step: step, last_used: ctx.clock.now() })
    .where('id', '=', id)
    .where('last_step', '<', step)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Every factor of an account may be a second step again, whatever it was used for. */
export const forgiveRecovery = (ctx: Context, accountId: string) =>
  ctx.db
    .updateTable('factor')
    .set({ recovered: 0 })
    .where('account_id', '=', accountId)
    .where('recovered', '>', 0)
    .execute()

/** Takes away the waiting removal of an account's factors; the generation that it is of, or undefined for none. */
export const dropReset = (ctx: Context, accountId: string) =>
  ctx.db.deleteFrom('factor_recovery').where('account_id', '=', accountId).returning('generation').executeTakeFirst()

/** Notes that a factor has set a new password just now. */
export const noteRecovery = (ctx: Context, id: string) =>
  ctx.db.updateTable('factor').set({ recovered: ctx.clock.now() }).where('id', '=', id).execute()

export const markUsed = (ctx: Context, id: string) =>
  ctx.db.updateTable('factor').set({ last_used: ctx.clock.now() }).where('id', '=', id).execute()

/** Gives a factor of an account another name; false when it has none of this id and kind. */
export async function nameFactor(
  ctx: Context,
  { accountId, id, kind, name }: { accountId: string; id: string; kind: string; name: string },
): Promise<boolean> {
  const own = ctx.db.updateTable('factor').set({ name }).where('id', '=', id).where('account_id', '=', accountId)
  return (await own.where('kind', '=', kind).returning('id').executeTakeFirst()) !== undefined
}

/** The same for one that a session began. */
export async function namePending(
  ctx: Context,
  { sessionId, id, kind, name }: { sessionId: string; id: string; kind: string; name: string },
): Promise<boolean> {
  const own = ctx.db
    .updateTable('pending_factor')
    .set({ name })
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
  const live = own.where('kind', '=', kind).where('expires', '>', ctx.clock.now())
  return (await live.returning('id').executeTakeFirst()) !== undefined
}

export const pendingById = (ctx: Context, sessionId: string, id: string) =>
  ctx.db
    .selectFrom('pending_factor')
    .selectAll()
    .where('id', '=', id)
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

export const insertPending = (ctx: Context, row: PendingRow) =>
  ctx.db.insertInto('pending_factor').values(row).execute()

export async function countPending(ctx: Context, sessionId: string): Promise<number> {
  const row = await ctx.db
    .selectFrom('pending_factor')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** The newest pending factor of a kind, and of a target where one is given, that a session began. */
export function pendingOfKind(ctx: Context, sessionId: string, kind: string, target?: string) {
  const pending = ctx.db
    .selectFrom('pending_factor')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('kind', '=', kind)
    .where('expires', '>', ctx.clock.now())
    .orderBy('created', 'desc')
    .orderBy('id')
  return (target === undefined ? pending : pending.where('target', '=', target)).executeTakeFirst()
}

export const renewPending = (ctx: Context, id: string, expires: number) =>
  ctx.db.updateTable('pending_factor').set({ expires }).where('id', '=', id).execute()

/** Forgets the pending factors of a kind that a session began, but for the `keep` newest. */
export async function dropPending(ctx: Context, sessionId: string, kind: string, keep = 0): Promise<void> {
  const own = ctx.db.deleteFrom('pending_factor').where('session_id', '=', sessionId).where('kind', '=', kind)
  const kept = ctx.db
    .selectFrom('pending_factor')
    .select('id')
    .where('session_id', '=', sessionId)
    .where('kind', '=', kind)
    .orderBy('created', 'desc')
    .orderBy('id')
    .limit(keep)
  await (keep === 0 ? own : own.where('id', 'not in', kept)).execute()
}

/** Notes the step of the first of two codes; false when one is noted already. */
export async function proveFirst(ctx: Context, id: string, step: number): Promise<boolean> {
  const row = await ctx.db
    .updateTable('pending_factor')
    .set({ proven_step: step })
    .where('id', '=', id)
    .where('proven_step', '=', 0)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Counts a try against a pending factor; false when it has none left. */
export async function strikePending(ctx: Context, id: string, tries = ctx.config.tries): Promise<boolean> {
  const row = await ctx.db
    .updateTable('pending_factor')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('id', '=', id)
    .where('strikes', '<', tries)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes a pending factor away; false when somebody else did: an activation happens once. */
export async function takePending(ctx: Context, id: string): Promise<boolean> {
  const result = await ctx.db.deleteFrom('pending_factor').where('id', '=', id).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

export async function codesOfAccount(ctx: Context, accountId: string, since: number): Promise<number> {
  const row = await ctx.db
    .selectFrom('sent_code')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('created', '>', since)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export const lastCode = (ctx: Context, methodId: string, boundTo: string) =>
  ctx.db
    .selectFrom('sent_code')
    .select('created')
    .where('method_id', '=', methodId)
    .where('bound_to', '=', boundTo)
    .orderBy('created', 'desc')
    .executeTakeFirst()

export async function replaceCode(ctx: Context, row: Tables['sent_code']): Promise<void> {
  await ctx.db
    .updateTable('sent_code')
    .set({ used: row.created })
    .where('method_id', '=', row.method_id)
    .where('bound_to', '=', row.bound_to)
    .where('used', 'is', null)
    .execute()
  await ctx.db.insertInto('sent_code').values(row).execute()
}

/** The live code of a method and binding, with one try counted against it; undefined when none is left. */
export const strikeCode = (ctx: Context, methodId: string, boundTo: string) =>
  ctx.db
    .updateTable('sent_code')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('method_id', '=', methodId)
    .where('bound_to', '=', boundTo)
    .where('used', 'is', null)
    .where('expires', '>', ctx.clock.now())
    .where('strikes', '<', ctx.config.tries)
    .returning(['id', 'digest'])
    .executeTakeFirst()

export async function useCode(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('sent_code')
    .set({ used: ctx.clock.now() })
    .where('id', '=', id)
    .where('used', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function replaceRecoveryCodes(ctx: Context, accountId: string, digests: string[]): Promise<void> {
  await ctx.db.deleteFrom('recovery_code').where('account_id', '=', accountId).execute()
  const created = ctx.clock.now()
  if (digests.length > 0)
    await ctx.db
      .insertInto('recovery_code')
      .values(digests.map((digest) => ({ account_id: accountId, digest, created, used: null })))
      .execute()
}

export async function countRecoveryCodes(ctx: Context, accountId: string): Promise<number> {
  const row = await ctx.db
    .selectFrom('recovery_code')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('used', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function useRecoveryCode(ctx: Context, accountId: string, digest: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('recovery_code')
    .set({ used: ctx.clock.now() })
    .where('account_id', '=', accountId)
    .where('digest', '=', digest)
    .where('used', 'is', null)
    .returning('digest')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes codes and pending factors that are over; small batches. */
export async function sweep(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const codes = sql`created < ${now - 7_200_000}`
  const gone = await sweepRows(ctx, { table: 'sent_code', by: ['id'], where: codes })
  return gone + (await sweepRows(ctx, { table: 'pending_factor', by: ['id'], where: sql`expires < ${now}` }))
}
