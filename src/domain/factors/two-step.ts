import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount, judgeStanding, keepInAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Binding } from './codes.ts'
import { proveFactor } from './proving.ts'
import { freshRecoveryCodes } from './recovery-codes.ts'
import * as store from './store.ts'

interface Proof {
  account: Account
  id: string
  code: string
  binding: Binding
  origin: Origin
}

/**
 * Turns 2-step verification on with a code of an active method; returns the recovery codes, to be shown once. `also`
 * happens with it or not at all.
 */
export async function turnOnTwoStep(
  ctx: Context,
  proof: Proof,
  also: (ctx: Context) => Promise<void>,
): Promise<string[]> {
  const { account, origin } = proof
  if ((await policyOf(ctx, account)).twoStep === 'disabled') throw new Refusal('factor.kind-off')
  const factor = await proveFactor(ctx, proof)
  const codes = await freshRecoveryCodes(ctx, account)
  await atomically(ctx, async (ctx) => {
    const now = await holdAccount(ctx, account.id)
    await judgeStanding(ctx, account)
    // Somebody else turned it on since this session was let in: what the session may do has to be judged anew.
    if (now.two_step && !account.two_step) throw new Refusal('session.invalid')
    // Removed since it was proven: to turn on now would lock the owner out.
    if (!(await store.factorById(ctx, account.id, factor.id))) throw new Refusal('factor.unknown')
    await keepInAccount(ctx, account.id, { two_step: 1, preferred_factor: factor.id })
    await codes.keep(ctx)
    await record(ctx, { event: 'two-step.on', account: account.id, origin, detail: { kind: factor.kind } })
    await tell(ctx, account, 'two-step.on')
    await also(ctx)
  })
  return codes.shown
}

async function clearTwoStep(ctx: Context, account: Account, origin: Origin): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await keepInAccount(ctx, account.id, { two_step: 0, preferred_factor: null, recovery_salt: null })
    await store.replaceRecoveryCodes(ctx, account.id, [])
    await record(ctx, { event: 'two-step.off', account: account.id, origin })
    await tell(ctx, account, 'two-step.off')
  })
}

/** Turns 2-step verification off and destroys the recovery codes; the methods stay. Needs a fresh code. */
export async function turnOffTwoStep(ctx: Context, proof: Proof): Promise<void> {
  if ((await policyOf(ctx, proof.account)).twoStep === 'mandatory') throw new Refusal('two-step.mandatory')
  if (!proof.account.two_step) throw new Refusal('two-step.off')
  await proveFactor(ctx, proof)
  await clearTwoStep(ctx, proof.account, proof.origin)
}

/** New recovery codes; the old ones are void at once. */
export async function regenerateRecoveryCodes(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
): Promise<string[]> {
  if (!account.two_step) throw new Refusal('two-step.off')
  const codes = await freshRecoveryCodes(ctx, account)
  await atomically(ctx, async (ctx) => {
    await codes.keep(ctx)
    await record(ctx, { event: 'recovery-codes.made', account: account.id, origin })
    await tell(ctx, account, 'recovery-codes.made')
  })
  return codes.shown
}

/**
 * Switches 2-step verification as the OpenWiFi protocol does, by the signed-in person's word alone: to an active
 * method, or off (null). See docs/threat-model.md.
 */
export async function useForTwoStep(
  ctx: Context,
  { account, factor, origin }: { account: Account; factor: store.FactorRow | null; origin: Origin },
): Promise<void> {
  if (factor) {
    if ((await policyOf(ctx, account)).twoStep === 'disabled') throw new Refusal('factor.kind-off')
    await atomically(ctx, async (ctx) => {
      await keepInAccount(ctx, account.id, { two_step: 1, preferred_factor: factor.id })
      await record(ctx, { event: 'two-step.on', account: account.id, origin, detail: { kind: factor.kind } })
      const change = account.two_step ? 'two-step.moved' : 'two-step.on-with'
      await tell(ctx, account, change, { method: factor.kind })
    })
    return
  }
  if (!account.two_step) return
  if ((await policyOf(ctx, account)).twoStep === 'mandatory') throw new Refusal('two-step.mandatory')
  await clearTwoStep(ctx, account, origin)
}
