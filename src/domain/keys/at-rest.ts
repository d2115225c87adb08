import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { keepProfile, profileOf } from './profile-store.ts'

/** Does somebody want the mail that comes for him encrypted with his own key? */
export const isEncryptedAtRest = async (ctx: Context, { id }: Account): Promise<boolean> =>
  (await profileOf(ctx, id)).at_rest === 1

/** Notes whether somebody wants that. In a transaction that holds the account. */
export async function chooseAtRest(ctx: Context, { id }: Account, isWanted: boolean): Promise<void> {
  await keepProfile(ctx, id, { at_rest: Number(isWanted) })
}
