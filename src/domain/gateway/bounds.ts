import type { Context } from '#src/context.ts'
import { judgeDeliveries } from '#src/domain/deliveries/deliveries.ts'
import { outboxFull } from '#src/domain/outbox-full.ts'
import { recentCount } from '#src/lib/recent-count.ts'
import * as store from './store.ts'

const waiting = recentCount<Context['database']>()

/** Refuses with 'server.busy' what is handed over while too much of it waits, here or on its way to the next hop. */
export async function judgeTaking(ctx: Context): Promise<void> {
  const { outboxLimit } = ctx.config
  const count = await waiting.value(ctx.database, () => store.countWaiting(ctx, outboxLimit))
  if (count >= outboxLimit) throw outboxFull()
  await judgeDeliveries(ctx)
}

/** Counts a mail that was taken here. */
export const noteTaken = (ctx: Context): void => waiting.add(ctx.database)
