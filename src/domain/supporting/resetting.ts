import type { Context } from '#src/context.ts'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { guestAt, resetGuestPassword } from '#src/domain/guests/guests.ts'
import { resetKeyPassword } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'

/**
 * Gives the current key of an address's owner a new random password, and mails it to him, never to the desk; answers
 * where. Refuses with 'account.unknown', and like `resetKeyPassword`.
 */
export async function resetPassword(
  ctx: Context,
  { email, actor, origin }: { email: string; actor: string; origin: Origin },
): Promise<'primary' | 'secondary'> {
  const account = await findByAddress(ctx, email)
  if (account) return resetKeyPassword(ctx, { account, actor, origin })
  const guest = await guestAt(ctx, email)
  if (!guest) throw new Refusal('account.unknown')
  await resetGuestPassword(ctx, { guest, actor, origin })
  return 'primary'
}
