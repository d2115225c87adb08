import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount, removeGuestAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Guest, giveItems, guestAt, initialOf } from '#src/domain/guests/guests.ts'
import { moveRings } from '#src/domain/keys/keys.ts'
import { composeFrom } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { userNamed } from './naming.ts'

interface Wish {
  /** of the guest */
  email: string
  /** of the user */
  userId: string
  cid: number
  actor: string
  origin: Origin
}

/**
 * A guest who never chose a password was let in by his links; his key has one all the same, which its new owner needs.
 */
async function mailFirstPassword(ctx: Context, guest: Guest, user: Account): Promise<void> {
  const code = await initialOf(ctx, guest)
  if (code === null) return
  await composeFrom(ctx, {
    channel: 'mail',
    to: user.email,
    template: 'guest_key_moved',
    reader: user,
    values: { code, address: guest.address },
  })
}

/**
 * Both accounts, held in the one order in which everybody holds several: of two calls at the same instant one waits.
 */
async function holdBoth(ctx: Context, a: string, b: string): Promise<Map<string, Account>> {
  const held = new Map<string, Account>()
  for (const id of [a, b].toSorted()) held.set(id, await holdAccount(ctx, id))
  return held
}

/**
 * Makes a guest's keys and mails those of a user; the guest is gone then, and all his sessions with him. His current
 * key becomes the user's only where he had none. Refuses with 'guest.unknown' and 'account.unknown'.
 */
export async function upgradeGuest(ctx: Context, { email, userId, cid, actor, origin }: Wish): Promise<void> {
  const guest = await guestAt(ctx, email)
  if (!guest) throw new Refusal('guest.unknown')
  const { id: to } = await userNamed(ctx, userId, cid)
  const from = guest.account.id
  await atomically(ctx, async (ctx) => {
    const held = await holdBoth(ctx, from, to)
    const user = held.get(to)!
    // Before the account goes, on which it hangs.
    await mailFirstPassword(ctx, guest, user)
    const rings = await moveRings(ctx, { from: { ...held.get(from)!, email: guest.address }, to: user })
    const items = await giveItems(ctx, { from, to })
    if (!(await removeGuestAccount(ctx, from))) throw new Refusal('guest.unknown')
    const detail = { guest: guest.address, rings, items }
    await record(ctx, { event: 'guest.upgraded', account: to, actor, origin, detail })
  })
}
