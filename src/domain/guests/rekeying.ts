import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { keepMadeRing, madePasswordLength, makeRing } from '#src/domain/keys/keys.ts'
import { base32 } from '#src/lib/chance.ts'
import { sealInitial } from './initial.ts'
import * as store from './store.ts'

interface Wish {
  /** the guest's, with the address that is really his */
  account: Account
  /** takes his old rings away, in the transaction that keeps the new one */
  instead: (ctx: Context) => Promise<void>
  origin: Origin
}

/** Gives a guest a key anew, as if he had chosen no password yet: by a link that he has he comes in again, and chooses one. */
export async function rekeyGuest(ctx: Context, { account, instead, origin }: Wish): Promise<void> {
  const password = base32(ctx.clock.chance, madePasswordLength(ctx))
  const made = await makeRing(ctx, { account, name: '', password, validDays: 0, published: 0 })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await instead(ctx)
    await keepMadeRing(ctx, made, { account, origin })
    const initial = sealInitial(ctx, account.id, password)
    await store.changeGuest(ctx, account.id, { initial, initial_sent: 0, question: '', answer: '' })
  })
}
