import { atomically, type Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import * as store from './store.ts'

export type Passkey = store.PasskeyRow
export { claimedOwner, identifyByPasskey, proofOptions, provePasskey, signInOptions } from './proving.ts'
export { registerPasskey, registrationOptions } from './registering.ts'
export { arePasskeysPossible, passkeyDomain } from './relying-party.ts'
export { countPasskeys, hasPasskey, sweep as sweepPasskeys } from './store.ts'
export type { Assertion } from './webauthn.ts'

/** The passkeys of an account, oldest first. */
export const listPasskeys = (ctx: Context, account: Account): Promise<Passkey[]> => store.passkeysOf(ctx, account.id)

/** Gives a passkey another name; 'passkey.unknown'. */
export async function renamePasskey(
  ctx: Context,
  { account, id, name }: { account: Account; id: string; name: string },
): Promise<void> {
  if (!(await store.renamePasskey(ctx, { id, accountId: account.id }, name))) throw new Refusal('passkey.unknown')
}

/** Removes a passkey and tells its owner: 'passkey.unknown'. Whether he can do without it is for the caller to judge. */
export async function removePasskey(
  ctx: Context,
  { account, id, origin }: { account: Account; id: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const gone = await store.deletePasskey(ctx, { id, accountId: account.id })
    if (!gone) throw new Refusal('passkey.unknown')
    const { name } = gone
    await record(ctx, { event: 'passkey.removed', account: account.id, origin, detail: { passkey: id, name } })
    await tell(ctx, account, 'passkey.removed', { name })
  })
}

/**
 * Takes every passkey from an account, and returns how many there were; whoever does that writes it down, and tells the
 * owner, in his own words.
 */
export const removeEveryPasskey = async (ctx: Context, account: Account): Promise<number> =>
  (await store.deletePasskeysOf(ctx, account.id)).length
