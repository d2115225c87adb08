import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  type Actor,
  changeAccount,
  endEverySession,
  findAccount,
  holdAccount,
  mayResetFactors,
} from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { resetFactors } from '#src/domain/factors/factors.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import * as store from './store.ts'

/**
 * Takes every second factor from an account whose owner lost them, with a note in the record. Ends his sessions when
 * somebody else does it: whoever signed in with what is lost has to sign in anew. 'account.unknown', 'access.denied',
 * 'two-step.mandatory' for oneself where everybody must have one.
 */
export async function resetSecondStep(
  ctx: Context,
  { caller, id, note, origin }: { caller: Actor; id: string; note: string; origin: Origin },
): Promise<Account> {
  const isOwn = caller.id === id
  return atomically(ctx, async (ctx) => {
    const target = await holdAccount(ctx, id)
    if (!mayResetFactors(caller, target)) throw new Refusal('access.denied')
    if (isOwn && (await policyOf(ctx, target)).twoStep === 'mandatory') throw new Refusal('two-step.mandatory')
    await changeAccount(ctx, { caller, id, changes: { notes: [note] }, origin })
    await resetFactors(ctx, { account: target, actor: caller.id, origin })
    if (!isOwn) await endEverySession(ctx, id)
    await store.deleteElevationsOf(ctx, id)
    return (await findAccount(ctx, id)) ?? target
  })
}
