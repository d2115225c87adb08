import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { FACTORS_AT_MOST, judgeKind, newPending, PENDING_AT_MOST, told } from './activating.ts'
import { sendCode } from './codes.ts'
import { type Kind, kindOf, otpauthUri, secretOf } from './kinds.ts'
import { mayProve } from './proving.ts'
import { withdrawReset } from './resetting.ts'
import * as store from './store.ts'

export type Factor = store.FactorRow
export { activateFactor } from './activating.ts'
export { enrolAuthenticator, proveAuthenticator, proveNumber, sendNumberCode } from './enrolling.ts'
export { methodsExpiry } from './freshness.ts'
export { type ImportedFactor, importFactor } from './importing.ts'
export type { Kind } from './kinds.ts'
export { isAllowed, isUsable, kindOf, phoneNumber } from './kinds.ts'
export { listAuthenticators, nameAuthenticator } from './naming.ts'
export { hasSetPassword, proveFactor } from './proving.ts'
export { isRecoveryCode, recoveryCodesLeft, takeRecoveryCode } from './recovery-codes.ts'
export { revokeEveryFactor, revokeFactor, revokePasskey } from './removing.ts'
export { dropReset, removeFactors, resetFactors, withdrawReset } from './resetting.ts'
export { proveShown, type Shown } from './showing.ts'
export { factorsOf, factorsOfMany, sweep as sweepFactors } from './store.ts'
export { takeAccountBack } from './taking-back.ts'
export { methodTargets, tellEverywhere } from './targets.ts'
export { regenerateRecoveryCodes, type TurningOn, turnOffTwoStep, turnOnTwoStep, useForTwoStep } from './two-step.ts'

/** What a method is looked for: anything, the second step, a forgotten user name, a forgotten password. */
export type Scope = 'general' | '2fa' | 'usernameRecovery' | 'passwordRecovery'

type Suits = (ctx: Context, policy: Policy, one: { account: Account; factor: Factor }) => boolean

const suits: Record<Scope, Suits> = {
  general: () => true,
  '2fa': mayProve,
  usernameRecovery: (_ctx, policy, { factor }) => kindOf(factor.kind).recovers.usernameRecovery(policy),
  passwordRecovery: (_ctx, policy, { factor }) => kindOf(factor.kind).recovers.passwordRecovery(policy),
}

/** The active methods of an account that serve a purpose, oldest first. */
export async function listFactors(ctx: Context, account: Account, scope: Scope): Promise<Factor[]> {
  const policy = await policyOf(ctx, account)
  return (await store.factorsOf(ctx, account.id)).filter((factor) => suits[scope](ctx, policy, { account, factor }))
}

/**
 * What follows from a passed second step: the factor that set the password may be one again, and nobody has lost all of
 * them. Belongs into the transaction that goes on from there.
 */
export async function forgiveRecovery(ctx: Context, account: Account, origin: Origin): Promise<void> {
  await store.forgiveRecovery(ctx, account.id)
  await withdrawReset(ctx, { account, origin })
}

/** Until the password is changed or another factor shown, this one is no second step: it has just set the password. */
export const noteRecovery = async (ctx: Context, id: string): Promise<void> => {
  await store.noteRecovery(ctx, id)
}

/** Which of an account's methods is asked for: the one its owner chose last, else an authenticator, else any. */
export function stepFactor(
  ctx: Context,
  { account, policy, factors }: { account: Account; policy: Policy; factors: readonly Factor[] },
): Factor | undefined {
  const usable = factors.filter((factor) => mayProve(ctx, policy, { account, factor }))
  const chosen = usable.find(({ id }) => id === account.preferred_factor)
  return chosen ?? usable.find(({ kind }) => kind === 'authApp') ?? usable[0]
}

/** Begins a method; it counts for nothing until it is activated, and only the session that began it can do that. */
export async function beginFactor(
  ctx: Context,
  { account, sessionId, kind, target }: { account: Account; sessionId: string; kind: Kind; target?: string },
): Promise<string> {
  const kept = await kindOf(kind).target(ctx, account, target)
  await judgeKind(ctx, account, kind)
  const factors = await store.factorsOf(ctx, account.id)
  if (kept !== '' && factors.some((factor) => factor.kind === kind && factor.target === kept))
    throw new Refusal('factor.exists')
  if (factors.length >= FACTORS_AT_MOST) throw new Refusal('factor.limit')
  const pending = newPending(ctx, { sessionId, kind, target: kept, lifetime: seconds(ctx.config.sessionIdle) })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if ((await store.countPending(ctx, sessionId)) >= PENDING_AT_MOST) throw new Refusal('factor.limit')
    await store.insertPending(ctx, pending)
  })
  return pending.id
}

/** The secret of an authenticator that is being set up, as an otpauth: URI; never again once it is active. */
export async function setupUri(
  ctx: Context,
  { account, sessionId, id }: { account: Account; sessionId: string; id: string },
): Promise<{ secret: string; uri: string }> {
  const pending = await store.pendingById(ctx, sessionId, id)
  if (!pending) {
    const active = await store.factorById(ctx, account.id, id)
    throw new Refusal(active && active.kind !== 'authApp' ? 'factor.kind-unfit' : 'factor.unknown')
  }
  if (!pending.secret) throw new Refusal('factor.kind-unfit')
  const secret = secretOf(ctx, pending)
  return { secret, uri: otpauthUri(ctx, secret, account.email) }
}

/** Sends a code by a method of this account, pending in this session or active. */
export async function sendFactorCode(
  ctx: Context,
  { account, sessionId, id }: { account: Account; sessionId: string; id: string },
): Promise<void> {
  const pending = await store.pendingById(ctx, sessionId, id)
  const method = pending ?? (await store.factorById(ctx, account.id, id))
  if (!method) throw new Refusal('factor.unknown')
  await sendCode(ctx, { account, method, binding: { kind: 'session', id: sessionId }, isNew: pending !== undefined })
}

/** Sends the code of a second step by an active factor. */
export async function sendStepCode(
  ctx: Context,
  { account, factor, challengeId }: { account: Account; factor: Factor; challengeId: string },
): Promise<void> {
  await sendCode(ctx, { account, method: factor, binding: { kind: 'challenge', id: challengeId } })
}

/**
 * Makes sure that codes can be mailed: to the address that was proven before, or to the account's own when there is
 * none, which is all that the OpenWiFi protocol offers for its "email" method; see docs/threat-model.md.
 */
export async function ensureMailFactor(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
): Promise<Factor> {
  const existing = (await store.factorsOf(ctx, account.id)).find(({ kind }) => kind === 'email')
  if (existing) return existing
  const row: Factor = {
    id: opaqueId(ctx.clock.chance),
    account_id: account.id,
    kind: 'email',
    target: account.email,
    secret: null,
    last_step: 0,
    created: ctx.clock.now(),
    last_used: null,
    name: '',
    recovered: 0,
  }
  await atomically(ctx, async (ctx) => {
    await told(ctx, account, row.kind, origin)
    await store.insertFactor(ctx, row)
  })
  return row
}
