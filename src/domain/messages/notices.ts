import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { composeFrom } from './outbox.ts'
import type { Facts, Reader } from './templates.ts'

/** What may have happened to an account's security; each has its sentence in templates/<language>/sentences.txt. */
export type Change =
  | 'factor.added'
  | 'factor.removed'
  | 'factors.removed'
  | 'two-step.on'
  | 'two-step.on-with'
  | 'two-step.moved'
  | 'two-step.off'
  | 'two-step.reset'
  | 'recovery-codes.made'
  | 'password.reset'
  | 'api-key.made'

// Nobody changes his own account more often; who goes on has told the mailbox what it needs to know.
const NOTICES_PER_HOUR = 30

/** Writes down, once an hour, that a mailbox is told no more. */
async function withhold(ctx: Context, { id, email }: Reader & { id: string }): Promise<void> {
  const silence: Hourly = { kind: 'silence', subject: email, most: 1 }
  if ((await hourlyWait(ctx, silence)) > 0) return
  await countHourly(ctx, silence)
  const origin = { protocol: 'house', network: 'local', agent: '' }
  await record(ctx, { event: 'notice.withheld', account: id, origin })
  ctx.log.warn('notice.withheld', { account: id })
}

/**
 * Tells the mailbox that something about the account's security changed; `facts` is what the sentence names. So many
 * an hour: the rest is not sent, and nobody who makes changes learns of it.
 */
export const tell = (ctx: Context, reader: Reader & { id: string }, change: Change, facts: Facts = {}): Promise<void> =>
  atomically(ctx, async (ctx) => {
    const notices: Hourly = { kind: 'notice', subject: reader.email, most: NOTICES_PER_HOUR }
    if ((await hourlyWait(ctx, notices)) > 0) return withhold(ctx, reader)
    await countHourly(ctx, notices)
    await composeFrom(ctx, {
      channel: 'mail',
      to: reader.email,
      template: 'account_changed',
      reader,
      values: { change, ...facts },
    })
  })
