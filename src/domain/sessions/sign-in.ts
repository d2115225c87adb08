import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  isShutOut,
  judgeOwnChange,
  judgePassword,
  keepInAccount,
  owesPassword,
  type PasswordRule,
  type Population,
  type ProvenPassword,
  rememberNetwork,
  setPassword,
  tryPassword,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tellEverywhere } from '#src/domain/factors/factors.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Gate } from '#src/domain/throttles/captchas.ts'
import { beginsGrace, type Standing } from './states.ts'

/** Who comes to a sign-in, and with what. */
export interface FirstStepWish {
  name: string
  password: string
  newPassword?: string
  rule?: PasswordRule
  /** whose door it is; anybody's when absent */
  population?: Population
  /** what has to be got past before the password is judged */
  gate?: Gate
  origin: Origin
}

/** Somebody whose password was right, and who is to be told no more than that until he goes on or is refused. */
export interface FirstStep extends Standing, ProvenPassword {
  /** hash of a new password that takes effect when the sign-in is complete; null for none */
  newPassword: string | null
}

/**
 * The first step of every sign-in, in whatever protocol. Refuses, in this order: 'credentials.invalid' (or '.delayed',
 * or 'captcha.required'), 'account.suspended', 'account.unconfirmed', 'password.change-required' (unless `mayOwe`: it can
 * be changed later, in the session), and for a new password what `judgeOwnChange` and `judgePassword` refuse. Nothing
 * about an account shows before its password was right.
 */
export async function passFirstStep(
  ctx: Context,
  { newPassword, rule, mayOwe, ...wish }: FirstStepWish & { mayOwe: boolean },
): Promise<FirstStep> {
  const proven = await tryPassword(ctx, wish)
  const { account, settle } = proven
  try {
    if (isShutOut(account)) throw new Refusal('account.suspended')
    if (account.awaiting_confirmation) throw new Refusal('account.unconfirmed')
    const policy = await policyOf(ctx, account)
    const now = ctx.clock.now()
    if (newPassword === undefined && !mayOwe && owesPassword(account, policy, now))
      throw new Refusal('password.change-required')
    if (newPassword !== undefined) {
      await judgeOwnChange(ctx, account)
      await judgePassword(ctx, { account, password: newPassword, rule })
    }
    const hash = newPassword === undefined ? null : await ctx.workers.passwords.hash(newPassword)
    return { ...proven, policy, now, isTrusted: false, newPassword: hash }
  } catch (error) {
    await atomically(ctx, settle)
    throw error
  }
}

/** Keeps the password that somebody has chosen while he signed in, and tells the owner. */
export async function keepChosen(
  ctx: Context,
  { account, hash, origin }: { account: Account; hash: string; origin: Origin },
): Promise<Account> {
  const changed = await setPassword(ctx, { account, hash, origin, mustChange: false })
  await tellEverywhere(ctx, changed, 'password.changed')
  return changed
}

/** What every complete sign-in writes down, in the transaction that opens the session. Returns the account as it is. */
export async function completeSignIn(
  ctx: Context,
  {
    account,
    policy,
    newPassword = null,
    networkSeen = 0,
    origin,
  }: Pick<Standing, 'account' | 'policy'> & { newPassword?: string | null; networkSeen?: number; origin: Origin },
): Promise<Account> {
  const current = newPassword ? await keepChosen(ctx, { account, hash: newPassword, origin }) : account
  await rememberNetwork(ctx, account.id, origin, networkSeen)
  const now = ctx.clock.now()
  const grace = beginsGrace({ account, policy }) ? { grace_began: now } : {}
  await keepInAccount(ctx, account.id, { last_sign_in: now, ...grace })
  await record(ctx, { event: 'sign-in.done', account: account.id, origin })
  return current
}
