import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { rekeyGuest } from '#src/domain/guests/guests.ts'
import { deleteAllRings, lockedCopiesMade } from '#src/domain/keys/keys.ts'
import { accountNamed, type Named } from './naming.ts'

/**
 * Deletes all keys of somebody; what old mail needs to be read is kept (`exposeKeys`). The account stays, and may have
 * new keys; a guest gets one at once, since he is nothing without. Refuses like `accountNamed`.
 */
export async function removeKeys(
  ctx: Context,
  { actor, origin, ...named }: Named & { actor: string; origin: Origin },
): Promise<void> {
  const account = await accountNamed(ctx, named)
  await lockedCopiesMade(account)
  const remove = async (ctx: Context) => {
    await deleteAllRings(ctx, { account, actor, origin })
  }
  if (account.population === 'guest') await rekeyGuest(ctx, { account, instead: remove, origin })
  else await remove(ctx)
}
