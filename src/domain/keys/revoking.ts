import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import type { MergedRing, RevocationReason } from '#src/lib/openpgp/types.ts'
import { isRecoverable } from './escrow.ts'
import { keepLasting, lastingFor } from './lasting.ts'
import { openOwn, proveOwner, type RingProof } from './opening.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { storedRevocation } from './revocations.ts'
import { keepSecret } from './rewriting.ts'
import { type KeyRing, rowOf } from './rings.ts'
import type { RingRow } from './store.ts'
import { succeed, successorOf } from './succeeding.ts'

interface Wish {
  signed: Signed
  ring: KeyRing
  /** fingerprint of the one subkey that is meant; absent for the whole key */
  subkey?: string | undefined
  reason: RevocationReason
  proof: RingProof
  origin: Origin
}

interface Revoked {
  /** as it was changed */
  ring: RingRow
  merged: MergedRing
  unlockKey: Uint8Array | null
}

/** For a password that is forgotten, where there is no second copy: with what was made together with the key. */
async function byStored(
  ctx: Context,
  { signed, accountPassword, origin }: Pick<Wish, 'signed' | 'origin'> & { accountPassword: string },
  ring: RingRow,
): Promise<Revoked> {
  await proveOwner(ctx, { signed, accountPassword, origin })
  const revocation = storedRevocation(ctx, ring)
  if (!revocation) throw new Refusal('key.recovery-off')
  const { certificate } = ring
  const input = { certificate, revocation, now: ctx.clock.now() }
  return { ring, merged: await inOurWords(ctx.workers.openpgp.applyRevocation(input)), unlockKey: null }
}

async function revoked(ctx: Context, wish: Wish, ring: RingRow): Promise<Revoked> {
  const { signed, proof, subkey: keyId, reason, origin } = wish
  // What is left with a session is for reading mail: this asks once more who is there.
  if (proof === 'stored') throw new Refusal(ring.secret ? 'key.password-missing' : 'key.public-only')
  const isForgotten = 'accountPassword' in proof
  if (isForgotten && ring.secret && !isRecoverable(ctx, ring) && keyId === undefined)
    return byStored(ctx, { signed, accountPassword: proof.accountPassword, origin }, ring)
  const { secret, unlockKey, ring: now } = await openOwn(ctx, { signed, ring, proof, origin })
  const input = { secret, reason, now: ctx.clock.now(), ...(keyId === undefined ? {} : { keyId }) }
  return { ring: now, merged: await inOurWords(ctx.workers.openpgp.revoke(input)), unlockKey }
}

/** What a revoked certificate leaves behind, worked out before the transaction that keeps it. */
export interface Aftermath {
  lasting: Awaited<ReturnType<typeof lastingFor>>
  successor: string | null
}

/** Slow: before any transaction. */
export async function aftermathOf(
  ctx: Context,
  { account, ring, merged }: { account: Account; ring: RingRow; merged: MergedRing },
): Promise<Aftermath> {
  const { certificate, info } = merged
  return {
    lasting: info.keys[0]?.revoked ? await lastingFor(ctx, account, { ...ring, certificate }) : [],
    successor: info.canEncrypt === true ? null : await successorOf(ctx, account, ring.id),
  }
}

/** In the transaction that keeps the certificate. */
export async function settleAftermath(
  ctx: Context,
  { account, ring, aftermath }: { account: Account; ring: RingRow; aftermath: Aftermath },
): Promise<void> {
  if (aftermath.successor) await succeed(ctx, { account, ringId: ring.id, successor: aftermath.successor })
  await keepLasting(ctx, aftermath.lasting)
}

/**
 * Revokes a key, or one subkey of it. Nobody encrypts to it any more; what it can open, it opens still. If it was the
 * current one, the newest that can be used takes its place, if there is one; where it was published, the revocation
 * stays for good. With the sign-in password it goes by the second copy, or else by the revocation certificate that was
 * made with the key (the whole key only, without a reason). Refuses like `openOwn`.
 */
export async function revokeRing(ctx: Context, wish: Wish): Promise<void> {
  const { signed, reason, subkey, origin } = wish
  const { account } = signed
  const { ring, merged, unlockKey } = await revoked(ctx, wish, await rowOf(ctx, wish.ring))
  const aftermath = await aftermathOf(ctx, { account, ring, merged })
  // Another reason may follow; that nobody encrypts to it, its owner knows by then.
  const isNews = subkey === undefined && !wish.ring.info.keys[0]?.revoked
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await keepSecret(ctx, { account, ring, merged, unlockKey })
    await settleAftermath(ctx, { account, ring, aftermath })
    const detail = { key: subkey ?? ring.key_id, reason }
    await record(ctx, { event: 'key.revoked', account: account.id, origin, detail })
    if (isNews) await tell(ctx, account, 'key.revoked', { name: grouped(ring.fingerprint) })
  })
}
