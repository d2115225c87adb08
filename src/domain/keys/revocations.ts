import { atomically, type Context } from '#src/context.ts'
import { holdAccount } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { revocationCertificate } from '#src/lib/openpgp/revocation-certificate.ts'
import { openOwn, proveOwner, type RingProof } from './opening.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { keepRevocation } from './ring-change-store.ts'
import { type KeyRing, rowOf } from './rings.ts'
import type { RingRow } from './store.ts'

/** A revocation certificate as it is kept with a ring: it ends the key, so that not everybody shall find it. */
export const sealedRevocation = (ctx: Context, ringId: string, revocation: string): string =>
  ctx.secrets.sealer.seal(revocation, seats.revocation(ringId))

/** The one that is kept; null for none. */
export const storedRevocation = (ctx: Context, { id, revocation }: RingRow): string | null =>
  revocation === null ? null : ctx.secrets.sealer.open(revocation, seats.revocation(id)).toString()

/** Makes one from an open secret key, which is not revoked by it; null when its primary secret is elsewhere. */
export async function freshRevocation(ctx: Context, secret: Uint8Array): Promise<string | null> {
  const revoking = inOurWords(ctx.workers.openpgp.revoke({ secret, reason: 'none', now: ctx.clock.now() }))
  const revoked = await revoking.catch((error: unknown) => {
    if (isRefusal(error, 'key.unusable')) return null
    throw error
  })
  return revoked && revocationCertificate(revoked.certificate)
}

/**
 * The revocation certificate of a ring, to be kept on paper: whoever has it can end the key, and do nothing else. A ring
 * that was brought without one gets it now. Refuses like `openOwn`; with 'key.unusable' when the key cannot sign one.
 */
export async function readRevocation(
  ctx: Context,
  { signed, ring: found, proof, origin }: { signed: Signed; ring: KeyRing; proof: RingProof; origin: Origin },
): Promise<string> {
  const ring = await rowOf(ctx, found)
  const stored = storedRevocation(ctx, ring)
  if (stored && proof !== 'stored' && 'accountPassword' in proof) {
    await proveOwner(ctx, { signed, accountPassword: proof.accountPassword, origin })
    return stored
  }
  // What is left with a session may be used by whoever has that session: this takes a password.
  if (proof === 'stored') throw new Refusal(ring.secret ? 'key.password-missing' : 'key.public-only')
  const { secret } = await openOwn(ctx, { signed, ring, proof, origin })
  if (stored) return stored
  const fresh = await freshRevocation(ctx, secret)
  if (!fresh) throw new Refusal('key.unusable', { why: 'no-signing-key' })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, signed.account.id)
    await keepRevocation(ctx, ring.id, sealedRevocation(ctx, ring.id, fresh))
  })
  return fresh
}
