import type { Context } from '#src/context.ts'
import { seats } from '#src/domain/seats.ts'
import { uuid } from '#src/lib/chance.ts'
import { minutes } from '#src/lib/clock.ts'
import { noteQueued } from './bounds.ts'
import type { TemplateName } from './catalogue.ts'
import type { Letter, Reader, Values } from './letter.ts'
import * as store from './store.ts'
import { letterFrom } from './templates.ts'

export type Channel = 'mail' | 'sms' | 'service'

const hasCarrier: Record<Channel, (carriers: Context['carriers']) => boolean> = {
  mail: ({ mailer }) => mailer !== null,
  sms: ({ texter }) => texter !== null,
  service: ({ siblings }) => siblings !== null,
}

export const channels = Object.keys(hasCarrier) as readonly Channel[]

/** What can be carried at the moment: a mail or SMS that could only be queued helps nobody who waits for a code. */
export const canCarry = (ctx: Context, channel: Channel): boolean => hasCarrier[channel](ctx.carriers)

/**
 * Queues a message. Inside a transaction it goes out only if that commits. `lifetime` in milliseconds: how long
 * delivery is worth trying, two days when absent. Returns the message's id: see settle.ts.
 */
export async function compose(
  ctx: Context,
  message: { channel: Channel; to: string; letter: Letter; lifetime?: number | undefined; template?: TemplateName },
): Promise<string> {
  const id = uuid(ctx.clock.chance)
  const now = ctx.clock.now()
  await store.insertMessage(ctx, {
    id,
    channel: message.channel,
    recipient: message.to,
    content: ctx.secrets.sealer.seal(JSON.stringify(message.letter), seats.message(id)),
    created: now,
    due: now,
    expires: now + (message.lifetime ?? minutes(2880)),
    attempts: 0,
    state: 'queued',
    outcome: '',
    template: message.template ?? '',
    held: 0,
  })
  noteQueued(ctx)
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
  }: {
    channel: Channel
    to: string
    lifetime?: number
    template: TemplateName
    reader: Reader
    values: Values
    /** number of the template set */
    set?: number | undefined
  },
): Promise<string> =>
  compose(ctx, { channel, to, lifetime, template: written.template, letter: letterFrom(ctx, written) })
