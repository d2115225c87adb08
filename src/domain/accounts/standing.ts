import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Actor, hasNoAccount } from './roles.ts'
import * as store from './store.ts'

type Account = store.AccountRow

/** Has somebody said that nobody gets in to it? */
export const isShutOut = ({ suspended, black_listed }: Pick<store.AccountRow, 'suspended' | 'black_listed'>): boolean =>
  suspended === 1 || black_listed === 1

/** Refuses ('session.invalid') when the caller has been shut out or signed out everywhere since he was let in. */
export async function judgeStanding(ctx: Context, caller: Actor): Promise<void> {
  if (hasNoAccount(caller)) return
  const now = await store.accountById(ctx, caller.id)
  if (!now || isShutOut(now) || now.generation !== caller.generation) throw new Refusal('session.invalid')
}

/**
 * Holds an account whose factors its owner is about to change, and answers it as it is now. Refuses ('session.invalid')
 * like `judgeStanding`, and when 2-step verification was turned on since he was let in: then he may not have passed it.
 */
export async function holdToProtect(ctx: Context, account: Account): Promise<Account> {
  const now = await store.holdAccount(ctx, account.id)
  await judgeStanding(ctx, account)
  if (now.two_step && !account.two_step) throw new Refusal('session.invalid')
  return now
}
