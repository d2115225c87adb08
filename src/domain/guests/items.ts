import { atomically, type Context } from '#src/context.ts'
import { claimBody, dropUnused } from '#src/domain/bodies/bodies.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { days } from '#src/lib/clock.ts'
import { type Guest, guestOf } from './finding.ts'
import { sendInitial } from './initial.ts'
import { isItemId } from './item-id.ts'
import * as store from './item-store.ts'
import { keepThere } from './store.ts'

export interface Item {
  /** random, and known to the guest only: who has it has the mail */
  id: string
  guest: Guest
  kind: 'received' | 'sent'
  sender: { address: string; name: string }
  subject: string
  /** a body that `keepBody` kept: the whole message, encrypted for the guest's key */
  body: string
  /** of the body */
  bytes: number
}

/**
 * He may have started anew, become a user or got another key while the mail was encrypted: nobody could read it.
 * Refuses with 'server.busy': the next try finds him as he is.
 */
async function judgeStill(ctx: Context, { account, certificate }: Guest): Promise<void> {
  const now = (await keepThere(ctx, account.id)) ? await guestOf(ctx, account.id) : null
  if (!now || Buffer.compare(now.certificate, certificate) !== 0) throw new Refusal('server.busy', { retryAfter: 1 })
}

/**
 * Keeps a mail of a guest, in the caller's transaction; with the first that he gets his first password is mailed, where
 * the setting guestInitialPassword wants that. Refuses with 'server.busy' when his key is another one by now.
 */
export async function keepItem(ctx: Context, { id, guest, kind, sender, subject, body, bytes }: Item): Promise<void> {
  const now = ctx.clock.now()
  await judgeStill(ctx, guest)
  await claimBody(ctx, body)
  await store.insertItem(ctx, {
    id,
    account_id: guest.account.id,
    kind,
    sender: sender.address,
    sender_name: sender.name,
    subject: ctx.secrets.sealer.seal(subject, seats.guestSubject(id)),
    body_id: body,
    bytes,
    created: now,
    expires: now + days(ctx.config.guestItemDays),
    opened: 0,
  })
  if (kind === 'received') await sendInitial(ctx, guest)
}

/**
 * Is there still a mail of this id that the guest was sent? It proves that he has the mail with the link. Nobody has
 * none, and takes as long.
 */
export async function hasItem(ctx: Context, guest: Guest | null, itemId: string): Promise<boolean> {
  if (!isItemId(itemId)) return false
  const item = await store.itemOf(ctx, { id: itemId, accountId: guest?.account.id ?? '' })
  return item?.kind === 'received'
}

/** Removes an item, and its body with it. In a transaction. */
export async function dropItem(ctx: Context, id: string): Promise<void> {
  const body = await store.removeItem(ctx, id)
  if (body !== undefined) await dropUnused(ctx, body)
}

/**
 * Makes all mail of a guest that of a user, who has taken over his keys. In a transaction. Answers how many there are.
 */
export const giveItems = (ctx: Context, { from, to }: { from: string; to: string }): Promise<number> =>
  store.giveItems(ctx, from, to)

/** Removes mails of guests that have been kept for their time. One by one: each may be large. Returns how many went. */
export async function sweepItems(ctx: Context): Promise<number> {
  const old = await store.expiredItems(ctx, 20)
  for (const id of old) await atomically(ctx, (ctx) => dropItem(ctx, id))
  return old.length
}
