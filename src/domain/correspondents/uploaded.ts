import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import type { CertificateInfo, RefusedRing } from '#src/lib/openpgp/types.ts'
import { fingerprintAmong } from './naming.ts'
import { seenNow } from './seeing.ts'
import * as store from './store.ts'

/** Somebody else's key that was uploaded here. */
export interface ExternalKey {
  fingerprint: string
  certificate: Uint8Array
  /** judged now */
  info: CertificateInfo
  shared: boolean
  inline: boolean
  /** by the caller himself; else a colleague shares it */
  owned: boolean
}

// More correspondents than a person has; each key costs work on every list.
const UPLOADED_AT_MOST = 500
const BYTES_AT_MOST = 16 * 1024 * 1024
const SHARED_AT_MOST = 500
const TURNS = 4

/** A key on its way in: what the file says, joined with what we had. */
interface Arrival {
  row: store.ExternalRow
  was: store.ExternalRow | undefined
  info: CertificateInfo
  addresses: string[]
}

async function arrivalsIn(
  ctx: Context,
  account: Account,
  file: Uint8Array,
): Promise<{ arrivals: Arrival[]; droppedSecrets: boolean; refused: RefusedRing[] }> {
  const { openpgp } = ctx.workers
  const now = ctx.clock.now()
  const { rings, refused } = await inOurWords(openpgp.inspect({ bytes: file, now }))
  if (rings.length > UPLOADED_AT_MOST) throw new Refusal('input.too-large', { params: [UPLOADED_AT_MOST] })
  const known = new Map((await store.uploadedBy(ctx, account.id)).map((row) => [row.fingerprint, row]))
  const arrivals = new Map<string, Arrival>()
  for (const ring of rings) {
    const { fingerprint } = ring.info
    const was = known.get(fingerprint)
    const before = arrivals.get(fingerprint)?.row ?? was
    const merged = before
      ? await inOurWords(openpgp.merge({ certificate: before.certificate, other: ring.certificate, now }))
      : ring
    const { certificate, info } = merged
    const row: store.ExternalRow = before
      ? { ...before, certificate, modified: now }
      : {
          id: uuid(ctx.clock.chance),
          account_id: account.id,
          fingerprint,
          certificate,
          shared: 0,
          inline: 0,
          created: now,
          modified: now,
        }
    arrivals.set(fingerprint, { row, was, info, addresses: addressesIn(info) })
  }
  const droppedSecrets = rings.some(({ info }) => info.keys.some(({ hasSecret }) => hasSecret))
  return { arrivals: [...arrivals.values()], droppedSecrets, refused }
}

const isSame = (a: store.ExternalRow | undefined, b: store.ExternalRow | undefined): boolean =>
  a?.id === b?.id && Buffer.from(a?.certificate ?? []).equals(b?.certificate ?? new Uint8Array())

/** False when what we joined with is no longer what is there. Refuses more than an account may have. */
async function hasRoom(ctx: Context, account: Account, arrivals: readonly Arrival[]): Promise<boolean> {
  const rows = new Map((await store.uploadedBy(ctx, account.id)).map((row) => [row.fingerprint, row]))
  if (arrivals.some(({ row, was }) => !isSame(was, rows.get(row.fingerprint)))) return false
  for (const { row } of arrivals) rows.set(row.fingerprint, row)
  if (rows.size > UPLOADED_AT_MOST) throw new Refusal('input.too-large', { params: [UPLOADED_AT_MOST] })
  const bytes = [...rows.values()].reduce((sum, { certificate }) => sum + certificate.length, 0)
  if (bytes > BYTES_AT_MOST) throw new Refusal('input.too-large', { params: [BYTES_AT_MOST] })
  return true
}

/** What came of a file of keys. */
export interface Uploaded {
  keys: ExternalKey[]
  /** there were secret keys in it, whose secret parts were dropped */
  droppedSecrets: boolean
  /** keys in it that could not be read and were left out */
  refused: RefusedRing[]
}

/**
 * Takes a file of other people's keys in, armored or binary, several rings too. A known key learns what is new; secret
 * parts are dropped, and so are keys beside others that cannot be read. Refuses with 'key.unreadable', and with
 * 'input.too-large' for more keys or bytes than an account may have; then nothing of the file was taken.
 */
export async function uploadExternal(
  ctx: Context,
  { account, file, origin }: { account: Account; file: Uint8Array; origin: Origin },
): Promise<Uploaded> {
  for (let turn = 0; turn < TURNS; turn++) {
    const { arrivals, ...leftOut } = await arrivalsIn(ctx, account, file)
    if (await kept(ctx, { account, arrivals, origin }))
      return { keys: arrivals.map(({ row, info }) => spoken(row, info, true)), ...leftOut }
  }
  // Others keep uploading the same: the client may ask again.
  throw new Refusal('server.busy', { retryAfter: 1 })
}

const kept = (
  ctx: Context,
  { account, arrivals, origin }: { account: Account; arrivals: readonly Arrival[]; origin: Origin },
): Promise<boolean> =>
  atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await hasRoom(ctx, account, arrivals))) return false
    for (const { row, was, addresses } of arrivals) {
      if (isSame(row, was)) continue
      await store.keepUploaded(ctx, row, addresses)
      const event = was ? 'external-key.changed' : 'external-key.added'
      await record(ctx, { event, account: account.id, origin, detail: { key: row.fingerprint } })
    }
    return true
  })

const spoken = (row: store.ExternalRow, info: CertificateInfo, owned: boolean): ExternalKey => ({
  fingerprint: row.fingerprint,
  certificate: row.certificate,
  info,
  shared: row.shared === 1,
  inline: row.inline === 1,
  owned,
})

/** What the account has uploaded, and what its colleagues share that it has not uploaded itself; the newest first. */
export async function listExternal(ctx: Context, account: Account): Promise<ExternalKey[]> {
  const own = await store.uploadedBy(ctx, account.id)
  const shared = await store.sharedWith(ctx, account, SHARED_AT_MOST)
  const keys = new Map<string, ExternalKey>()
  let bytes = 0
  // One at a time: a long list must not fill the engine's queue.
  for (const row of [...own, ...shared]) {
    const owned = row.account_id === account.id
    bytes += row.certificate.length
    if (keys.has(row.fingerprint) || (!owned && bytes > 2 * BYTES_AT_MOST)) continue
    const info = await seenNow(ctx, row.certificate)
    if (info) keys.set(row.fingerprint, spoken(row, info, owned))
  }
  return [...keys.values()]
}

interface OwnKey {
  account: Account
  /** see `fingerprintAmong` */
  ids: readonly string[]
  origin: Origin
}

const meant = async (ctx: Context, { account, ids }: OwnKey): Promise<{ accountId: string; fingerprint: string }> => ({
  accountId: account.id,
  fingerprint: fingerprintAmong(await store.fingerprintsUploadedBy(ctx, account.id), ids),
})

/** Shares a key of the account with its tenant, or marks it for PGP/Inline. 'key.unknown' unless it is its own. */
export async function markExternal(
  ctx: Context,
  asked: OwnKey & { marks: { shared?: boolean; inline?: boolean } },
): Promise<void> {
  const { account, marks, origin } = asked
  const bits = Object.fromEntries(Object.entries(marks).map(([name, value]) => [name, Number(value)]))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const own = await meant(ctx, asked)
    await store.markUploaded(ctx, own, bits)
    const detail = { key: own.fingerprint, ...marks }
    await record(ctx, { event: 'external-key.changed', account: account.id, origin, detail })
  })
}

/** Takes a key of the account away. 'key.unknown' unless it is its own. */
export async function removeExternal(ctx: Context, asked: OwnKey): Promise<void> {
  const { account, origin } = asked
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const own = await meant(ctx, asked)
    if (!(await store.removeUploaded(ctx, own))) throw new Refusal('key.unknown')
    const detail = { key: own.fingerprint }
    await record(ctx, { event: 'external-key.removed', account: account.id, origin, detail })
  })
}
