import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { counted, type Gauge, gauge, letTry } from '#src/domain/throttles/throttles.ts'
import { minutes as inMinutes } from '#src/lib/clock.ts'
import { escrowFor, makeUpEscrows } from './escrow.ts'
import { endKeySessionsOf } from './key-session-store.ts'
import {
  judgeMinutes,
  type Minutes,
  makeToken,
  type StoredAuth,
  storeAuth,
  takeStoredAuth,
  takeToken,
} from './key-sessions.ts'
import { keepLockedLater } from './locked-copies.ts'
import { dropLocked } from './locked-store.ts'
import { openMoved, takeOver } from './moved.ts'
import { changeRing } from './ring-change-store.ts'
import { judgeKeyPassword, type OpenRing, openRings, sealSecret, unlockKeyOf, upToDate } from './sealed.ts'
import * as store from './store.ts'

async function secretRings(ctx: Context, account: Account): Promise<store.LockedRing[]> {
  const secret = await store.lockedRingsOf(ctx, account.id)
  if (secret.length > 0) return secret
  throw new Refusal((await store.outlinesOf(ctx, account.id)).length === 0 ? 'key.none' : 'key.public-only')
}

/** The ring that a new password would be for. Refuses with 'key.none' and 'key.public-only'. */
export async function currentSecretRing(
  ctx: Context,
  account: Account,
): Promise<store.RingRow & { secret: Uint8Array }> {
  const ring = await store.currentRingOf(ctx, account.id)
  if (!ring) throw new Refusal('key.none')
  if (!ring.secret) throw new Refusal('key.public-only')
  return { ...ring, secret: ring.secret }
}

/**
 * The wrong passwords of a ring, whatever they were tried for. Anybody may try them who knows a guest's address: there
 * it is the bound for all networks together, beside one for each (`signInGuest`).
 */
export function guessesOf(ctx: Context, { population, email }: Account, ringId: string): Gauge {
  const { failuresAllowed, accountFailuresAllowed } = ctx.config
  return gauge(ctx, 'key', ringId, population === 'guest' ? accountFailuresAllowed : failuresAllowed, email)
}

export interface Opened {
  unlockKey: Buffer
  rings: OpenRing[]
}

/**
 * Tries a key password; it must open the ring `ringId`, or any where none is named. The guess is counted before it is
 * judged, against every ring that it might open; only those that it did open are forgiven their failures: a ring of
 * somebody's own must not get him more guesses at the others. Refuses with 'key.none', 'key.public-only', 'key.delayed'
 * or 'key.password-wrong'.
 */
export async function tryKeyPassword(
  ctx: Context,
  { account, password, ringId, origin }: { account: Account; password: string; ringId?: string; origin: Origin },
): Promise<Opened> {
  const closed = await secretRings(ctx, account)
  if (ringId !== undefined && !closed.some(({ id }) => id === ringId)) throw new Refusal('key.public-only')
  const guessed = closed.filter(({ id }) => ringId === undefined || id === ringId)
  const gauges = guessed.map(({ id }) => guessesOf(ctx, account, id))
  const judge = async (): Promise<Opened> => {
    const unlockKey = await unlockKeyOf(ctx, account, password)
    const rings = [...openRings(unlockKey, closed), ...(await openMoved(ctx, { password, rings: guessed }))]
    const suits = ringId === undefined ? rings.length > 0 : rings.some(({ ring }) => ring.id === ringId)
    if (!suits) throw new Refusal('key.password-wrong')
    return { unlockKey, rings }
  }
  const opened = await counted(
    ctx,
    { gauges, reason: 'key.delayed' },
    {
      judge,
      onFailure: (ctx) => record(ctx, { event: 'key.unlock-failed', account: account.id, origin }),
      proven: ({ rings }) => rings.map(({ ring }) => guessesOf(ctx, account, ring.id)),
    },
  )
  const rings = await takeOver(ctx, { account, ...opened })
  await makeUpEscrows(ctx, { account, rings, origin })
  keepLockedLater(ctx, { account, rings, password })
  return { ...opened, rings }
}

/**
 * Counts a password that a ring is about to get as a guess at the others: whoever may give rings of his own any
 * password could else try each at all of them, by a login that his own ring makes right. Refuses with 'key.delayed'.
 */
export async function countNewPassword(
  ctx: Context,
  { account, unlockKey, besides = [] }: { account: Account; unlockKey: Uint8Array; besides?: readonly string[] },
): Promise<void> {
  const others = (await store.lockedRingsOf(ctx, account.id)).filter(({ id }) => !besides.includes(id))
  if (others.length === 0) return
  const gaugeOf = ({ id }: store.LockedRing) => guessesOf(ctx, account, id)
  const attempt = await letTry(ctx, { gauges: others.map(gaugeOf), reason: 'key.delayed' })
  const open = new Set(openRings(unlockKey, others).map(({ ring }) => ring.id))
  await attempt.failedAt(ctx, others.filter(({ id }) => !open.has(id)).map(gaugeOf))
}

/** The key password itself, an auth token, or the auth that was left with the session. */
export type Proof = { password: string } | { token: string } | 'stored'

/**
 * Every secret key of the account that the proof opens, without a lock, the current ring's apart. A single-use token is
 * used up by it. Refuses like `tryKeyPassword`, with 'key.token-invalid', and with 'key.password-missing' when nothing
 * valid is left with the session.
 */
export async function unlockedSecrets(
  ctx: Context,
  { signed, proof, origin }: { signed: Signed; proof: Proof; origin: Origin },
): Promise<{ current: Uint8Array | null; all: Uint8Array[] }> {
  const rings = await openedBy(ctx, { signed, proof, origin })
  const secrets = await Promise.all(rings.map(async (one) => ({ ...one, secret: await upToDate(ctx, one) })))
  await record(ctx, { event: 'key.unlocked', account: signed.account.id, origin, detail: { rings: rings.length } })
  return {
    current: secrets.find(({ ring }) => ring.is_current)?.secret ?? null,
    all: secrets.map(({ secret }) => secret),
  }
}

/**
 * The secret of the current ring, to sign with. Refuses like `unlockedSecrets`, and with 'key.none' where it does not
 * open.
 */
export async function unlockedCurrent(
  ctx: Context,
  { signed, proof, origin }: { signed: Signed; proof: Proof; origin: Origin },
): Promise<Uint8Array> {
  const { current } = await unlockedSecrets(ctx, { signed, proof, origin })
  if (!current) throw new Refusal('key.none')
  return current
}

async function openedBy(
  ctx: Context,
  { signed, proof, origin }: { signed: Signed; proof: Proof; origin: Origin },
): Promise<OpenRing[]> {
  const { account } = signed
  if (proof !== 'stored' && 'password' in proof)
    return (await tryKeyPassword(ctx, { account, password: proof.password, origin })).rings
  const closed = await secretRings(ctx, account)
  const unlockKey = proof === 'stored' ? await takeStoredAuth(ctx, signed) : await takeToken(ctx, signed, proof.token)
  const rings = openRings(unlockKey, closed)
  if (rings.length === 0) throw new Refusal('key.token-invalid')
  return rings
}

/** Opens a key session with the key password. Answers its auth token; refuses like `tryKeyPassword`. */
export async function openKeySession(
  ctx: Context,
  { signed, password, origin }: { signed: Signed; password: string; origin: Origin },
): Promise<string> {
  const { unlockKey } = await tryKeyPassword(ctx, { account: signed.account, password, origin })
  await record(ctx, { event: 'key.unlocked', account: signed.account.id, origin })
  return makeToken(ctx, signed, { unlockKey })
}

/** Opens a key session with the key password and leaves its token with the session. Refuses like both. */
export async function openStoredAuth(
  ctx: Context,
  { signed, password, minutes, origin }: { signed: Signed; password: string; minutes: Minutes; origin: Origin },
): Promise<StoredAuth> {
  judgeMinutes(minutes)
  const { unlockKey } = await tryKeyPassword(ctx, { account: signed.account, password, origin })
  await record(ctx, { event: 'key.unlocked', account: signed.account.id, origin, detail: { minutes } })
  const lifetime = minutes > 0 ? inMinutes(minutes) : undefined
  const token = await makeToken(ctx, signed, { unlockKey, once: minutes === -1, lifetime })
  return storeAuth(ctx, signed, { token, minutes })
}

/** Ends every key session of an account; what was left with its sessions is forgotten too. */
export async function endKeySessions(ctx: Context, account: Account, origin: Origin): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await endKeySessionsOf(ctx, account.id)
    await record(ctx, { event: 'key.signed-out', account: account.id, origin })
  })
}

/**
 * Changes the password of the current ring and of no other. Every token of the account is void then; answers a new
 * one. Refuses with 'key.none', 'key.public-only', 'key.password-short', 'key.delayed', 'key.password-wrong', and with
 * 'server.busy' when the ring was changed meanwhile. `also` happens with it or not at all: the mailbox is told, where
 * absent.
 */
export async function changeKeyPassword(
  ctx: Context,
  {
    signed,
    oldPassword,
    newPassword,
    origin,
    also = (ctx) => tell(ctx, signed.account, 'key.password-changed'),
  }: {
    signed: Signed
    oldPassword: string
    newPassword: string
    origin: Origin
    also?: (ctx: Context) => Promise<void>
  },
): Promise<string> {
  const { account } = signed
  const current = await currentSecretRing(ctx, account)
  judgeKeyPassword(ctx, newPassword)
  const { rings } = await tryKeyPassword(ctx, { account, password: oldPassword, ringId: current.id, origin })
  const open = rings.find(({ ring }) => ring.id === current.id)!
  const secret = await upToDate(ctx, open)
  const unlockKey = await unlockKeyOf(ctx, account, newPassword)
  await countNewPassword(ctx, { account, unlockKey, besides: [current.id] })
  const token = await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const escrow = await escrowFor(ctx, account, current.id, secret)
    const becomes = { secret: sealSecret(unlockKey, current.id, secret), secret_behind: 0, unlock_salt: '', escrow }
    // Somebody changed the ring while we were at it: the client may ask again, and learns whether its password is right.
    const was = { ...current, secret: open.ring.secret }
    if (!(await changeRing(ctx, was, becomes))) throw new Refusal('server.busy', { retryAfter: 1 })
    await dropLocked(ctx, current.id)
    await endKeySessionsOf(ctx, account.id)
    await record(ctx, { event: 'key.password-changed', account: account.id, origin })
    await also(ctx)
    return makeToken(ctx, signed, { unlockKey })
  })
  const ring = await store.ringById(ctx, current.id)
  if (ring) keepLockedLater(ctx, { account, rings: [{ ring, secret }], password: newPassword })
  return token
}
