import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { arePasskeysPossible, listPasskeys } from '#src/domain/passkeys/passkeys.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { isUsable, kindOf } from './kinds.ts'
import * as store from './store.ts'

/**
 * Everything that an account's second step can be passed with, as it may be mailed to the owner: he sees what is not
 * his. Addresses and numbers are masked; the rest has the names that somebody gave it.
 */
export async function stepWays(ctx: Context, account: Account): Promise<{ method: string; name: string }[]> {
  const policy = await policyOf(ctx, account)
  const factors = await store.factorsOf(ctx, account.id)
  const passkeys = arePasskeysPossible(ctx) ? await listPasskeys(ctx, account) : []
  const hasCodes = (await store.countRecoveryCodes(ctx, account.id)) > 0
  return [
    ...factors
      .filter(({ kind }) => isUsable(ctx, policy, kind))
      .map(({ kind, target, name }) => ({ method: kind, name: kindOf(kind).shown(target) || name })),
    ...passkeys.map(({ name }) => ({ method: 'passkey', name })),
    ...(hasCodes ? [{ method: 'recoveryCodes', name: '' }] : []),
  ]
}
