import type { Context } from '#src/context.ts'
import { findByAddress, isShutOut } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Factor, factorsOfMany, kindOf } from '#src/domain/factors/factors.ts'
import { canCarry } from '#src/domain/messages/messages.ts'
import { type Policy, policyOf, policyOfAddress } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { countQuestion } from './asking.ts'
import { decoysFor } from './decoys.ts'

/** The kinds of method that get somebody back in. */
export type RecoveryKind = 'email' | 'sms'
const recoveryKinds: readonly RecoveryKind[] = ['email', 'sms']

/** A way to a new password, as strangers may see it. */
export interface Way {
  kind: RecoveryKind
  /** masked */
  shown: string
}

/** A mail address has an at sign, and no number has one. */
export const kindOfTarget = (target: string): RecoveryKind => (target.includes('@') ? 'email' : 'sms')

const isCarried = (ctx: Context, kind: string): boolean => {
  const { channel } = kindOf(kind)
  return channel !== null && canCarry(ctx, channel)
}

/** The active methods that may set a new password, by a policy; of no account there are none. */
export async function recoveryFactors(ctx: Context, policy: Policy, accountId: string): Promise<Factor[]> {
  const factors = await factorsOfMany(ctx, [accountId])
  return factors.filter(({ kind }) => kindOf(kind).recovers.passwordRecovery(policy))
}

const inOrder = (ways: readonly Way[]): Way[] =>
  [...ways].sort((a, b) => (a.kind + a.shown < b.kind + b.shown ? -1 : 1))

/**
 * The masked ways to a new password for a user name. Who has none, is shut out or does not exist gets others that look
 * like them, always the same, found by the same queries. 'recovery.off' where the domain of the name has no such ways;
 * 'rate.exceeded' by network.
 */
export async function listWays(ctx: Context, { name, origin }: { name: string; origin: Origin }): Promise<Way[]> {
  await countQuestion(ctx, origin)
  const address = plainAddress(name)
  const common = await policyOfAddress(ctx, address)
  if (common.passwordRecoveryMethods.length === 0) throw new Refusal('recovery.off')
  const found = await findByAddress(ctx, address)
  const account = found && !isShutOut(found) ? found : { id: '', email: address }
  const factors = await recoveryFactors(ctx, await policyOf(ctx, account), account.id)
  const ways = factors
    .filter(({ kind }) => isCarried(ctx, kind))
    .map(({ kind, target }) => ({ kind: kind as RecoveryKind, shown: kindOf(kind).shown(target) }))
  const open = recoveryKinds.filter((kind) => common.passwordRecoveryMethods.includes(kind) && isCarried(ctx, kind))
  const decoys = decoysFor(ctx, open, address)
  return inOrder(ways.length > 0 ? ways : decoys)
}
