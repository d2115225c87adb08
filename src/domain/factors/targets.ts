import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { type Change, type Target, tell } from '#src/domain/messages/messages.ts'
import { kindOf } from './kinds.ts'
import * as store from './store.ts'

/**
 * The addresses and numbers that are security methods of an account. They hear of changes besides its mailbox, which
 * may be in somebody else's hands; where a method comes or goes, those that were there before.
 */
export async function methodTargets(ctx: Context, accountId: string): Promise<Target[]> {
  const factors = await store.factorsOf(ctx, accountId)
  return factors.flatMap(({ kind, target }) => {
    const { channel } = kindOf(kind)
    return channel === 'mail' || channel === 'sms' ? [{ channel, to: target }] : []
  })
}

/** Tells the mailbox, and every address and number that is a method, that the account's security changed. */
export const tellEverywhere = async (
  ctx: Context,
  account: Account,
  change: Change,
  facts: { method?: string } = {},
): Promise<void> => tell(ctx, account, change, facts, await methodTargets(ctx, account.id))
