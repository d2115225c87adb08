import { atomically, type Context } from '#src/context.ts'
import { type Account, endEverySession, holdAccount } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { keepMadeRing } from '#src/domain/keys/keys.ts'
import { guestOf } from './finding.ts'
import { newInitial, sealInitial, sendInitial } from './initial.ts'
import { newPin } from './pins.ts'
import { makeGuestRing } from './ring.ts'
import * as store from './store.ts'

interface Wish {
  /** the guest's, with the address that is really his */
  account: Account
  /** takes his old rings away, in the transaction that keeps the new one */
  instead: (ctx: Context) => Promise<void>
  origin: Origin
}

/**
 * Gives a guest a key anew, as if he had chosen no password yet: by a link that he has he comes in again, and chooses
 * one. What the settings ask for besides the link is asked again, and his sessions end: they would need nothing of it.
 */
export async function rekeyGuest(ctx: Context, { account, instead, origin }: Wish): Promise<void> {
  const password = newInitial(ctx)
  const made = await makeGuestRing(ctx, account, password)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await instead(ctx)
    await keepMadeRing(ctx, made, { account, origin })
    await endEverySession(ctx, account.id)
    await store.changeGuest(ctx, account.id, {
      initial: sealInitial(ctx, account.id, password),
      initial_sent: 0,
      ...(ctx.config.guestPin ? { pin: newPin(ctx, account.id), pin_strikes: 0 } : {}),
      question: '',
      answer: '',
    })
    const guest = await guestOf(ctx, account.id)
    if (guest) await sendInitial(ctx, guest)
  })
}
