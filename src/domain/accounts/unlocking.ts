import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { forgiveEverything } from '#src/domain/throttles/throttles.ts'
import { type Counted, triesOf } from '#src/domain/throttles/tries.ts'
import { addressesOf } from './addresses.ts'
import type { Account } from './passwords.ts'
import { type Actor, may } from './roles.ts'
import { judgeStanding } from './standing.ts'
import * as store from './store.ts'

/** The failed tries that are counted against an account, by whichever of its addresses, those that wait longest first. */
export const failedTries = async (ctx: Context, account: Account): Promise<Counted[]> =>
  triesOf(ctx, await addressesOf(ctx, account))

/** Forgets them all: somebody else answers for the owner. Returns how many counts there were. */
async function forgiveTries(ctx: Context, account: Account): Promise<number> {
  let forgotten = 0
  for (const address of await addressesOf(ctx, account)) forgotten += await forgiveEverything(ctx, address)
  return forgotten
}

/** What goes with the end of a suspension: the tries that failed meanwhile are forgotten, since its owner is to get in. */
export async function noteRelease(
  ctx: Context,
  { account, actor, origin }: { account: Account; actor: string | null; origin: Origin },
): Promise<void> {
  await forgiveTries(ctx, account)
  await record(ctx, { event: 'account.released', account: account.id, actor, origin })
}

export interface Unlocked {
  /** counts of failed tries that are forgotten */
  forgotten: number
  wasSuspended: boolean
}

/**
 * Lets the owner of an account try again: forgets his failed tries and lifts a suspension, but no black-listing, which
 * is somebody's judgement of him. 'account.unknown', 'access.denied'.
 */
export async function unlockAccount(
  ctx: Context,
  { caller, id, origin }: { caller: Actor; id: string; origin: Origin },
): Promise<Unlocked> {
  return atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const known = await store.accountById(ctx, id)
    if (!known) throw new Refusal('account.unknown')
    // Before the account is held, as a sign-in does it: else the two could wait for each other.
    const forgotten = await forgiveTries(ctx, known)
    const account = await store.holdAccount(ctx, id)
    if (!may(caller, 'modify', account)) throw new Refusal('access.denied')
    const wasSuspended = account.suspended === 1
    if (wasSuspended) {
      await store.touchAccount(ctx, id, { suspended: 0, modified: ctx.clock.now() })
      await noteRelease(ctx, { account, actor: caller.id, origin })
    }
    const detail = { forgotten, suspended: wasSuspended }
    await record(ctx, { event: 'account.unlocked', account: id, actor: caller.id, origin, detail })
    return { forgotten, wasSuspended }
  })
}
