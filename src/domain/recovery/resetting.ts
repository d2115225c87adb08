import { atomically, type Context } from '#src/context.ts'
import {
  countedPasswordChange,
  forgiveFailures,
  holdAccount,
  judgeOwnChange,
  judgePassword,
  passwordPolicyOf,
  setPassword,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { methodTargets, noteRecovery, takeAccountBack } from '#src/domain/factors/factors.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { type PasswordPolicy, saidAs } from '#src/domain/refusals.ts'
import { countWrongTokens } from './asking.ts'
import { type ProvenToken, proveToken, useToken } from './tokens.ts'

/** What somebody brings who has forgotten his password. */
interface Recovery {
  name: string
  token: string
  origin: Origin
}

/**
 * What a new password must be like, for who has a right token, which is not used up: 'recovery.token-invalid',
 * 'rate.exceeded'.
 */
export const readRecovery = (ctx: Context, recovery: Recovery): Promise<PasswordPolicy> =>
  countWrongTokens(ctx, recovery.origin, async () => {
    const { account } = await proveToken(ctx, recovery)
    return passwordPolicyOf(account, await policyOf(ctx, account))
  })

/** Sets the password and uses the token up, both or none. */
const replace = (
  ctx: Context,
  { proven, hash, origin }: { proven: ProvenToken; hash: string; origin: Origin },
): Promise<void> =>
  atomically(ctx, async (ctx) => {
    // Before the account, as a sign-in does it: two that want both cannot wait for each other then.
    await forgiveFailures(ctx, proven.account, origin)
    const account = await holdAccount(ctx, proven.account.id)
    await useToken(ctx, proven, account)
    const { factor } = proven
    await setPassword(ctx, { account, hash, origin, mustChange: false })
    await noteRecovery(ctx, factor.id)
    await takeAccountBack(ctx, { account, origin })
    await record(ctx, { event: 'recovery.used', account: account.id, origin, detail: { kind: factor.kind } })
    await tell(ctx, account, 'password.recovered', { method: factor.kind }, await methodTargets(ctx, account.id))
  }).catch(saidAs('recovery.token-invalid', 'account.unknown'))

/**
 * Sets a new password by a recovery token. Every session of the account ends, with what `takeAccountBack` names, and
 * nobody is signed in; the second step is asked for as before, and the method that the token came by cannot be it for
 * now. Refuses with 'rate.exceeded' and 'recovery.token-invalid'; the others leave the token as it is:
 * 'credentials.delayed', and those of `judgeOwnChange` and `judgePassword`.
 */
export const recoverPassword = (
  ctx: Context,
  { password, ...recovery }: Recovery & { password: string },
): Promise<void> =>
  countWrongTokens(ctx, recovery.origin, async () => {
    const proven = await proveToken(ctx, recovery)
    const { account } = proven
    await judgeOwnChange(ctx, account)
    await countedPasswordChange(ctx, account, () => judgePassword(ctx, { account, password }))
    const hash = await ctx.workers.passwords.hash(password)
    await replace(ctx, { proven, hash, origin: recovery.origin })
  })
