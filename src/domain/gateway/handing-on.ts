import { atomically, type Context } from '#src/context.ts'
import { keepBody } from '#src/domain/bodies/bodies.ts'
import { queueDelivery } from '#src/domain/deliveries/deliveries.ts'
import * as store from './store.ts'

/** Why a recipient does not get a mail, in one word (`returned.…` in sentences.txt), or a mail server's own words. */
export type Refused = Record<string, string>

/** A whole message and those who get it in this form. */
export interface Parcel {
  recipients: readonly string[]
  message: Uint8Array
}

/** Somebody else has done it meanwhile: the transaction is undone, and nothing is wrong. */
export class Overtaken extends Error {}

/**
 * In the transaction that queues what a mail became: it waits no more, for good. `refused` are those who do not get it;
 * its sender is told later.
 */
export async function markDispatched(ctx: Context, mail: store.MailRow, refused: Refused): Promise<void> {
  const isReturned = Object.keys(refused).length > 0
  const to = isReturned
    ? { state: 'returning', outcome: JSON.stringify(refused) }
    : { state: 'dispatched', outcome: '' }
  if (!(await store.passOn(ctx, mail.id, { from: 'waiting', ...to }))) throw new Overtaken()
  // Whoever is to be told is told at once.
  if (isReturned) ctx.carriers.wake()
}

/** Queues what a mail became, and marks it: all of it or nothing. */
export async function handOn(
  ctx: Context,
  mail: store.MailRow,
  { parcels, refused = {} }: { parcels: readonly Parcel[]; refused?: Refused },
): Promise<void> {
  const kept: { recipients: readonly string[]; body: string }[] = []
  for (const { recipients, message } of parcels)
    if (recipients.length > 0) kept.push({ recipients, body: await keepBody(ctx, message) })
  await atomically(ctx, async (ctx) => {
    await markDispatched(ctx, mail, refused)
    for (const parcel of kept) await queueDelivery(ctx, { mailId: mail.id, sender: mail.sender, ...parcel })
  })
}
