import type { Context } from '#src/context.ts'
import { outboxFull } from '#src/domain/outbox-full.ts'
import { recentCount } from '#src/lib/recent-count.ts'
import { countUnderWay } from './queue-store.ts'

const waiting = recentCount<Context['database']>()

/** Counts a mail that was put on its way here. */
export const noteUnderWay = (ctx: Context): void => waiting.add(ctx.database)

/**
 * Refuses with 'server.busy' whoever wants to send while too many mails are on their way to a next hop that is stuck.
 * Reports about mails that we have are no such wish.
 */
export async function judgeDeliveries(ctx: Context): Promise<void> {
  const { outboxLimit } = ctx.config
  const count = await waiting.value(ctx.database, () => countUnderWay(ctx, outboxLimit))
  if (count >= outboxLimit) throw outboxFull()
}
