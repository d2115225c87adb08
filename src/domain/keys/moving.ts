import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { buryRings } from './deleting-all.ts'
import { giveRing } from './moved-store.ts'
import { markCurrent } from './ring-change-store.ts'
import { type RingRow, ringsOf } from './store.ts'

/** A ring that the new owner has already gives way only when it is worth less: a certificate alone. */
const givesWay = (own: RingRow, moved: RingRow): boolean => own.secret === null && moved.secret !== null

/**
 * Gives all rings of one account to another, whose owner has its password besides his own: each keeps the salt that it
 * was sealed by until that password is used. The current one becomes current only where there was none. Which of two
 * states of one key stays is decided by its secret; the other is kept as a deleted one is. In a transaction that holds
 * both accounts. Answers how many there are.
 */
export async function moveRings(ctx: Context, { from, to }: { from: Account; to: Account }): Promise<number> {
  const rings = await ringsOf(ctx, from.id)
  const own = new Map((await ringsOf(ctx, to.id)).map((ring) => [ring.fingerprint, ring]))
  const same = rings.filter(({ fingerprint }) => own.has(fingerprint))
  const [better, worse] = [true, false].map((wanted) =>
    same.filter((ring) => givesWay(own.get(ring.fingerprint)!, ring) === wanted),
  ) as [RingRow[], RingRow[]]
  await buryRings(ctx, from, worse)
  await buryRings(
    ctx,
    to,
    better.map(({ fingerprint }) => own.get(fingerprint)!),
  )
  const moved = rings.filter((ring) => !worse.includes(ring))
  for (const ring of moved)
    await giveRing(ctx, ring, { accountId: to.id, unlockSalt: ring.unlock_salt || from.unlock_salt })
  const isCurrentLeft = (await ringsOf(ctx, to.id)).some(({ is_current }) => is_current === 1)
  const next = moved.find(({ is_current }) => is_current === 1)
  if (next && !isCurrentLeft) await markCurrent(ctx, to.id, next.id)
  if (moved.length > 0) await tell(ctx, to, 'guest.moved', { name: from.email })
  return moved.length
}
