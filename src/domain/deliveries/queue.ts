import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { minutes } from '#src/lib/clock.ts'
import { type Place, scanPage } from '#src/lib/scanning.ts'
import * as store from './queue-store.ts'
import { canDeliver } from './queueing.ts'

export type DeliveryState = 'queued' | 'sending' | 'sent' | 'failed'

/** A whole mail on its way, as those see it who run the house: its envelope and its fate. */
export interface QueuedDelivery {
  id: string
  /** of the envelope; empty for a report */
  sender: string
  recipients: string[]
  state: DeliveryState
  created: number
  expires: number
  attempts: number
  /** when it is tried next; null when it is not */
  next: number | null
  /** when it came to its end; null before */
  ended: number | null
  /** the next mail server's words at the last try */
  outcome: string
  /** who does not get it, and in what words that server said so */
  refused: Record<string, string>
  mayRetry: boolean
  mayDrop: boolean
}

export interface Wanted {
  state: DeliveryState | null
  /** a part of a recipient's address */
  recipient: string
  behind: Place | null
  limit: number
}

const SIFTED = 1000
const states: Record<DeliveryState, readonly string[]> = {
  queued: ['queued'],
  sending: ['sending', 'committing'],
  sent: ['sent'],
  failed: ['failed'],
}

function shown(row: store.DeliveryRow): QueuedDelivery {
  const state = (row.state === 'committing' ? 'sending' : row.state) as DeliveryState
  const waits = state === 'queued'
  return {
    id: row.id,
    sender: row.sender,
    recipients: JSON.parse(row.recipients) as string[],
    state,
    created: row.created,
    expires: row.expires,
    attempts: row.attempts,
    next: waits ? row.due : null,
    ended: waits || state === 'sending' ? null : row.due,
    outcome: row.outcome,
    refused: JSON.parse(row.refused) as Record<string, string>,
    // What has failed has gone back to its author already.
    mayRetry: waits,
    mayDrop: waits,
  }
}

/** A page of the mails on their way to the next mail server, and of those that ended lately; newest first. */
export async function listDeliveries(ctx: Context, { state, recipient, behind, limit }: Wanted) {
  const wanted = recipient.toLowerCase()
  const { found, next } = await scanPage({
    read: (place, most) => store.pageOfDeliveries(ctx, state ? states[state] : [], place, most),
    placeOf: ({ created, id }) => ({ at: created, id }),
    suits: ({ recipients }) =>
      wanted === '' || (JSON.parse(recipients) as string[]).some((address) => address.toLowerCase().includes(wanted)),
    width: recipient === '' ? limit + 1 : SIFTED,
    behind,
    limit,
  })
  return { deliveries: found.map(shown), next }
}

async function sought(ctx: Context, id: string): Promise<store.DeliveryRow> {
  const row = await store.deliveryById(ctx, id)
  if (!row) throw new Refusal('resource.unknown')
  return row
}

const refusalOf = async (ctx: Context, id: string): Promise<Refusal> =>
  new Refusal(shown(await sought(ctx, id)).state === 'sending' ? 'message.in-hand' : 'message.over')

/** Has a mail handed over at once. 'message.in-hand' while somebody is doing so, 'message.over' when it has ended. */
export async function retryDelivery(ctx: Context, id: string): Promise<QueuedDelivery> {
  await sought(ctx, id)
  if (!canDeliver(ctx)) throw new Refusal('mail.off')
  if (!(await store.makeDue(ctx, id))) throw await refusalOf(ctx, id)
  ctx.carriers.wake()
  return shown(await sought(ctx, id))
}

const DROPPED = 'given up by an administrator'

/** Gives a mail up that waits: it goes back to its author, as if its time were over. Refuses as `retryDelivery` does. */
export async function dropDelivery(ctx: Context, id: string): Promise<QueuedDelivery> {
  const row = await sought(ctx, id)
  const recipients = JSON.parse(row.recipients) as string[]
  const refused = Object.fromEntries(recipients.map((address) => [address, DROPPED]))
  const end = { outcome: DROPPED, refused: JSON.stringify(refused) }
  if (!(await store.giveUp(ctx, row, end))) throw await refusalOf(ctx, id)
  return shown(await sought(ctx, id))
}

// Beyond it nobody cares how many more there are.
const COUNTED_AT_MOST = 10_000

export const deliveriesUnderWay = (ctx: Context): Promise<number> => store.countUnderWay(ctx, COUNTED_AT_MOST)

/** How the mails on their way are doing. Times are milliseconds; 0 where nothing waits. */
export async function deliveryBacklog(ctx: Context) {
  const now = ctx.clock.now()
  const oldest = await store.oldestQueued(ctx)
  const since = (at: number | undefined) => Math.max(0, now - (at ?? now))
  return {
    queued: await deliveriesUnderWay(ctx),
    /** since the oldest that waits was taken */
    age: since(oldest?.created),
    /** since the first that waits should have been tried */
    late: since(oldest?.due),
    /** given up within the last hour */
    failed: await store.countFailed(ctx, now - minutes(60), COUNTED_AT_MOST),
  }
}
