import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type FoundKey, seenKey } from '#src/domain/discovery/discovery.ts'
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

/**
 * The key of the guest at an address that has no other; with `create`, one is made where there is none. Null where there
 * is none, or guests are off. Refuses like `ensureGuest`.
 */
export async function guestKeyFor(
  ctx: Context,
  { account, address, create, origin }: { account: Account; address: string; create: boolean; origin: Origin },
): Promise<GuestKey | null> {
  if (!ctx.config.guests) return null
  const known = await guestAt(ctx, address)
  const { guest, isNew } =
    known || !create
      ? { guest: known, isNew: false }
      : await ensureGuest(ctx, { inviter: account, address, pin: false, origin })
  const key = guest && (await keyOf(ctx, guest))
  return guest && key ? { guest, key, made: isNew } : null
}
