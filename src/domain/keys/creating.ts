import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import type { GeneratedKey, KeyAlgorithm } from '#src/lib/openpgp/types.ts'
import { escrowFor, isUnwanted } from './escrow.ts'
import { keepLockedLater } from './locked-copies.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { sealedRevocation } from './revocations.ts'
import { keepRing, markCurrent } from './ring-change-store.ts'
import { endOf, judgeNumber, judgeRoom, type KeyRing, rowOf, seen } from './rings.ts'
import { judgeKeyPassword, sealSecret, unlockKeyOf } from './sealed.ts'
import { readSecondary, tellSecondary } from './secondary.ts'
import type { PartRow, RingRow } from './store.ts'
import { countNewPassword } from './unlocking.ts'

const DAY = 86_400
// A hundred years: no key of today is worth more, and OpenPGP counts seconds in 32 bits.
const DAYS_AT_MOST = 36_500

/** What a ring is made of. */
export interface RingWish {
  account: Account
  name: string
  password: string
  /** the setting keyAlgorithm where absent */
  algorithm?: KeyAlgorithm | undefined
  /** 0: for ever; the setting keyValidDays where absent */
  validDays?: number | undefined
  /** where a new password of this key shall be mailed to */
  secondary?: string | undefined
  /** 0 where the world shall not find it */
  published?: 0 | 1
  /** false where no second copy of it shall ever be made; what the account has decided where absent */
  recovery?: boolean | undefined
}

interface Wish extends RingWish {
  origin: Origin
  /** asked in the transaction that keeps the ring, before it does, with its second copy; throws where it shall not */
  judge?: (ctx: Context, escrow: Uint8Array | null) => Promise<void>
  /** the address of who wants to write to its owner, who is told so; that he has made a key himself where absent */
  wantedBy?: string
}

/** Refuses a life that is not so many days: 'input.invalid'. */
export function judgeDays(days: number): void {
  if (!Number.isSafeInteger(days) || days < 0 || days > DAYS_AT_MOST)
    throw new Refusal('input.invalid', { params: ['validDays', String(days).slice(0, 40)] })
}

/** Not every program reads v6 keys: whoever runs the house decides whether people may have them. */
function judgeAlgorithm({ config }: Context, algorithm: KeyAlgorithm): void {
  if (algorithm === 'v6' && !config.keyV6 && config.keyAlgorithm !== 'v6') throw new Refusal('key.algorithm-off')
}

async function generated(ctx: Context, { account, name, algorithm, validDays }: RingWish): Promise<GeneratedKey> {
  const kind = algorithm ?? ctx.config.keyAlgorithm
  const validSeconds = (validDays ?? ctx.config.keyValidDays) * DAY
  const prepared = kind === ctx.config.keyAlgorithm ? ctx.workers.readyKeys?.take() : null
  const input = {
    userIds: [{ name, email: account.email }],
    algorithm: kind,
    validSeconds,
    now: ctx.clock.now(),
    ...(prepared ? { prepared } : {}),
  }
  return inOurWords(ctx.workers.openpgp.generate(input), ['name', ''])
}

/** A ring that is ready to be kept, with its secret, and what that is sealed under. */
export interface MadeRing {
  ring: RingRow
  parts: readonly Omit<PartRow, 'ring_id'>[]
  secret: Uint8Array
  unlockKey: Buffer
  algorithm: KeyAlgorithm
}

/**
 * Makes a ring without keeping it: the heavy work, outside of any transaction. The account need not be kept yet.
 * Refuses with 'key.password-short', 'key.algorithm-off', and with 'input.invalid' like `createRing`.
 */
export async function makeRing(ctx: Context, wish: RingWish): Promise<MadeRing> {
  const { account, password, secondary, published = 1, recovery = true } = wish
  const algorithm = wish.algorithm ?? ctx.config.keyAlgorithm
  judgeKeyPassword(ctx, password)
  judgeAlgorithm(ctx, algorithm)
  if (wish.validDays !== undefined) judgeDays(wish.validDays)
  const address = secondary ? readSecondary(secondary) : ''
  const made = await generated(ctx, wish)
  const unlockKey = await unlockKeyOf(ctx, account, password)
  const id = uuid(ctx.clock.chance)
  const now = ctx.clock.now()
  const ring: RingRow = {
    id,
    account_id: account.id,
    fingerprint: made.info.fingerprint,
    key_id: made.info.keyId,
    certificate: made.certificate,
    secret: sealSecret(unlockKey, id, made.secret),
    secret_behind: 0,
    revocation: sealedRevocation(ctx, id, made.revocation),
    is_current: 0,
    inline: 0,
    created: now,
    modified: now,
    escrow: null,
    published,
    expires: endOf(made.info),
    reminded: now,
    secondary: address,
    no_recovery: Number(!recovery),
    unlock_salt: '',
  }
  const parts = made.info.keys.map(({ keyId }) => ({ key_id: keyId, has_secret: 1 }))
  return { ring, parts, secret: made.secret, unlockKey, algorithm }
}

/**
 * Keeps a ring with its second copy; it becomes the current one. In a transaction that holds the account. `judge` is
 * asked before, with the second copy.
 */
export async function keepMadeRing(
  ctx: Context,
  { ring, parts, secret, algorithm }: MadeRing,
  { account, origin, judge }: { account: Account; origin: Origin; judge?: Wish['judge'] },
): Promise<void> {
  const no_recovery = ring.no_recovery || Number(await isUnwanted(ctx, account, ring.id))
  const escrow = no_recovery ? null : await escrowFor(ctx, account, ring.id, secret)
  await judge?.(ctx, escrow)
  await keepRing(ctx, { ...ring, escrow, no_recovery }, parts)
  await judgeRoom(ctx, account)
  await markCurrent(ctx, account.id, ring.id)
  await record(ctx, { event: 'key.created', account: account.id, origin, detail: { key: ring.key_id, algorithm } })
}

/**
 * Makes a key for the account's primary address; it becomes the current one. Refuses with 'key.password-short',
 * 'key.algorithm-off', 'key.delayed' (see `countNewPassword`), and with 'input.invalid' for a name that cannot stand in
 * a user ID, a secondary address that is none, or days that nobody lives.
 */
export async function createRing(ctx: Context, wish: Wish): Promise<KeyRing> {
  const { account, origin } = wish
  await judgeNumber(ctx, account, 1)
  const made = await makeRing(ctx, wish)
  const { ring, parts, unlockKey } = made
  await countNewPassword(ctx, { account, unlockKey })
  const kept = await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await judgeNumber(ctx, account, 1)
    await keepMadeRing(ctx, made, wish)
    const name = grouped(ring.fingerprint)
    if (wish.wantedBy === undefined) await tell(ctx, account, 'key.created', { name })
    else await tell(ctx, account, 'key.made-on-demand', { name, who: wish.wantedBy })
    if (ring.secondary) await tellSecondary(ctx, { account, address: ring.secondary, before: [], origin })
    return rowOf(ctx, ring)
  })
  // The password of a key that nobody has asked for is known to nobody.
  if (wish.wantedBy === undefined)
    keepLockedLater(ctx, { account, rings: [{ ring: kept, secret: made.secret }], password: wish.password })
  return seen(
    ctx,
    kept,
    parts.map((part) => ({ ...part, ring_id: ring.id })),
  )
}
