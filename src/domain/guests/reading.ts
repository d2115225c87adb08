import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { bodyOf, bodyPieces } from '#src/domain/bodies/bodies.ts'
import type { Origin } from '#src/domain/caller.ts'
import { accountLines } from '#src/domain/discovery/discovery.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { type DecryptedMail, decryptMail, type Proof } from '#src/domain/mail/mail.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { joinedBytes } from '#src/lib/joined-bytes.ts'
import type { MailPart, MailView } from '#src/lib/mime/view.ts'
import { type Guest, guestOf } from './finding.ts'
import { isItemId } from './item-id.ts'
import { type ItemRow, itemOf } from './item-store.ts'
import { dropItem } from './items.ts'
import * as store from './reading-store.ts'

/** A mail in the list of whoever reads here. Times are epoch milliseconds. */
export interface ListedItem {
  id: string
  kind: 'received' | 'sent'
  from: { address: string; name: string }
  subject: string
  date: number
  /** of the encrypted mail */
  bytes: number
  expires: number
  opened: boolean
}

const PLACE = /^(\d{1,15})\.(.+)$/

/** The place behind an item, as `listItems` answers it; null for the beginning. Refuses with 'input.invalid'. */
function placeIn(text: string | undefined): store.Place | null {
  if (text === undefined) return null
  const [, created, id] = PLACE.exec(text) ?? []
  if (created === undefined || id === undefined || !isItemId(id))
    throw new Refusal('input.invalid', { params: ['before'] })
  return { created: Number(created), id }
}

const listed = (ctx: Context, row: ItemRow): ListedItem => ({
  id: row.id,
  kind: row.kind === 'sent' ? 'sent' : 'received',
  from: { address: row.sender, name: row.sender_name },
  subject: ctx.secrets.sealer.open(row.subject, seats.guestSubject(row.id)).toString(),
  date: row.created,
  bytes: row.bytes,
  expires: row.expires,
  opened: row.opened > 0,
})

/**
 * The mails that an account may read here, the newest first: `most` of them behind `before`, the `next` of the list
 * before. `next` is null at the end. Refuses with 'input.invalid'.
 */
export async function listItems(
  ctx: Context,
  { accountId, before, most }: { accountId: string; before?: string | undefined; most: number },
): Promise<{ items: ListedItem[]; next: string | null }> {
  const rows = await store.itemsOf(ctx, { accountId, behind: placeIn(before), most: most + 1 })
  const items = rows.slice(0, most).map((row) => listed(ctx, row))
  const last = items.at(-1)
  return { items, next: rows.length > most && last ? `${last.date}.${last.id}` : null }
}

export const countItems = (ctx: Context, accountId: string): Promise<number> => store.countItems(ctx, accountId)

interface Wanted {
  accountId: string
  id: string
}

async function rowOf(ctx: Context, wanted: Wanted): Promise<ItemRow> {
  const row = isItemId(wanted.id) ? await itemOf(ctx, wanted) : undefined
  if (!row) throw new Refusal('guest.item-unknown')
  return row
}

/** What whoever holds a link to a mail may know: which mail, and whom it was sent to; null where it leads nowhere any more. */
export async function linkedItem(ctx: Context, id: string): Promise<{ item: ListedItem; guest: Guest } | null> {
  const accountId = isItemId(id) ? await store.ownerOfItem(ctx, id) : undefined
  const guest = accountId === undefined ? null : await guestOf(ctx, accountId)
  return guest && { guest, item: listed(ctx, await rowOf(ctx, { accountId: guest.account.id, id })) }
}

/** The encrypted mail as it is kept, in pieces. Refuses with 'guest.item-unknown' for one of somebody else, too. */
export async function originalOf(
  ctx: Context,
  wanted: Wanted,
): Promise<{ item: ListedItem; bytes: number; pieces: AsyncIterable<Uint8Array> }> {
  const row = await rowOf(ctx, wanted)
  const body = await bodyPieces(ctx, row.body_id)
  if (!body) throw new Refusal('guest.item-unknown')
  return { item: listed(ctx, row), ...body }
}

interface Opening {
  signed: Signed
  id: string
  proof: Proof
  origin: Origin
}

// Each takes several times the size of a mail: who asks for all his at once waits for himself.
const lines = accountLines(1)

interface OpenItem {
  item: ListedItem
  mail: Omit<DecryptedMail, 'message'> & { message: Uint8Array }
}

async function opened(ctx: Context, { signed, id, proof, origin }: Opening): Promise<OpenItem> {
  const accountId = signed.account.id
  const row = await rowOf(ctx, { accountId, id })
  const message = await bodyOf(ctx, row.body_id)
  if (!message) throw new Refusal('guest.item-unknown')
  const mail = await decryptMail(ctx, { signed, message, proof, origin })
  await atomically(ctx, async (ctx) => {
    if (await store.noteOpened(ctx, id))
      await record(ctx, { event: 'guest.opened', account: accountId, origin, detail: { item: id } })
  })
  return { item: listed(ctx, row), mail: { ...mail, message: await joinedBytes(mail.message) } }
}

/**
 * Opens a mail, and works out what people are shown of it; nothing readable is kept. Its first opening is written down.
 * Refuses like `originalOf` and `decryptMail`, and with 'mail.unreadable' one that takes too long.
 */
export const openItem = (ctx: Context, opening: Opening): Promise<OpenItem & { view: MailView }> =>
  lines(ctx, opening.signed.account.id, async () => {
    const { item, mail } = await opened(ctx, opening)
    return { item, mail, view: await inOurWords(ctx.workers.openpgp.viewMail({ message: mail.message })) }
  })

/** One attachment of a mail, by its number in the view. Refuses like `openItem`, and 'guest.item-unknown' for none. */
export const openAttachment = (ctx: Context, { index, ...opening }: Opening & { index: number }): Promise<MailPart> =>
  lines(ctx, opening.signed.account.id, async () => {
    const { message } = (await opened(ctx, opening)).mail
    const part = await inOurWords(ctx.workers.openpgp.partOfMail({ message, index }))
    if (!part) throw new Refusal('guest.item-unknown')
    return part
  })

/** The readable mail itself, whole. Refuses like `openItem`. */
export const plainMail = (ctx: Context, opening: Opening): Promise<OpenItem> =>
  lines(ctx, opening.signed.account.id, () => opened(ctx, opening))

/** Removes a mail for good. Refuses like `originalOf`. */
export async function removeItem(ctx: Context, wanted: Wanted): Promise<void> {
  const { id } = await rowOf(ctx, wanted)
  await atomically(ctx, (ctx) => dropItem(ctx, id))
}
