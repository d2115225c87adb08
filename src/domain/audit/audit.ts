import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { uuid } from '#src/lib/chance.ts'

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
  | 'api-key.made'
  | 'api-key.removed'
  | 'message.written'
  | 'secret.changed'
  | 'secret.removed'
  | 'log-level.changed'
  | 'house.reloaded'
  | 'key.created'
  | 'key.imported'
  | 'key.exported'
  | 'key.current-changed'
  | 'key.password-changed'
  | 'key.unlocked'
  | 'key.unlock-failed'
  | 'key.signed-out'

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

/** When something happened to an account after `since`, oldest first. */
export async function timesOf(
  ctx: Context,
  { event, account, since }: { event: Event; account: string; since: number },
): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('audit')
    .select('at')
    .where('account_id', '=', account)
    .where('at', '>', since)
    .where('event', '=', event)
    .orderBy('at')
    .execute()
  return rows.map(({ at }) => at)
}
