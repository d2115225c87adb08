import { atomically, type Context } from '#src/context.ts'
import {
  type Actor,
  accountInCare,
  findByAddress,
  holdAccount,
  judgeGuestCare,
  mayList,
  removeGuestAccount,
  rightsOver,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import {
  countItems,
  type Guest,
  guestOf,
  isPinLocked,
  type ListedGuest,
  resetGuestPassword,
  searchGuests,
} from '#src/domain/guests/guests.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { listSessions } from '#src/domain/sessions/sessions.ts'
import { isoTime } from '#src/lib/clock.ts'
import { lastEvents } from './account-file.ts'
import type { Care } from './caring.ts'
import { upgradeGuest } from './upgrading.ts'

/** A page of guests; 'access.denied' unless the caller may see everybody. */
export async function listGuests(
  ctx: Context,
  { caller, ...wanted }: Parameters<typeof searchGuests>[1] & { caller: Actor },
): Promise<{ guests: ListedGuest[]; next: string | null }> {
  if (!mayList(caller, 'guest')) throw new Refusal('access.denied')
  return searchGuests(ctx, wanted)
}

async function guestWithId(ctx: Context, id: string): Promise<Guest> {
  const guest = await guestOf(ctx, id)
  if (!guest) throw new Refusal('guest.unknown')
  return guest
}

/** Everything that may be known about a guest: never a secret, and no subject. 'guest.unknown', 'access.denied'. */
export async function guestFile(ctx: Context, { caller, id }: Omit<Care, 'origin'>) {
  if (!mayList(caller, 'guest')) throw new Refusal('access.denied')
  const guest = await guestWithId(ctx, id)
  const { account, address, hasPassword, refused, language, needsInitial, needsPin, question } = guest
  return {
    id,
    address,
    language,
    created: isoTime(account.created),
    lastSignIn: isoTime(account.last_sign_in),
    hasPassword,
    refuses: refused,
    needsFirstPassword: needsInitial,
    needsPin,
    isLocked: await isPinLocked(ctx, guest),
    hasQuestion: question !== '',
    mails: await countItems(ctx, id),
    sessions: (await listSessions(ctx, { account })).length,
    events: await lastEvents(ctx, id),
    rights: { change: rightsOver(caller, account).protect },
  }
}

async function guestInCare(ctx: Context, { caller, id }: Care): Promise<Guest> {
  const guest = await guestWithId(ctx, id)
  await judgeGuestCare(ctx, { caller, guest: guest.account })
  return guest
}

/** Mails a guest a new password; refuses like `resetGuestPassword` besides. */
export async function resetGuest(ctx: Context, care: Care): Promise<void> {
  const guest = await guestInCare(ctx, care)
  await resetGuestPassword(ctx, { guest, actor: care.caller.id, origin: care.origin })
}

/** Removes a guest with his key and everything that he could read here. */
export async function removeGuest(ctx: Context, care: Care): Promise<void> {
  const { address } = await guestInCare(ctx, care)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, care.id)
    if (!(await removeGuestAccount(ctx, care.id))) throw new Refusal('guest.unknown')
    const detail = { guest: address }
    const { caller, id: account, origin } = care
    await record(ctx, { event: 'account.deleted', account, actor: caller.id, origin, detail })
  })
}

/** Makes a guest's key and mails those of the user who has an address; 'account.unknown' where nobody has. */
export async function upgradeGuestTo(ctx: Context, { address, ...care }: Care & { address: string }): Promise<void> {
  const guest = await guestInCare(ctx, care)
  const user = await findByAddress(ctx, address)
  if (!user) throw new Refusal('account.unknown')
  await accountInCare(ctx, { ...care, id: user.id, right: 'protect' })
  await upgradeGuest(ctx, {
    email: guest.address,
    userId: user.id,
    cid: user.tenant,
    actor: care.caller.id,
    origin: care.origin,
  })
}
