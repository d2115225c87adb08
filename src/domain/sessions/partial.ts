import { atomically, type Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isDeviceTrusted } from '#src/domain/devices/devices.ts'
import {
  forgiveRecovery,
  proveShown,
  type Shown,
  takeRecoveryCode,
  turnOnTwoStep,
  withStepCounted,
} from '#src/domain/factors/factors.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { isRefusal, type Reason, Refusal } from '#src/domain/refusals.ts'
import type { Gate } from '#src/domain/throttles/captchas.ts'
import { uuid } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import type { Session, Signed } from './sessions.ts'
import { completeSignIn, passFirstStep } from './sign-in.ts'
import { type Hurdle, hurdles, nextState, type State } from './states.ts'
import * as store from './store.ts'

const isPartial = (state: State): boolean => (hurdles as readonly string[]).includes(state)

/** Opens a session held by a session id and a proof that travels beside it (a cookie, an Authorization header). */
export async function openSession(
  ctx: Context,
  {
    account,
    token,
    proof,
    state,
    stepped = 0,
    origin,
  }: {
    account: Account
    token: string
    proof: string
    state: State
    /** when the second step was passed; 0 for never */
    stepped?: number
    origin: Origin
  },
): Promise<Session> {
  const now = ctx.clock.now()
  const { sessionLifetime, partialLifetime } = ctx.config
  const row: Session = {
    id: uuid(ctx.clock.chance),
    account_id: account.id,
    protocol: origin.protocol,
    state,
    generation: account.generation,
    handle: sha256(token),
    proof,
    refresh: null,
    previous_refresh: null,
    refreshed: 0,
    refresh_expires: 0,
    strikes: 0,
    created: now,
    last_seen: now,
    expires: now + seconds(isPartial(state) ? partialLifetime : sessionLifetime),
    network: origin.network,
    agent: origin.agent,
    stepped,
  }
  await store.insertSession(ctx, row)
  return row
}

/**
 * Signs in to a session held by a token and its proof. Whoever has a hurdle before him that the protocol has no call
 * for, which is none of `accepts`, is refused: 'factor.required' or 'password.change-required'. `waived`: the last
 * hurdle that is not asked for, which only the operator may choose. `deviceOf`: what the browser holds of an account that
 * trusts it, looked at once the password was right.
 */
export async function signInToSession(
  ctx: Context,
  {
    name,
    password,
    token,
    proof,
    accepts,
    waived,
    deviceOf,
    gate,
    origin,
  }: {
    name: string
    password: string
    token: string
    proof: string
    accepts: readonly Hurdle[]
    waived?(policy: Policy): Hurdle | undefined
    deviceOf?(account: Account): string | undefined
    gate?: Gate
    origin: Origin
  },
): Promise<Signed> {
  const step = await passFirstStep(ctx, { name, password, mayOwe: accepts.includes('change'), gate, origin })
  const { account, policy } = step
  const isTrusted = await isDeviceTrusted(ctx, { account, policy, value: deviceOf?.(account), origin })
  const next = nextState({ ...step, isTrusted }, waived?.(policy))
  if (next !== 'full' && !accepts.includes(next)) {
    await atomically(ctx, async (ctx) => {
      await step.settle(ctx)
      await record(ctx, { event: 'sign-in.failed', account: account.id, origin, detail: { needs: 'second step' } })
    })
    throw new Refusal('factor.required')
  }
  return atomically(ctx, async (ctx) => {
    await step.settle(ctx)
    if (next === 'full') await completeSignIn(ctx, { ...step, origin })
    else await record(ctx, { event: 'sign-in.challenged', account: account.id, origin })
    return { session: await openSession(ctx, { account, token, proof, state: next, origin }), account }
  })
}

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
    const now = ctx.clock.now()
    const { sessionLifetime, partialLifetime } = ctx.config
    const policy = await policyOf(ctx, account)
    const state = nextState({ account, policy, now, isTrusted: false }, passed)
    const changed = await store.upgradeSession(ctx, {
      id: session.id,
      from: passed,
      changes: {
        state,
        expires: now + seconds(isPartial(state) ? partialLifetime : sessionLifetime),
        ...(passed === 'change' ? {} : { stepped: now }),
        ...(proof === null ? {} : { proof }),
      },
    })
    if (!changed) throw new Refusal('credentials.invalid')
    if (state === 'full') await completeSignIn(ctx, { account, newPassword: null, origin })
  })
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
    answer: Shown | { recoveryCode: string }
    proof: string
    origin: Origin
  },
): Promise<void> {
  const { session, account } = signed
  if (!(await store.strikeSession(ctx, session.id))) throw new Refusal('credentials.invalid')
  try {
    if ('recoveryCode' in answer)
      await withStepCounted(ctx, { account, origin }, () =>
        takeRecoveryCode(ctx, { account, code: answer.recoveryCode, origin }),
      )
    else await proveShown(ctx, { account, sessionId: session.id, shown: answer, origin })
  } catch (error) {
    throw isRefusal(error, ...wrong) ? new Refusal('credentials.invalid') : error
  }
  await atomically(ctx, async (ctx) => {
    await passHurdle(ctx, { signed, proof, origin })
    await forgiveRecovery(ctx, account, origin)
  })
}

/**
 * Turns 2-step verification on; a session that waited for just that becomes a full one, with a new proof when one is
 * given. Returns the recovery codes.
 */
export async function finishSetup(
  ctx: Context,
  { signed, shown, proof, origin }: { signed: Signed; shown: Shown; proof?: string; origin: Origin },
): Promise<string[]> {
  const { session, account } = signed
  return turnOnTwoStep(ctx, { account, sessionId: session.id, shown, origin }, async (ctx) => {
    await store.deleteElevationsOf(ctx, account.id)
    if (session.state === 'setup') await passHurdle(ctx, { signed, proof: proof ?? null, origin })
  })
}
