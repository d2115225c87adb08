import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { minutes } from '#src/lib/clock.ts'
import { type Place, scanPage } from '#src/lib/scanning.ts'
import { type Channel, canCarry, channels } from './outbox.ts'
import * as store from './queue-store.ts'

export type MessageState = 'queued' | 'sending' | 'sent' | 'failed' | 'dropped'

/** A message as those see it who run the house: everything but what it says. */
export interface Queued {
  id: string
  channel: string
  recipient: string
  /** which letter; empty for what somebody wrote by hand */
  template: string
  state: MessageState
  created: number
  expires: number
  attempts: number
  /** when it is tried next; null when it is not */
  next: number | null
  /** when it came to its end; null before */
  ended: number | null
  /** the other server's words at the last try */
  outcome: string
  mayRetry: boolean
  mayDrop: boolean
}

export interface Wanted {
  state: MessageState | null
  /** a part of the recipient's address or number */
  recipient: string
  behind: Place | null
  limit: number
}

const SIFTED = 1000

function shown(ctx: Context, row: store.MessageRow): Queued {
  const now = ctx.clock.now()
  const state = (row.state === 'queued' && row.held > now ? 'sending' : row.state) as MessageState
  const waits = state === 'queued'
  const isOver = !waits && state !== 'sending'
  return {
    id: row.id,
    channel: row.channel,
    recipient: row.recipient,
    template: row.template,
    state,
    created: row.created,
    expires: row.expires,
    attempts: row.attempts,
    next: waits ? row.due : null,
    ended: isOver ? row.due : null,
    outcome: row.outcome,
    mayRetry: (waits || state === 'failed') && row.has_content === 1 && row.expires > now,
    mayDrop: waits,
  }
}

/** A page of the messages that the house wrote, newest first. */
export async function listMessages(ctx: Context, { state, recipient, behind, limit }: Wanted) {
  const kept = state === 'sending' ? 'queued' : state
  const wanted = recipient.toLowerCase()
  const { found, next } = await scanPage({
    read: (place, most) => store.pageOfMessages(ctx, kept, place, most),
    placeOf: ({ created, id }) => ({ at: created, id }),
    suits: (row) => (state === null || shown(ctx, row).state === state) && row.recipient.toLowerCase().includes(wanted),
    width: recipient === '' && kept === state && state !== 'queued' ? limit + 1 : SIFTED,
    behind,
    limit,
  })
  return { messages: found.map((row) => shown(ctx, row)), next }
}

/** Why nothing was done, where the one conditional statement did nothing. */
async function refusalOf(ctx: Context, id: string): Promise<Refusal> {
  const row = await store.messageById(ctx, id)
  if (!row) return new Refusal('resource.unknown')
  return new Refusal(shown(ctx, row).state === 'sending' ? 'message.in-hand' : 'message.over')
}

const sought = async (ctx: Context, id: string): Promise<Queued> => {
  const row = await store.messageById(ctx, id)
  if (!row) throw new Refusal('resource.unknown')
  return shown(ctx, row)
}

/**
 * Has a message handed over at once. Refuses with 'message.in-hand' while somebody is doing so, and with 'message.over'
 * when it was sent, or is too old: what it says (a code, a link) is good for nothing then.
 */
export async function retryMessage(ctx: Context, id: string): Promise<Queued> {
  const { channel } = await sought(ctx, id)
  if (!canCarry(ctx, channel as Channel)) throw new Refusal(channel === 'sms' ? 'sms.off' : 'mail.off')
  if (!(await store.makeDue(ctx, id))) throw await refusalOf(ctx, id)
  ctx.carriers.wake()
  return sought(ctx, id)
}

/** Takes a message that waits out of the outbox, with what it says. Refuses as `retryMessage` does. */
export async function dropMessage(ctx: Context, id: string): Promise<Queued> {
  await sought(ctx, id)
  if (!(await store.drop(ctx, id, 'dropped by an administrator'))) throw await refusalOf(ctx, id)
  return sought(ctx, id)
}

// Beyond it nobody cares how many more there are.
const COUNTED_AT_MOST = 10_000

export const queueLength = (ctx: Context): Promise<number> => store.countQueued(ctx, COUNTED_AT_MOST)

/** How the outbox is doing on a channel. Times are milliseconds; 0 where nothing waits. */
export interface Backlog {
  channel: Channel
  queued: number
  /** since the oldest that waits was written */
  age: number
  /** since the first that waits should have been tried */
  late: number
  /** given up within the last hour */
  failed: number
}

/** How the outbox is doing, channel by channel. */
export async function backlogs(ctx: Context): Promise<Backlog[]> {
  const now = ctx.clock.now()
  const rows = await store.backlogs(ctx, COUNTED_AT_MOST)
  return Promise.all(
    channels.map(async (channel) => {
      const row = rows.find((one) => one.channel === channel)
      const failed = await store.countFailed(ctx, channel, now - minutes(60), COUNTED_AT_MOST)
      const since = (at: number | undefined) => Math.max(0, now - (at ?? now))
      return { channel, queued: row?.count ?? 0, age: since(row?.oldest), late: since(row?.due), failed }
    }),
  )
}

interface LastTry {
  at: number
  words: string
}

/** How a channel fared lately: its last success, and its last failure, which may be one that is tried again. */
export async function newestOutcomes(
  ctx: Context,
  channel: Channel,
): Promise<{ sent: LastTry | null; failed: LastTry | null; isStuck: boolean }> {
  const [sent, failed, waiting] = [
    await store.newestIn(ctx, channel, 'sent'),
    await store.newestIn(ctx, channel, 'failed'),
    await store.oneWaiting(ctx, channel),
  ]
  const of = (row: typeof sent): LastTry | null => (row ? { at: row.due, words: row.outcome } : null)
  return { sent: of(sent), failed: of(waiting ?? failed), isStuck: waiting !== undefined }
}
