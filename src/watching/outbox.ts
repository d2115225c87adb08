import type { Context } from '#src/context.ts'
import { deliveryBacklog } from '#src/domain/deliveries/deliveries.ts'
import { type Backlog, backlogs } from '#src/domain/messages/messages.ts'
import type { Metering } from './kinds.ts'

const FRESH = 1000

/** One look at the database for all metrics that are read together. */
function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let last: { at: number; found: Promise<T> } | null = null
  return () => {
    const at = performance.now()
    if (!last || at - last.at > FRESH) last = { at, found: look() }
    return last.found
  }
}

/** What waits to be carried, by channel; `delivery` is a whole mail of somebody. Read from the database: all processes tell the same. */
export function meterOutbox(ctx: Context, meter: Metering): void {
  type Kind = Omit<Backlog, 'channel'> & { channel: string }
  const look = shared(
    async (): Promise<Kind[]> => [...(await backlogs(ctx)), { channel: 'delivery', ...(await deliveryBacklog(ctx)) }],
  )
  const level = (name: string, help: string, of: (kind: Kind) => number) =>
    meter.level({
      name,
      help,
      labels: ['channel'],
      together: 'max',
      read: async () =>
        (await look()).map((kind): [Record<string, string>, number] => [{ channel: kind.channel }, of(kind)]),
    })
  level('chatelaine_outbox_queued', 'What waits or is in hand; counts no further than 10,000', ({ queued }) => queued)
  level('chatelaine_outbox_age_seconds', 'Age of the oldest that waits', ({ age }) => age / 1000)
  level('chatelaine_outbox_late_seconds', 'How long the first that is due has been due', ({ late }) => late / 1000)
  level(
    'chatelaine_outbox_failed',
    'Given up within the last hour; counts no further than 10,000',
    ({ failed }) => failed,
  )
  const queued = (name: string, help: string, of: (kind: Kind) => boolean) =>
    meter.level({
      name,
      help,
      together: 'max',
      read: async () => [[{}, (await look()).filter(of).reduce((sum, kind) => sum + kind.queued, 0)]],
    })
  queued(
    'chatelaine_messages_queued',
    'Mails and SMS that wait to be handed over',
    ({ channel }) => channel !== 'delivery',
  )
  queued(
    'chatelaine_deliveries_queued',
    'Whole messages on their way to the next hop',
    ({ channel }) => channel === 'delivery',
  )
}
