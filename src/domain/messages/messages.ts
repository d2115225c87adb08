import type { Context } from '#src/context.ts'
import { uuid } from '#src/lib/chance.ts'
import { minutes } from '#src/lib/clock.ts'
import { letterFrom, type Reader, type TemplateName, type Values } from './templates.ts'

export { type Change, tell } from './notices.ts'
export { type Reader, reloadTemplates } from './templates.ts'

export type Channel = 'mail' | 'sms' | 'service'

export interface Letter {
  subject: string
  text: string
  /** the same for readers of HTML; an SMS has none */
  html?: string
  /** the sender of a mail that somebody wrote by hand; the house's own when absent */
  from?: string
}

/** What can be carried at the moment: a mail or SMS that could only be queued helps nobody who waits for a code. */
export const canCarry = (ctx: Context, channel: Channel): boolean =>
  channel === 'mail' ? ctx.carriers.mailer !== null : ctx.carriers.texter !== null

/**
 * Queues a message. Inside a transaction it goes out only if that commits. `lifetime` in milliseconds: how long
 * delivery is worth trying, two days when absent. Returns the message's id: see settle.ts.
 */
export async function compose(
  ctx: Context,
  message: { channel: Channel; to: string; letter: Letter; lifetime?: number },
): Promise<string> {
  const id = uuid(ctx.clock.chance)
  const now = ctx.clock.now()
  await ctx.db
    .insertInto('message')
    .values({
      id,
      channel: message.channel,
      recipient: message.to,
      content: ctx.secrets.sealer.seal(JSON.stringify(message.letter), `message:${id}`),
      created: now,
      due: now,
      expires: now + (message.lifetime ?? minutes(2880)),
      attempts: 0,
      state: 'queued',
      outcome: '',
    })
    .execute()
  ctx.carriers.wake()
  return id
}

/** Queues a message made from a template, in its reader's language. */
export const composeFrom = (
  ctx: Context,
  {
    channel,
    to,
    lifetime,
    ...written
  }: { channel: Channel; to: string; lifetime?: number; template: TemplateName; reader: Reader; values: Values },
): Promise<string> => compose(ctx, { channel, to, lifetime, letter: letterFrom(ctx, written) })
