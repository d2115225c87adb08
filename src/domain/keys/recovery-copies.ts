import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { makeUpEscrows } from './escrow.ts'
import { allowEscrows, removeEscrows } from './escrow-store.ts'
import { areUnchanged } from './opened-store.ts'
import { keepProfile, profileOf } from './profile-store.ts'
import type { OpenRing } from './sealed.ts'
import { tryKeyPassword } from './unlocking.ts'

interface Wish {
  account: Account
  password: string
  origin: Origin
}

const printsOf = (rings: readonly OpenRing[]): string => rings.map(({ ring }) => grouped(ring.fingerprint)).join(', ')

const idsOf = (rings: readonly OpenRing[]): string[] => rings.map(({ ring }) => ring.id)

/**
 * Removes the second copies of the rings that this password opens, for good: none are made of them, nor of new rings,
 * until their owner wants them. Rings with another password keep theirs: a thief with a ring of his own decides
 * nothing about them. Refuses with 'key.recovery-fixed', and like `tryKeyPassword`.
 */
export async function removeRecovery(ctx: Context, { account, password, origin }: Wish): Promise<void> {
  if (ctx.config.noDeleteRecovery) throw new Refusal('key.recovery-fixed')
  const { rings } = await tryKeyPassword(ctx, { account, password, origin })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await areUnchanged(ctx, rings))) throw new Refusal('server.busy', { retryAfter: 1 })
    await keepProfile(ctx, account.id, { no_recovery: 1 })
    await removeEscrows(ctx, idsOf(rings))
    await record(ctx, { event: 'key.recovery-removed', account: account.id, origin, detail: { rings: rings.length } })
    await tell(ctx, account, 'key.recovery-removed', { name: printsOf(rings) })
  })
}

/**
 * Lets second copies of the rings that this password opens, and of new ones, be made again, and makes the former. Refuses
 * with 'key.recovery-off' where the operator wants none, and like `tryKeyPassword`.
 */
export async function restoreRecovery(ctx: Context, { account, password, origin }: Wish): Promise<void> {
  if (ctx.config.noRecovery) throw new Refusal('key.recovery-off')
  const { rings } = await tryKeyPassword(ctx, { account, password, origin })
  const allowed = rings.map((open) => ({ ...open, ring: { ...open.ring, no_recovery: 0 } }))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await areUnchanged(ctx, rings))) throw new Refusal('server.busy', { retryAfter: 1 })
    const { no_recovery } = await profileOf(ctx, account.id)
    await keepProfile(ctx, account.id, { no_recovery: 0 })
    await allowEscrows(ctx, idsOf(rings))
    await makeUpEscrows(ctx, { account, rings: allowed, origin })
    // Where nobody had removed them, nothing has changed that its owner would not know.
    if (no_recovery || rings.some(({ ring }) => ring.no_recovery))
      await tell(ctx, account, 'key.recovery-made', { name: printsOf(rings) })
  })
}
