import { atomically, type Context } from '#src/context.ts'
import { type Account, holdToProtect, keepInAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { forgetDevices } from '#src/domain/devices/devices.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { activateFactor } from './activating.ts'
import { isUsable } from './kinds.ts'
import { freshRecoveryCodes } from './recovery-codes.ts'
import { type Proven, proveShown, type Showing, type Shown } from './showing.ts'
import { stepWays } from './step-ways.ts'
import * as store from './store.ts'
import { tellEverywhere } from './targets.ts'

/**
 * What turns 2-step verification on: a second factor of the account, or the first code of a method that the session has
 * begun. That activates the method as well: codes work once, and nobody has to wait for another.
 */
export type TurningOn = Shown | { begun: string; code: string }

type Beginning = Omit<Showing, 'shown'> & { shown: TurningOn; policy: Policy }

async function proveForOn(ctx: Context, { shown, policy, ...showing }: Beginning): Promise<Proven> {
  if (!('begun' in shown)) return proveShown(ctx, { ...showing, shown })
  const { begun: id, code } = shown
  const { account } = showing
  const kind = await activateFactor(ctx, { ...showing, id, code }, (kind) => {
    if (!isUsable(ctx, policy, kind)) throw new Refusal('factor.kind-off')
  })
  return { kind, methodId: id, isKept: async (ctx) => (await store.factorById(ctx, account.id, id)) !== undefined }
}

/**
 * Turns 2-step verification on; returns the recovery codes, to be shown once. `also` happens with it or not at all.
 */
export async function turnOnTwoStep(
  ctx: Context,
  { shown, ...showing }: Omit<Showing, 'shown'> & { shown: TurningOn },
  also: (ctx: Context) => Promise<void>,
): Promise<string[]> {
  const { account, origin } = showing
  const policy = await policyOf(ctx, account)
  if (policy.twoStep === 'disabled') throw new Refusal('factor.kind-off')
  const proven = await proveForOn(ctx, { ...showing, shown, policy })
  const codes = await freshRecoveryCodes(ctx, account)
  await atomically(ctx, async (ctx) => {
    await holdToProtect(ctx, account)
    // Removed since it was proven: to turn on now would lock the owner out.
    if (!(await proven.isKept(ctx))) throw new Refusal('factor.unknown')
    await keepInAccount(ctx, account.id, { two_step: 1, preferred_factor: proven.methodId })
    await codes.keep(ctx)
    await record(ctx, { event: 'two-step.on', account: account.id, origin, detail: { kind: proven.kind } })
    await tell(ctx, account, 'two-step.on', { list: await stepWays(ctx, account) })
    await also(ctx)
  })
  return codes.shown
}

async function clearTwoStep(
  ctx: Context,
  { account, actor, origin }: { account: Account; actor?: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await keepInAccount(ctx, account.id, { two_step: 0, preferred_factor: null, recovery_salt: null })
    await store.replaceRecoveryCodes(ctx, account.id, [])
    await forgetDevices(ctx, { account, actor, origin })
    await record(ctx, { event: 'two-step.off', account: account.id, actor, origin })
    await tellEverywhere(ctx, account, 'two-step.off')
  })
}

/** Turns 2-step verification off and destroys the recovery codes; the methods and passkeys stay. Needs a fresh proof. */
export async function turnOffTwoStep(ctx: Context, showing: Showing): Promise<void> {
  const { account, origin } = showing
  if ((await policyOf(ctx, account)).twoStep === 'mandatory') throw new Refusal('two-step.mandatory')
  if (!account.two_step) throw new Refusal('two-step.off')
  await proveShown(ctx, showing)
  await clearTwoStep(ctx, { account, origin })
}

/** New recovery codes; the old ones are void at once. */
export async function regenerateRecoveryCodes(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
): Promise<string[]> {
  if (!account.two_step) throw new Refusal('two-step.off')
  const codes = await freshRecoveryCodes(ctx, account)
  await atomically(ctx, async (ctx) => {
    // Hashing took its time: whoever was signed out meanwhile gets none.
    const now = await holdToProtect(ctx, account)
    if (!now.two_step) throw new Refusal('two-step.off')
    await codes.keep(ctx)
    await record(ctx, { event: 'recovery-codes.made', account: account.id, origin })
    await tell(ctx, account, 'recovery-codes.made')
  })
  return codes.shown
}

/**
 * Switches 2-step verification as the OpenWiFi protocol does, by the signed-in person's word alone: to an active
 * method, or off (null), which somebody else may do too: `actor`. See docs/threat-model.md.
 */
export async function useForTwoStep(
  ctx: Context,
  {
    account,
    factor,
    actor,
    origin,
  }: { account: Account; factor: store.FactorRow | null; actor?: string; origin: Origin },
): Promise<void> {
  if (factor) {
    if ((await policyOf(ctx, account)).twoStep === 'disabled') throw new Refusal('factor.kind-off')
    await atomically(ctx, async (ctx) => {
      await keepInAccount(ctx, account.id, { two_step: 1, preferred_factor: factor.id })
      await record(ctx, { event: 'two-step.on', account: account.id, origin, detail: { kind: factor.kind } })
      const change = account.two_step ? 'two-step.moved' : 'two-step.on-with'
      await tell(ctx, account, change, { method: factor.kind, list: await stepWays(ctx, account) })
    })
    return
  }
  if (!account.two_step) return
  if ((await policyOf(ctx, account)).twoStep === 'mandatory') throw new Refusal('two-step.mandatory')
  await clearTwoStep(ctx, { account, actor, origin })
}
