import { atomically, type Context } from '#src/context.ts'
import { holdAccount, removeGuestAccount } from '#src/domain/accounts/accounts.ts'
import { days } from '#src/lib/clock.ts'
import { guestOf } from './finding.ts'
import { hasItems } from './item-store.ts'
import { sweepResets } from './reset-store.ts'
import { idleGuests } from './store.ts'

// Half a year: whoever has not come until then, and has no mail here any more, gets a new key when he is written to again.
const IDLE_DAYS = 180

/**
 * Forgets guests who never chose a password and have no mail here any more; never who said that he wants none, for that
 * must be remembered. And links that are over. Small batches: returns how many went.
 */
export async function sweepGuests(ctx: Context): Promise<number> {
  const idle = await idleGuests(ctx, ctx.clock.now() - days(IDLE_DAYS), 20)
  let gone = 0
  for (const id of idle) gone += Number(await atomically(ctx, (ctx) => forget(ctx, id)))
  return gone + (await sweepResets(ctx))
}

/** Looked at again while he is held: a mail may have come for him at this moment, or he has chosen a password. */
async function forget(ctx: Context, id: string): Promise<boolean> {
  await holdAccount(ctx, id)
  const guest = await guestOf(ctx, id)
  if (guest?.hasPassword || (await hasItems(ctx, id))) return false
  return removeGuestAccount(ctx, id)
}
