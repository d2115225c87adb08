import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

type MessageRow = Tables['message']
export type Claimed = Pick<MessageRow, 'id' | 'channel' | 'recipient' | 'content' | 'attempts' | 'expires'>

export const insertMessage = (ctx: Context, row: MessageRow) => ctx.db.insertInto('message').values(row).execute()

/** The messages of a channel that are due, the oldest first. */
function dueIds(ctx: Context, channel: string, most: number) {
  const due = ctx.db
    .selectFrom('message')
    .select('id')
    .where('state', '=', 'queued')
    .where('due', '<=', ctx.clock.now())
    .where('channel', '=', channel)
    .orderBy('due')
    .limit(most)
  return ctx.database.engine === 'postgres' ? due.forUpdate().skipLocked() : due
}

/**
 * Takes those messages among `ids` in hand that are due, by one conditional update: nobody gets one twice. Each comes
 * back after `hold` milliseconds.
 */
function claim(ctx: Context, ids: readonly string[] | ReturnType<typeof dueIds>, hold: number): Promise<Claimed[]> {
  const now = ctx.clock.now()
  return ctx.db
    .updateTable('message')
    .set((eb) => ({ due: now + hold, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', ids)
    .where('state', '=', 'queued')
    .where('due', '<=', now)
    .returning(['id', 'channel', 'recipient', 'content', 'attempts', 'expires'])
    .execute()
}

export const claimOne = async (ctx: Context, id: string, hold: number): Promise<Claimed | undefined> =>
  (await claim(ctx, [id], hold))[0]

export const claimDue = (
  ctx: Context,
  { channel, most, hold }: { channel: string; most: number; hold: number },
): Promise<Claimed[]> => claim(ctx, dueIds(ctx, channel, most), hold)

/** Writes down what became of a message. */
export const noteOutcome = (
  ctx: Context,
  id: string,
  facts: Pick<MessageRow, 'state' | 'outcome' | 'due'> & { content?: null },
) => ctx.db.updateTable('message').set(facts).where('id', '=', id).execute()

export const recipientOf = async (ctx: Context, id: string): Promise<string | undefined> =>
  (await ctx.db.selectFrom('message').select('recipient').where('id', '=', id).executeTakeFirst())?.recipient

export const outcomeOf = (ctx: Context, id: string) =>
  ctx.db.selectFrom('message').select(['state', 'outcome']).where('id', '=', id).executeTakeFirst()

/** Removes what was sent or given up before `before`; in small batches. */
export async function sweep(ctx: Context, before: number): Promise<number> {
  const old = ctx.db
    .selectFrom('message')
    .select('id')
    .where('state', 'in', ['sent', 'failed'])
    .where('due', '<', before)
    .limit(500)
  const result = await ctx.db.deleteFrom('message').where('id', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}
