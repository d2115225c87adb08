import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { ownOrigin } from '#src/domain/caller.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { hasPlace } from './bounds.ts'
import type { TemplateName } from './catalogue.ts'
import type { Facts, Reader } from './letter.ts'
import { canCarry, composeFrom } from './outbox.ts'

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
  | 'second-step.guessed'
  | 'password.reset'
  | 'password.changed'
  | 'password.set'
  | 'password.recovered'
  | 'passkey.added'
  | 'passkey.removed'
  | 'passkeys.removed'
  | 'app-password.made'
  | 'app-password.removed'
  | 'app-passwords.removed'
  | 'device.trusted'
  | 'recovery.stopped'
  | 'recovery.withdrawn'
  | 'recovery.done'
  | 'api-key.made'
  | 'key.created'
  | 'key.made-on-demand'
  | 'key.imported'
  | 'key.current-changed'
  | 'key.revoked'
  | 'key.deleted'
  | 'key.password-changed'
  | 'key.password-reset'
  | 'key.secondary-changed'
  | 'key.recovery-removed'
  | 'key.recovery-made'
  | 'key.submitted'
  | 'peer.key-changed'
  | 'peer.key-offered'
  | 'guest.moved'
  | 'guest.password-changed'
  | 'address.added'
  | 'gateway.signing-allowed'
  | 'gateway.signing-ended'
  | 'gateway.incoming-on'
  | 'gateway.incoming-off'

// Nobody changes his own account more often; who goes on has told the mailbox what it needs to know.
const MOST: Record<Target['channel'], number> = { mail: 30, sms: 10 }

/** Another address or number that is told, besides the mailbox: one that is or was a security method. */
export interface Target {
  channel: 'mail' | 'sms'
  to: string
}

const template = { mail: 'account_changed', sms: 'account_changed_sms' } as const

/** What others did, and no sign of somebody in the account: a letter about it must not call for a new password. */
const news: ReadonlySet<Change> = new Set(['key.made-on-demand', 'guest.moved', 'peer.key-changed', 'peer.key-offered'])

/** A guest has no security settings and no administrator: he has the page where he reads. */
function templateFor(change: Change, channel: Target['channel'], { population }: Reader): TemplateName {
  if (channel === 'mail' && population === 'guest') return 'guest_changed'
  return channel === 'mail' && news.has(change) ? 'account_told' : template[channel]
}

/** Writes down, once an hour, that somebody is told no more. */
async function withhold(ctx: Context, id: string, to: string): Promise<void> {
  const silence: Hourly = { kind: 'silence', subject: to, most: 1 }
  if ((await hourlyWait(ctx, silence)) > 0) return
  await countHourly(ctx, silence)
  await record(ctx, { event: 'notice.withheld', account: id, origin: ownOrigin('house') })
  ctx.log.warn('notice.withheld', { account: id })
}

async function tellOne(
  ctx: Context,
  { reader, change, facts, target: { channel, to } }: Notice & { target: Target },
): Promise<void> {
  if (channel === 'sms' && !canCarry(ctx, channel)) return
  const notices: Hourly = { kind: 'notice', subject: to, most: MOST[channel] }
  if ((await hourlyWait(ctx, notices)) > 0 || !(await hasPlace(ctx, 'need'))) return withhold(ctx, reader.id, to)
  await countHourly(ctx, notices)
  const written = { template: templateFor(change, channel, reader), reader }
  const values = { change, link: `${publicBase(ctx.config)}/guest`, ...facts }
  await composeFrom(ctx, { channel, to, ...written, values })
}

interface Notice {
  reader: Reader & { id: string }
  change: Change
  facts: Facts
}

/**
 * Tells the mailbox that something about the account's security changed, and `others` with it; `facts` is what the
 * sentence names. So many an hour: the rest is not sent, and nobody who makes changes learns of it.
 */
export const tell = (
  ctx: Context,
  reader: Notice['reader'],
  change: Change,
  facts: Facts = {},
  others: readonly Target[] = [],
): Promise<void> =>
  atomically(ctx, async (ctx) => {
    const targets: Target[] = [{ channel: 'mail', to: reader.email }, ...others]
    const once = new Map(targets.map((target) => [target.to, target]))
    for (const target of once.values()) await tellOne(ctx, { reader, change, facts, target })
  })
