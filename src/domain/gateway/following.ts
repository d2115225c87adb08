import { atomically, type Context } from '#src/context.ts'
import { type Ended, endedDeliveries, settleDelivery } from '#src/domain/deliveries/deliveries.ts'
import { finish, sendBack } from './returning.ts'
import * as store from './store.ts'

const BATCH = 50

/** In a transaction. The mail first: two deliveries of it that end at once must not each take the other for under way. */
async function settle(ctx: Context, { id, mailId }: Ended): Promise<boolean> {
  if (mailId !== '') await store.waitFor(ctx, mailId)
  if (!(await settleDelivery(ctx, id))) return false
  if (mailId !== '') await finish(ctx, mailId, 'dispatched')
  return true
}

/**
 * Does what follows from the end of deliveries: senders are told of those that failed, and a mail all of whose deliveries
 * have ended is done with. Returns how many were in hand.
 */
export async function followDeliveries(ctx: Context): Promise<number> {
  const ended = await endedDeliveries(ctx, BATCH)
  for (const one of ended) {
    const { sender, refused, body, mailId } = one
    if (Object.keys(refused).length === 0) await atomically(ctx, (ctx) => settle(ctx, one))
    else {
      const received = (mailId !== '' && (await store.mailById(ctx, mailId))?.received) || ctx.clock.now()
      await sendBack(ctx, { sender, refused, body, received }, (ctx) => settle(ctx, one))
    }
  }
  return ended.length
}
