import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type MailRow = Tables['gateway_mail']

/** False when the same mail is there already: answers whose digest it has, then. */
export async function insertMail(ctx: Context, row: MailRow): Promise<boolean> {
  const result = await ctx.db
    .insertInto('gateway_mail')
    .values(row)
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}

export const mailByDigest = (ctx: Context, digest: string) =>
  ctx.db.selectFrom('gateway_mail').select(['id']).where('digest', '=', digest).executeTakeFirst()

export const mailById = (ctx: Context, id: string) =>
  ctx.db.selectFrom('gateway_mail').selectAll().where('id', '=', id).executeTakeFirst()

/** How many mails wait to be handed on; counts no further than `most`. */
export async function countWaiting(ctx: Context, most: number): Promise<number> {
  const { count } = await ctx.db
    .selectFrom(({ selectFrom }) =>
      selectFrom('gateway_mail').select('id').where('state', '=', 'waiting').limit(most).as('waiting'),
    )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/**
 * Takes a few mails in hand that are due and that nobody has, the oldest first; each comes back after `hold` milliseconds.
 * The choice stands apart, or PostgreSQL may make it again for each row, and take more than `most`.
 */
export function claimMails(
  ctx: Context,
  { state, most, hold }: { state: string; most: number; hold: number },
): Promise<MailRow[]> {
  const now = ctx.clock.now()
  return ctx.db
    .with(
      (name) => name('chosen').materialized(),
      (db) => {
        const due = db
          .selectFrom('gateway_mail')
          .select('id')
          .where('state', '=', state)
          .where('due', '<=', now)
          .where('held', '<=', now)
          .orderBy('due')
          .limit(most)
        return ctx.database.engine === 'postgres' ? due.forUpdate().skipLocked() : due
      },
    )
    .updateTable('gateway_mail')
    .set((eb) => ({ held: now + hold, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', ({ selectFrom }) => selectFrom('chosen').select('chosen.id'))
    .where('held', '<=', now)
    .returningAll()
    .execute()
}

/** Says that a mail is still in hand. */
export const holdMail = (ctx: Context, id: string, until: number) =>
  ctx.db.updateTable('gateway_mail').set({ held: until }).where('id', '=', id).where('held', '>', 0).execute()

/** Puts a mail off. */
export const postpone = (ctx: Context, id: string, facts: { due: number; outcome: string }) =>
  ctx.db
    .updateTable('gateway_mail')
    .set({ ...facts, held: 0 })
    .where('id', '=', id)
    .execute()

/** From one state to the next, once: false when somebody else was first. */
export async function passOn(
  ctx: Context,
  id: string,
  { from, ...to }: { from: string; state: string; outcome?: string; body_id?: null },
): Promise<boolean> {
  const due = ctx.clock.now()
  const result = await ctx.db
    .updateTable('gateway_mail')
    .set({ ...to, due, held: 0, attempts: 0 })
    .where('id', '=', id)
    .where('state', '=', from)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Waits for whoever has the mail in a transaction now, and has others wait for this one. */
export const waitFor = (ctx: Context, id: string) =>
  ctx.db
    .updateTable('gateway_mail')
    .set((eb) => ({ held: eb.ref('held') }))
    .where('id', '=', id)
    .execute()

/** Removes what has been done with since before `before`: until then the same mail is known again. In small batches. */
export const sweep = (ctx: Context, before: number): Promise<number> =>
  sweepRows(ctx, { table: 'gateway_mail', by: ['id'], where: sql`state = 'done' and due < ${before}` })
