import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { judgeRemoval, listFactors } from '#src/domain/factors/factors.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import * as store from './store.ts'

export type Passkey = store.PasskeyRow
export { claimedOwner, identifyByPasskey, proofOptions, provePasskey, signInOptions } from './proving.ts'
export { registerPasskey, registrationOptions } from './registering.ts'
export { arePasskeysPossible } from './relying-party.ts'
export { hasPasskey, sweep as sweepPasskeys } from './store.ts'
export type { Assertion, Attestation } from './webauthn.ts'

/** The passkeys of an account, oldest first. */
export const listPasskeys = (ctx: Context, account: Account): Promise<Passkey[]> => store.passkeysOf(ctx, account.id)

/** How many passkeys an account has. */
export const countPasskeys = (ctx: Context, accountId: string): Promise<number> => store.countPasskeys(ctx, accountId)

/** Gives a passkey another name; 'passkey.unknown'. */
export async function renamePasskey(
  ctx: Context,
  { account, id, name }: { account: Account; id: string; name: string },
): Promise<void> {
  if (!(await store.renamePasskey(ctx, { id, accountId: account.id }, name))) throw new Refusal('passkey.unknown')
}

/**
 * Removes a passkey: 'passkey.unknown'. While 2-step verification is on, what it needs stays: 'factor.in-use'. Sessions
 * that were opened with it go on.
 */
export async function removePasskey(
  ctx: Context,
  { account, id, origin }: { account: Account; id: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const passkeys = await store.passkeysOf(ctx, account.id)
    const passkey = passkeys.find((one) => one.id === id)
    if (!passkey) throw new Refusal('passkey.unknown')
    const factors = await listFactors(ctx, account, 'general')
    await judgeRemoval(ctx, account, { factors, passkeys: passkeys.length - 1 })
    await store.deletePasskey(ctx, id)
    const { name } = passkey
    await record(ctx, { event: 'passkey.removed', account: account.id, origin, detail: { passkey: id, name } })
    await tell(ctx, account, 'passkey.removed', { name })
  })
}

/** Takes every passkey from an account; whoever does that writes it down, and tells the owner, in his own words. */
export async function removeEveryPasskey(ctx: Context, account: Account): Promise<void> {
  await store.deletePasskeysOf(ctx, account.id)
}
