import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { judgeKeyPassword, sealSecret, unlockKeyOf } from './sealed.ts'
import * as store from './store.ts'

/** A key ring as its owner sees it. */
export interface KeyRing {
  id: string
  fingerprint: string
  certificate: Uint8Array
  isCurrent: boolean
  inline: boolean
  modified: number
  /** do we hold a secret part? */
  hasSecret: boolean
  /** key ids of the packets whose secret we hold */
  secretKeyIds: ReadonlySet<string>
  /** judged now */
  info: CertificateInfo
}

// More rings than anybody has; each of them costs work on every list.
const RINGS_AT_MOST = 100
const DAY = 86_400

export async function judgeNumber(ctx: Context, account: Account, more: number): Promise<void> {
  const rings = await store.ringsOf(ctx, account.id)
  if (rings.length + more > RINGS_AT_MOST) throw new Refusal('input.too-large', { params: [RINGS_AT_MOST] })
}

async function seen(ctx: Context, ring: store.RingRow, parts: readonly store.PartRow[]): Promise<KeyRing> {
  const bytes = ring.certificate
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes, now: ctx.clock.now() }))
  const own = parts.filter((part) => part.ring_id === ring.id && part.has_secret)
  return {
    id: ring.id,
    fingerprint: ring.fingerprint,
    certificate: ring.certificate,
    isCurrent: ring.is_current === 1,
    inline: ring.inline === 1,
    modified: ring.modified,
    hasSecret: ring.secret !== null,
    secretKeyIds: new Set(own.map((part) => part.key_id)),
    info: rings[0]!.info,
  }
}

/** When nobody can encrypt to a ring any more, as `key_ring.expires` has it: 0 for never. */
export function endOf({ keys }: CertificateInfo): number {
  const [primary] = keys
  const ends = keys.filter(({ canEncrypt, revoked }) => canEncrypt && !revoked).map(({ expires }) => expires)
  // The one that lives longest counts; a ring that cannot encrypt at all ends with its primary key.
  if (ends.length === 0) return primary?.expires ?? 0
  return ends.includes(null) ? 0 : Math.max(...ends.map(Number))
}

/** The account's rings, the current one first and then the newest; of `ids`, where given. */
export async function listRings(ctx: Context, account: Account, ids?: ReadonlySet<string>): Promise<KeyRing[]> {
  const rows = await store.ringsOf(ctx, account.id)
  const parts = await store.partsOf(ctx, account.id)
  const rings: KeyRing[] = []
  // One at a time: a long list must not fill the engine's queue.
  for (const row of rows) if (!ids || ids.has(row.id)) rings.push(await seen(ctx, row, parts))
  return rings
}

/** Has the account a ring that a key password opens? */
export const hasSecretRing = async (ctx: Context, account: Account): Promise<boolean> =>
  (await store.ringsOf(ctx, account.id)).some(({ secret }) => secret !== null)

/**
 * The account's ring that holds a key with one of these ids (8 or 16 upper-case hex digits, or a fingerprint), or the
 * current one. 'key.none' when there is no ring at all, 'key.unknown' for an id that is not among the account's own.
 */
export async function findRing(ctx: Context, account: Account, ids: readonly string[] | null): Promise<KeyRing> {
  const rows = await store.ringsOf(ctx, account.id)
  const parts = await store.partsOf(ctx, account.id)
  const isMeant = (ring: store.RingRow) =>
    ids?.some((id) => parts.some((part) => part.ring_id === ring.id && part.key_id.endsWith(id.slice(-16)))) ??
    ring.is_current === 1
  const found = rows.find(isMeant)
  if (found) return seen(ctx, found, parts)
  throw new Refusal(ids === null || rows.length === 0 ? 'key.none' : 'key.unknown')
}

/**
 * Makes a key for the account's primary address; it becomes the current one. Refuses with 'key.password-short', and
 * with 'input.invalid' for a name that cannot stand in a user ID.
 */
export async function createRing(
  ctx: Context,
  { account, name, password, origin }: { account: Account; name: string; password: string; origin: Origin },
): Promise<KeyRing> {
  judgeKeyPassword(ctx, password)
  await judgeNumber(ctx, account, 1)
  const { keyAlgorithm: algorithm, keyValidDays } = ctx.config
  const now = ctx.clock.now()
  const userIds = [{ name, email: account.email }]
  const made = await inOurWords(
    ctx.workers.openpgp.generate({ userIds, algorithm, validSeconds: keyValidDays * DAY, now }),
    ['name', ''],
  )
  const unlockKey = await unlockKeyOf(ctx, account, password)
  const id = uuid(ctx.clock.chance)
  const ring: store.RingRow = {
    id,
    account_id: account.id,
    fingerprint: made.info.fingerprint,
    key_id: made.info.keyId,
    certificate: made.certificate,
    secret: sealSecret(unlockKey, id, made.secret),
    secret_behind: 0,
    revocation: ctx.secrets.sealer.seal(made.revocation, `revocation of ${id}`),
    is_current: 0,
    inline: 0,
    created: now,
    modified: now,
    escrow: null,
    published: 1,
    expires: endOf(made.info),
    reminded: 0,
  }
  const parts = made.info.keys.map(({ keyId }) => ({ key_id: keyId, has_secret: 1 }))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await store.keepRing(ctx, ring, parts)
    await store.markCurrent(ctx, account.id, id)
    await record(ctx, { event: 'key.created', account: account.id, origin, detail: { key: ring.key_id, algorithm } })
  })
  return seen(
    ctx,
    { ...ring, is_current: 1 },
    parts.map((part) => ({ ...part, ring_id: id })),
  )
}

/** Makes a ring the current one. Refuses with 'key.unusable' when nobody could encrypt to it. */
export async function setCurrent(
  ctx: Context,
  { account, ring, origin }: { account: Account; ring: KeyRing; origin: Origin },
): Promise<void> {
  if (ring.info.canEncrypt !== true) throw new Refusal('key.unusable', { params: [ring.info.canEncrypt] })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await store.markCurrent(ctx, account.id, ring.id)
    const detail = { key: ring.info.keyId }
    await record(ctx, { event: 'key.current-changed', account: account.id, origin, detail })
  })
}
