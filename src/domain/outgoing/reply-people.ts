import type { Context } from '#src/context.ts'
import { findKeys, keyForRecipient } from '#src/domain/discovery/discovery.ts'
import { type Guest, guestAt } from '#src/domain/guests/guests.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { isAddress } from '#src/lib/mail-address.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
import type { ShownHeader } from '#src/lib/mime/view-header.ts'
import { faultOf } from './sharing.ts'

/** Who gets an answer. */
export interface People {
  sender: Mailbox
  others: Mailbox[]
}

const OTHERS_AT_MOST = 50

const isGuest = async (ctx: Context, address: string): Promise<boolean> => {
  const guest = ctx.config.guests ? await guestAt(ctx, address) : null
  return guest !== null && !guest.refused
}

/** Those of some people whom an encrypted mail reaches today: nobody becomes a guest by an answer of a guest. */
async function reachable(ctx: Context, { account }: Guest, people: readonly Mailbox[]): Promise<Mailbox[]> {
  if (people.length === 0) return []
  const found = await findKeys(ctx, { account, addresses: people.map(({ address }) => address) })
  const all: Mailbox[] = []
  for (const one of people)
    if (found.get(one.address)?.verdict === true || (!found.get(one.address) && (await isGuest(ctx, one.address))))
      all.push(one)
  return all
}

/** One of our people gets a key where he has none yet: he has begun to write encrypted mail. */
async function judgeSender(ctx: Context, { account }: Guest, { address }: Mailbox): Promise<void> {
  const { key } = await keyForRecipient(ctx, { account, address, create: true })
  if (key?.verdict === true || (!key && (await isGuest(ctx, address)))) return
  const reasons = { [address]: faultOf(key) }
  throw new Refusal('mail.recipient-without-key', { params: [address], reasons })
}

/**
 * Who sent a mail and, with `all`, the others whom it names and who can read what is encrypted; never the guest himself.
 * Refuses with 'mail.recipient-without-key' where the sender cannot.
 */
export async function peopleOf(
  ctx: Context,
  { guest, sender, header, all }: { guest: Guest; sender: Mailbox; header: ShownHeader; all: boolean },
): Promise<People> {
  await judgeSender(ctx, guest, sender)
  if (!all) return { sender, others: [] }
  const named = new Map<string, Mailbox>()
  for (const one of [...header.to, ...header.cc]) if (!named.has(one.address)) named.set(one.address, one)
  for (const known of [sender.address, guest.address]) named.delete(known)
  const wanted = [...named.values()].filter(({ address }) => isAddress(address)).slice(0, OTHERS_AT_MOST)
  return { sender, others: await reachable(ctx, guest, wanted) }
}
