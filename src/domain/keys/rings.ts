import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { grouped, keyIdOf } from '#src/lib/fingerprint.ts'
import { fingerprintsOf, framesOf, tag } from '#src/lib/openpgp/packets.ts'
import { reasonWord } from '#src/lib/openpgp/refusals.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { described } from './described.ts'
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

// Of all certificates together: they are read from the disk and written out in every list.
const BYTES_AT_MOST = 4 * 1024 * 1024

/** Refuses with 'input.too-large' when the account's rings have become too large. In the transaction that keeps them. */
export async function judgeRoom(ctx: Context, account: Account): Promise<void> {
  if ((await store.bytesOf(ctx, account.id)) > BYTES_AT_MOST)
    throw new Refusal('input.too-large', { params: [BYTES_AT_MOST] })
}

// Each costs a signature in every answer that shows the ring.
const USER_IDS_AT_MOST = 50
// Room for a photo and for everybody who met at a key-signing party.
const RING_BYTES_AT_MOST = 512 * 1024

/** Refuses a ring that costs too much in every answer: 'input.too-large'. */
export function judgeSize({ info, certificate }: Pick<KeyRing, 'info' | 'certificate'>): void {
  if (info.userIds.length > USER_IDS_AT_MOST)
    throw new Refusal('input.too-large', { params: [USER_IDS_AT_MOST], why: 'too-many-user-ids' })
  if (certificate.length > RING_BYTES_AT_MOST)
    throw new Refusal('input.too-large', { params: [RING_BYTES_AT_MOST], why: 'key-too-large' })
}

export function judgeNumberOfUserIds({ info }: KeyRing): void {
  if (info.userIds.length >= USER_IDS_AT_MOST) throw new Refusal('input.too-large', { params: [USER_IDS_AT_MOST] })
}

// Few rings have any: the others need not be read a second time.
const holdsPictures = (certificate: Uint8Array): boolean =>
  framesOf(certificate, PACKETS_LOOKED_AT)?.some((frame) => frame.tag === tag.userAttribute) ?? false

/** A ring as its owner sees it, by what is kept of it. */
export async function seen(ctx: Context, ring: store.ListedRing, parts: readonly store.PartRow[]): Promise<KeyRing> {
  const bytes = ring.certificate
  const info = await described(ctx, bytes)
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
    info,
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

/** Has the account rings, and one among them that a key password opens? Looks into none of them. */
export async function whatIsThere(ctx: Context, account: Account): Promise<{ isAny: boolean; isSecret: boolean }> {
  const rings = await store.outlinesOf(ctx, account.id)
  return { isAny: rings.length > 0, isSecret: rings.some(({ secret }) => secret !== null) }
}

const isFull = (id: string): boolean => id.length === 40 || id.length === 64

/** Does an id mean the key with this fingerprint? 8 or 16 upper-case hex digits, or a whole fingerprint. */
export const meansKey = (id: string, fingerprint: string): boolean =>
  isFull(id) ? fingerprint === id : keyIdOf(fingerprint).endsWith(id)

/** Where the key that is meant stands in a certificate: 0 for the primary key; null for nowhere. */
export function placeIn(certificate: Uint8Array, ids: readonly string[]): number | null {
  const place = fingerprintsOf(certificate).findIndex((print) => ids.some((id) => meansKey(id, print)))
  return place < 0 ? null : place
}

/** The ring that is meant by its primary key, else that by a subkey: the oldest, since anybody can bind one once more. */
async function meant(
  ctx: Context,
  parts: readonly store.PartRow[],
  ids: readonly string[],
): Promise<store.ListedRing | undefined> {
  const alike = parts.filter(({ key_id }) => ids.some((id) => key_id.endsWith(keyIdOf(id))))
  const found: { row: store.ListedRing; isPrimary: boolean }[] = []
  for (const ringId of new Set(alike.map(({ ring_id }) => ring_id))) {
    const row = await store.listedRing(ctx, ringId)
    const place = row ? placeIn(row.certificate, ids) : null
    if (row && place !== null) found.push({ row, isPrimary: place === 0 })
  }
  found.sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary) || a.row.created - b.row.created)
  return found[0]?.row
}

/**
 * The account's ring that holds a key with one of these ids (see `meansKey`), or the current one. 'key.none' when there
 * is no ring at all, 'key.unknown' for an id that is not among the account's own.
 */
export async function findRing(ctx: Context, account: Account, ids: readonly string[] | null): Promise<KeyRing> {
  const parts = await store.partsOf(ctx, account.id)
  const current = ids ? undefined : await store.currentOutlineOf(ctx, account.id)
  const found = ids ? await meant(ctx, parts, ids) : current && (await store.listedRing(ctx, current.id))
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
    await makeCurrent(ctx, { account, ring: await rowOf(ctx, ring), origin })
  })
}

interface Choice {
  account: Account
  ring: store.BareRing
  origin: Origin
}

/**
 * Makes a ring the current one; its owner is told when another one was, for whoever chooses it reads what comes from then
 * on. In a transaction that holds the account.
 */
export async function makeCurrent(ctx: Context, { account, ring, origin }: Choice): Promise<void> {
  const before = await store.currentOutlineOf(ctx, account.id)
  if (before?.id === ring.id) return
  await markCurrent(ctx, account.id, ring.id)
  const detail = { key: ring.key_id }
  await record(ctx, { event: 'key.current-changed', account: account.id, origin, detail })
  if (before) await tell(ctx, account, 'key.current-changed', { name: grouped(ring.fingerprint) })
}

/** What is kept of a ring that `findRing` found; 'key.unknown' when it is gone. */
export async function rowOf(ctx: Context, { id }: Pick<KeyRing, 'id'>): Promise<store.RingRow> {
  const row = await store.ringById(ctx, id)
  if (!row) throw new Refusal('key.unknown')
  return row
}
