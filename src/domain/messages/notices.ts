import type { Context } from '#src/context.ts'
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

/** Tells the mailbox that something about the account's security changed; `facts` is what the sentence names. */
export const tell = (ctx: Context, reader: Reader, change: Change, facts: Facts = {}): Promise<string> =>
  composeFrom(ctx, {
    channel: 'mail',
    to: reader.email,
    template: 'account_changed',
    reader,
    values: { change, ...facts },
  })
