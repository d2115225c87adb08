import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

type DeliveryRow = Tables['delivery']
/** What the statements of the carrier need: it has no more of the house than that. */
export type Carrying = Pick<Context, 'db' | 'database' | 'secrets' | 'clock' | 'log'>
export type InHand = Pick<
  DeliveryRow,
  'id' | 'mail_id' | 'sender' | 'recipients' | 'body_id' | 'created' | 'attempts' | 'expires'
>

const underWay = ['sending', 'committing']
const over = ['sent', 'failed']

export const insertDelivery = (ctx: Pick<Context, 'db'>, row: DeliveryRow) =>
  ctx.db.insertInto('delivery').values(row).execute()

/** Is there anything that could be taken in hand now? */
export async function hasWork(ctx: Pick<Context, 'db'>, now: number): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('delivery')
    .select('id')
    .where(({ or, and, eb }) =>
      or([
        and([eb('state', '=', 'queued'), eb('due', '<=', now)]),
        and([eb('state', 'in', underWay), eb('held', '<=', now)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Takes the oldest that are due in hand, by one conditional update: nobody gets one twice. The choice stands apart, or
 * PostgreSQL may make it again for each row, and take more than `most`.
 */
export function claimDue(ctx: Carrying, most: number, held: number): Promise<InHand[]> {
  const isPostgres = ctx.database.engine === 'postgres'
  return ctx.db
    .with(
      (name) => name('chosen').materialized(),
      (db) => {
        const due = db
          .selectFrom('delivery')
          .select('id')
          .where('state', '=', 'queued')
          .where('due', '<=', ctx.clock.now())
          .orderBy('due')
          .limit(most)
        return isPostgres ? due.forUpdate().skipLocked() : due
      },
    )
    .updateTable('delivery')
    .set((eb) => ({ state: 'sending', held, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', ({ selectFrom }) => selectFrom('chosen').select('chosen.id'))
    .where('state', '=', 'queued')
    .returning(['id', 'mail_id', 'sender', 'recipients', 'body_id', 'created', 'attempts', 'expires'])
    .execute()
}

/** The deliveries whose carrier died with them in hand, so far as one can tell; but for those in `own` hands. */
export async function lapsed(ctx: Carrying, own: readonly string[]): Promise<Pick<DeliveryRow, 'id' | 'state'>[]> {
  const rows = await ctx.db
    .selectFrom('delivery')
    .select(['id', 'state'])
    .where('state', 'in', underWay)
    .where('held', '<=', ctx.clock.now())
    .limit(200)
    .execute()
  return rows.filter(({ id }) => !own.includes(id))
}

/** Queues a lapsed delivery again; false when somebody else did, or its carrier lives after all. */
export async function takeBack(ctx: Carrying, { id, state }: Pick<DeliveryRow, 'id' | 'state'>): Promise<boolean> {
  const now = ctx.clock.now()
  const result = await ctx.db
    .updateTable('delivery')
    .set({ state: 'queued', due: now, held: 0 })
    .where('id', '=', id)
    .where('state', '=', state)
    .where('held', '<=', now)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

type Claim = Pick<DeliveryRow, 'id' | 'attempts'>

const own = (ctx: Pick<Context, 'db'>, { id, attempts }: Claim) =>
  ctx.db.updateTable('delivery').where('id', '=', id).where('attempts', '=', attempts).where('state', 'in', underWay)

/** Says that whoever sends it is alive; once the final dot is written, that is no longer asked. */
export const renew = (ctx: Carrying, claim: Claim, held: number) =>
  own(ctx, claim).set({ held }).where('state', '=', 'sending').execute()

/** Just before the final dot. False when somebody else has it by now: then it must not be written. */
export async function markCommitting(ctx: Carrying, claim: Claim, held: number): Promise<boolean> {
  const result = await own(ctx, claim)
    .set({ state: 'committing', held })
    .where('state', '=', 'sending')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

export type End = Pick<DeliveryRow, 'state' | 'due' | 'outcome' | 'refused' | 'settled' | 'body_id' | 'recipients'>

/** Writes down what became of a claimed delivery; false when somebody else has it by now. */
export async function noteEnd(ctx: Pick<Context, 'db'>, claim: Claim, end: End): Promise<boolean> {
  const result = await own(ctx, claim)
    .set({ ...end, held: 0 })
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Those that have come to their end and that nothing followed from yet, the oldest first. */
export const ended = (ctx: Context, most: number) =>
  ctx.db
    .selectFrom('delivery')
    .select(['id', 'mail_id', 'sender', 'recipients', 'refused', 'body_id'])
    .where('settled', '=', 0)
    .where('state', 'in', over)
    .orderBy('due')
    .limit(most)
    .execute()

/** Notes that what follows from an end is done; undefined when it was already. */
export async function settle(ctx: Context, id: string): Promise<{ body: string | null } | undefined> {
  const row = await ctx.db
    .selectFrom('delivery')
    .select('body_id')
    .where('id', '=', id)
    .where('settled', '=', 0)
    .executeTakeFirst()
  if (!row) return undefined
  const result = await ctx.db
    .updateTable('delivery')
    .set({ settled: 1, body_id: null })
    .where('id', '=', id)
    .where('settled', '=', 0)
    .where('state', 'in', over)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0 ? { body: row.body_id } : undefined
}

export const hasUnsettled = async (ctx: Context, mailId: string): Promise<boolean> =>
  (await ctx.db
    .selectFrom('delivery')
    .select('id')
    .where('mail_id', '=', mailId)
    .where('settled', '=', 0)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Removes what ended before `before` and was settled; in small batches. */
export const sweep = (ctx: Context, before: number): Promise<number> =>
  sweepRows(ctx, {
    table: 'delivery',
    by: ['id'],
    where: sql`settled = 1 and state in (${sql.join(over)}) and due < ${before}`,
  })

/** All of it or nothing: the carrier has no whole context to do that with. */
export const together = <T>(ctx: Carrying, verbs: (ctx: Carrying) => Promise<T>): Promise<T> =>
  ctx.db.transaction().execute((db) => verbs({ ...ctx, db }))
