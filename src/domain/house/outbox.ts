import { atomically, type Context } from '#src/context.ts'
import { type Actor, judgeStanding } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { dropDelivery, type QueuedDelivery, retryDelivery } from '#src/domain/deliveries/deliveries.ts'
import { dropMessage, type Queued, retryMessage } from '#src/domain/messages/messages.ts'
import { judgeOperator } from '#src/domain/operating.ts'

/** The outbox has two shelves: messages that the house writes, and whole mails of people on their way. */
export type OutboxKind = 'message' | 'delivery'

type Verb<T> = (ctx: Context, id: string) => Promise<T>

const retry = { message: retryMessage, delivery: retryDelivery }
const drop = { message: dropMessage, delivery: dropDelivery }

interface Order {
  caller: Actor
  origin: Origin
  kind: OutboxKind
  id: string
}

const obey = (
  ctx: Context,
  { caller, origin, kind, id }: Order,
  verb: { act: 'retried' | 'dropped'; does: Verb<Queued | QueuedDelivery> },
): Promise<Queued | QueuedDelivery> => {
  judgeOperator(caller)
  return atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const shown = await verb.does(ctx, id)
    const letter: { letter?: string } = 'template' in shown ? { letter: shown.template } : {}
    await record(ctx, { event: `${kind}.${verb.act}`, actor: caller.id, origin, detail: { id, ...letter } })
    return shown
  })
}

/** Has something in the outbox handed over at once; see `retryMessage` and `retryDelivery`. */
export const retryQueued = (ctx: Context, order: Order) => obey(ctx, order, { act: 'retried', does: retry[order.kind] })

/** Takes something out of the outbox that waits; see `dropMessage` and `dropDelivery`. */
export const dropQueued = (ctx: Context, order: Order) => obey(ctx, order, { act: 'dropped', does: drop[order.kind] })
