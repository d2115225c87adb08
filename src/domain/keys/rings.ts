import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { keyIdOf } from '#src/lib/fingerprint.ts'
import { framesOf, tag } from '#src/lib/openpgp/packets.ts'
import { reasonWord } from '#src/lib/openpgp/refusals.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { isRecoverable } from './escrow.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { markCurrent } from './ring-change-store.ts'
import * as store from './store.ts'

/** A key ring as its owner sees it. */
export interface KeyRing {
  id: string
  fingerprint: string
  certificate: Uint8Array
  isCurrent: boolean
  inline: boolean
  /** may the world find it? */
  published: boolean
  modified: number
  /** do we hold a secret part? */
  hasSecret: boolean
  /** key ids of the packets whose secret we hold */
  secretKeyIds: ReadonlySet<string>
  /** can a new password be given to it without the old one? */
  recoverable: boolean
  /** judged now */
  info: CertificateInfo
  /** pictures among its user IDs: JPEG */
  pictures: Uint8Array[]
}

const PACKETS_LOOKED_AT = 10_000
// More rings than anybody has; each of them costs work on every list.
const RINGS_AT_MOST = 100

export async function judgeNumber(ctx: Context, account: Account, more: number): Promise<void> {
  const rings = await store.outlinesOf(ctx, account.id)
  if (rings.length + more > RINGS_AT_MOST) throw new Refusal('input.too-large', { params: [RINGS_AT_MOST] })
}

// Each costs a signature in every answer that shows the ring.
const USER_IDS_AT_MOST = 50

export function judgeNumberOfUserIds({ info }: KeyRing): void {
  if (info.userIds.length >= USER_IDS_AT_MOST) throw new Refusal('input.too-large', { params: [USER_IDS_AT_MOST] })
}

// Few rings have any: the others need not be read a second time.
const holdsPictures = (certificate: Uint8Array): boolean =>
  framesOf(certificate, PACKETS_LOOKED_AT)?.some((frame) => frame.tag === tag.userAttribute) ?? false

/** A ring as its owner sees it, by what is kept of it. */
export async function seen(ctx: Context, ring: store.ListedRing, parts: readonly store.PartRow[]): Promise<KeyRing> {
  const bytes = ring.certificate
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes, now: ctx.clock.now() }))
  const own = parts.filter((part) => part.ring_id === ring.id && part.has_secret)
  return {
    id: ring.id,
    fingerprint: ring.fingerprint,
    certificate: ring.certificate,
    isCurrent: ring.is_current === 1,
    inline: ring.inline === 1,
    published: ring.published === 1,
    modified: ring.modified,
    hasSecret: ring.secret !== null,
    secretKeyIds: new Set(own.map((part) => part.key_id)),
    recoverable: isRecoverable(ctx, ring),
    info: rings[0]!.info,
    pictures: holdsPictures(bytes) ? await inOurWords(ctx.workers.openpgp.pictures({ certificate: bytes })) : [],
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
  const rows = await store.listedRingsOf(ctx, account.id)
  const parts = await store.partsOf(ctx, account.id)
  const rings: KeyRing[] = []
  // One at a time: a long list must not fill the engine's queue.
  for (const row of rows) if (!ids || ids.has(row.id)) rings.push(await seen(ctx, row, parts))
  return rings
}

/** Has the account a ring that a key password opens? */
export const hasSecretRing = async (ctx: Context, account: Account): Promise<boolean> =>
  (await store.outlinesOf(ctx, account.id)).some(({ secret }) => secret !== null)

const isFull = (id: string): boolean => id.length === 40 || id.length === 64

/**
 * Does an id mean this key? 8 or 16 upper-case hex digits, or a fingerprint, from which a key id is cut: the end of a
 * v4 fingerprint, the beginning of a v6 one (RFC 9580, section 5.5.4).
 */
export function meansKey(id: string, keyId: string): boolean {
  if (!isFull(id)) return keyId.endsWith(id)
  return keyId === keyIdOf(id)
}

/**
 * The account's ring that holds a key with one of these ids (see `meansKey`), or the current one. 'key.none' when there
 * is no ring at all, 'key.unknown' for an id that is not among the account's own.
 */
export async function findRing(ctx: Context, account: Account, ids: readonly string[] | null): Promise<KeyRing> {
  const parts = await store.partsOf(ctx, account.id)
  const meant = parts.find(({ key_id }) => ids?.some((id) => meansKey(id, key_id)))?.ring_id
  const id = ids ? meant : (await store.currentOutlineOf(ctx, account.id))?.id
  const found = id && (await store.listedRing(ctx, id))
  if (found) return seen(ctx, found, parts)
  throw new Refusal(ids === null || parts.length === 0 ? 'key.none' : 'key.unknown')
}

/** Makes a ring the current one. Refuses with 'key.unusable' when nobody could encrypt to it. */
export async function setCurrent(
  ctx: Context,
  { account, ring, origin }: { account: Account; ring: KeyRing; origin: Origin },
): Promise<void> {
  const { canEncrypt } = ring.info
  if (canEncrypt !== true) throw new Refusal('key.unusable', { params: [canEncrypt], why: reasonWord(canEncrypt) })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await store.outlinesOf(ctx, account.id)).some(({ id }) => id === ring.id)) throw new Refusal('key.unknown')
    await markCurrent(ctx, account.id, ring.id)
    const detail = { key: ring.info.keyId }
    await record(ctx, { event: 'key.current-changed', account: account.id, origin, detail })
  })
}

/** What is kept of a ring that `findRing` found; 'key.unknown' when it is gone. */
export async function rowOf(ctx: Context, { id }: Pick<KeyRing, 'id'>): Promise<store.RingRow> {
  const row = await store.ringById(ctx, id)
  if (!row) throw new Refusal('key.unknown')
  return row
}
