import { setImmediate as nextTurn } from 'node:timers/promises'
import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { sha256 } from '#src/lib/digests.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { type Card, readCards } from '#src/lib/vcard.ts'
import { bestRing, ringsIn } from './card-keys.ts'
import { type ContactData, dataOfCard, withoutEmails } from './fields.ts'
import { findOwnFolder } from './folders.ts'
import { changed, changedAt, entryOf, judgeWeight } from './keeping.ts'
import { type Contact, contactOf } from './reading.ts'
import * as store from './store.ts'

const FILE_AT_MOST = 1024 * 1024
const CARDS_AT_MOST = 5000
const BETWEEN_PAUSES = 20

/** A card on its way in. */
interface Arrival {
  uid: string
  data: ContactData
  certificate: Uint8Array | null
}

/** A card without a UID has the same one every time it comes: a file that is brought twice makes nobody twice. */
const uidOf = (card: Card): string => {
  const { uid, keys: _, ...rest } = card
  return uid || `card-${sha256(JSON.stringify(rest)).slice(0, 32)}`
}

async function keyOf(ctx: Context, { keys, emails }: Card): Promise<Uint8Array | null> {
  if (keys.length === 0) return null
  return bestRing(await ringsIn(ctx, keys), asciiAddress(emails[0] ?? ''))?.certificate ?? null
}

const joined = (before: ContactData, data: ContactData): ContactData => ({
  ...('email1' in data ? withoutEmails(before) : before),
  ...data,
})

/** The cards of a file by their UIDs; what comes later joins what came before. */
async function read(ctx: Context, file: Uint8Array): Promise<Map<string, Arrival>> {
  if (file.length > FILE_AT_MOST) throw new Refusal('input.too-large', { params: [FILE_AT_MOST] })
  const arrivals = new Map<string, Arrival>()
  let count = 0
  for (const card of readCards(file)) {
    count++
    if (count > CARDS_AT_MOST) throw new Refusal('contact.limit')
    if (count % BETWEEN_PAUSES === 0) await nextTurn()
    const uid = uidOf(card)
    const before = arrivals.get(uid)
    const data = joined(before?.data ?? {}, dataOfCard(card))
    arrivals.set(uid, { uid, data, certificate: (await keyOf(ctx, card)) ?? before?.certificate ?? null })
  }
  if (arrivals.size === 0) throw new Refusal('input.unreadable')
  return arrivals
}

/**
 * Takes a vCard file in, of at most 1 MiB and 5,000 cards. A card whose UID is there already changes what it tells of,
 * and leaves the rest. Refuses with 'input.unreadable' when there is no card in it, 'input.too-large', 'contact.limit',
 * 'contact.folder-unknown' and 'access.denied'; then nothing of it was taken. Keys in it that cannot be read are left out.
 */
export async function importContacts(
  ctx: Context,
  { account, folder, file, origin }: { account: Account; folder: string | undefined; file: Uint8Array; origin: Origin },
): Promise<Contact[]> {
  const { id: folderId } = findOwnFolder(ctx, folder)
  const arrivals = await read(ctx, file)
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const whose = { accountId: account.id, folder: folderId, uids: [...arrivals.keys()] }
    const known = new Map((await store.contactsWithUids(ctx, whose)).map((row) => [row.uid, row]))
    const now = ctx.clock.now()
    const entries = [...arrivals.values()].map(({ uid, data, certificate }) => {
      const row = known.get(uid)
      const before = row ? (JSON.parse(row.data) as ContactData) : {}
      const common = {
        account_id: account.id,
        folder: folderId,
        uid,
        certificate: certificate ?? row?.certificate ?? null,
      }
      const times = { created: row?.created ?? now, modified: changedAt(ctx, row?.modified ?? now - 1) }
      return entryOf({ id: row?.id ?? uuid(ctx.clock.chance), ...common, ...times }, changed(joined(before, data), {}))
    })
    await store.keepContacts(ctx, entries)
    await judgeWeight(ctx, account.id)
    const detail = { count: entries.length, new: entries.length - known.size }
    await record(ctx, { event: 'contacts.imported', account: account.id, origin, detail })
    return entries.map(({ row }) => contactOf(row))
  })
}
