import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount, isShutOut } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import { type Origin, ownOrigin } from '#src/domain/caller.ts'
import { canCarry, composeFrom } from '#src/domain/messages/messages.ts'
import { followLink, makeLink, readLink } from '#src/domain/recovery/recovery.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { days } from '#src/lib/clock.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { isRecoverable, openEscrow } from './escrow.ts'
import { inOurWords } from './openpgp-reasons.ts'
import * as store from './reminder-store.ts'
import { endAfter, keepRenewed } from './renewing.ts'
import { endOf } from './rings.ts'
import { sealedNow, upToDate } from './sealed.ts'
import { type BareRing, listedRing, type RingRow, ringById } from './store.ts'
import { tryKeyPassword } from './unlocking.ts'

const AT_ONCE = 20
const LINK_AT_MOST = days(30)

async function infoOf(ctx: Context, { certificate: bytes }: BareRing): Promise<CertificateInfo> {
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes, now: ctx.clock.now() }))
  return rings[0]!.info
}

/** Finds out when the rings of old versions end; a few at a time. Returns how many it looked at. */
export async function judgeEnds(ctx: Context): Promise<number> {
  const rings = await store.unjudgedRings(ctx, AT_ONCE)
  for (const ring of rings) {
    const expires = await infoOf(ctx, ring).then(endOf, (error: unknown) => {
      // Nobody can read it any more: nothing to remind anybody of.
      if (isRefusal(error) && !isRefusal(error, 'server.busy')) return 0
      throw error
    })
    await store.keepEnd(ctx, ring, expires)
  }
  return rings.length
}

async function letterAbout(ctx: Context, account: Account, ring: BareRing): Promise<void> {
  const lifetime = Math.min(ring.expires - ctx.clock.now(), LINK_AT_MOST)
  const { link } = await makeLink(ctx, account, 'key-renew', { target: ring.id, lifetime })
  const outline = await listedRing(ctx, ring.id)
  const change = outline && isRecoverable(ctx, outline) ? 'key-renewal.at-once' : 'key-renewal.by-password'
  const values = { link, until: ring.expires, name: grouped(ring.fingerprint), change }
  const to = account.email
  await composeFrom(ctx, { channel: 'mail', to, template: 'key_expiring', reader: account, values, lifetime })
  const detail = { purpose: 'key-renew', key: ring.key_id }
  await record(ctx, { event: 'link.sent', account: account.id, origin: ownOrigin('house'), detail })
}

/**
 * Tells owners of keys that are about to expire, once for each of the days of the setting keyReminderDays: of current keys
 * with a secret that can be encrypted to still. Returns how many rings it looked at.
 */
export async function remindOfEnds(ctx: Context): Promise<number> {
  const before = ctx.config.keyReminderDays
  if (before.length === 0 || !canCarry(ctx, 'mail')) return 0
  const rings = await store.endingRings(ctx, { before, most: AT_ONCE })
  for (const ring of rings) {
    // Slow, and before the account is held. One that was revoked is noted as told, so that nobody looks again.
    const { canEncrypt } = await infoOf(ctx, ring)
    await atomically(ctx, async (ctx) => {
      const account = await holdAccount(ctx, ring.account_id)
      if (isShutOut(account) || !(await store.claimReminder(ctx, ring))) return
      if (canEncrypt === true) await letterAbout(ctx, account, ring)
    })
  }
  return rings.length
}

/** What the page of such a link shows; null for a link that does not work, or whose ring is gone. */
export async function readRenewal(
  ctx: Context,
  token: string,
): Promise<{ account: Account & { target: string }; needsPassword: boolean } | null> {
  const account = await readLink(ctx, token, 'key-renew')
  const ring = account && (await listedRing(ctx, account.target))
  return ring ? { account, needsPassword: !isRecoverable(ctx, ring) } : null
}

interface Following {
  token: string
  /** of the key; needed where the server has no second copy */
  password?: string | undefined
  origin: Origin
}

async function openForRenewal(
  ctx: Context,
  { account, ring, password, origin }: { account: Account; ring: RingRow; password?: string; origin: Origin },
): Promise<{ secret: Uint8Array; unlockKey: Uint8Array | null; ring: RingRow }> {
  if (isRecoverable(ctx, ring)) return { secret: await openEscrow(ctx, ring), unlockKey: null, ring }
  if (!password) throw new Refusal('key.password-missing')
  const { unlockKey, rings } = await tryKeyPassword(ctx, { account, password, ringId: ring.id, origin })
  const open = rings.find((open) => open.ring.id === ring.id)!
  return { secret: await upToDate(ctx, open), unlockKey, ring: sealedNow(ring, open) }
}

/**
 * Renews a key by the link of a reminder, as if it were made now; answers when it ends then, null for never. Refuses with 'link.invalid', 'key.password-missing',
 * like `tryKeyPassword`, and with 'key.unusable' for a key that was revoked; all but the first leave the link as it was.
 */
export async function followRenewal(ctx: Context, { token, password, origin }: Following): Promise<number | null> {
  const account = await readLink(ctx, token, 'key-renew')
  const named = account && (await ringById(ctx, account.target))
  if (!account || !named) throw new Refusal('link.invalid')
  const { secret, unlockKey, ring } = await openForRenewal(ctx, { account, ring: named, password, origin })
  const input = { secret, until: endAfter(ctx), now: ctx.clock.now() }
  const merged = await inOurWords(ctx.workers.openpgp.setExpiry(input))
  await followLink(ctx, { token, purposes: ['key-renew'], origin }, async (ctx, account, { target }) => {
    // The link that was read is the one that is used: nobody can give it another ring.
    if (target !== ring.id) throw new Refusal('link.invalid')
    await keepRenewed(ctx, { account, ring, merged, unlockKey, origin })
  })
  return merged.info.keys[0]?.expires ?? null
}
