import { atomically, type Context } from '#src/context.ts'
import { type Account, findAccount, holdAccount, isShutOut } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import { type Origin, ownOrigin } from '#src/domain/caller.ts'
import { findRing, inOurWords, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { reasonWord } from '#src/lib/openpgp/refusals.ts'
import * as store from './key-store.ts'

/** Guests have no mailbox here, and write by answering alone: 'access.denied'. */
export function judgeOwner({ population }: Account): void {
  if (population === 'guest') throw new Refusal('access.denied')
}

/**
 * Lets the gateway sign in somebody's name: the secret of his current ring is kept, unlocked, under the key file alone.
 * Refuses with 'feature.missing' where nothing is signed, 'key.none', 'key.unusable', like `unlockedSecrets`, and with
 * 'server.busy' when another ring has become current meanwhile.
 */
export async function allowSigning(
  ctx: Context,
  { signed, password, origin }: { signed: Signed; password: string; origin: Origin },
): Promise<void> {
  if (ctx.config.gatewaySign === 'off') throw new Refusal('feature.missing')
  const { account } = signed
  judgeOwner(account)
  const ring = await findRing(ctx, account, null)
  const { canSign } = ring.info
  if (canSign !== true) throw new Refusal('key.unusable', { params: [canSign], why: reasonWord(canSign) })
  const { current } = await unlockedSecrets(ctx, { signed, proof: { password }, origin })
  // It opens another ring than the one that would sign.
  if (!current) throw new Refusal('key.password-wrong')
  const secret = Buffer.from(ctx.secrets.sealer.seal(current, seats.gatewayKey(account.id, ring.id)))
  const row = { account_id: account.id, ring_id: ring.id, secret, created: ctx.clock.now() }
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await store.keepKey(ctx, row))) throw new Refusal('server.busy', { retryAfter: 1 })
    const detail = { key: ring.info.keyId }
    await record(ctx, { event: 'gateway.signing-allowed', account: account.id, origin, detail })
    await tell(ctx, account, 'gateway.signing-allowed', { name: grouped(ring.fingerprint) })
  })
}

/** Takes the permission back; the secret is gone from the database then. Nothing happens where there is none. */
export async function endSigning(ctx: Context, account: Account, origin: Origin): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await store.removeKey(ctx, account.id))) return
    await record(ctx, { event: 'gateway.signing-ended', account: account.id, origin })
    await tell(ctx, account, 'gateway.signing-ended')
  })
}

/** The permission that somebody has given; null for none. */
export async function signingOf(ctx: Context, { id }: Account): Promise<{ fingerprint: string; since: number } | null> {
  const row = await store.keyOf(ctx, id)
  return row && !row.is_over ? { fingerprint: row.fingerprint, since: row.created } : null
}

/**
 * The secret to sign with in somebody's name, with all that its certificate has learnt since; null where he has not allowed
 * it, is shut out, or it cannot sign now. A permission for a key that was revoked ends here.
 */
export async function signingSecret(ctx: Context, account: Account): Promise<Uint8Array | null> {
  const row = await store.keyOf(ctx, account.id)
  if (!row || row.is_over || isShutOut(account)) return null
  const opened = ctx.secrets.sealer.open(
    Buffer.from(row.secret).toString(),
    seats.gatewayKey(row.account_id, row.ring_id),
  )
  const { certificate } = row
  const input = { certificate, other: opened, now: ctx.clock.now() }
  const { secret, info } = await inOurWords(ctx.workers.openpgp.merge(input))
  if (info.keys[0]?.revoked) await endSigning(ctx, account, ownOrigin('gateway'))
  return info.canSign === true && secret ? secret : null
}

const BATCH = 50

/** Removes secrets whose ring is current no more, or whose password was reset. Returns how many went. */
export async function sweepSigning(ctx: Context): Promise<number> {
  const over = await store.keysOver(ctx, BATCH)
  for (const id of over) {
    const account = await findAccount(ctx, id)
    if (account) await endSigning(ctx, account, ownOrigin('gateway'))
  }
  return over.length
}
