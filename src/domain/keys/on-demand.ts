import type { Context } from '#src/context.ts'
import { type Account, isShutOut } from '#src/domain/accounts/accounts.ts'
import { ownOrigin } from '#src/domain/caller.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { base32 } from '#src/lib/chance.ts'
import { createRing } from './creating.ts'
import { profileOf } from './profile-store.ts'
import * as store from './store.ts'

// 200 bits; nobody ever types it.
const PASSWORD_LENGTH = 40

/**
 * May a key be made for somebody who has not asked for it? Only where he gets in by a new key password: without recovery,
 * all that is encrypted to it would be lost. And not for who is shut out, or has not shown that the address is his.
 */
export async function canHaveOnDemand(ctx: Context, owner: Account): Promise<boolean> {
  if (ctx.config.noRecovery || isShutOut(owner) || !owner.confirmed) return false
  if ((await profileOf(ctx, owner.id)).no_recovery) return false
  return (await store.outlinesOf(ctx, owner.id)).length === 0
}

/** A name may be anything, a user ID not. */
const nameIn = ({ name }: Account): string =>
  name
    .replace(/[<>()"\\@\p{C}]/gu, ' ')
    .trim()
    .slice(0, 200)

/**
 * Makes a key for one of our people who has none, because somebody wants to write to him. It is locked with a password
 * that nobody knows: he gets in by having a new one sent. His mailbox is told, and that it is `who` that wants it. False, and nothing made, when he may not
 * have one (`canHaveOnDemand`), or has got one meanwhile.
 */
export async function createOnDemand(ctx: Context, owner: Account, who: string): Promise<boolean> {
  if (!(await canHaveOnDemand(ctx, owner))) return false
  const password = base32(ctx.clock.chance, Math.max(PASSWORD_LENGTH, ctx.config.keyPasswordMinLength))
  try {
    await createRing(ctx, {
      account: owner,
      name: nameIn(owner),
      password,
      origin: ownOrigin('house'),
      wantedBy: who,
      async judge(ctx, escrow) {
        if (!escrow || (await store.outlinesOf(ctx, owner.id)).length > 0) throw new Refusal('key.fixed')
      },
    })
    return true
  } catch (error) {
    if (isRefusal(error, 'key.fixed')) return false
    throw error
  }
}
