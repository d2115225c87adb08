import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type FoundKey, seenKey } from '#src/domain/discovery/discovery.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { type Guest, guestAt } from './finding.ts'
import { ensureGuest } from './inviting.ts'

/** The key of a guest, as keys that were found have it. */
export interface GuestKey {
  guest: Guest
  key: FoundKey
  /** it was just made */
  made: boolean
}

/** The name of this source of keys; no setting has it. */
const SOURCE = 'guest'

async function keyOf(ctx: Context, guest: Guest): Promise<FoundKey | null> {
  // The house has made it for this very address, and opens it for nobody but who reads the mail there.
  return seenKey(ctx, { name: SOURCE, level: ctx.config.keyTrustLevel }, { certificate: guest.certificate })
}

/** The guest of an address, made where there is none; null for an address that cannot be a guest's. */
async function madeGuest(
  ctx: Context,
  { account, address, origin }: Wish,
): Promise<{ guest: Guest; isNew: boolean } | null> {
  try {
    return await ensureGuest(ctx, { inviter: account, address, pin: false, origin })
  } catch (error) {
    // An account was made at this very moment.
    if (isRefusal(error, 'account.exists')) return null
    throw error
  }
}

interface Wish {
  account: Account
  address: string
  create: boolean
  origin: Origin
}

/**
 * The key of the guest at an address that has no other; with `create`, one is made where there is none. Null where there
 * is none, or guests are off. Refuses like `ensureGuest`.
 */
export async function guestKeyFor(ctx: Context, wish: Wish): Promise<GuestKey | null> {
  if (!ctx.config.guests) return null
  const known = await guestAt(ctx, wish.address)
  const found = known ? { guest: known, isNew: false } : wish.create ? await madeGuest(ctx, wish) : null
  const key = found && (await keyOf(ctx, found.guest))
  return found && key ? { guest: found.guest, key, made: found.isNew } : null
}
