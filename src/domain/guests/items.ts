import { atomically, type Context } from '#src/context.ts'
import { claimBody, dropBodies } from '#src/domain/bodies/bodies.ts'
import { days } from '#src/lib/clock.ts'
import type { Guest } from './finding.ts'
import { sendInitial } from './initial.ts'
import * as store from './item-store.ts'

/** Where the subject of an item is sealed to. */
export const subjectSeat = (itemId: string): string => `subject of guest item ${itemId}`

export interface Item {
  /** random, and known to the guest only: who has it has the mail */
  id: string
  guest: Guest
  kind: 'received' | 'sent'
  /** `account`: where he is one of ours */
  sender: { address: string; name: string; account?: string | undefined }
  subject: string
  /** a body that `keepBody` kept: the whole message, encrypted for the guest's key */
  body: string
  /** of the body */
  bytes: number
}

/**
 * Keeps a mail of a guest, in the caller's transaction; with the first that he gets his first password is mailed, where
 * the setting guestInitialPassword wants that.
 */
export async function keepItem(ctx: Context, { id, guest, kind, sender, subject, body, bytes }: Item): Promise<void> {
  const now = ctx.clock.now()
  await claimBody(ctx, body)
  await store.insertItem(ctx, {
    id,
    account_id: guest.account.id,
    kind,
    sender: sender.address,
    sender_name: sender.name,
    sender_account: sender.account ?? '',
    subject: ctx.secrets.sealer.seal(subject, subjectSeat(id)),
    body_id: body,
    bytes,
    created: now,
    expires: now + days(ctx.config.guestItemDays),
    opened: 0,
  })
  if (kind === 'received') await sendInitial(ctx, guest)
}

const ID = /^[\w-]{8,64}$/

/**
 * Is there still a mail of this id that the guest was sent? It proves that he has the mail with the link. Nobody has none,
 * and takes as long.
 */
export async function hasItem(ctx: Context, guest: Guest | null, itemId: string): Promise<boolean> {
  if (!ID.test(itemId)) return false
  const item = await store.itemOf(ctx, { id: itemId, accountId: guest?.account.id ?? '' })
  return item?.kind === 'received'
}

/** Removes items, and their bodies with them. In a transaction. */
export async function dropItems(ctx: Context, ids: readonly string[]): Promise<void> {
  await dropBodies(ctx, await store.removeItems(ctx, ids))
}

/** Removes all mail of a guest: before his account goes. In a transaction. */
export const dropItemsOf = async (ctx: Context, accountId: string): Promise<void> =>
  dropItems(ctx, await store.itemIdsOf(ctx, accountId))

/** Removes mails of guests that have been kept for their time. One by one: each may be large. Returns how many went. */
export async function sweepItems(ctx: Context): Promise<number> {
  const old = await store.expiredItems(ctx, 20)
  for (const id of old) await atomically(ctx, (ctx) => dropItems(ctx, [id]))
  return old.length
}
