import { atomically, type Context } from '#src/context.ts'
import { type Ended, endedDeliveries, settleDelivery } from '#src/domain/deliveries/deliveries.ts'
import { finish, sendBack } from './returning.ts'
import * as store from './store.ts'

const BATCH = 50

/** In a transaction. The mail first: of two that end at once, each would take the other for under way. */
async function settle(ctx: Context, { id, mailId }: Ended): Promise<boolean> {
  if (mailId !== '') await store.waitFor(ctx, mailId)
  if (!(await settleDelivery(ctx, id))) return false
  if (mailId !== '') await finish(ctx, mailId, 'dispatched')
  return true
}

async function follow(ctx: Context, one: Ended): Promise<void> {
  const { sender, refused, body, mailId } = one
  if (Object.keys(refused).length === 0) {
    await atomically(ctx, (ctx) => settle(ctx, one))
    return
  }
  const mail = mailId === '' ? undefined : await store.mailById(ctx, mailId)
  const returned = { sender, refused, body, received: mail?.received ?? ctx.clock.now() }
  await sendBack(ctx, returned, (ctx) => settle(ctx, one))
}

/**
 * Does what follows from the end of deliveries: senders are told of those that failed, and a mail all of whose deliveries
 * have ended is done with. Returns how many were in hand.
 */
export async function followDeliveries(ctx: Context): Promise<number> {
  const ended = await endedDeliveries(ctx, BATCH)
  let followed = 0
  for (const one of ended)
    try {
      await follow(ctx, one)
      followed++
    } catch (error) {
      // The others must not wait for it.
      ctx.log.error('delivery.not-followed', { delivery: one.id, error })
    }
  return followed
}
