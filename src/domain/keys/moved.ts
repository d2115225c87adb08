import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { resealRing } from './moved-store.ts'
import { type OpenRing, openRings, sealSecret } from './sealed.ts'
import type { LockedRing } from './store.ts'

/**
 * Rings that were a guest's: they are sealed under a key of the guest's salt, which only their password makes into one
 * of their new owner's. Answers those among `rings` that the password opens. One derivation for each salt.
 */
export async function openMoved(
  ctx: Context,
  { password, rings }: { password: string; rings: readonly LockedRing[] },
): Promise<OpenRing[]> {
  const moved = Map.groupBy(
    rings.filter(({ unlock_salt }) => unlock_salt !== ''),
    ({ unlock_salt }) => unlock_salt,
  )
  const open: OpenRing[] = []
  for (const [salt, those] of moved) open.push(...openRings(await ctx.workers.passwords.derive(password, salt), those))
  return open
}

/**
 * Seals those of them that are open under their owner's own unlock key of the same password; the others stay as they
 * are.
 */
export async function takeOver(
  ctx: Context,
  { account, unlockKey, rings }: { account: Account; unlockKey: Uint8Array; rings: readonly OpenRing[] },
): Promise<OpenRing[]> {
  if (rings.every(({ ring }) => ring.unlock_salt === '')) return [...rings]
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const now: OpenRing[] = []
    for (const open of rings) {
      const secret = sealSecret(unlockKey, open.ring.id, open.secret)
      const isTaken = open.ring.unlock_salt !== '' && (await resealRing(ctx, open.ring, secret))
      now.push(isTaken ? { ...open, ring: { ...open.ring, secret, unlock_salt: '' } } : open)
    }
    return now
  })
}
