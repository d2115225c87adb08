import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { endInitial } from '#src/domain/guests/guests.ts'
import { resetKeyPassword } from '#src/domain/keys/keys.ts'
import { accountAt } from './naming.ts'

/**
 * Gives the current key of an address's owner a new random password, and mails it to him, never to the desk; answers
 * where. Refuses with 'account.unknown', and like `resetKeyPassword`.
 */
export async function resetPassword(
  ctx: Context,
  { email, actor, origin }: { email: string; actor: string; origin: Origin },
): Promise<'primary' | 'secondary'> {
  const account = await accountAt(ctx, email)
  // The first password of a guest, which he may never have seen, opens nothing then.
  const also = account.population === 'guest' ? (ctx: Context) => endInitial(ctx, account.id) : undefined
  return resetKeyPassword(ctx, { account, actor, origin, ...(also ? { also } : {}) })
}
