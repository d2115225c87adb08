import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canCarry, composeFrom, judgeOutbox, type TemplateName, tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { forgive } from '#src/domain/throttles/throttles.ts'
import { base32 } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { escrowFor, openEscrow } from './escrow.ts'
import { endKeySessionsOf } from './key-session-store.ts'
import { keepLockedLater } from './locked-copies.ts'
import { dropLocked } from './locked-store.ts'
import { secondaryOf } from './opened-store.ts'
import { claimReset, profileOf } from './profile-store.ts'
import { changeRing } from './ring-change-store.ts'
import { rowOf } from './rings.ts'
import { sealSecret, unlockKeyOf } from './sealed.ts'
import { currentSecretRing, guessesOf } from './unlocking.ts'

// Five random bits each: nobody guesses eighty of them.
const LEAST = 16

/** How long the passwords are that we make, in characters. */
export const madePasswordLength = ({ config }: Context): number => Math.max(config.keyPasswordMinLength, LEAST)

/** Refuses with 'rate.exceeded' while the last reset is too fresh. */
function judgePause(ctx: Context, last: number): void {
  const wait = last + seconds(ctx.config.keyResetPause) - ctx.clock.now()
  if (last > 0 && wait > 0) throw new Refusal('rate.exceeded', { retryAfter: Math.ceil(wait / 1000) })
}

interface ResetWish {
  account: Account
  actor?: string | null
  origin: Origin
  /** in which words the password is mailed; those for people with an account where absent */
  letter?: { template: TemplateName; locale: string; set: number; link: string }
  /** happens with it or not at all */
  also?: (ctx: Context) => Promise<void>
}

/**
 * Gives the current ring a new random password through its second copy, and mails it: to the ring's secondary address,
 * else to the primary one; answers which. Every token of the account is void then. `actor`: who did it for the owner. Refuses
 * with 'key.none', 'key.public-only', 'key.recovery-off', 'mail.off', 'server.busy', and with 'rate.exceeded' when the last reset is
 * less than the setting keyResetPause ago.
 */
export async function resetKeyPassword(
  ctx: Context,
  { account, actor = null, origin, letter, also }: ResetWish,
): Promise<'primary' | 'secondary'> {
  const ring = await currentSecretRing(ctx, account)
  if (!canCarry(ctx, 'mail')) throw new Refusal('mail.off')
  await judgeOutbox(ctx)
  const { last_reset } = await profileOf(ctx, account.id)
  // First what waiting does not help with.
  const secret = await openEscrow(ctx, ring)
  judgePause(ctx, last_reset)
  const password = base32(ctx.clock.chance, madePasswordLength(ctx))
  const unlockKey = await unlockKeyOf(ctx, account, password)
  const kind = await atomically(ctx, async (ctx) => {
    // Whoever gets a new password must not wait because of guesses at the old one.
    await forgive(ctx, [guessesOf(ctx, account, ring.id)])
    await holdAccount(ctx, account.id)
    if (!(await claimReset(ctx, account.id, last_reset)))
      throw new Refusal('rate.exceeded', { retryAfter: Math.max(1, ctx.config.keyResetPause) })
    const escrow = await escrowFor(ctx, account, ring.id, secret)
    const becomes = { secret: sealSecret(unlockKey, ring.id, secret), secret_behind: 0, unlock_salt: '', escrow }
    const isReplaced = await changeRing(ctx, ring, becomes)
    // Its owner did something with it at this very moment, a new password say, or had the second copy removed.
    if (!isReplaced || !escrow) throw new Refusal('server.busy', { retryAfter: 1 })
    await dropLocked(ctx, ring.id)
    await endKeySessionsOf(ctx, account.id)
    const secondary = await secondaryOf(ctx, ring.id)
    const kind = secondary === '' ? 'primary' : 'secondary'
    const detail = { key: ring.key_id, to: kind }
    await record(ctx, { event: 'key.password-reset', account: account.id, actor, origin, detail })
    await composeFrom(ctx, {
      channel: 'mail',
      to: secondary || account.email,
      template: letter?.template ?? 'key_password_reset',
      reader: letter ? { ...account, locale: letter.locale } : account,
      set: letter?.set,
      values: { code: password, ...(letter ? { link: letter.link } : {}) },
    })
    if (kind === 'secondary') await tell(ctx, account, 'key.password-reset')
    await also?.(ctx)
    return kind
  })
  keepLockedLater(ctx, { account, rings: [{ ring: await rowOf(ctx, ring), secret }], password })
  return kind
}
