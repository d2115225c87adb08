import type { Context } from '#src/context.ts'
import { type Account, type Actor, authorOf } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canCarry, composeFrom, countCaused, judgeOutbox } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { uuid } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { publicBase } from '#src/lib/public-base.ts'
import * as store from './store.ts'

/** What a link lets its reader do, once. */
export type Purpose = 'password' | 'address' | 'invitation' | 'signup' | 'stop-recovery' | 'key-address' | 'key-renew'

interface LinkKind {
  template:
    | 'password_reset'
    | 'email_verification'
    | 'email_invitation'
    | 'signup_verification'
    | 'recovery_waiting'
    | 'key_address'
    | 'key_expiring'
  /** has its page another name for subscribers? */
  isDouble: boolean
  lifetime(config: Context['config']): number
}

const day = ({ linkLifetime }: Context['config']): number => linkLifetime

const kinds: Record<Purpose, LinkKind> = {
  password: { template: 'password_reset', isDouble: true, lifetime: day },
  address: { template: 'email_verification', isDouble: true, lifetime: day },
  invitation: { template: 'email_invitation', isDouble: false, lifetime: day },
  signup: { template: 'signup_verification', isDouble: false, lifetime: (config) => config.signupLinkLifetime },
  'stop-recovery': { template: 'recovery_waiting', isDouble: false, lifetime: ({ recoveryWait }) => recoveryWait },
  'key-address': { template: 'key_address', isDouble: false, lifetime: day },
  'key-renew': { template: 'key_expiring', isDouble: false, lifetime: day },
}

/** The one page that links lead to, whoever asked for them: docs/openwifi.md. */
function addressOf(ctx: Context, { template, isDouble }: LinkKind, account: Account, token: string): string {
  const action = isDouble && account.population === 'subscriber' ? `sub_${template}` : template
  return `${publicBase(ctx.config)}/api/v1/actionLink?action=${action}&id=${token}`
}

const linksTo = (ctx: Context, { email }: Account): Hourly => ({
  kind: 'link',
  subject: email,
  most: ctx.config.linksPerHour,
})

/** Seconds until an address may be sent another link, whoever's it is at the moment; 0 for now. */
export const waitForLink = (ctx: Context, account: Account): Promise<number> => hourlyWait(ctx, linksTo(ctx, account))

/**
 * Refuses what cannot be mailed ('mail.off'), or not now ('server.busy'), or not again so soon ('rate.exceeded'). For those who may know. `cause` is
 * whose hourly messages it is one of; null for none.
 */
export async function judgeSending(ctx: Context, account: Account, cause: Actor | null): Promise<void> {
  if (!canCarry(ctx, 'mail')) throw new Refusal('mail.off')
  await judgeOutbox(ctx)
  if (cause) await countCaused(ctx, authorOf(cause), 1)
  const retryAfter = await waitForLink(ctx, account)
  if (retryAfter > 0) throw new Refusal('rate.exceeded', { retryAfter })
}

/**
 * Makes a link, in the caller's transaction; the one before it for the same purpose and target is void. `target`: what
 * it is about besides the account; `lifetime`: in milliseconds, where it is not the usual one. Returns the link's
 * address, and how long it lives, in milliseconds.
 */
export async function makeLink(
  ctx: Context,
  account: Account,
  purpose: Purpose,
  { target = '', lifetime: given }: { target?: string; lifetime?: number } = {},
): Promise<{ link: string; lifetime: number }> {
  const kind = kinds[purpose]
  const lifetime = given ?? seconds(kind.lifetime(ctx.config))
  const token = uuid(ctx.clock.chance)
  const created = ctx.clock.now()
  await store.replaceLink(ctx, {
    digest: sha256(token),
    account_id: account.id,
    purpose,
    target,
    generation: account.generation,
    created,
    expires: created + lifetime,
    used: null,
  })
  return { link: addressOf(ctx, kind, account, token), lifetime }
}

/** Makes a link, mails and counts it, in the caller's transaction. The one before it for the same purpose is void. */
export async function sendLink(
  ctx: Context,
  { account, purpose, actor, origin }: { account: Account; purpose: Purpose; actor?: string | null; origin: Origin },
): Promise<void> {
  await countHourly(ctx, linksTo(ctx, account))
  const { link, lifetime } = await makeLink(ctx, account, purpose)
  await composeFrom(ctx, {
    channel: 'mail',
    to: account.email,
    template: kinds[purpose].template,
    reader: account,
    values: { link, lifetime: kinds[purpose].lifetime(ctx.config) },
    lifetime,
  })
  await record(ctx, { event: 'link.sent', account: account.id, actor, origin, detail: { purpose } })
}
