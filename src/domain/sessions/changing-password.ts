import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  countedPasswordChange,
  holdAccount,
  judgeOwnChange,
  judgePassword,
  owesPassword,
  provePassword,
  setPassword,
} from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tellEverywhere } from '#src/domain/factors/factors.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { type Reason, Refusal, saidAs } from '#src/domain/refusals.ts'
import { passHurdle } from './partial.ts'
import type { Signed } from './sessions.ts'
import * as store from './store.ts'

interface Wish {
  signed: Signed
  password: string
  /** what proves the session from now on; null for what proved it so far */
  proof: string | null
  origin: Origin
}

/** Keeps the session in which the password was changed, and takes it over its hurdle if it stood before that one. */
async function goOn(ctx: Context, { signed: { session }, proof, origin }: Wish, account: Account): Promise<void> {
  const { generation } = account
  await store.updateSession(ctx, session.id, proof === null ? { generation } : { generation, proof })
  if (session.state === 'change') await passHurdle(ctx, { signed: { session, account }, proof, origin })
}

/** Changes the password; `late` is said to who was not the first. */
async function change(ctx: Context, wish: Wish, late: Reason): Promise<void> {
  const { account } = wish.signed
  await countedPasswordChange(ctx, account, () => judgePassword(ctx, { account, password: wish.password }))
  const hash = await ctx.workers.passwords.hash(wish.password)
  await atomically(ctx, async (ctx) => {
    const held = await holdAccount(ctx, account.id)
    // What was proven and judged was so before somebody else changed the password, or shut the account.
    if (held.generation !== account.generation) throw new Refusal(late)
    const changed = await setPassword(ctx, { account: held, hash, origin: wish.origin, mustChange: false })
    await store.deleteElevationsOf(ctx, account.id)
    await goOn(ctx, wish, changed)
    await tellEverywhere(ctx, changed, 'password.changed')
  })
}

/**
 * Gives the account the new password that is demanded of its owner. Every other session of the account ends, and every
 * elevation. Refuses with 'password.not-due', 'password.weak', 'password.reused' or 'credentials.delayed'.
 */
export async function setDuePassword(ctx: Context, wish: Wish): Promise<void> {
  const { account } = wish.signed
  if (!owesPassword(account, await policyOf(ctx, account), ctx.clock.now())) throw new Refusal('password.not-due')
  await change(ctx, wish, 'password.not-due')
}

/**
 * Changes the password of who shows that he knows the old one. Every other session of the account ends, and every
 * elevation. Refuses with 'password.wrong', counted like a failed sign-in; 'password.fixed', 'password.too-young',
 * 'password.weak', 'password.reused' or 'credentials.delayed'.
 */
export async function changePassword(ctx: Context, wish: Wish & { oldPassword: string }): Promise<void> {
  const { signed, oldPassword, origin } = wish
  const { account } = signed
  await provePassword(ctx, { name: account.email, password: oldPassword, origin }).catch(
    saidAs('password.wrong', 'credentials.invalid'),
  )
  await judgeOwnChange(ctx, account)
  await change(ctx, wish, 'password.wrong')
}
