import type { Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canCarry, composeFrom } from '#src/domain/messages/messages.ts'
import { policiesOf } from '#src/domain/policy/policy.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import * as store from './store.ts'
import { kindOfTarget, type RecoveryKind } from './ways.ts'

const NAMES_AT_MOST = 20
// Some of them may not be told, by their policies.
const LOOKED_AT = 100

const letters = {
  email: { channel: 'mail', template: 'username_reminder' },
  sms: { channel: 'sms', template: 'username_reminder_sms' },
} as const satisfies Record<RecoveryKind, object>

/**
 * Tells a target the user names of the accounts that have it as an active method: one letter, so many an hour. Belongs
 * into the transaction that takes the request.
 */
export async function remindOfNames(
  ctx: Context,
  { target, origin }: { target: string; origin: Origin },
): Promise<void> {
  if (target === '') return
  const kind = kindOfTarget(target)
  const { channel, template } = letters[kind]
  const found = await store.accountsByTarget(ctx, { kind, target, most: LOOKED_AT })
  const policies = await policiesOf(ctx, found)
  const told = found
    .filter(({ id }) => policies.get(id)?.usernameRecoveryMethods.includes(kind))
    .slice(0, NAMES_AT_MOST)
  const [reader] = told
  if (!reader || !canCarry(ctx, channel)) return
  // Counted apart from the codes of the second step: whoever knows a target may not use those up.
  const reminders: Hourly = { kind: 'reminder', subject: target, most: ctx.config.codesPerHour }
  if ((await hourlyWait(ctx, reminders)) > 0) return
  await countHourly(ctx, reminders)
  const names = told.map(({ email }) => email)
  await composeFrom(ctx, { channel, to: target, template, reader, values: { names } })
  for (const { id } of told)
    await record(ctx, { event: 'recovery.sent', account: id, origin, detail: { kind, what: 'user name' } })
}
