import type { Context } from '#src/context.ts'
import { bodyOf } from '#src/domain/bodies/bodies.ts'
import { canDeliver } from '#src/domain/deliveries/deliveries.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import { days, minutes, seconds } from '#src/lib/clock.ts'
import { handOn, Overtaken, type Refused } from './handing-on.ts'
import { letIn } from './incoming.ts'
import { sendOut } from './outgoing.ts'
import { backoff } from './patience.ts'
import type { Direction } from './stamps.ts'
import * as store from './store.ts'

// Whoever dies with a mail in hand has it taken from him after this long; a mail may take longer, which is told meanwhile.
const HOLD = seconds(10)
const AT_ONCE = 4

const ways: Record<Direction, (ctx: Context, mail: store.MailRow, message: Uint8Array) => Promise<void>> = {
  out: sendOut,
  in: letIn,
}

/** What waiting does not help with: the mail itself is wrong, or a key that it needs. */
const hopeless: readonly Reason[] = [
  'mail.unreadable',
  'mail.no-recipient',
  'input.invalid',
  'input.too-large',
  'key.unusable',
]

const everybody = ({ recipients }: store.MailRow, why: string): Refused =>
  Object.fromEntries((JSON.parse(recipients) as string[]).map((address) => [address, why]))

/**
 * A mail that cannot go out as it should, and will not: its sender is told. What comes in goes on as it came, if it is
 * still there.
 */
async function giveUp(ctx: Context, mail: store.MailRow, message: Uint8Array | null, why: string): Promise<void> {
  if (mail.direction === 'out' || !message) return handOn(ctx, mail, { parcels: [], refused: everybody(mail, why) })
  const recipients = JSON.parse(mail.recipients) as string[]
  return handOn(ctx, mail, { parcels: [{ recipients, message }] })
}

async function failed(ctx: Context, mail: store.MailRow, message: Uint8Array | null, error: unknown): Promise<void> {
  const reason = isRefusal(error) ? error.reason : String(error)
  if (error instanceof Overtaken) return
  if (isRefusal(error, ...hopeless)) return giveUp(ctx, mail, message, error.reason)
  const now = ctx.clock.now()
  ctx.log.warn('gateway.waits', { mail: mail.id, attempts: mail.attempts, reason })
  if (mail.received + days(ctx.config.gatewayDays) <= now) return giveUp(ctx, mail, message, 'late')
  const wait = isRefusal(error) ? seconds(error.facts.retryAfter ?? 0) : 0
  const due = now + Math.min(minutes(60), Math.max(backoff(mail.attempts), wait))
  await store.postpone(ctx, mail.id, { due, outcome: reason.slice(0, 500) })
}

async function dispatch(ctx: Context, mail: store.MailRow): Promise<void> {
  const alive = setInterval(() => {
    store.holdMail(ctx, mail.id, ctx.clock.now() + HOLD).catch(() => {})
  }, HOLD / 3)
  try {
    let message: Uint8Array | null = null
    try {
      message = mail.body_id ? await bodyOf(ctx, mail.body_id) : null
      if (!message) throw new Error(`the body of the mail ${mail.id} is gone`)
      await ways[mail.direction as Direction](ctx, mail, message)
    } catch (error) {
      await failed(ctx, mail, message, error)
    }
  } finally {
    clearInterval(alive)
  }
}

/**
 * Hands on the mails that wait. Each becomes what it becomes in one transaction, once, whoever else is at it and whatever
 * ends meanwhile. Returns how many were in hand.
 */
export async function dispatchMails(ctx: Context): Promise<number> {
  if (!canDeliver(ctx)) return 0
  const mails = await store.claimMails(ctx, { state: 'waiting', most: AT_ONCE, hold: HOLD })
  const done = await Promise.allSettled(mails.map((mail) => dispatch(ctx, mail)))
  for (const one of done) if (one.status === 'rejected') ctx.log.error('gateway.failed', { error: one.reason })
  return mails.length
}
