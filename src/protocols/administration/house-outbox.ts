import { z } from 'zod'
import { listDeliveries, type QueuedDelivery } from '#src/domain/deliveries/deliveries.ts'
import { dropQueued, retryQueued } from '#src/domain/house/house.ts'
import { listMessages, type Queued } from '#src/domain/messages/messages.ts'
import { judgeOperator } from '#src/domain/operating.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { after, cursorOf, isoOrNull, isoTime, limit, placeAt, query } from './house-shapes.ts'

const kind = z.enum(['message', 'delivery'])

const Fate = z.object({
  id: z.string(),
  kind,
  state: z.enum(['queued', 'sending', 'sent', 'failed', 'dropped']),
  recipients: z.array(z.string()),
  created: z.string(),
  expires: z.string(),
  tries: z.int(),
  nextTry: z.string().nullable(),
  ended: z.string().nullable(),
  outcome: z.string(),
  mayRetry: z.boolean(),
  mayDrop: z.boolean(),
})

const Item = z.union([
  Fate.extend({ kind: z.literal('message'), channel: z.string(), letter: z.string() }),
  Fate.extend({ kind: z.literal('delivery'), sender: z.string(), refused: z.record(z.string(), z.string()) }),
])

const fateOf = (one: Queued | QueuedDelivery) => ({
  id: one.id,
  state: one.state,
  created: isoTime(one.created),
  expires: isoTime(one.expires),
  tries: one.attempts,
  nextTry: isoOrNull(one.next),
  ended: isoOrNull(one.ended),
  outcome: one.outcome,
  mayRetry: one.mayRetry,
  mayDrop: one.mayDrop,
})

function shown(one: Queued | QueuedDelivery): z.output<typeof Item> {
  if ('template' in one)
    return {
      ...fateOf(one),
      kind: 'message',
      channel: one.channel,
      recipients: [one.recipient],
      letter: one.template,
    }
  const { sender, recipients, refused } = one
  return { ...fateOf(one), kind: 'delivery', sender, recipients, refused }
}

const pageQuery = query.extend({
  kind: kind.default('message'),
  state: z.enum(['queued', 'sending', 'sent', 'failed', 'dropped']).optional(),
  recipient: z.string().trim().max(320).default(''),
  after,
  limit: limit.default(50),
})

const list = endpoint({
  at: 'GET /outbox',
  what: 'What the house sends, newest first: the messages that it writes, or mails of people on their way; `next` of one page is `after` of the next',
  who: 'a full session',
  in: { query: pageQuery },
  out: z.object({ items: z.array(Item), next: z.string().nullable() }),
  async does(ctx, { query }, { account }) {
    judgeOperator(account)
    const { kind, state = null, recipient, limit } = query
    const wanted = { recipient, behind: placeAt(query.after), limit }
    // Deliveries are never dropped: they come back to their author.
    if (kind === 'delivery' && state === 'dropped') return { items: [], next: null }
    if (kind === 'delivery') {
      const { deliveries, next } = await listDeliveries(ctx, { ...wanted, state: state as QueuedDelivery['state'] })
      return { items: deliveries.map(shown), next: cursorOf(next) }
    }
    const { messages, next } = await listMessages(ctx, { ...wanted, state })
    return { items: messages.map(shown), next: cursorOf(next) }
  },
})

const path = z.strictObject({ kind, id: z.string().max(64) })

const retry = endpoint({
  at: 'POST /outbox/{kind}/{id}/retry',
  what: 'Hand it over at once, rather than at its next turn',
  who: 'a full session',
  in: { path, query },
  out: Item,
  does: async (ctx, { path }, { account: caller }, { origin }) =>
    shown(await retryQueued(ctx, { ...path, caller, origin })),
})

const drop = endpoint({
  at: 'DELETE /outbox/{kind}/{id}',
  what: 'Give up what waits: a message is forgotten, a mail goes back to its author',
  // What it tells its reader may be that his account was changed.
  who: 'a full, elevated session',
  in: { path, query },
  out: Item,
  does: async (ctx, { path }, { account: caller }, { origin }) =>
    shown(await dropQueued(ctx, { ...path, caller, origin })),
})

export const outboxEndpoints = [list, retry, drop]
