import type { Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Account } from './passwords.ts'
import * as store from './store.ts'

/**
 * Nobody signs in before the account's address is confirmed, and whoever is signed in is signed out. Returns the
 * account as it is then.
 */
export async function awaitConfirmation(ctx: Context, accountId: string): Promise<Account> {
  await store.raiseGeneration(ctx, accountId)
  const modified = ctx.clock.now()
  const changed = await store.updateAccount(ctx, accountId, { confirmed: 0, awaiting_confirmation: 1, modified })
  if (!changed) throw new Refusal('account.unknown')
  return changed
}

/** Writes down that the mailbox of an account was proven; nothing, if that was known. */
export async function confirmMailbox(ctx: Context, account: Account, origin: Origin): Promise<void> {
  if (account.confirmed && !account.awaiting_confirmation) return
  const now = ctx.clock.now()
  const confirmed = { confirmed: 1, awaiting_confirmation: 0, confirmed_at: now, modified: now }
  await store.touchAccount(ctx, account.id, confirmed)
  await record(ctx, { event: 'address.confirmed', account: account.id, origin })
}
