import type { Context } from '#src/context.ts'
import { ownDoing } from '#src/domain/caller.ts'
import type { Event, Happening } from './audit.ts'

/**
 * What people get to read of what happened to their accounts: these events, and of each these facts. What is not here,
 * such as a token that a program renewed, is nothing to watch; who an administrator is, is his own business.
 */
export const told: Partial<Record<Event, readonly string[]>> = {
  'account.created': [],
  'account.imported': [],
  'account.changed': ['fields'],
  'account.suspended': [],
  'account.released': [],
  'account.unlocked': [],
  'address.confirmed': [],
  'password.changed': [],
  'sign-in.done': ['by', 'name'],
  'sign-in.failed': ['needs', 'with'],
  'sign-in.challenged': ['kind', 'needs'],
  'sign-in.refresh-reused': [],
  'second-step.failed': [],
  'sign-out.done': [],
  'sign-out.everywhere': [],
  'session.ended': ['of'],
  'sessions.ended': ['count'],
  'factor.activated': ['kind'],
  'factor.revoked': ['kind'],
  'enrolment.failed': ['kind'],
  'two-step.on': ['kind'],
  'two-step.off': ['reset'],
  'recovery-codes.made': [],
  'recovery-code.used': [],
  'passkey.added': ['name'],
  'passkey.removed': ['name', 'count'],
  'app-password.made': ['name'],
  'app-password.removed': ['name', 'count'],
  'device.trusted': ['name'],
  'device.forgotten': ['name', 'count'],
  'api-key.made': ['name'],
  'api-key.removed': ['name'],
  'link.asked': [],
  'link.sent': ['purpose'],
  'link.used': ['purpose'],
  'recovery.asked': [],
  'recovery.sent': ['kind', 'what'],
  'recovery.failed': [],
  'recovery.used': ['kind'],
  'recovery.waiting': ['kind'],
  'recovery.stopped': ['by'],
  'recovery.done': [],
  'policy.changed': ['fields'],
  'notice.withheld': [],
  'key.created': ['key'],
  'key.imported': ['key'],
  'key.exported': ['key'],
  'key.current-changed': ['key'],
  'key.password-changed': [],
  'key.password-reset': ['to'],
  'key.recovery-made': ['key'],
  'key.recovery-removed': [],
  'key.secondary-changed': [],
  'key.unlock-failed': [],
  'keys.removed': ['rings'],
  'keys.exposed': [],
  'keys.fetched': [],
  'guest.upgraded': ['guest'],
  'gateway.signing-allowed': ['key'],
  'gateway.signing-ended': [],
  'gateway.incoming-changed': ['on'],
  'mail.returned': ['recipients'],
}

const toldEvents = Object.keys(told)

// Whoever caused these has not shown that the account is his.
const byAnybody: ReadonlySet<string> = new Set<Event>([
  'sign-in.failed',
  'sign-in.challenged',
  'sign-in.refresh-reused',
  'second-step.failed',
  'link.asked',
  'link.sent',
  'recovery.asked',
  'recovery.sent',
  'recovery.failed',
  'recovery.waiting',
  'keys.fetched',
])

// Nor is what is done here the owner's doing.
const byHouse: ReadonlySet<string> = new Set(ownDoing)

/** A place in somebody's activity: what happened later, or at once with a greater id, lies before it. */
export interface Place {
  at: number
  id: string
}

export interface Activity extends Place {
  event: string
  protocol: string
  /** where it came from; empty when that was an administrator's place */
  network: string
  /** was it the owner, as far as anybody can know? */
  isByOwner: boolean
  detail: NonNullable<Happening['detail']>
}

const facts = (event: string, detail: string): Activity['detail'] =>
  Object.fromEntries(
    Object.entries<string | number | boolean>(JSON.parse(detail)).filter(([name]) =>
      told[event as Event]?.includes(name),
    ),
  )

/** What happened to an account, newest first: the `limit` next events after a place, from the newest where there is none. */
export async function activityOf(
  ctx: Context,
  { accountId, before, limit }: { accountId: string; before: Place | null; limit: number },
): Promise<Activity[]> {
  const own = ctx.db
    .selectFrom('audit')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('event', 'in', toldEvents)
  const rest = before
    ? own.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(before.at, before.id)))
    : own
  const rows = await rest.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map(({ id, at, event, actor_id, protocol, network, detail }) => {
    const isForeign = actor_id !== null && actor_id !== accountId
    return {
      id,
      at,
      event,
      protocol,
      network: isForeign ? '' : network,
      isByOwner: !isForeign && !byAnybody.has(event) && !byHouse.has(protocol),
      detail: facts(event, detail),
    }
  })
}

/** One line of the record as those see it who run the house. */
export interface Recorded {
  at: number
  event: string
  protocol: string
  network: string
  /** who did it, when it was not the owner */
  actor: string | null
  detail: Record<string, unknown>
}

/** Did an event of an account happen in a protocol before `before`, as far as the record goes back? */
export async function hasHappened(
  ctx: Context,
  { event, account, protocol, before }: { event: Event; account: string; protocol: string; before: number },
): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('audit')
    .select('id')
    .where('account_id', '=', account)
    .where('at', '<', before)
    .where('event', '=', event)
    .where('protocol', '=', protocol)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
