import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { judgeOutbox } from './bounds.ts'
import type { Letter } from './letter.ts'
import { type Channel, canCarry, compose } from './outbox.ts'
import { settleMessage } from './settle.ts'

/** Messages that somebody wrote himself, word for word. */
export interface Written {
  channel: Channel
  /** each gets a message of his own, and sees nobody else */
  recipients: readonly string[]
  letter: Letter
}

/** Who writes, as the hourly bound knows him. */
interface Wish extends Written {
  author: string
  origin: Origin
}

/**
 * Counts messages that somebody has sent to others, by hand or as links in mails, or refuses ('rate.exceeded', and
 * 'server.busy' while the outbox is full): in the transaction that sends them.
 */
export async function countCaused(ctx: Context, author: string, messages: number): Promise<void> {
  await judgeOutbox(ctx)
  const hourly = { kind: 'writing', subject: author, most: ctx.config.messagesPerHour }
  await takeHourly(ctx, hourly, 'rate.exceeded', messages)
}

/** Counted, written down and queued together, or not at all; counted before anything is sent. */
const queue = (ctx: Context, wish: Wish): Promise<string[]> =>
  atomically(ctx, async (ctx) => {
    const { author, origin, channel, recipients, letter } = wish
    await countCaused(ctx, author, recipients.length)
    const ids: string[] = []
    for (const to of recipients) {
      ids.push(await compose(ctx, { channel, to, letter }))
      await record(ctx, { event: 'message.written', account: author, origin, detail: { channel } })
    }
    return ids
  })

/**
 * Sends what somebody wrote by hand. Refuses with 'mail.off' or 'sms.off'; 'rate.exceeded' when the author wrote too
 * much within the hour; 'server.busy' while the outbox is full; 'message.refused', with the carrier's words, when it will never arrive at somebody. What could
 * not be handed over yet is in the outbox, and counts as sent.
 */
export async function sendWritten(ctx: Context, wish: Wish): Promise<void> {
  const { channel, recipients } = wish
  if (!canCarry(ctx, channel)) throw new Refusal(channel === 'mail' ? 'mail.off' : 'sms.off')
  const ids = await queue(ctx, wish)
  const settled = await Promise.all(ids.map((id) => settleMessage(ctx, id)))
  const refused = settled.flatMap((one, index) =>
    typeof one === 'string' ? [] : [recipients.length > 1 ? `${recipients[index]}: ${one.refused}` : one.refused],
  )
  if (refused.length > 0) throw new Refusal('message.refused', { params: refused })
}
