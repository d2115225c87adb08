import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { type MadeRing, makeRing } from '#src/domain/keys/keys.ts'

/** Makes the key of a guest, without keeping it: it never ends, and the world does not find it. */
export const makeGuestRing = (ctx: Context, account: Account, password: string): Promise<MadeRing> =>
  makeRing(ctx, { account, name: '', password, validDays: 0, published: 0 })
