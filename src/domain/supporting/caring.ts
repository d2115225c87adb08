import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  type Actor,
  accountInCare,
  addAddress,
  judgeStanding,
  mayDecideForDomain,
  removeAddress,
  type Unlocked,
  unlockAccount,
} from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { decidePolicy, layersOfAccount, layersOfDomain, type PolicyChanges } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { listSessions, resetSecondStep, signOutEverywhere } from '#src/domain/sessions/sessions.ts'

/** Who looks after which account; nobody after his own (`rightsOver`). Everything refuses like `accountInCare`. */
export interface Care {
  caller: Actor
  /** of the account */
  id: string
  origin: Origin
}

/** Forgets failed tries and lifts a suspension. */
export async function letIn(ctx: Context, care: Care): Promise<Unlocked> {
  await accountInCare(ctx, { ...care, right: 'change' })
  return unlockAccount(ctx, care)
}

/** Takes all second factors from somebody who lost them. */
export async function resetFactorsOf(ctx: Context, care: Care): Promise<void> {
  await accountInCare(ctx, { ...care, right: 'protect' })
  await resetSecondStep(ctx, { ...care, note: `MFA Reset by ${care.caller.email}` })
}

/** Ends every session; answers how many there were. */
export async function signOutOther(ctx: Context, care: Care): Promise<number> {
  return atomically(ctx, async (ctx) => {
    const account = await accountInCare(ctx, { ...care, right: 'change' })
    const { length } = await listSessions(ctx, { account })
    await signOutEverywhere(ctx, { account, actor: care.caller.id, origin: care.origin })
    return length
  })
}

/** Says what holds for one account; refuses like `decidePolicy` besides. */
export async function decideForAccount(
  ctx: Context,
  { changes, ...care }: Care & { changes: PolicyChanges },
): Promise<Account> {
  return atomically(ctx, async (ctx) => {
    const account = await accountInCare(ctx, { ...care, right: 'protect' })
    const layers = layersOfAccount(account)
    await decidePolicy(ctx, { layers, changes, account: account.id, actor: care.caller.id, origin: care.origin })
    return account
  })
}

/** Says what holds for everybody in a domain; 'access.denied' where one of them is above the caller. */
export async function decideForDomain(
  ctx: Context,
  { caller, domain, changes, origin }: Omit<Care, 'id'> & { domain: string; changes: PolicyChanges },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    if (!(await mayDecideForDomain(ctx, caller, domain))) throw new Refusal('access.denied')
    await decidePolicy(ctx, { layers: layersOfDomain(domain), changes, actor: caller.id, origin })
  })
}

/** Gives an account another address, for which the caller answers. */
export async function giveAddress(ctx: Context, { address, ...care }: Care & { address: string }): Promise<void> {
  const account = await accountInCare(ctx, { ...care, right: 'protect' })
  await addAddress(ctx, { ...care, account, address })
}

/** Takes one away; refuses like `removeAddress` besides. */
export async function takeAddressAway(ctx: Context, { address, ...care }: Care & { address: string }): Promise<void> {
  const account = await accountInCare(ctx, { ...care, right: 'protect' })
  await removeAddress(ctx, { ...care, account, address })
}
