import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'
import type { Place } from '#src/lib/scanning.ts'

type Kept = Omit<Tables['message'], 'content'>

/** A message but for what it says: a page looks at thousands, and nobody here may read them. */
export interface MessageRow extends Kept {
  has_content: number
}

const columns = [
  'id',
  'channel',
  'recipient',
  'created',
  'due',
  'expires',
  'attempts',
  'state',
  'outcome',
  'template',
  'held',
] as const

const messages = (ctx: Context) =>
  ctx.db
    .selectFrom('message')
    .select(columns)
    .select(sql<number>`case when content is null then 0 else 1 end`.as('has_content'))

/** The `most` next messages behind a place, newest first, of one state or of all. */
export function pageOfMessages(ctx: Context, state: string | null, place: Place | null, most: number) {
  let rows = messages(ctx)
  if (state) rows = rows.where('state', '=', state)
  if (place)
    rows = rows.where(({ eb, refTuple, tuple }) => eb(refTuple('created', 'id'), '<', tuple(place.at, place.id)))
  return rows.orderBy('created', 'desc').orderBy('id', 'desc').limit(most).execute()
}

export const messageById = (ctx: Context, id: string) => messages(ctx).where('id', '=', id).executeTakeFirst()

/**
 * Makes a message due at once, unless somebody has it in hand: then it could go out twice. One that was refused for good
 * is queued again, as long as its content is there.
 */
export async function makeDue(ctx: Context, id: string): Promise<boolean> {
  const now = ctx.clock.now()
  const result = await ctx.db
    .updateTable('message')
    .set({ state: 'queued', due: now, held: 0 })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'failed'])
    .where('content', 'is not', null)
    .where('held', '<=', now)
    .where('expires', '>', now)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Takes a message that waits out of the outbox for good. */
export async function drop(ctx: Context, id: string, outcome: string): Promise<boolean> {
  const now = ctx.clock.now()
  const result = await ctx.db
    .updateTable('message')
    .set({ state: 'dropped', due: now, held: 0, content: null, outcome })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .where('held', '<=', now)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** How many messages wait or are in hand; counts no further than `most`. */
export async function countQueued(ctx: Context, most: number): Promise<number> {
  const { count } = await ctx.db
    .selectFrom(({ selectFrom }) =>
      selectFrom('message').select('id').where('state', '=', 'queued').limit(most).as('queued'),
    )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** What waits on each channel, among the `most` oldest: how many, since when, and when the first of them is or was due. */
export async function backlogs(ctx: Context, most: number) {
  const rows = await ctx.db
    .selectFrom(({ selectFrom }) =>
      selectFrom('message')
        .select(['channel', 'created', 'due'])
        .where('state', '=', 'queued')
        .orderBy('created')
        .orderBy('id')
        .limit(most)
        .as('queued'),
    )
    .select(({ fn }) => [
      'channel',
      fn.countAll<number>().as('count'),
      fn.min('created').as('oldest'),
      fn.min('due').as('due'),
    ])
    .groupBy('channel')
    .execute()
  return rows.map(({ channel, count, oldest, due }) => ({
    channel,
    count: Number(count),
    oldest: Number(oldest),
    due: Number(due),
  }))
}

/** How many messages of a channel were given up after `since`; counts no further than `most`. */
export async function countFailed(ctx: Context, channel: string, since: number, most: number): Promise<number> {
  const { count } = await ctx.db
    .selectFrom(({ selectFrom }) =>
      selectFrom('message')
        .select('id')
        .where('channel', '=', channel)
        .where('state', '=', 'failed')
        .where('due', '>', since)
        .limit(most)
        .as('failed'),
    )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The mail or SMS that came last into a state. */
export const newestIn = (ctx: Context, channel: string, state: string) =>
  ctx.db
    .selectFrom('message')
    .select(['due', 'outcome'])
    .where('state', '=', state)
    .where('channel', '=', channel)
    .orderBy('due', 'desc')
    .limit(1)
    .executeTakeFirst()

/** One that waits because it could not be handed over. */
export const oneWaiting = (ctx: Context, channel: string) =>
  ctx.db
    .selectFrom('message')
    .select(['due', 'outcome'])
    .where('state', '=', 'queued')
    .where('channel', '=', channel)
    .where('outcome', '!=', '')
    .orderBy('due', 'desc')
    .limit(1)
    .executeTakeFirst()
