import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import {
  forgiveRecovery,
  proveShown,
  type Shown,
  type TurningOn,
  takeRecoveryCode,
  turnOnTwoStep,
} from '#src/domain/factors/factors.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { type Reason, Refusal, saidAs } from '#src/domain/refusals.ts'
import { endIn } from './opening.ts'
import type { Signed } from './sessions.ts'
import { completeSignIn } from './sign-in.ts'
import { type Hurdle, nextState } from './states.ts'
import * as store from './store.ts'

/**
 * Takes a session over the hurdle that it stands before, to the next one or to the end, with a new proof where one is
 * given. Refuses with 'credentials.invalid' when somebody else did, or the session is gone.
 */
export async function passHurdle(
  ctx: Context,
  { signed: { session, account }, proof, origin }: { signed: Signed; proof: string | null; origin: Origin },
): Promise<void> {
  const passed = session.state as Hurdle
  await atomically(ctx, async (ctx) => {
    // Before the session, as whoever ends all of an account's does it: else the two could wait for each other.
    await holdAccount(ctx, account.id).catch(saidAs('credentials.invalid', 'account.unknown'))
    const now = ctx.clock.now()
    const policy = await policyOf(ctx, account)
    const state = nextState({ account, policy, now, isTrusted: false }, passed)
    const changed = await store.upgradeSession(ctx, {
      id: session.id,
      from: passed,
      changes: {
        state,
        expires: endIn(ctx, state),
        ...(passed === 'change' ? {} : { stepped: now }),
        ...(proof === null ? {} : { proof }),
      },
    })
    if (!changed) throw new Refusal('credentials.invalid')
    if (state === 'full') await completeSignIn(ctx, { account, policy, origin })
  })
}

/** What passes a second step in a session. */
export type StepAnswer = Shown | { recoveryCode: string }

/** Proves a second factor, or uses up a recovery code in its place. Refuses like `proveShown` or `takeRecoveryCode`. */
export async function proveStep(
  ctx: Context,
  { signed: { session, account }, answer, origin }: { signed: Signed; answer: StepAnswer; origin: Origin },
): Promise<void> {
  if ('recoveryCode' in answer) await takeRecoveryCode(ctx, { account, code: answer.recoveryCode, origin })
  else await proveShown(ctx, { account, sessionId: session.id, shown: answer, origin })
}

// What must not be told apart at the second step.
const wrong = [
  'code.invalid',
  'code.used',
  'factor.unknown',
  'factor.kind-off',
  'passkey.invalid',
  'passkey.off',
] as const satisfies readonly Reason[]

/**
 * Passes the second step of a session that waits for it, with a method's code, a passkey or a recovery code, and gives
 * it a new proof (a session changes its cookie when it gains rights, ASVS 7.2.4). 'credentials.invalid' whatever was wrong,
 * 'code.too-many' when the account must wait; after five tries the session is over.
 */
export async function finishSecondStep(
  ctx: Context,
  {
    signed,
    answer,
    proof,
    origin,
  }: {
    signed: Signed
    answer: StepAnswer
    proof: string
    origin: Origin
  },
): Promise<void> {
  const { session, account } = signed
  if (!(await store.strikeSession(ctx, session.id))) throw new Refusal('credentials.invalid')
  await proveStep(ctx, { signed, answer, origin }).catch(saidAs('credentials.invalid', ...wrong))
  await atomically(ctx, async (ctx) => {
    await passHurdle(ctx, { signed, proof, origin })
    await forgiveRecovery(ctx, account, origin)
  })
}

/**
 * What it means for an account's sessions that its 2-step verification is turned on; `account` as it was before. Every
 * elevation is void. Where it was off, nobody has passed the second step yet, and whoever was on his way in without one
 * begins anew; `but`: the session that it is turned on in.
 */
export async function demandStep(ctx: Context, account: Account, but = ''): Promise<void> {
  await store.deleteElevationsOf(ctx, account.id)
  if (account.two_step) return
  await store.deletePartialSessions(ctx, account.id, but)
  await store.forgetSteps(ctx, account.id)
}

/**
 * Turns 2-step verification on; this session has passed it then. One that waited for just that becomes a full one, with
 * a new proof when one is given. Returns the recovery codes.
 */
export async function finishSetup(
  ctx: Context,
  { signed, shown, proof, origin }: { signed: Signed; shown: TurningOn; proof?: string; origin: Origin },
): Promise<string[]> {
  const { session, account } = signed
  return turnOnTwoStep(ctx, { account, sessionId: session.id, shown, origin }, async (ctx) => {
    await demandStep(ctx, account, session.id)
    if (session.state === 'setup') await passHurdle(ctx, { signed, proof: proof ?? null, origin })
    else await store.updateSession(ctx, session.id, { stepped: ctx.clock.now() })
  })
}
