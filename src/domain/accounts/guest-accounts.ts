import type { Context } from '#src/context.ts'
import { releaseBodies } from '#src/domain/bodies/bodies.ts'
import { uuid } from '#src/lib/chance.ts'
import { rowOf } from './creating.ts'
import * as store from './guest-store.ts'
import type { Account } from './passwords.ts'

/**
 * The account of a guest, not yet kept. It has no password, and a mail address that nobody can have (RFC 2606): no
 * sign-in, reset or registration ever meets it, and the guest's real address stays free.
 */
export function guestAccount(
  ctx: Context,
  { name, locale, tenant }: { name: string; locale: string; tenant: number },
): Account {
  const email = `guest-${uuid(ctx.clock.chance)}@guest.invalid`
  return { ...rowOf(ctx, { email, name, locale, role: 'subscriber', population: 'guest' }, null), tenant }
}

/** Keeps it, with no row among the addresses: in the transaction that makes the guest. */
export const keepGuestAccount = (ctx: Context, account: Account): Promise<void> => store.insertBareAccount(ctx, account)

/** Removes the account of a guest, and all that hangs on it; false when there is none of this id. In a transaction. */
export async function removeGuestAccount(ctx: Context, id: string): Promise<boolean> {
  const bodies = await store.itemBodiesOf(ctx, id)
  const isGone = await store.removeBareAccount(ctx, id)
  await releaseBodies(ctx, bodies)
  return isGone
}
