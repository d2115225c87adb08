import { atomically, type Context } from '#src/context.ts'
import { type Account, addressesOf, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import type { CertificateInfo, Ring } from '#src/lib/openpgp/types.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { endOf, judgeNumber, type KeyRing, listRings } from './rings.ts'
import { judgeKeyPassword, openRings, sealSecret, unlockKeyOf } from './sealed.ts'
import * as store from './store.ts'

const holdsSecret = ({ info }: { info: CertificateInfo }): boolean => info.keys.some(({ hasSecret }) => hasSecret)

/** A key on its way in: what the file says, joined with what we had. */
interface Arrival {
  row: store.RingRow
  info: CertificateInfo
  secretKeyIds: Set<string>
  isUsable: boolean
}

interface Import {
  account: Account
  keyPassword?: string
  /** absent when the file has only public keys */
  unlockKey: Buffer | null
  parts: readonly store.PartRow[]
}

async function unlocked(ctx: Context, ring: Ring, password: string | undefined): Promise<Uint8Array | null> {
  if (!ring.secret || !holdsSecret(ring)) return null
  if (ring.locked && password === undefined) throw new Refusal('key.password-missing', { params: ['keyPassword'] })
  return inOurWords(ctx.workers.openpgp.unlock({ secret: ring.secret, password: password ?? '' }))
}

const freshRow = (ctx: Context, account: Account, ring: Ring): store.RingRow => ({
  id: uuid(ctx.clock.chance),
  account_id: account.id,
  fingerprint: ring.info.fingerprint,
  key_id: ring.info.keyId,
  certificate: ring.certificate,
  secret: null,
  secret_behind: 0,
  revocation: null,
  is_current: 0,
  inline: 0,
  created: ctx.clock.now(),
  modified: ctx.clock.now(),
  escrow: null,
  published: 1,
  expires: endOf(ring.info),
  reminded: 0,
})

const idsWithSecret = (info: CertificateInfo) =>
  new Set(info.keys.filter(({ hasSecret }) => hasSecret).map(({ keyId }) => keyId))

/** Joins one ring of the file with what we hold of it. No secret that we hold is ever lost by it. */
async function join(
  ctx: Context,
  { account, keyPassword, unlockKey, parts }: Import,
  { ring, known }: { ring: Ring; known: store.RingRow | undefined },
): Promise<Arrival> {
  const now = ctx.clock.now()
  const merge = (certificate: Uint8Array, other: Uint8Array) =>
    inOurWords(ctx.workers.openpgp.merge({ certificate, other, now }))
  const row = known ?? freshRow(ctx, account, ring)
  const { certificate, info } = known ? await merge(known.certificate, ring.certificate) : ring
  const held = new Set(parts.filter((part) => part.ring_id === row.id && part.has_secret).map(({ key_id }) => key_id))
  const secret = await unlocked(ctx, ring, keyPassword)
  const isUsable = info.canEncrypt === true
  if (!secret || !unlockKey) {
    const secret_behind = row.secret && !Buffer.from(certificate).equals(row.certificate) ? 1 : row.secret_behind
    return { row: { ...row, certificate, secret_behind, modified: now }, info, secretKeyIds: held, isUsable }
  }
  let whole = await merge(certificate, secret)
  if (![...held].every((id) => idsWithSecret(whole.info).has(id))) {
    // The file holds less than we do (subkeys only, say): both are needed, so the new password must open ours.
    const [own] = openRings(unlockKey, [row])
    if (!own) throw new Refusal('key.password-wrong', { params: ['newPassword'] })
    whole = await merge(own.secret, whole.secret!)
  }
  const sealed = sealSecret(unlockKey, row.id, whole.secret!)
  return {
    row: { ...row, certificate: whole.certificate, secret: sealed, secret_behind: 0, modified: now },
    info: whole.info,
    secretKeyIds: idsWithSecret(whole.info),
    isUsable,
  }
}

async function judgeOwners(ctx: Context, account: Account, rings: readonly Ring[]): Promise<void> {
  const own = new Set(await addressesOf(ctx, account))
  const isOurs = ({ info }: Ring) => info.userIds.some(({ email }) => email !== null && own.has(plainAddress(email)))
  if (!rings.every(isOurs)) throw new Refusal('key.foreign')
}

async function unlockKeyFor(
  ctx: Context,
  { account, rings, newPassword }: { account: Account; rings: readonly Ring[]; newPassword: string | undefined },
): Promise<Buffer | null> {
  if (!rings.some(holdsSecret)) return null
  if (newPassword === undefined) throw new Refusal('key.password-missing', { params: ['newPassword'] })
  judgeKeyPassword(ctx, newPassword)
  return unlockKeyOf(ctx, account, newPassword)
}

/**
 * Takes a file of keys in: armored or binary, public or secret, several rings too. A known key learns what is new. The
 * first secret ring that can be used becomes the current one. Refuses with 'key.unreadable', 'input.too-large',
 * 'key.foreign' (no user ID with an address of the account), 'key.password-missing', 'key.password-short' and
 * 'key.password-wrong'; then nothing of the file was taken.
 */
export async function importRings(
  ctx: Context,
  {
    account,
    file,
    keyPassword,
    newPassword,
    origin,
  }: { account: Account; file: Uint8Array; keyPassword?: string; newPassword?: string; origin: Origin },
): Promise<KeyRing[]> {
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes: file, now: ctx.clock.now() }))
  await judgeOwners(ctx, account, rings)
  await judgeNumber(ctx, account, rings.length)
  const unlockKey = await unlockKeyFor(ctx, { account, rings, newPassword })
  const parts = await store.partsOf(ctx, account.id)
  const known = new Map((await store.ringsOf(ctx, account.id)).map((row) => [row.fingerprint, row]))
  const arrivals = new Map<string, Arrival>()
  for (const ring of rings) {
    const { fingerprint } = ring.info
    // A file may hold the public and the secret form of one key, one after the other.
    const before = arrivals.get(fingerprint)
    const partsNow = before ? [...before.secretKeyIds].map((key_id) => partOf(key_id, before.row.id)) : parts
    const own = { account, keyPassword, unlockKey, parts: partsNow }
    arrivals.set(fingerprint, await join(ctx, own, { ring, known: before?.row ?? known.get(fingerprint) }))
  }
  await keep(ctx, { account, known, arrivals: [...arrivals.values()], origin })
  return listRings(ctx, account, new Set([...arrivals.values()].map(({ row }) => row.id)))
}

const partOf = (key_id: string, ring_id: string): store.PartRow => ({ key_id, ring_id, has_secret: 1 })

const isSameRow = (a: store.RingRow | undefined, b: store.RingRow | undefined): boolean =>
  a?.id === b?.id &&
  Buffer.from(a?.certificate ?? []).equals(b?.certificate ?? new Uint8Array()) &&
  Buffer.from(a?.secret ?? []).equals(b?.secret ?? new Uint8Array())

async function keep(
  ctx: Context,
  {
    account,
    known,
    arrivals,
    origin,
  }: {
    account: Account
    known: ReadonlyMap<string, store.RingRow>
    arrivals: readonly Arrival[]
    origin: Origin
  },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const now = new Map((await store.ringsOf(ctx, account.id)).map((row) => [row.fingerprint, row]))
    // What we joined with is no longer what is there (a new key password, say): the client may ask again.
    if (arrivals.some(({ row }) => !isSameRow(known.get(row.fingerprint), now.get(row.fingerprint))))
      throw new Refusal('server.busy', { retryAfter: 1 })
    for (const { row, info, secretKeyIds } of arrivals) {
      await store.keepRing(
        ctx,
        row,
        info.keys.map(({ keyId }) => ({ key_id: keyId, has_secret: Number(secretKeyIds.has(keyId)) })),
      )
      const detail = { key: row.key_id, secret: row.secret !== null }
      await record(ctx, { event: 'key.imported', account: account.id, origin, detail })
    }
    const usable = arrivals.filter(({ isUsable }) => isUsable)
    // A public key takes no place from a key that can be read with; an account without any takes what it gets.
    const hasCurrent = (await store.currentRingOf(ctx, account.id)) !== undefined
    const next = usable.find(({ row }) => row.secret !== null) ?? (hasCurrent ? undefined : usable[0])
    if (next) await store.markCurrent(ctx, account.id, next.row.id)
  })
}
