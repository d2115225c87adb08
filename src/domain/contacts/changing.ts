import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import type { ContactData } from './fields.ts'
import { findOwnFolder, OWN_FOLDER } from './folders.ts'
import { changed, changedAt, entryOf, judgeWeight } from './keeping.ts'
import { type Contact, contactOf, type Which } from './reading.ts'
import * as store from './store.ts'

/** Longer names nobody gives. */
const UID_AT_MOST = 255

const uidIn = ({ uid }: ContactData): string | null =>
  typeof uid === 'string' && uid !== '' && uid.length <= UID_AT_MOST ? uid : null

/**
 * Writes a contact into an address book. Refuses with 'contact.folder-unknown', 'access.denied' for one that is only
 * read, 'contact.limit', 'input.too-large', and 'input.invalid' for a uid that is there already.
 */
export async function createContact(
  ctx: Context,
  { account, folder, data }: { account: Account; folder: string | undefined; data: ContactData },
): Promise<Contact> {
  const { id: folderId } = findOwnFolder(ctx, folder)
  const id = uuid(ctx.clock.chance)
  const uid = uidIn(data) ?? id
  const now = ctx.clock.now()
  const row = { id, account_id: account.id, folder: folderId, uid, certificate: null, created: now, modified: now }
  const entry = entryOf(row, changed({}, data))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const [same] = await store.contactsWithUids(ctx, { accountId: account.id, folder: folderId, uids: [uid] })
    if (same) throw new Refusal('input.invalid', { params: ['uid', uid] })
    await store.keepContacts(ctx, [entry])
    await judgeWeight(ctx, account.id)
  })
  return contactOf(entry.row)
}

/**
 * Changes members of a contact; null takes one away. `seen`: when the client saw it last, epoch milliseconds. Refuses
 * with 'contact.changed' when it was changed since, with 'contact.unknown', and as `createContact` does.
 */
export async function updateContact(
  ctx: Context,
  { account, folder, id, seen, data }: Which & { account: Account; seen: number; data: ContactData },
): Promise<Contact> {
  const { id: folderId } = findOwnFolder(ctx, folder)
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const row = await store.findContact(ctx, { accountId: account.id, folder: folderId, id })
    if (!row) throw new Refusal('contact.unknown')
    if (row.modified > seen) throw new Refusal('contact.changed')
    const { data: before, ...rest } = row
    const modified = changedAt(ctx, row.modified)
    const entry = entryOf({ ...rest, modified }, changed(JSON.parse(before) as ContactData, data))
    await store.keepContacts(ctx, [entry])
    await judgeWeight(ctx, account.id)
    return contactOf(entry.row)
  })
}

/**
 * Takes contacts away, but for those that were changed after `seen`: their ids come back. Refuses with 'contact.unknown'
 * when one is not there, 'contact.folder-unknown' and 'access.denied'; then none is gone.
 */
export async function deleteContacts(
  ctx: Context,
  { account, which, seen }: { account: Account; which: readonly Which[]; seen: number },
): Promise<string[]> {
  for (const { folder } of which) findOwnFolder(ctx, folder)
  const ids = [...new Set(which.map(({ id }) => id))]
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const rows = await store.contactsWithIds(ctx, { accountId: account.id, folder: OWN_FOLDER, ids })
    if (rows.length < ids.length) throw new Refusal('contact.unknown')
    const kept = new Set(rows.filter(({ modified }) => modified > seen).map(({ id }) => id))
    await store.deleteContacts(
      ctx,
      ids.filter((id) => !kept.has(id)),
    )
    return ids.filter((id) => kept.has(id))
  })
}
