import { atomically, type Context } from '#src/context.ts'
import { type Account, keepInAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { forgetDevices } from '#src/domain/devices/devices.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { removeEveryPasskey } from '#src/domain/passkeys/passkeys.ts'
import { removeEveryAppPassword } from '#src/domain/programs/programs.ts'
import * as store from './store.ts'
import { methodTargets } from './targets.ts'

interface Reset {
  account: Account
  actor?: string
  origin: Origin
}

/**
 * Takes all second factors, passkeys and app passwords from an account, and turns 2-step verification off. Telling the
 * owner is for the caller.
 */
export async function removeFactors(ctx: Context, { account, actor, origin }: Reset): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await store.deleteFactors(ctx, account.id)
    await removeEveryPasskey(ctx, account)
    await store.replaceRecoveryCodes(ctx, account.id, [])
    await store.dropReset(ctx, account.id)
    await forgetDevices(ctx, { account, actor, origin })
    await removeEveryAppPassword(ctx, { account, actor, origin })
    await keepInAccount(ctx, account.id, { two_step: 0, preferred_factor: null, recovery_salt: null })
    await record(ctx, { event: 'two-step.off', account: account.id, actor, origin, detail: { reset: true } })
  })
}

/** Takes all second factors from an account whose owner lost them, and turns 2-step verification off. */
export async function resetFactors(ctx: Context, reset: Reset): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const targets = await methodTargets(ctx, reset.account.id)
    await removeFactors(ctx, reset)
    await tell(ctx, reset.account, 'two-step.reset', {}, targets)
  })
}

/** Stops a removal of the account's factors that waits; false when none did, or what waited was void already. */
export async function dropReset(ctx: Context, { id, generation }: Account): Promise<boolean> {
  const dropped = await store.dropReset(ctx, id)
  return dropped?.generation === generation
}

/** Stops it because somebody has shown one of the factors, and tells the owner so. */
export async function withdrawReset(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    if (!(await dropReset(ctx, account))) return
    await record(ctx, { event: 'recovery.stopped', account: account.id, origin, detail: { by: 'a second factor' } })
    await tell(ctx, account, 'recovery.withdrawn', {}, await methodTargets(ctx, account.id))
  })
}
