import type { Context } from '#src/context.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { type PasswordFault, type PasswordPolicy, Refusal } from '#src/domain/refusals.ts'
import { days } from '#src/lib/clock.ts'
import { fits } from './imported-passwords.ts'
import { isBreached, isListed, isOwnName } from './password-lists.ts'
import { reaches } from './roles.ts'
import * as store from './store.ts'

type Account = store.AccountRow

/** Whose password it is to be. Somebody who has no account yet has no id. */
export type Owner = Pick<Account, 'id' | 'email' | 'name' | 'two_step'>

/** What a protocol asks of new passwords that people set through it. */
export interface PasswordRule {
  /** The least length, where it is not for the house to say. */
  leastLength(policy: Policy): number
  accepts(password: string): boolean
}

/** Is there a second step that stands beside the password? */
const hasSecondStep = ({ two_step }: Pick<Account, 'two_step'>, { twoStep }: Policy): boolean =>
  two_step === 1 && twoStep !== 'disabled'

/** A password that alone opens the account has to be longer (NIST SP 800-63B-4 §3.1.1.2). */
const leastLength = (account: Pick<Account, 'two_step'>, policy: Policy): number =>
  hasSecondStep(account, policy)
    ? policy.passwordMinLength
    : Math.max(policy.passwordMinLength, policy.passwordAloneMinLength)

/** What a policy asks of a password. */
const demands = (policy: Policy, minLength: number): PasswordPolicy => ({
  minLength,
  maxLength: policy.passwordMaxLength,
  mustInclude: policy.passwordMustInclude,
  ...(policy.passwordHistory > 0 ? { historySize: policy.passwordHistory } : {}),
  ...(policy.passwordRenewalDays > 0 ? { renewalInterval: policy.passwordRenewalDays } : {}),
})

/** What holds for the next password of an account, by the policy for it. */
export const passwordPolicyOf = (account: Pick<Account, 'two_step'>, policy: Policy): PasswordPolicy =>
  demands(policy, leastLength(account, policy))

/** When the password has to be changed, epoch milliseconds; null for never. */
export const passwordExpiry = (
  { password, last_password_change }: Account,
  { passwordExpiryDays }: Policy,
): number | null =>
  passwordExpiryDays > 0 && password !== null ? last_password_change + days(passwordExpiryDays) : null

/** Must the password be changed before anything else is done? */
export function owesPassword(account: Account, policy: Policy, now: number): boolean {
  const expiry = passwordExpiry(account, policy)
  return account.must_change_password === 1 || (expiry !== null && expiry <= now)
}

/** Is the password for its owner to change? Whoever changes those of his like needs nobody else for his own. */
export const mayChangeOwnPassword = (account: Account, { passwordChangeByUser }: Policy): boolean =>
  passwordChangeByUser || reaches({ ...account, id: '' }, account)

/** Is its owner to get no new password but from an administrator? Not where one is demanded of him. */
export async function isPasswordFixed(ctx: Context, account: Account): Promise<boolean> {
  const policy = await policyOf(ctx, account)
  return !owesPassword(account, policy, ctx.clock.now()) && !mayChangeOwnPassword(account, policy)
}

/**
 * Refuses a change that its owner wishes, unless it is demanded of him: 'password.fixed' where only administrators
 * change passwords, 'password.too-young' so soon after the last one.
 */
export async function judgeOwnChange(ctx: Context, account: Account): Promise<void> {
  const policy = await policyOf(ctx, account)
  const now = ctx.clock.now()
  if (owesPassword(account, policy, now)) return
  if (!mayChangeOwnPassword(account, policy)) throw new Refusal('password.fixed')
  if (account.last_password_change + days(policy.passwordRenewalDays) > now)
    throw new Refusal('password.too-young', {
      newPassword: { fault: 'too-young', policy: passwordPolicyOf(account, policy) },
    })
}

/** A new password, and everything that it is judged by. */
interface Candidate {
  ctx: Context
  owner: Owner
  password: string
  policy: PasswordPolicy
  rule?: PasswordRule
}

// As people count: a letter outside the basic plane is one.
const lengthOf = (password: string): number => [...password].length

const contents: Record<PasswordPolicy['mustInclude'], readonly RegExp[]> = {
  letters: [],
  lettersAndNumbers: [/\p{L}/u, /\p{N}/u],
  lettersAndNumbersAndSpecial: [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u],
}

/** What is wrong with a password in itself, cheapest first: who has the fault is refused. */
const faults: readonly (readonly [PasswordFault, (candidate: Candidate) => boolean | Promise<boolean>])[] = [
  ['short', ({ password, policy }) => lengthOf(password) < policy.minLength],
  ['long', ({ password, policy }) => lengthOf(password) > policy.maxLength],
  ['plain', ({ password, policy }) => contents[policy.mustInclude].some((kind) => !kind.test(password))],
  ['unfit', ({ password, rule }) => rule !== undefined && !rule.accepts(password)],
  ['own-name', ({ ctx, owner, password }) => isOwnName(ctx, owner, password)],
  ['common', ({ ctx, password }) => isListed(ctx, password)],
  ['breached', ({ ctx, password }) => isBreached(ctx, password)],
]

async function wasUsed({ ctx, owner, password, policy }: Candidate): Promise<boolean> {
  const former = await store.oldPasswords(ctx, owner.id, policy.historySize ?? 0)
  for (const { password: stored } of former) if (await fits(ctx, stored, password)) return true
  return false
}

/**
 * Refuses a new password: 'password.weak', or 'password.reused'. It must be as long as the account needs, unless the
 * `rule` of a protocol says how long, and may be none that is guessed first (NIST SP 800-63B-4 §3.1.1.2). A list of
 * breached passwords may be asked far away: not to be called in a transaction.
 */
export async function judgePassword(
  ctx: Context,
  { account, password, rule }: { account: Owner; password: string; rule?: PasswordRule },
): Promise<void> {
  const said = await policyOf(ctx, account)
  const policy = rule ? demands(said, rule.leastLength(said)) : passwordPolicyOf(account, said)
  const candidate = { ctx, owner: account, password, policy, rule }
  for (const [fault, has] of faults)
    if (await has(candidate)) throw new Refusal('password.weak', { newPassword: { fault, policy } })
  if (await wasUsed(candidate)) throw new Refusal('password.reused', { newPassword: { fault: 'reused', policy } })
}
