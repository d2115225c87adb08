import { atomically, type Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isDeviceTrusted } from '#src/domain/devices/devices.ts'
import type { Policy } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { openSession } from './opening.ts'
import type { Signed } from './sessions.ts'
import { completeSignIn, type FirstStep, type FirstStepWish, passFirstStep } from './sign-in.ts'
import { type Hurdle, lacking, nextState } from './states.ts'

/** Somebody who would stand before a hurdle that his protocol has no call for. */
async function turnAway(ctx: Context, { account, settle }: FirstStep, origin: Origin): Promise<never> {
  await atomically(ctx, async (ctx) => {
    await settle(ctx)
    await record(ctx, { event: 'sign-in.failed', account: account.id, origin, detail: { needs: 'second step' } })
  })
  throw new Refusal('factor.required')
}

/**
 * Signs in to a session held by a token and its proof. Whoever has a hurdle before him that is none of `accepts` is
 * refused: 'factor.required' or 'password.change-required'; else like `passFirstStep`. `waived`: the last hurdle that is
 * not asked for, which only the operator may choose. `deviceOf`: what the browser holds of an account that trusts it,
 * looked at once the password was right.
 */
export async function signInToSession(
  ctx: Context,
  {
    token,
    proof,
    accepts,
    waived,
    deviceOf,
    ...wish
  }: Omit<FirstStepWish, 'newPassword' | 'rule'> & {
    token: string
    proof: string
    accepts: readonly Hurdle[]
    waived?(policy: Policy): Hurdle | undefined
    deviceOf?(account: Account): string | undefined
  },
): Promise<Signed> {
  const { origin } = wish
  const step = await passFirstStep(ctx, { ...wish, mayOwe: accepts.includes('change') })
  const { account, policy } = step
  const isTrusted = await isDeviceTrusted(ctx, { account, policy, value: deviceOf?.(account), origin })
  const state = nextState({ ...step, isTrusted }, waived?.(policy))
  if (state !== 'full' && !accepts.includes(state)) return turnAway(ctx, step, origin)
  return atomically(ctx, async (ctx) => {
    await step.settle(ctx)
    if (state === 'full') await completeSignIn(ctx, { ...step, origin })
    else await record(ctx, { event: 'sign-in.challenged', account: account.id, origin, detail: lacking(state) })
    return { session: await openSession(ctx, { account, token, proof, state, origin }), account }
  })
}
