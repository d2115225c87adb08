import { atomically, type Context } from '#src/context.ts'
import { type Account, findAccount, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { arePasskeysPossible, countPasskeys } from '#src/domain/passkeys/passkeys.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { FACTORS_AT_MOST, judgeKind, makeActive, newPending, PENDING_AT_MOST, told } from './activating.ts'
import { sendCode, takeSentCode } from './codes.ts'
import { isUsable, type Kind, kindOf, otpauthUri, secretOf, totpStep } from './kinds.ts'
import { mayProve } from './proving.ts'
import { withdrawReset } from './resetting.ts'
import * as store from './store.ts'
import { methodTargets } from './targets.ts'

export type Factor = store.FactorRow
export type { Binding } from './codes.ts'
export { enrolAuthenticator, proveAuthenticator, proveNumber, sendNumberCode } from './enrolling.ts'
export { methodsExpiry } from './freshness.ts'
export { type ImportedFactor, importFactor } from './importing.ts'
export type { Kind } from './kinds.ts'
export { isUsable, kindOf, phoneNumber } from './kinds.ts'
export { listAuthenticators, nameAuthenticator } from './naming.ts'
export { hasSetPassword, mayProve, proveFactor, withStepCounted } from './proving.ts'
export { isRecoveryCode, recoveryCodesLeft, takeRecoveryCode } from './recovery-codes.ts'
export { dropReset, removeFactors, resetFactors, withdrawReset } from './resetting.ts'
export { proveShown, type Shown } from './showing.ts'
export { sweep as sweepFactors } from './store.ts'
export { methodTargets, tellEverywhere } from './targets.ts'
export { regenerateRecoveryCodes, turnOffTwoStep, turnOnTwoStep, useForTwoStep } from './two-step.ts'

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

export const factorsOfMany = store.factorsOfMany

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

async function provePending(ctx: Context, pending: store.PendingRow, code: string): Promise<number> {
  if (!pending.secret) {
    // A sent code counts its own tries, and after five of them a new one can be sent.
    await takeSentCode(ctx, { methodId: pending.id, binding: { kind: 'session', id: pending.session_id }, code })
    return 0
  }
  if (!(await store.strikePending(ctx, pending.id))) throw new Refusal('code.invalid')
  const step = totpStep(ctx, secretOf(ctx, pending), code)
  if (step === null) throw new Refusal('code.invalid')
  return step
}

/** Activates a pending method with its first code; it keeps its id. */
export async function activateFactor(
  ctx: Context,
  {
    account,
    sessionId,
    id,
    code,
    origin,
  }: {
    account: Account
    sessionId: string
    id: string
    code: string
    origin: Origin
  },
): Promise<void> {
  const pending = await store.pendingById(ctx, sessionId, id)
  if (!pending) throw new Refusal('factor.unknown')
  const step = await provePending(ctx, pending, code)
  await makeActive(ctx, { account, pending, step, origin })
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

/** Refuses with 'factor.in-use' to take away what the second step needs; `left`: what the account would keep. */
export async function judgeRemoval(
  ctx: Context,
  account: Account,
  left: { factors: readonly Factor[]; passkeys: number },
): Promise<void> {
  // Read again, under the hold: it may have been turned on since the caller looked.
  const current = await findAccount(ctx, account.id)
  const policy = await policyOf(ctx, account)
  const isEnough =
    left.factors.some(({ kind }) => isUsable(ctx, policy, kind)) || (left.passkeys > 0 && arePasskeysPossible(ctx))
  if (current?.two_step && !isEnough) throw new Refusal('factor.in-use')
}

/** Removes a method, or forgets a pending one. While 2-step verification is on, the last one for it stays. */
export async function revokeFactor(
  ctx: Context,
  { account, sessionId, id, origin }: { account: Account; sessionId: string; id: string; origin: Origin },
): Promise<void> {
  if ((await store.pendingById(ctx, sessionId, id)) && (await store.takePending(ctx, id))) return
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const factors = await store.factorsOf(ctx, account.id)
    const factor = factors.find((one) => one.id === id)
    if (!factor) throw new Refusal('factor.unknown')
    const left = factors.filter((one) => one.id !== id)
    await judgeRemoval(ctx, account, { factors: left, passkeys: await countPasskeys(ctx, account.id) })
    const targets = await methodTargets(ctx, account.id)
    await store.deleteFactor(ctx, account.id, id)
    await record(ctx, { event: 'factor.revoked', account: account.id, origin, detail: { kind: factor.kind } })
    await tell(ctx, account, 'factor.removed', { method: factor.kind }, targets)
  })
}

/** Removes every method; refused while 2-step verification is on, unless a passkey remains for it. */
export async function revokeEveryFactor(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await judgeRemoval(ctx, account, { factors: [], passkeys: await countPasskeys(ctx, account.id) })
    const targets = await methodTargets(ctx, account.id)
    await store.deleteFactors(ctx, account.id)
    await record(ctx, { event: 'factor.revoked', account: account.id, origin, detail: { kind: 'all' } })
    await tell(ctx, account, 'factors.removed', {}, targets)
  })
}
