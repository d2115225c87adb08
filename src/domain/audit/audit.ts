import type { Context } from '#src/context.ts'
import { earlier, sweepRows } from '#src/db/sweeping.ts'
import type { Origin } from '#src/domain/caller.ts'
import { uuid } from '#src/lib/chance.ts'
import { days } from '#src/lib/clock.ts'

export { recordPage } from './of-account.ts'
export { type Activity, activityOf, hasHappened, type Place, type Recorded, told } from './reading.ts'
export { type Entry, newestAt, type Sought, searchRecord } from './searching.ts'

export type Event =
  | 'account.created'
  | 'account.imported'
  | 'account.changed'
  | 'account.deleted'
  | 'account.suspended'
  | 'account.released'
  | 'password.changed'
  | 'sign-in.done'
  | 'sign-in.failed'
  | 'sign-in.challenged'
  | 'sign-in.refreshed'
  | 'sign-in.refresh-reused'
  | 'sign-out.done'
  | 'sign-out.everywhere'
  | 'second-step.failed'
  | 'factor.activated'
  | 'factor.revoked'
  | 'two-step.on'
  | 'two-step.off'
  | 'recovery-codes.made'
  | 'recovery-code.used'
  | 'enrolment.failed'
  | 'link.asked'
  | 'link.sent'
  | 'link.used'
  | 'address.confirmed'
  | 'avatar.changed'
  | 'recovery.asked'
  | 'recovery.sent'
  | 'recovery.failed'
  | 'recovery.used'
  | 'recovery.waiting'
  | 'recovery.stopped'
  | 'recovery.done'
  | 'passkey.added'
  | 'passkey.removed'
  | 'app-password.made'
  | 'app-password.removed'
  | 'device.trusted'
  | 'device.forgotten'
  | 'session.ended'
  | 'sessions.ended'
  | 'policy.changed'
  | 'account.unlocked'
  | 'api-key.made'
  | 'api-key.removed'
  | 'message.written'
  | 'message.retried'
  | 'message.dropped'
  | 'delivery.retried'
  | 'delivery.dropped'
  | 'notice.withheld'
  | 'secret.changed'
  | 'secret.removed'
  | 'log-level.changed'
  | 'house.reloaded'
  | 'backup.done'
  | 'key-file.backed-up'
  | 'key-file.changed'
  | 'record.exported'
  | 'key.created'
  | 'key.imported'
  | 'key.exported'
  | 'key.current-changed'
  | 'key.password-changed'
  | 'key.unlocked'
  | 'key.unlock-failed'
  | 'key.signed-out'
  | 'key.deleted'
  | 'key.revoked'
  | 'key.renewed'
  | 'key.rotated'
  | 'key.user-id-added'
  | 'key.published'
  | 'key.withdrawn'
  | 'key.backed-up'
  | 'key.password-reset'
  | 'key.recovery-removed'
  | 'key.recovery-made'
  | 'key.secondary-changed'
  | 'key.settings-changed'
  | 'external-key.added'
  | 'external-key.changed'
  | 'external-key.removed'
  | 'autocrypt.verified'
  | 'autocrypt.removed'
  | 'contacts.imported'
  | 'address.added'
  | 'address.removed'
  | 'mail.sent'
  | 'mail.returned'
  | 'gateway.signing-allowed'
  | 'gateway.signing-ended'
  | 'gateway.incoming-changed'
  | 'guest.created'
  | 'guest.password-set'
  | 'guest.password-reset'
  | 'guest.account-reset'
  | 'guest.pin-failed'
  | 'guest.signed-in'
  | 'guest.opened'
  | 'guest.replied'
  | 'guest.refused'
  | 'guest.upgraded'
  | 'keys.removed'
  | 'keys.exposed'
  | 'keys.fetched'
  | 'support.denied'

export interface Happening {
  event: Event
  account?: string | null
  /** who did it, when it was not the owner */
  actor?: string | null
  origin: Origin
  /** plain facts; never a token, code, password or message text */
  detail?: Record<string, string | number | boolean>
}

/** Writes down what happened. Inside a transaction it is undone with the rest: a failure is recorded outside. */
export async function record(ctx: Context, happening: Happening): Promise<void> {
  ctx.house.measures.happened(happening.event, happening.origin.protocol)
  await ctx.db
    .insertInto('audit')
    .values({
      id: uuid(ctx.clock.chance),
      at: ctx.clock.now(),
      event: happening.event,
      account_id: happening.account ?? null,
      actor_id: happening.actor ?? null,
      protocol: happening.origin.protocol,
      network: happening.origin.network,
      detail: JSON.stringify(happening.detail ?? {}),
    })
    .execute()
}

/** The same, unless the very same has happened from there to the account within the last `within` milliseconds. */
export async function recordNews(
  ctx: Context,
  happening: Happening & { account: string },
  within: number,
): Promise<void> {
  const { account, event, origin, detail = {} } = happening
  const same = await ctx.db
    .selectFrom('audit')
    .select('id')
    .where('account_id', '=', account)
    .where('at', '>', ctx.clock.now() - within)
    .where('event', '=', event)
    .where('protocol', '=', origin.protocol)
    .where('network', '=', origin.network)
    .where('detail', '=', JSON.stringify(detail))
    .limit(1)
    .executeTakeFirst()
  if (!same) await record(ctx, happening)
}

/** Removes what happened more than `auditDays` ago. Small batches: returns how many rows went. */
export const sweepAudit = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'audit', by: ['id'], where: earlier('at', ctx.clock.now() - days(ctx.config.auditDays)) })
