import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type GuestRow = Tables['guest']

const guestsAndKeys = (ctx: Context) =>
  ctx.db
    .selectFrom('guest')
    .innerJoin('account', 'account.id', 'guest.account_id')
    .innerJoin('key_ring', (join) =>
      join.onRef('key_ring.account_id', '=', 'guest.account_id').on('key_ring.is_current', '=', 1),
    )
    .selectAll('account')
    .select([
      'guest.address',
      'guest.language',
      'guest.refused',
      'guest.initial',
      'guest.initial_sent',
      'guest.pin',
      'guest.pin_strikes',
      'guest.question',
      'key_ring.certificate',
    ])

/** A guest with his account and his key, in one query. */
export const guestByAddress = (ctx: Context, address: string) =>
  guestsAndKeys(ctx).where('guest.address', '=', address).executeTakeFirst()

export const guestOfAccount = (ctx: Context, accountId: string) =>
  guestsAndKeys(ctx).where('guest.account_id', '=', accountId).executeTakeFirst()

export const guestRow = (ctx: Context, accountId: string) =>
  ctx.db.selectFrom('guest').selectAll().where('account_id', '=', accountId).executeTakeFirst()

/** False when there is a guest of this address: of two at the same instant, the second waits here for the first. */
export async function insertGuest(ctx: Context, row: GuestRow): Promise<boolean> {
  const inserted = await ctx.db
    .insertInto('guest')
    .values(row)
    .onConflict((conflict) => conflict.column('address').doNothing())
    .returning('account_id')
    .executeTakeFirst()
  return inserted !== undefined
}

export const changeGuest = (ctx: Context, accountId: string, changes: Partial<Omit<GuestRow, 'account_id'>>) =>
  ctx.db.updateTable('guest').set(changes).where('account_id', '=', accountId).execute()

/** Says that the guest has a password of his own now; false when he had one before. */
export async function endInitial(ctx: Context, accountId: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('guest')
    .set({ initial: null, pin: null, pin_strikes: 0 })
    .where('account_id', '=', accountId)
    .where('initial', 'is not', null)
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Says that the first password is in a mail, and answers it; undefined when it was before, or there is none any more.
 */
export const claimInitial = (ctx: Context, accountId: string) =>
  ctx.db
    .updateTable('guest')
    .set({ initial_sent: 1 })
    .where('account_id', '=', accountId)
    .where('initial', 'is not', null)
    .where('initial_sent', '=', 0)
    .returning('initial')
    .executeTakeFirst()

/** Counts a try at the PIN before it is judged; undefined when none is left. */
export const strikePin = (ctx: Context, accountId: string, most: number) =>
  ctx.db
    .updateTable('guest')
    .set((eb) => ({ pin_strikes: eb('pin_strikes', '+', 1) }))
    .where('account_id', '=', accountId)
    .where('pin', 'is not', null)
    .where('pin_strikes', '<', most)
    .returning('pin')
    .executeTakeFirst()

/**
 * Gives a guest without a password of his own another PIN, in the place of `was`; false when that is another already.
 */
export async function replacePin(
  ctx: Context,
  { accountId, was, pin }: { accountId: string; was: string | null; pin: string },
): Promise<boolean> {
  const own = ctx.db
    .updateTable('guest')
    .set({ pin, pin_strikes: 0 })
    .where('account_id', '=', accountId)
    .where('initial', 'is not', null)
  const same = was === null ? own.where('pin', 'is', null) : own.where('pin', '=', was)
  return (await same.returning('account_id').executeTakeFirst()) !== undefined
}

/** Guests of before `before` who never chose a password, have no mail here, and never said that they want none. */
export const idleGuests = async (ctx: Context, before: number, most: number): Promise<string[]> =>
  (
    await ctx.db
      .selectFrom('guest')
      .select('account_id')
      .where('created', '<', before)
      .where('initial', 'is not', null)
      .where('refused', '=', 0)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('guest_item').select('guest_item.id').whereRef('guest_item.account_id', '=', 'guest.account_id'),
          ),
        ),
      )
      .limit(most)
      .execute()
  ).map(({ account_id }) => account_id)

/** Forgets the tries at a PIN that was right, if it still is that one. */
export async function forgiveStrikes(ctx: Context, accountId: string, pin: string): Promise<void> {
  await ctx.db
    .updateTable('guest')
    .set({ pin_strikes: 0 })
    .where('account_id', '=', accountId)
    .where('pin', '=', pin)
    .execute()
}

/**
 * Sees to it that an account is not removed until the transaction ends, and that whoever holds it has done what he does;
 * false when it is gone. Any number may do so at the same time.
 */
export async function keepThere(ctx: Context, accountId: string): Promise<boolean> {
  const account = ctx.db.selectFrom('account').select('id').where('id', '=', accountId)
  const held = ctx.database.engine === 'postgres' ? account.forKeyShare() : account
  return (await held.executeTakeFirst()) !== undefined
}
