import type { Context } from '#src/context.ts'
import { claimBody } from '#src/domain/bodies/bodies.ts'
import { uuid } from '#src/lib/chance.ts'
import { days } from '#src/lib/clock.ts'
import { noteUnderWay } from './bounds.ts'
import * as store from './store.ts'

/** Is there a mail server that whole messages can be handed on to? */
export const canDeliver = (ctx: Context): boolean => ctx.carriers.carrier !== null

// What could end a command of SMTP, or its argument.
const breaksCommand = /[\r\n\0<>]/

export interface NewDelivery {
  /** the mail of the gateway that it comes from */
  mailId?: string
  /** of the envelope; empty for a report */
  sender: string
  /** of the envelope */
  recipients: readonly string[]
  /** the kept body that is the whole message */
  body: string
  /** when it is given up, epoch milliseconds; the days of the setting from now when absent */
  expires?: number
}

/**
 * Puts a whole message on its way, in the caller's transaction: it is handed to the next hop once that is committed,
 * once, whatever ends meanwhile. Claims the body. Answers the id of the delivery.
 */
export async function queueDelivery(ctx: Context, { mailId = '', ...delivery }: NewDelivery): Promise<string> {
  const recipients = [...new Set(delivery.recipients)]
  if (recipients.length === 0) throw new Error('a delivery needs a recipient')
  if ([delivery.sender, ...recipients].some((address) => breaksCommand.test(address)) || recipients.includes(''))
    throw new Error('an envelope holds what is no address')
  await claimBody(ctx, delivery.body)
  const now = ctx.clock.now()
  const id = uuid(ctx.clock.chance)
  await store.insertDelivery(ctx, {
    id,
    mail_id: mailId,
    sender: delivery.sender,
    recipients: JSON.stringify(recipients),
    body_id: delivery.body,
    created: now,
    state: 'queued',
    attempts: 0,
    due: now,
    expires: delivery.expires ?? now + days(ctx.config.gatewayDays),
    held: 0,
    outcome: '',
    refused: '{}',
    settled: 0,
  })
  noteUnderWay(ctx)
  ctx.carriers.wake()
  return id
}
