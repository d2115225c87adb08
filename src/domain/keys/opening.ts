import type { Context } from '#src/context.ts'
import { provePassword } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { openEscrow } from './escrow.ts'
import { takeStoredAuth } from './key-sessions.ts'
import { openRings, sealedNow, upToDate } from './sealed.ts'
import type { RingRow } from './store.ts'
import { tryKeyPassword } from './unlocking.ts'

/**
 * By what somebody may change a ring of his: its password, the auth that was left with the session, or his sign-in
 * password, with which the server opens its second copy.
 */
export type RingProof = { password: string } | { accountPassword: string } | 'stored'

/** A ring that is open to be changed. */
export interface OwnOpen {
  /** without any lock, up to date with the certificate */
  secret: Uint8Array
  /** what the changed secret can be sealed under; null when the second copy was opened */
  unlockKey: Buffer | null
  /** as it is now: one that was a guest's has been sealed anew by its password */
  ring: RingRow
}

export interface Opening {
  signed: Signed
  ring: RingRow
  proof: RingProof
  origin: Origin
}

async function openedByAuth(ctx: Context, { signed, ring }: Opening): Promise<OwnOpen> {
  const unlockKey = await takeStoredAuth(ctx, signed)
  const [open] = openRings(unlockKey, [ring])
  // What was left opens other rings, which have another password.
  if (!open) throw new Refusal('key.password-missing')
  return { secret: await upToDate(ctx, open), unlockKey, ring }
}

/** Proves the sign-in password, with the waits of a sign-in: 'password.wrong', 'credentials.delayed'. */
export const proveOwner = async (
  ctx: Context,
  { signed, accountPassword: password, origin }: { signed: Signed; accountPassword: string; origin: Origin },
): Promise<void> => {
  await provePassword(ctx, { name: signed.account.email, password, origin }).catch(
    saidAs('password.wrong', 'credentials.invalid'),
  )
}

/**
 * Opens a ring of the account. Refuses with 'key.public-only', 'key.password-missing', like `tryKeyPassword`, and for
 * the sign-in password with 'password.wrong', 'credentials.delayed' and 'key.recovery-off'.
 */
export async function openOwn(ctx: Context, opening: Opening): Promise<OwnOpen> {
  const { signed, ring, proof, origin } = opening
  if (!ring.secret) throw new Refusal('key.public-only')
  if (proof === 'stored') return openedByAuth(ctx, opening)
  if ('accountPassword' in proof) {
    await proveOwner(ctx, { signed, accountPassword: proof.accountPassword, origin })
    return { secret: await openEscrow(ctx, ring), unlockKey: null, ring }
  }
  const { account } = signed
  const { unlockKey, rings } = await tryKeyPassword(ctx, {
    account,
    password: proof.password,
    ringId: ring.id,
    origin,
  })
  const open = rings.find((open) => open.ring.id === ring.id)!
  return { secret: await upToDate(ctx, open), unlockKey, ring: sealedNow(ring, open) }
}
