import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import type { CertificateInfo, RefusedRing, Ring } from '#src/lib/openpgp/types.ts'
import { type Arrival, keepArrivals } from './arriving.ts'
import { keepLockedLater } from './locked-copies.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { freshRevocation, sealedRevocation } from './revocations.ts'
import { endOf, judgeNumber, judgeSize, type KeyRing, listRings } from './rings.ts'
import { judgeKeyPassword, openRings, sealSecret, unlockKeyOf } from './sealed.ts'
import * as store from './store.ts'
import { countNewPassword } from './unlocking.ts'

const holdsSecret = ({ info }: { info: CertificateInfo }): boolean => info.keys.some(({ hasSecret }) => hasSecret)

interface Import {
  account: Account
  keyPassword?: string
  /** absent when the file has only public keys */
  unlockKey: Buffer | null
  parts: readonly store.PartRow[]
}

async function unlocked(ctx: Context, ring: Ring, password: string | undefined): Promise<Uint8Array | null> {
  if (!ring.secret || !holdsSecret(ring)) return null
  if (ring.locked && password === undefined)
    throw new Refusal('key.password-missing', { params: ['keyPassword'], why: 'locked' })
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
  secondary: '',
  no_recovery: 0,
  unlock_salt: '',
})

const idsWithSecret = (info: CertificateInfo) =>
  new Set(info.keys.filter(({ hasSecret }) => hasSecret).map(({ keyId }) => keyId))

const endNow = (row: store.RingRow, info: CertificateInfo): Pick<store.RingRow, 'expires' | 'reminded'> => {
  const expires = endOf(info)
  return { expires, reminded: expires === row.expires ? row.reminded : 0 }
}

/** A ring that was brought gets what one that is made here has: the means to end it without its password. */
async function revocationFor(ctx: Context, row: store.RingRow, secret: Uint8Array): Promise<string | null> {
  if (row.revocation !== null) return row.revocation
  const fresh = await freshRevocation(ctx, secret)
  return fresh && sealedRevocation(ctx, row.id, fresh)
}

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
  if (!secret || !unlockKey) {
    const secret_behind = row.secret && !Buffer.from(certificate).equals(row.certificate) ? 1 : row.secret_behind
    const changed = { ...row, ...endNow(row, info), certificate, secret_behind, modified: now }
    return { row: changed, info, secretKeyIds: held, secret: null }
  }
  let whole = await merge(certificate, secret)
  if (![...held].every((id) => idsWithSecret(whole.info).has(id))) {
    // The file holds less than we do (subkeys only, say): both are needed, so the new password must open ours.
    const [own] = openRings(unlockKey, [row])
    if (!own) throw new Refusal('key.password-wrong', { params: ['newPassword'] })
    whole = await merge(own.secret, whole.secret!)
  }
  const sealed = sealSecret(unlockKey, row.id, whole.secret!)
  const revocation = await revocationFor(ctx, row, whole.secret!)
  const { certificate: latest } = whole
  return {
    row: {
      ...row,
      ...endNow(row, whole.info),
      certificate: latest,
      secret: sealed,
      secret_behind: 0,
      unlock_salt: '',
      revocation,
      modified: now,
    },
    info: whole.info,
    secretKeyIds: idsWithSecret(whole.info),
    secret: whole.secret!,
  }
}

/** A ring is an account's when it bears one of its addresses, which it has not taken back, or was its before. */
async function judgeOwners(
  ctx: Context,
  { account, rings, known }: { account: Account; rings: readonly Ring[]; known: ReadonlyMap<string, store.RingRow> },
): Promise<void> {
  const own = new Set((await addressesOf(ctx, account)).map(asciiAddress))
  const isOurs = ({ info }: Ring) =>
    known.has(info.fingerprint) || addressesIn(info).some((address) => own.has(address))
  if (!rings.every(isOurs)) throw new Refusal('key.foreign', { why: 'no-own-address' })
}

async function unlockKeyFor(
  ctx: Context,
  { account, rings, newPassword }: { account: Account; rings: readonly Ring[]; newPassword: string | undefined },
): Promise<Buffer | null> {
  if (!rings.some(holdsSecret)) return null
  if (newPassword === undefined)
    throw new Refusal('key.password-missing', { params: ['newPassword'], why: 'no-new-password' })
  judgeKeyPassword(ctx, newPassword)
  const unlockKey = await unlockKeyOf(ctx, account, newPassword)
  await countNewPassword(ctx, { account, unlockKey })
  return unlockKey
}

const partOf = (key_id: string, ring_id: string): store.PartRow => ({ key_id, ring_id, has_secret: 1 })

/**
 * Takes a file of keys in: armored or binary, public or secret, several rings too. A known key learns what is new, and is
 * never there twice. The first secret ring that can be used becomes the current one. What the engine cannot read among
 * rings that it can is answered in `refused`. Refuses with 'key.unreadable', 'input.too-large', 'key.foreign' (no user
 * ID with an address of the account), 'key.password-missing', 'key.password-short' and 'key.password-wrong'; then
 * nothing of the file was taken.
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
): Promise<{ rings: KeyRing[]; refused: RefusedRing[] }> {
  const { rings, refused } = await inOurWords(ctx.workers.openpgp.inspect({ bytes: file, now: ctx.clock.now() }))
  const known = new Map((await store.ringsOf(ctx, account.id)).map((row) => [row.fingerprint, row]))
  await judgeOwners(ctx, { account, rings, known })
  await judgeNumber(ctx, account, rings.filter(({ info }) => !known.has(info.fingerprint)).length)
  const unlockKey = await unlockKeyFor(ctx, { account, rings, newPassword })
  const parts = await store.partsOf(ctx, account.id)
  const arrivals = new Map<string, Arrival>()
  for (const ring of rings) {
    const { fingerprint } = ring.info
    // A file may hold the public and the secret form of one key, one after the other.
    const before = arrivals.get(fingerprint)
    const partsNow = before ? [...before.secretKeyIds].map((key_id) => partOf(key_id, before.row.id)) : parts
    const own = { account, keyPassword, unlockKey, parts: partsNow }
    const arrival = await join(ctx, own, { ring, known: before?.row ?? known.get(fingerprint) })
    judgeSize({ info: arrival.info, certificate: arrival.row.certificate })
    arrivals.set(fingerprint, { ...arrival, secret: arrival.secret ?? before?.secret ?? null })
  }
  await keepArrivals(ctx, { account, known, arrivals: [...arrivals.values()], origin })
  const brought = [...arrivals.values()].flatMap(({ row, secret }) => (secret ? [{ ring: row, secret }] : []))
  if (newPassword !== undefined) keepLockedLater(ctx, { account, rings: brought, password: newPassword })
  return { rings: await listRings(ctx, account, new Set([...arrivals.values()].map(({ row }) => row.id))), refused }
}
