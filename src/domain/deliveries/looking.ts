import type { Context } from '#src/context.ts'
import * as store from './store.ts'

/** Tells the carrier that there is something to carry, and starts it when it does not run. */
export async function carryDeliveries(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  if (ctx.carriers.carrier && (await store.hasWork(ctx, now))) ctx.carriers.carrier.look(now)
  // It goes on by itself: nothing here needs to be repeated at once.
  return 0
}
