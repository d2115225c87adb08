import type { Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { digits } from '#src/lib/chance.ts'
import { isSame } from '#src/lib/digests.ts'
import type { Guest } from './finding.ts'
import * as store from './store.ts'

const DIGITS = 4
/** So many wrong ones, and it is locked until a sender invites the guest anew. */
export const STRIKES = 5

/** A new PIN as it is kept. */
export const newPin = (ctx: Context, accountId: string): string =>
  ctx.secrets.sealer.seal(digits(ctx.clock.chance, DIGITS), seats.guestPin(accountId))

/** The PIN in the row of a guest; null where he needs none, as soon as he has chosen a password. */
export const pinIn = (
  ctx: Context,
  { account_id, initial, pin }: Pick<store.GuestRow, 'account_id' | 'initial' | 'pin'>,
): string | null => (initial && pin ? ctx.secrets.sealer.open(pin, seats.guestPin(account_id)).toString() : null)

/**
 * The PIN that a guest needs before he has chosen a password, for whoever writes to him: every sender may have to pass
 * it on, and without the mail it opens nothing. Null for none.
 */
export async function pinOf(ctx: Context, { account: { id } }: Guest): Promise<string | null> {
  const row = await store.guestRow(ctx, id)
  return row ? pinIn(ctx, row) : null
}

/**
 * Makes a PIN where a guest without a password has none, or one that is locked. Of two at the same instant, one does.
 */
export async function renewPin(ctx: Context, { account: { id } }: Guest): Promise<void> {
  const row = await store.guestRow(ctx, id)
  if (!row?.initial || (row.pin !== null && row.pin_strikes < STRIKES)) return
  await store.replacePin(ctx, { accountId: id, was: row.pin, pin: newPin(ctx, id) })
}

/** Is the PIN locked? */
export async function isPinLocked(ctx: Context, { account: { id } }: Guest): Promise<boolean> {
  const row = await store.guestRow(ctx, id)
  return row !== undefined && row.initial !== null && row.pin !== null && row.pin_strikes >= STRIKES
}

/**
 * Judges the PIN of a guest who has one; the try is counted before. Refuses with 'guest.pin-wrong', whose `why` is
 * 'missing', 'wrong' or 'locked'.
 */
export async function provePin(
  ctx: Context,
  { guest, pin, origin }: { guest: Guest; pin: string | undefined; origin: Origin },
): Promise<void> {
  if (!guest.needsPin) return
  if (!pin) throw new Refusal('guest.pin-wrong', { why: 'missing' })
  const { id } = guest.account
  const struck = await store.strikePin(ctx, id, STRIKES)
  const isRight = struck?.pin && isSame(ctx.secrets.sealer.open(struck.pin, seats.guestPin(id)).toString(), pin.trim())
  if (isRight) return store.forgiveStrikes(ctx, id, struck.pin!)
  await record(ctx, { event: 'guest.pin-failed', account: id, origin })
  throw new Refusal('guest.pin-wrong', { why: struck ? 'wrong' : 'locked' })
}
