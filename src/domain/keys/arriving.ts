import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { escrowFor, isUnwanted } from './escrow.ts'
import { dropLocked } from './locked-store.ts'
import { type Aftermath, aftermathOf, settleAftermath } from './revoking.ts'
import { keepRing } from './ring-change-store.ts'
import { judgeNumber, judgeRoom, makeCurrent } from './rings.ts'
import * as store from './store.ts'

/** A key on its way in: what the file says, joined with what we had. */
export interface Arrival {
  row: store.RingRow
  info: CertificateInfo
  secretKeyIds: ReadonlySet<string>
  /** without a lock; null where the file brought none */
  secret: Uint8Array | null
}

interface Arriving {
  account: Account
  /** the account's rings as they were read, by fingerprint */
  known: ReadonlyMap<string, store.RingRow>
  arrivals: readonly Arrival[]
  origin: Origin
}

const isSameRow = (a: store.RingRow | undefined, b: store.RingRow | undefined): boolean =>
  a?.id === b?.id &&
  Buffer.from(a?.certificate ?? []).equals(b?.certificate ?? new Uint8Array()) &&
  Buffer.from(a?.secret ?? []).equals(b?.secret ?? new Uint8Array())

async function keepOne(
  ctx: Context,
  { account, origin }: Arriving,
  { row, info, secretKeyIds, secret }: Arrival,
  now: store.RingRow | undefined,
): Promise<void> {
  // What was decided about the ring meanwhile stays.
  const decided = now
    ? { inline: now.inline, published: now.published, escrow: now.escrow, secondary: now.secondary }
    : {}
  const no_recovery = Number(await isUnwanted(ctx, account, row.id))
  const escrow = secret ? { escrow: await escrowFor(ctx, account, row.id, secret) } : {}
  const parts = info.keys.map(({ keyId }) => ({ key_id: keyId, has_secret: Number(secretKeyIds.has(keyId)) }))
  await keepRing(ctx, { ...row, ...decided, ...escrow, no_recovery }, parts)
  if (secret) await dropLocked(ctx, row.id)
  const detail = { key: row.key_id, secret: row.secret !== null }
  await record(ctx, { event: 'key.imported', account: account.id, origin, detail })
}

/** A public key takes no place from a key that can be read with; an account without any takes what it gets. */
async function chooseCurrent(ctx: Context, { account, arrivals, origin }: Arriving): Promise<void> {
  const usable = arrivals.filter(({ info }) => info.canEncrypt === true)
  const hasCurrent = (await store.currentOutlineOf(ctx, account.id)) !== undefined
  const next = usable.find(({ secret }) => secret !== null) ?? (hasCurrent ? undefined : usable[0])
  if (next) await makeCurrent(ctx, { account, ring: next.row, origin })
}

/** Tells of secret keys that were not here before: a thief could have brought them, to read what comes from then on. */
async function tellNew(ctx: Context, { account, known, arrivals }: Arriving): Promise<void> {
  const isNew = ({ row, secret }: Arrival) => secret !== null && !known.get(row.fingerprint)?.secret
  const names = arrivals.filter(isNew).map(({ row }) => grouped(row.fingerprint))
  if (names.length > 0) await tell(ctx, account, 'key.imported', { name: names.join(', ') })
}

/** Keeps what a file brought, all of it or nothing: 'server.busy' when it was joined with what is no longer there. */
export async function keepArrivals(ctx: Context, arriving: Arriving): Promise<void> {
  const { account, known, arrivals } = arriving
  const aftermaths = new Map<Arrival, Aftermath>()
  // A revocation that was made elsewhere counts as much as one that is made here.
  for (const arrival of arrivals) {
    const { row: ring, info } = arrival
    const merged = { certificate: ring.certificate, info }
    if (info.canEncrypt !== true) aftermaths.set(arrival, await aftermathOf(ctx, { account, ring, merged }))
  }
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const now = new Map((await store.ringsOf(ctx, account.id)).map((row) => [row.fingerprint, row]))
    // What we joined with is no longer what is there (a new key password, say): the client may ask again.
    if (arrivals.some(({ row }) => !isSameRow(known.get(row.fingerprint), now.get(row.fingerprint))))
      throw new Refusal('server.busy', { retryAfter: 1 })
    await judgeNumber(ctx, account, arrivals.filter(({ row }) => !now.has(row.fingerprint)).length)
    for (const arrival of arrivals) await keepOne(ctx, arriving, arrival, now.get(arrival.row.fingerprint))
    await tellNew(ctx, arriving)
    await chooseCurrent(ctx, arriving)
    await judgeRoom(ctx, account)
    for (const [{ row: ring }, aftermath] of aftermaths) await settleAftermath(ctx, { account, ring, aftermath })
  })
}
