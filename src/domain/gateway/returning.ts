import { atomically, type Context } from '#src/context.ts'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import { bodyPieces, dropBodies, keepBody } from '#src/domain/bodies/bodies.ts'
import { ownOrigin } from '#src/domain/caller.ts'
import { hasUnsettled, queueDelivery } from '#src/domain/deliveries/deliveries.ts'
import { letterFrom } from '#src/domain/messages/messages.ts'
import { uuid } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { splitMessage } from '#src/lib/mime/message.ts'
import { deliveryReport } from '#src/lib/mime/report.ts'
import { publicBase } from '#src/lib/public-base.ts'
import type { Refused } from './handing-on.ts'
import { backoff } from './patience.ts'
import * as store from './store.ts'

/** A mail that did not reach everybody. */
export interface Returned {
  /** of the envelope; nobody is told where there is none */
  sender: string
  refused: Refused
  /** kept body that has its header */
  body: string | null
  received: number
}

// One word is a reason of ours; all else was said by a mail server.
const isOurs = (reason: string): boolean => /^[\w.-]+$/.test(reason)

// RFC 3463: 7.4 the security that is asked for is not there, 4.7 given up after a while, 6.0 something about the content.
const STATUS: Record<string, string> = { late: '5.4.7', 'mail.unreadable': '5.6.0', 'input.too-large': '5.3.4' }

function statusOf(reason: string): string {
  if (!isOurs(reason)) return /\b5\.\d{1,3}\.\d{1,3}\b/.exec(reason)?.[0] ?? '5.0.0'
  return STATUS[reason] ?? '5.7.4'
}

/** The beginning of a body; nothing of one that cannot be read: its sender must hear of it all the same. */
async function headOf(ctx: Context, body: string | null): Promise<Uint8Array> {
  try {
    const kept = body === null ? null : await bodyPieces(ctx, body)
    for await (const piece of kept?.pieces ?? []) return piece
  } catch (error) {
    ctx.log.error('gateway.body-unreadable', { body, error })
  }
  return new Uint8Array()
}

/** The report that tells the sender of a mail who does not get it; the id of the body that was kept. Before any transaction. */
async function keptReport(ctx: Context, { sender, refused, body, received }: Returned): Promise<string> {
  const account = await findByAddress(ctx, sender)
  const reader = account ?? { email: sender, name: '', locale: '', population: 'user' }
  const returned = Object.entries(refused).map(([address, reason]) =>
    isOurs(reason) ? { address, reason } : { address, reason: 'refused', words: reason },
  )
  const { subject, text } = letterFrom(ctx, { template: 'delivery_failed', reader, values: { returned } })
  const host = new URL(publicBase(ctx.config)).hostname
  const report = deliveryReport({
    from: ctx.config.mailFrom,
    to: sender,
    subject,
    text,
    host,
    messageId: `${uuid(ctx.clock.chance)}@${host}`,
    boundary: uuid(ctx.clock.chance),
    date: ctx.clock.now(),
    received,
    failures: Object.entries(refused).map(([address, reason]) => ({
      address,
      status: statusOf(reason),
      words: isOurs(reason) ? null : reason,
    })),
    original: splitMessage(await headOf(ctx, body)),
  })
  return keepBody(ctx, report)
}

/**
 * Tells a sender, in the same transaction as `marks`, that some do not get his mail. `marks` answers false when somebody
 * else did so before. Reports are never answered by reports.
 */
export async function sendBack(
  ctx: Context,
  returned: Returned,
  marks: (ctx: Context) => Promise<boolean>,
): Promise<void> {
  const { sender, refused } = returned
  const count = Object.keys(refused).length
  if (sender === '') ctx.log.warn('gateway.dropped', { recipients: count, advice: 'a report could not be handed on' })
  const report = sender === '' ? null : await keptReport(ctx, returned)
  const account = sender === '' ? undefined : await findByAddress(ctx, sender)
  await atomically(ctx, async (ctx) => {
    if (!(await marks(ctx))) {
      if (report) await dropBodies(ctx, [report])
      return
    }
    if (!report) return
    await queueDelivery(ctx, { sender: '', recipients: [sender], body: report })
    const origin = ownOrigin('gateway')
    await record(ctx, { event: 'mail.returned', account: account?.id ?? null, origin, detail: { recipients: count } })
  })
}

const HOLD = seconds(10)
const AT_ONCE = 10

/** Marks a mail done when nothing that it became is under way, and drops what was kept of it. In a transaction. */
export async function finish(ctx: Context, id: string, from: string): Promise<boolean> {
  // A delivery of it may come to its end at this very moment: whoever is second sees what the first has done.
  await store.waitFor(ctx, id)
  const mail = await store.mailById(ctx, id)
  if (mail?.state !== from) return false
  const isOver = !(await hasUnsettled(ctx, id))
  const to = isOver ? ({ state: 'done', body_id: null } as const) : { state: 'dispatched' }
  if (!(await store.passOn(ctx, id, { from, outcome: '', ...to }))) return false
  if (isOver && mail.body_id) await dropBodies(ctx, [mail.body_id])
  return true
}

async function returnMail(ctx: Context, mail: store.MailRow): Promise<void> {
  const { id, sender, outcome, body_id: body, attempts, received } = mail
  const returned = { sender, refused: JSON.parse(outcome) as Refused, body, received }
  try {
    await sendBack(ctx, returned, (ctx) => finish(ctx, id, 'returning'))
  } catch (error) {
    // The others must not wait for it.
    ctx.log.error('gateway.not-returned', { mail: id, error })
    await store.postpone(ctx, id, { due: ctx.clock.now() + backoff(attempts), outcome })
  }
}

/** Tells the senders of mails that were refused to some of their recipients here. Returns how many were in hand. */
export async function returnMails(ctx: Context): Promise<number> {
  const mails = await store.claimMails(ctx, { state: 'returning', most: AT_ONCE, hold: HOLD })
  for (const mail of mails) await returnMail(ctx, mail)
  return mails.length
}
