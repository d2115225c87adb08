import type { Context } from '#src/context.ts'
import { seats } from '#src/domain/seats.ts'
import type { Outcome } from '#src/drivers/outcome.ts'
import { days, minutes, seconds } from '#src/lib/clock.ts'
import type { Letter } from './letter.ts'
import { type Channel, canCarry } from './outbox.ts'
import * as store from './store.ts'

// A claimed message comes back after this long, in case its carrier died with it in hand.
const CLAIM = minutes(2)
const BATCH = 20

const backoff = (attempts: number): number => Math.min(minutes(60), seconds(5) * 2 ** Math.min(attempts, 12))

async function hand(ctx: Context, message: store.Claimed): Promise<Outcome> {
  // What it says, a code or a link, is good for nothing any more: it waited too long, for a server that was down perhaps.
  if (message.expires <= ctx.clock.now()) return { sent: false, permanent: false, reason: 'its time was over' }
  if (message.content === null) return { sent: false, permanent: true, reason: 'no content' }
  const letter = JSON.parse(ctx.secrets.sealer.open(message.content, seats.message(message.id)).toString()) as Letter
  const { mailer, texter, siblings } = ctx.carriers
  if (message.channel === 'mail' && mailer) return mailer.send({ id: message.id, to: message.recipient, ...letter })
  if (message.channel === 'sms' && texter)
    return texter.send({ id: message.id, to: message.recipient, text: letter.text })
  if (message.channel === 'service' && siblings) return siblings.call(message.recipient, letter.text)
  return { sent: false, permanent: false, reason: 'no carrier' }
}

/** Whether what was refused for good may be sent once more by who runs the house, until it expires. */
type Refused = 'is kept' | 'is forgotten'

async function write(ctx: Context, message: store.Claimed, outcome: Outcome, refused: Refused): Promise<void> {
  const now = ctx.clock.now()
  const next = now + backoff(message.attempts)
  const isOver = outcome.sent || outcome.permanent || next >= message.expires
  const isKept = !outcome.sent && outcome.permanent && refused === 'is kept'
  const text = outcome.sent ? outcome.response : outcome.reason
  await store.noteOutcome(ctx, message, {
    state: outcome.sent ? 'sent' : isOver ? 'failed' : 'queued',
    outcome: text.slice(0, 500),
    due: isOver ? now : next,
    ...(isOver && !isKept ? { content: null } : {}),
  })
  if (!outcome.sent)
    ctx.log.warn('message.undelivered', {
      message: message.id,
      channel: message.channel,
      attempts: message.attempts,
      final: isOver,
      reason: text,
    })
}

/** Hands a claimed message to its carrier and writes down what became of it. */
export async function handOver(ctx: Context, message: store.Claimed, refused: Refused = 'is kept'): Promise<Outcome> {
  const outcome = await hand(ctx, message).catch(
    (error: unknown): Outcome => ({ sent: false, permanent: false, reason: String(error) }),
  )
  await write(ctx, message, outcome, refused)
  return outcome
}

/** Takes a message in hand; undefined when it is not due, or somebody else has it. */
export const claim = (ctx: Context, id: string): Promise<store.Claimed | undefined> => store.claimOne(ctx, id, CLAIM)

/**
 * Hands over what is due on a channel; returns how many messages were in hand. A failure waits and comes back, ever
 * later. Each channel for itself: a carrier that does not answer must not hold up the others.
 */
export async function deliver(ctx: Context, channel: Channel): Promise<number> {
  if (!canCarry(ctx, channel)) return 0
  const claimed = await store.claimDue(ctx, { channel, most: BATCH, hold: CLAIM })
  await Promise.all(claimed.map((message) => handOver(ctx, message)))
  return claimed.length
}

/** Removes what was sent or given up over thirty days ago, and the contents of what nobody can send any more. */
export const sweepMessages = async (ctx: Context): Promise<number> =>
  (await store.sweepContents(ctx)) + (await store.sweep(ctx, ctx.clock.now() - days(30)))
