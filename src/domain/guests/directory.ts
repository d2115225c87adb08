import type { Context } from '#src/context.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { guestsByAddress, type Sought } from './directory-store.ts'
import { STRIKES } from './pins.ts'

/** A guest in the list of those who look after guests. Times are epoch milliseconds. */
export interface ListedGuest {
  /** of the guest's account */
  id: string
  address: string
  created: number
  /** 0 for never */
  lastSignIn: number
  hasPassword: boolean
  /** he wants no such mail */
  refuses: boolean
  /** he needs a PIN, and has shown so many wrong ones that nobody gets in before somebody writes to him again */
  isLocked: boolean
  /** who wrote to him first; null where that account is gone */
  invitedBy: string | null
}

/** A page of the guests in the order of their addresses; `next` is the `after` of the next page, null at the end. */
export async function searchGuests(
  ctx: Context,
  { start, limit, ...wanted }: Sought,
): Promise<{ guests: ListedGuest[]; next: string | null }> {
  const rows = await guestsByAddress(ctx, { ...wanted, start: start && asciiAddress(start), limit: limit + 1 })
  const guests = rows.slice(0, limit).map((row) => ({
    id: row.id,
    address: row.address,
    created: row.created,
    lastSignIn: row.last_sign_in,
    hasPassword: row.initial === null,
    refuses: row.refused > 0,
    isLocked: row.initial !== null && row.pin !== null && row.pin_strikes >= STRIKES,
    invitedBy: row.host,
  }))
  return { guests, next: rows.length > limit ? (guests.at(-1)?.address ?? null) : null }
}
