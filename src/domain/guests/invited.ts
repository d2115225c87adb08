import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { invitedBy } from './invited-store.ts'
import { pinIn } from './pins.ts'

/** A guest, as who invited him sees him. */
export interface InvitedGuest {
  address: string
  /** epoch milliseconds */
  created: number
  hasPassword: boolean
  /** he wants no such mail */
  refuses: boolean
  /** what he needs besides the link until he has chosen a password; null for nothing */
  pin: string | null
}

/** The guests whom an account invited first, the newest first: `most` of them behind the first `from`. */
export async function invitedGuests(
  ctx: Context,
  { account, most, from }: { account: Account; most: number; from: number },
): Promise<InvitedGuest[]> {
  const rows = await invitedBy(ctx, { inviter: account.id, most, from })
  return rows.map((row) => ({
    address: row.address,
    created: row.created,
    hasPassword: row.initial === null,
    refuses: row.refused > 0,
    pin: pinIn(ctx, row),
  }))
}
