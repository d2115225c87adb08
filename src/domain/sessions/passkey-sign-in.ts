import { atomically, type Context } from '#src/context.ts'
import { type Account, findAccount, isShutOut, networkGauge } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { forgiveRecovery } from '#src/domain/factors/factors.ts'
import { type Assertion, claimedOwner, identifyByPasskey } from '#src/domain/passkeys/passkeys.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { counted, gauge } from '#src/domain/throttles/throttles.ts'
import { openSession } from './opening.ts'
import type { Signed } from './sessions.ts'
import { completeSignIn } from './sign-in.ts'
import { lacking, nextState, passedByPasskey } from './states.ts'

/** Who has answered with a passkey, if it may let him in. */
async function letIn(ctx: Context, answer: Assertion): Promise<{ account: Account; policy: Policy }> {
  const account = await findAccount(ctx, await identifyByPasskey(ctx, answer))
  if (!account || isShutOut(account) || account.awaiting_confirmation) throw new Refusal('credentials.invalid')
  const policy = await policyOf(ctx, account)
  if (!policy.passkeySignIn) throw new Refusal('credentials.invalid')
  return { account, policy }
}

/**
 * Signs in with a passkey alone, to a session held by a token and its proof. It stands for both steps: the person has
 * the device, and the device has made sure of the person. Only a password that is due remains to be changed.
 * 'credentials.invalid' whatever was wrong, 'credentials.delayed' when too much failed from this network.
 */
export async function signInWithPasskey(
  ctx: Context,
  { answer, token, proof, origin }: { answer: Assertion; token: string; proof: string; origin: Origin },
): Promise<Signed> {
  const claimed = await claimedOwner(ctx, answer)
  const own = gauge(ctx, 'passkey', origin.network, ctx.config.addressFailuresAllowed)
  const { account, policy } = await counted(
    ctx,
    { gauges: [own], shared: [networkGauge(ctx, origin)], reason: 'credentials.delayed' },
    {
      judge: () => letIn(ctx, answer).catch(saidAs('credentials.invalid')),
      onFailure: (ctx) =>
        record(ctx, { event: 'sign-in.failed', account: claimed, origin, detail: { with: 'passkey' } }),
    },
  )
  return atomically(ctx, async (ctx) => {
    const stepped = ctx.clock.now()
    const state = nextState({ account, policy, now: stepped, isTrusted: false }, passedByPasskey)
    const session = await openSession(ctx, { account, token, proof, state, stepped, origin })
    await forgiveRecovery(ctx, account, origin)
    if (state === 'full') await completeSignIn(ctx, { account, policy, origin })
    else await record(ctx, { event: 'sign-in.challenged', account: account.id, origin, detail: lacking(state) })
    return { session, account }
  })
}
