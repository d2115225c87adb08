import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { keepLasting, lastingFor } from './lasting.ts'
import { setPublished } from './ring-change-store.ts'
import type { KeyRing } from './rings.ts'

/**
 * Says whether the world may find a ring. A revocation that it has seen, it goes on seeing. Refuses with 'key.unknown'
 * when the ring is gone.
 */
export async function showRing(
  ctx: Context,
  { account, ring, isShown, origin }: { account: Account; ring: KeyRing; isShown: boolean; origin: Origin },
): Promise<void> {
  const published = Number(isShown)
  const isRevoked = ring.info.keys[0]?.revoked === true
  const lasting = isRevoked ? await lastingFor(ctx, account, { ...ring, key_id: ring.info.keyId, published }) : []
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await setPublished(ctx, { accountId: account.id, ringId: ring.id, published })))
      throw new Refusal('key.unknown')
    await keepLasting(ctx, lasting)
    const event = isShown ? 'key.published' : 'key.withdrawn'
    await record(ctx, { event, account: account.id, origin, detail: { key: ring.info.keyId } })
  })
}
