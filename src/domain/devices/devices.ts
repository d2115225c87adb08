import { atomically, type Context } from '#src/context.ts'
import { type Account, holdToProtect } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { days, minutes } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import * as store from './store.ts'

/**
 * Browsers where the password is enough. What one holds is worth nothing without the password, and nothing any more
 * when the account's generation has moved on, 2-step verification was turned off, or the policy has changed its mind.
 */
export type Device = Omit<store.DeviceRow, 'digest'>

export { sweep as sweepDevices } from './store.ts'

// So many browsers nobody has; the oldest goes.
const AT_MOST = 20

// So long after its second step a session may say that it is at home here.
const LATELY = minutes(10)

interface Whose {
  account: Account
  policy: Policy
}

// By the policy of now: of a shorter time all devices learn at once.
const counting = (ctx: Context, { account: { id, generation }, policy }: Whose): store.Whose => ({
  id,
  generation,
  since: ctx.clock.now() - days(policy.trustedDeviceDays),
})

/**
 * Trusts the browser of a session that has just passed its second step. Returns what the browser is to keep. Refuses
 * with 'device.off', 'device.unproven', 'two-step.off' or 'session.invalid'.
 */
export async function trustDevice(
  ctx: Context,
  { account, session, name, origin }: { account: Account; session: { stepped: number }; name: string; origin: Origin },
): Promise<{ id: string; value: string; expires: number }> {
  const { trustedDeviceDays } = await policyOf(ctx, account)
  if (trustedDeviceDays === 0) throw new Refusal('device.off')
  const now = ctx.clock.now()
  if (session.stepped + LATELY <= now) throw new Refusal('device.unproven')
  const id = uuid(ctx.clock.chance)
  const value = ctx.clock.chance.bytes(32).toString('base64url')
  const expires = now + days(trustedDeviceDays)
  await atomically(ctx, async (ctx) => {
    const { two_step, generation } = await holdToProtect(ctx, account)
    // Nothing is left out where there is nothing: else the next second step would find its exception made.
    if (two_step === 0) throw new Refusal('two-step.off')
    await store.dropOldest(ctx, account.id, AT_MOST - 1)
    await store.insertDevice(ctx, {
      id,
      account_id: account.id,
      digest: sha256(value),
      generation,
      name,
      network: origin.network,
      created: now,
      last_used: 0,
      expires,
    })
    await record(ctx, { event: 'device.trusted', account: account.id, origin, detail: { name } })
    await tell(ctx, account, 'device.trusted', { name, until: expires })
  })
  return { id, value, expires }
}

/** Does a browser that has shown the right password hold what it was trusted with? Notes the use. */
export async function isDeviceTrusted(
  ctx: Context,
  { account, policy, value, origin }: Whose & { value: string | undefined; origin: Origin },
): Promise<boolean> {
  if (value === undefined || account.two_step === 0 || policy.trustedDeviceDays === 0) return false
  return store.useDevice(ctx, {
    whose: counting(ctx, { account, policy }),
    digest: sha256(value),
    network: origin.network,
  })
}

/** The devices that an account trusts, newest first. */
export async function listDevices(ctx: Context, account: Account): Promise<Device[]> {
  const policy = await policyOf(ctx, account)
  const rows = await store.liveDevices(ctx, counting(ctx, { account, policy }))
  return rows.map(({ digest: _digest, ...device }) => device)
}

/** Forgets one device: 'device.unknown'. */
export async function forgetDevice(
  ctx: Context,
  { account, id, origin }: { account: Account; id: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const gone = await store.deleteDevice(ctx, { accountId: account.id, id })
    if (!gone) throw new Refusal('device.unknown')
    await record(ctx, { event: 'device.forgotten', account: account.id, origin, detail: { name: gone.name } })
  })
}

/** Forgets every device of an account; that there is none is fine. */
export async function forgetDevices(
  ctx: Context,
  { account, actor, origin }: { account: Account; actor?: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const count = await store.deleteDevices(ctx, account.id)
    if (count > 0)
      await record(ctx, { event: 'device.forgotten', account: account.id, actor, origin, detail: { count } })
  })
}
