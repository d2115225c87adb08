import type { Context } from '#src/context.ts'
import type { Outcome } from '#src/drivers/outcome.ts'
import { minutes, seconds } from '#src/lib/clock.ts'
import type { Letter } from './messages.ts'

// A claimed message comes back after this long, in case its carrier died with it in hand.
const CLAIM = minutes(2)
const BATCH = 20

const backoff = (attempts: number): number => Math.min(minutes(60), seconds(5) * 2 ** Math.min(attempts, 12))

export interface Claimed {
  id: string
  channel: string
  recipient: string
  content: string | null
  attempts: number
  expires: number
}

/** The messages that are due, the oldest first, as far as somebody could carry them at the moment. */
function dueIds(ctx: Context) {
  const { mailer, texter, siblings } = ctx.carriers
  const channels = [...(mailer ? ['mail'] : []), ...(texter ? ['sms'] : []), ...(siblings ? ['service'] : [])]
  if (channels.length === 0) return null
  const due = ctx.db
    .selectFrom('message')
    .select('id')
    .where('state', '=', 'queued')
    .where('due', '<=', ctx.clock.now())
    .where('channel', 'in', channels)
    .orderBy('due')
    .limit(BATCH)
  return ctx.database.engine === 'postgres' ? due.forUpdate().skipLocked() : due
}

/** Takes those messages among `ids` in hand that are due, by one conditional update: nobody gets one twice. */
export function claim(
  ctx: Context,
  ids: readonly string[] | NonNullable<ReturnType<typeof dueIds>>,
): Promise<Claimed[]> {
  const now = ctx.clock.now()
  return ctx.db
    .updateTable('message')
    .set((eb) => ({ due: now + CLAIM, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', ids)
    .where('state', '=', 'queued')
    .where('due', '<=', now)
    .returning(['id', 'channel', 'recipient', 'content', 'attempts', 'expires'])
    .execute()
}

async function hand(ctx: Context, message: Claimed): Promise<Outcome> {
  if (message.content === null) return { sent: false, permanent: true, reason: 'no content' }
  const letter = JSON.parse(ctx.secrets.sealer.open(message.content, `message:${message.id}`).toString()) as Letter
  const { mailer, texter, siblings } = ctx.carriers
  if (message.channel === 'mail' && mailer) return mailer.send({ id: message.id, to: message.recipient, ...letter })
  if (message.channel === 'sms' && texter)
    return texter.send({ id: message.id, to: message.recipient, text: letter.text })
  if (message.channel === 'service' && siblings) return siblings.call(message.recipient, letter.text)
  return { sent: false, permanent: false, reason: 'no carrier' }
}

async function write(ctx: Context, message: Claimed, outcome: Outcome): Promise<void> {
  const now = ctx.clock.now()
  const next = now + backoff(message.attempts)
  const isOver = outcome.sent || outcome.permanent || next >= message.expires
  const text = outcome.sent ? outcome.response : outcome.reason
  await ctx.db
    .updateTable('message')
    .set({
      state: outcome.sent ? 'sent' : isOver ? 'failed' : 'queued',
      outcome: text.slice(0, 500),
      due: isOver ? now : next,
      ...(isOver ? { content: null } : {}),
    })
    .where('id', '=', message.id)
    .execute()
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
export async function handOver(ctx: Context, message: Claimed): Promise<Outcome> {
  const outcome = await hand(ctx, message).catch(
    (error: unknown): Outcome => ({ sent: false, permanent: false, reason: String(error) }),
  )
  await write(ctx, message, outcome)
  return outcome
}

/** Hands over what is due; returns how many messages were in hand. A failure waits and comes back, ever later. */
export async function deliver(ctx: Context): Promise<number> {
  const due = dueIds(ctx)
  const claimed = due ? await claim(ctx, due) : []
  await Promise.all(claimed.map((message) => handOver(ctx, message)))
  return claimed.length
}

/** Removes what was sent or given up over thirty days ago; in small batches. */
export async function sweepMessages(ctx: Context): Promise<number> {
  const old = ctx.db
    .selectFrom('message')
    .select('id')
    .where('state', 'in', ['sent', 'failed'])
    .where('due', '<', ctx.clock.now() - minutes(43_200))
    .limit(500)
  const result = await ctx.db.deleteFrom('message').where('id', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}
