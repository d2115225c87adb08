import type { Context } from '#src/context.ts'
import { deliveriesUnderWay } from '#src/domain/deliveries/deliveries.ts'
import { queueLength } from '#src/domain/messages/messages.ts'
import { noteSample } from './processes.ts'

/** Ends an interval of the measures, and notes it where the other processes see it. What takes a look into the database is counted here, and at no request. */
export async function takeMeasures(ctx: Context): Promise<number> {
  const { passwords, openpgp } = ctx.workers
  const messages = await queueLength(ctx)
  const deliveries = await deliveriesUnderWay(ctx)
  const sample = ctx.house.measures.take(ctx.clock.now(), {
    messages,
    deliveries,
    passwords: { waiting: passwords.depth, running: passwords.active },
    openpgp: openpgp.load(),
  })
  await noteSample(ctx, sample)
  return 0
}
