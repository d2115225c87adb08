import type { Context } from '#src/context.ts'
import { dropUnused } from '#src/domain/bodies/bodies.ts'
import { days } from '#src/lib/clock.ts'
import * as store from './store.ts'

/** A delivery that has come to its end: sent to `recipients` but for those that were `refused`. */
export interface Ended {
  id: string
  /** the mail of the gateway that it came from; empty for none */
  mailId: string
  /** of the envelope; empty for a report */
  sender: string
  recipients: string[]
  /** address to the mail server's words; what was given up is in here too */
  refused: Record<string, string>
  body: string | null
}

/**
 * Deliveries that have ended and that nothing followed from yet, the oldest first. One that came from no mail of the
 * gateway and was refused to nobody is not among them: nothing follows from it.
 */
export const endedDeliveries = async (ctx: Context, most: number): Promise<Ended[]> =>
  (await store.ended(ctx, most)).map((row) => ({
    id: row.id,
    mailId: row.mail_id,
    sender: row.sender,
    recipients: JSON.parse(row.recipients) as string[],
    refused: JSON.parse(row.refused) as Record<string, string>,
    body: row.body_id,
  }))

/**
 * Notes, in the transaction that does what follows from the end of a delivery, that it is done; its body goes unless
 * another row refers to it. False when somebody else did so before: then nothing must follow again.
 */
export async function settleDelivery(ctx: Context, id: string): Promise<boolean> {
  const settled = await store.settle(ctx, id)
  if (settled?.body) await dropUnused(ctx, settled.body)
  return settled !== undefined
}

/** Is any delivery of a mail of the gateway under way, or not settled yet? */
export const hasUnsettled = (ctx: Context, mailId: string): Promise<boolean> => store.hasUnsettled(ctx, mailId)

/** Removes deliveries that ended over thirty days ago; in small batches. */
export const sweepDeliveries = (ctx: Context): Promise<number> => store.sweep(ctx, ctx.clock.now() - days(30))
