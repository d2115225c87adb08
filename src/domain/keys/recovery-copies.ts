import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { makeUpEscrows } from './escrow.ts'
import { removeEscrows } from './escrow-store.ts'
import { keepProfile, profileOf } from './profile-store.ts'
import { currentOutlineOf } from './store.ts'
import { type Opened, tryKeyPassword } from './unlocking.ts'

interface Wish {
  account: Account
  password: string
  origin: Origin
}

/** The password of the current ring, as far as we hold its secret: it is the one that matters most. */
async function prove(ctx: Context, { account, password, origin }: Wish): Promise<Opened> {
  const current = await currentOutlineOf(ctx, account.id)
  return tryKeyPassword(ctx, { account, password, ringId: current?.secret ? current.id : undefined, origin })
}

/**
 * Removes the second copies of all rings of an account, for good: no new ones are made until their owner wants them.
 * Refuses with 'key.recovery-fixed', and like `tryKeyPassword`.
 */
export async function removeRecovery(ctx: Context, wish: Wish): Promise<void> {
  const { account, origin } = wish
  if (ctx.config.noDeleteRecovery) throw new Refusal('key.recovery-fixed')
  await prove(ctx, wish)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await keepProfile(ctx, account.id, { no_recovery: 1 })
    await removeEscrows(ctx, account.id)
    await record(ctx, { event: 'key.recovery-removed', account: account.id, origin })
    await tell(ctx, account, 'key.recovery-removed')
  })
}

/**
 * Lets second copies be made again, and makes those of the rings that this password opens; the others get theirs when
 * their password is used. Refuses with 'key.recovery-off' where the operator wants none, and like `tryKeyPassword`.
 */
export async function restoreRecovery(ctx: Context, wish: Wish): Promise<void> {
  const { account, origin } = wish
  if (ctx.config.noRecovery) throw new Refusal('key.recovery-off')
  const { rings } = await prove(ctx, wish)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const { no_recovery } = await profileOf(ctx, account.id)
    await keepProfile(ctx, account.id, { no_recovery: 0 })
    await makeUpEscrows(ctx, { account, rings, origin })
    // Where nobody had removed them, nothing has changed that its owner would not know.
    if (no_recovery) await tell(ctx, account, 'key.recovery-made')
  })
}
