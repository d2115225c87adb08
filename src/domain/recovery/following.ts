import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  confirmMailbox,
  countedPasswordChange,
  forgiveFailures,
  holdAccount,
  isShutOut,
  judgePassword,
  type PasswordRule,
  setPassword,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { takeAccountBack, tellEverywhere } from '#src/domain/factors/factors.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { sha256 } from '#src/lib/digests.ts'
import type { Purpose } from './links.ts'
import { stopForeignRecovery } from './lost-factor.ts'
import * as store from './store.ts'

const PASSWORD_PURPOSES: readonly Purpose[] = ['password', 'invitation', 'signup']

/** Whose link it is, and what it is about, while it works; looking does not use it up. Null for any other. */
export async function readLink(
  ctx: Context,
  token: string,
  purpose: Purpose,
): Promise<(Account & { target: string }) | null> {
  return (await store.liveLink(ctx, sha256(token), [purpose])) ?? null
}

async function livingLink(ctx: Context, token: string, purposes: readonly Purpose[]) {
  const live = await store.liveLink(ctx, sha256(token), purposes)
  // Nobody guesses one of 122 random bits: wrong ones are not counted.
  if (!live) throw new Refusal('link.invalid')
  return live
}

/** A link that was followed: what for, and what it is about besides its account. */
export interface Followed {
  purpose: string
  target: string
}

/**
 * Uses a link up, and does what it is for, both or none: 'link.invalid'. For higher rooms, which know what their links
 * are about; the account is held, and is as it is now.
 */
export async function followLink(
  ctx: Context,
  { token, purposes, origin }: { token: string; purposes: readonly Purpose[]; origin: Origin },
  act: (ctx: Context, account: Account, followed: Followed) => Promise<void>,
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const { id, purpose, target } = await livingLink(ctx, token, purposes)
    const account = await holdAccount(ctx, id)
    // As the account is now: whoever suspended it, or changed its password, was first.
    if (isShutOut(account)) throw new Refusal('link.invalid')
    if (!(await store.useLink(ctx, sha256(token), account.generation))) throw new Refusal('link.invalid')
    await record(ctx, { event: 'link.used', account: id, origin, detail: { purpose } })
    await act(ctx, account, { purpose, target })
  }).catch(saidAs('link.invalid', 'account.unknown'))
}

/**
 * Sets a new password by a link. Refuses with 'link.invalid', 'password.weak', 'password.reused' or
 * 'credentials.delayed'; all but the first leave the link as it was. Every session of the account ends,
 * what `takeAccountBack` names goes, its mailbox counts as proven, and its second factor is asked for as before.
 */
export async function followPasswordLink(
  ctx: Context,
  {
    token,
    password,
    rule,
    origin,
    also,
  }: {
    token: string
    password: string
    rule?: PasswordRule
    origin: Origin
    /** happens with it or not at all */
    also?(ctx: Context, account: Account, purpose: string): Promise<void>
  },
): Promise<void> {
  const live = await livingLink(ctx, token, PASSWORD_PURPOSES)
  await countedPasswordChange(ctx, live, () => judgePassword(ctx, { account: live, password, rule }))
  const hash = await ctx.workers.passwords.hash(password)
  await atomically(ctx, async (ctx) => {
    // Before the account, as a sign-in does it: two that want both cannot wait for each other then.
    await forgiveFailures(ctx, live, origin)
    await followLink(ctx, { token, purposes: PASSWORD_PURPOSES, origin }, async (ctx, account, { purpose }) => {
      await setPassword(ctx, { account, hash, origin, mustChange: false })
      await confirmMailbox(ctx, account, origin)
      await takeAccountBack(ctx, { account, origin })
      if (purpose === 'password') await tellEverywhere(ctx, account, 'password.reset')
      await also?.(ctx, account, purpose)
    })
  })
}

/** Confirms an address by a link: 'link.invalid'. */
export const confirmAddress = (ctx: Context, { token, origin }: { token: string; origin: Origin }): Promise<void> =>
  followLink(ctx, { token, purposes: ['address'], origin }, (ctx, account) => confirmMailbox(ctx, account, origin))

/**
 * Stops the removal of an account's second factors by the link that came with its notice, and signs everybody out:
 * 'link.invalid', also when nothing waits any more.
 */
export const followStopLink = (ctx: Context, { token, origin }: { token: string; origin: Origin }): Promise<void> =>
  followLink(ctx, { token, purposes: ['stop-recovery'], origin }, (ctx, account) =>
    stopForeignRecovery(ctx, account, origin),
  )
