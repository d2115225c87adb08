import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isRecoverable } from './escrow.ts'
import { keepProfile, profileOf } from './profile-store.ts'
import { currentOutlineOf } from './store.ts'

/** How mails are written unless their writer says otherwise. */
export interface KeySettings {
  encrypts: boolean
  signs: boolean
  inline: boolean
}

/** What an account has decided about its keys. */
export interface KeyProfile extends KeySettings {
  /** where a new password of the current ring is mailed to; empty for the primary address */
  secondary: string
  /** can a new password be given to the current ring without the old one? */
  recoverable: boolean
}

export async function keyProfile(ctx: Context, account: Account): Promise<KeyProfile> {
  const { encrypts, signs, inline } = await profileOf(ctx, account.id)
  const current = await currentOutlineOf(ctx, account.id)
  return {
    secondary: current?.secondary ?? '',
    recoverable: current !== undefined && isRecoverable(ctx, current),
    encrypts: encrypts === 1,
    signs: signs === 1,
    inline: inline === 1,
  }
}

/** Changes how mails are written; what `changes` leaves out stays. */
export async function changeKeySettings(
  ctx: Context,
  { account, changes, origin }: { account: Account; changes: Partial<KeySettings>; origin: Origin },
): Promise<void> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  if (given.length === 0) return
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await keepProfile(ctx, account.id, Object.fromEntries(given.map(([name, value]) => [name, Number(value)])))
    const detail = Object.fromEntries(given)
    await record(ctx, { event: 'key.settings-changed', account: account.id, origin, detail })
  })
}
