import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepColumn, sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

type MessageRow = Tables['message']
export type Claimed = Pick<MessageRow, 'id' | 'channel' | 'recipient' | 'content' | 'attempts' | 'expires'>

export const insertMessage = (ctx: Context, row: MessageRow) => ctx.db.insertInto('message').values(row).execute()

const claimed = ['id', 'channel', 'recipient', 'content', 'attempts', 'expires'] as const

/**
 * Takes a message in hand, if it is due, by one conditional update: nobody gets it twice. It comes back after `hold`
 * milliseconds.
 */
export function claimOne(ctx: Context, id: string, hold: number): Promise<Claimed | undefined> {
  const now = ctx.clock.now()
  return ctx.db
    .updateTable('message')
    .set((eb) => ({ due: now + hold, held: now + hold, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .where('due', '<=', now)
    .returning(claimed)
    .executeTakeFirst()
}

/**
 * The same with the oldest of a channel. The choice stands apart, or PostgreSQL may make it again for each row, and take
 * more than `most`.
 */
export function claimDue(
  ctx: Context,
  { channel, most, hold }: { channel: string; most: number; hold: number },
): Promise<Claimed[]> {
  const now = ctx.clock.now()
  return ctx.db
    .with(
      (name) => name('chosen').materialized(),
      (db) => {
        const due = db
          .selectFrom('message')
          .select('id')
          .where('state', '=', 'queued')
          .where('due', '<=', now)
          .where('channel', '=', channel)
          .orderBy('due')
          .limit(most)
        return ctx.database.engine === 'postgres' ? due.forUpdate().skipLocked() : due
      },
    )
    .updateTable('message')
    .set((eb) => ({ due: now + hold, held: now + hold, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', ({ selectFrom }) => selectFrom('chosen').select('chosen.id'))
    .where('state', '=', 'queued')
    .where('due', '<=', now)
    .returning(claimed)
    .execute()
}

/**
 * Writes down what became of a claimed message. That it arrived is true whatever happened meanwhile; that it did not is
 * of no account once somebody else has it in hand, or it was given up.
 */
export const noteOutcome = (
  ctx: Context,
  { id, attempts }: Pick<Claimed, 'id' | 'attempts'>,
  facts: Pick<MessageRow, 'state' | 'outcome' | 'due'> & { content?: null },
) => {
  const noted = ctx.db
    .updateTable('message')
    .set({ ...facts, held: 0 })
    .where('id', '=', id)
  if (facts.state === 'sent') return noted.execute()
  return noted.where('attempts', '=', attempts).where('state', '=', 'queued').execute()
}

export const recipientOf = async (ctx: Context, id: string): Promise<string | undefined> =>
  (await ctx.db.selectFrom('message').select('recipient').where('id', '=', id).executeTakeFirst())?.recipient

export const outcomeOf = (ctx: Context, id: string) =>
  ctx.db.selectFrom('message').select(['state', 'outcome']).where('id', '=', id).executeTakeFirst()

/** Forgets what a failed message said. */
export const forgetContent = (ctx: Context, id: string) =>
  ctx.db.updateTable('message').set({ content: null }).where('id', '=', id).where('state', '=', 'failed').execute()

/** Forgets what failed messages said whose time is over: nobody may send them again. In small batches. */
export const sweepContents = (ctx: Context): Promise<number> =>
  sweepColumn(ctx, {
    table: 'message',
    by: ['id'],
    column: 'content',
    where: sql`state = 'failed' and content is not null and expires <= ${ctx.clock.now()}`,
  })

/** Removes what was sent or given up before `before`; in small batches. */
export const sweep = (ctx: Context, before: number): Promise<number> =>
  sweepRows(ctx, {
    table: 'message',
    by: ['id'],
    where: sql`state in ('sent', 'failed', 'dropped') and due < ${before}`,
  })
