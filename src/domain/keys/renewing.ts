import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { days } from '#src/lib/clock.ts'
import type { MergedRing } from '#src/lib/openpgp/types.ts'
import { judgeDays } from './creating.ts'
import { openOwn, type RingProof } from './opening.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { keepSecret } from './rewriting.ts'
import { type KeyRing, rowOf } from './rings.ts'
import type { RingRow } from './store.ts'

interface Wish {
  signed: Signed
  ring: KeyRing
  proof: RingProof
  origin: Origin
}

// OpenPGP counts the seconds of a life in 32 bits.
const LIFE_AT_MOST = 0xffff_ffff * 1000

/** When a key ends that is renewed now for so many days, or for as long as new ones live; null for never. */
export function endAfter(ctx: Context, validDays: number = ctx.config.keyValidDays): number | null {
  judgeDays(validDays)
  return validDays === 0 ? null : ctx.clock.now() + days(validDays)
}

function judgeEnd(ctx: Context, { info }: KeyRing, until: number | null): void {
  if (until === null) return
  const [primary] = info.keys
  const isPossible = Number.isSafeInteger(until) && until > ctx.clock.now()
  if (!isPossible || until - (primary?.created ?? 0) > LIFE_AT_MOST)
    throw new Refusal('input.invalid', { params: ['expires', String(until).slice(0, 40)] })
}

interface Renewed {
  account: Pick<Account, 'id'>
  ring: RingRow
  merged: MergedRing
  unlockKey: Uint8Array | null
  origin: Origin
}

/** Keeps a renewed ring and writes it down. In a transaction that holds the account. */
export async function keepRenewed(ctx: Context, { origin, ...renewed }: Renewed): Promise<void> {
  await keepSecret(ctx, renewed)
  const { account, ring, merged } = renewed
  const until = merged.info.keys[0]?.expires ?? 0
  await record(ctx, { event: 'key.renewed', account: account.id, origin, detail: { key: ring.key_id, until } })
}

/**
 * Moves the end of a key and of all its subkeys that were not revoked, `until` in epoch milliseconds, null for never. One
 * that has expired lives again. Refuses like `openOwn`, with 'input.invalid' for a time that has passed, and with
 * 'key.unusable' for a revoked key, or one whose primary secret is elsewhere.
 */
export async function setExpiry(ctx: Context, { until, ...wish }: Wish & { until: number | null }): Promise<void> {
  const { signed, proof, origin } = wish
  const { account } = signed
  judgeEnd(ctx, wish.ring, until)
  const { secret, unlockKey, ring } = await openOwn(ctx, { signed, ring: await rowOf(ctx, wish.ring), proof, origin })
  const now = ctx.clock.now()
  const merged = await inOurWords(ctx.workers.openpgp.setExpiry({ secret, until, now }))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await keepRenewed(ctx, { account, ring, merged, unlockKey, origin })
  })
}

/**
 * Gives a key a new subkey to encrypt to, which ends with the key; with `retire` the old ones are revoked as superseded,
 * and open still what they could. A new secret is sealed with the others, so that this takes the key password or the
 * auth left with the session: 'key.password-missing' for the sign-in password. Refuses like `setExpiry`.
 */
export async function rotateSubkey(ctx: Context, { retire, ...wish }: Wish & { retire: boolean }): Promise<void> {
  const { signed, proof, origin } = wish
  const { account } = signed
  if (proof !== 'stored' && 'accountPassword' in proof) throw new Refusal('key.password-missing')
  const { secret, unlockKey, ring } = await openOwn(ctx, { signed, ring: await rowOf(ctx, wish.ring), proof, origin })
  const until = wish.ring.info.keys[0]?.expires ?? null
  const now = ctx.clock.now()
  const merged = await inOurWords(ctx.workers.openpgp.rotateSubkey({ secret, until, retire, now }))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await keepSecret(ctx, { account, ring, merged, unlockKey })
    await record(ctx, { event: 'key.rotated', account: account.id, origin, detail: { key: ring.key_id, retire } })
  })
}
