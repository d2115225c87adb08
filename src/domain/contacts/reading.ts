import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { writeCard } from '#src/lib/vcard.ts'
import { davContactsOf } from './elsewhere.ts'
import { addressesIn, type ContactData, cardOfData } from './fields.ts'
import { findFolder, listFolders } from './folders.ts'
import * as store from './store.ts'

/** A contact as its owner sees it. */
export interface Contact {
  id: string
  folder: string
  uid: string
  /** in the words of the App Suite */
  data: ContactData
  /** epoch milliseconds; 0 for one that lives elsewhere */
  created: number
  modified: number
}

/** Which contact: by its folder, the own one where none is named, and its id there. */
export interface Which {
  folder: string | undefined
  id: string
}

const BETWEEN_PAUSES = 500

export const contactOf = ({ id, folder, uid, data, created, modified }: store.KeylessRow): Contact => ({
  id,
  folder,
  uid,
  data: JSON.parse(data) as ContactData,
  created,
  modified,
})

async function contactsIn(rows: readonly store.KeylessRow[]): Promise<Contact[]> {
  const contacts: Contact[] = []
  for (const [at, row] of rows.entries()) {
    if (at % BETWEEN_PAUSES === BETWEEN_PAUSES - 1) await nextTurn()
    contacts.push(contactOf(row))
  }
  return contacts
}

/** All contacts of a folder, oldest first. Refuses with 'contact.folder-unknown'. */
export async function listContacts(ctx: Context, account: Account, folder: string | undefined): Promise<Contact[]> {
  const { id, isReadOnly } = findFolder(ctx, folder)
  return isReadOnly ? davContactsOf(ctx, account) : contactsIn(await store.contactsOf(ctx, account.id, id))
}

/** The contacts of some folders, or of all of them. Refuses with 'contact.folder-unknown'. */
export async function listContactsOf(
  ctx: Context,
  account: Account,
  folders: readonly string[] | undefined,
): Promise<Contact[]> {
  const ids = folders ?? listFolders(ctx).map(({ id }) => id)
  const lists: Contact[][] = []
  for (const id of new Set(ids.map((id) => findFolder(ctx, id).id))) lists.push(await listContacts(ctx, account, id))
  return lists.flat()
}

/** One contact. Refuses with 'contact.unknown' and 'contact.folder-unknown'. */
export async function findContact(ctx: Context, account: Account, { folder, id }: Which): Promise<Contact> {
  const { id: folderId, isReadOnly } = findFolder(ctx, folder)
  if (isReadOnly) {
    const found = (await davContactsOf(ctx, account)).find((contact) => contact.id === id)
    if (found) return found
  } else {
    const row = await store.findContact(ctx, { accountId: account.id, folder: folderId, id })
    if (row) return contactOf(row)
  }
  throw new Refusal('contact.unknown')
}

/** Those of some contacts that are there, in the order they were asked for. */
export async function findContacts(ctx: Context, account: Account, which: readonly Which[]): Promise<Contact[]> {
  const wanted = which.map(({ folder, id }) => ({ folder: findFolder(ctx, folder).id, id }))
  const found = new Map<string, Contact>()
  for (const folder of new Set(wanted.map(({ folder }) => folder))) {
    const ids = wanted.filter((one) => one.folder === folder).map(({ id }) => id)
    for (const contact of await contactsAmong(ctx, account, { folder, ids })) found.set(keyOf(contact), contact)
  }
  return wanted.flatMap((one) => found.get(keyOf(one)) ?? [])
}

async function contactsAmong(
  ctx: Context,
  account: Account,
  { folder, ids }: { folder: string; ids: readonly string[] },
): Promise<Contact[]> {
  if (findFolder(ctx, folder).isReadOnly) return davContactsOf(ctx, account)
  return contactsIn(await store.contactsWithIds(ctx, { accountId: account.id, folder, ids }))
}

const keyOf = ({ folder, id }: { folder: string; id: string }): string => JSON.stringify([folder, id])

/** Every address that mail to a contact goes to, lower case. Refuses with 'contact.unknown' and 'contact.folder-unknown'. */
export async function addressesOfContact(
  ctx: Context,
  { account, ...which }: Which & { account: Account },
): Promise<string[]> {
  return addressesIn((await findContact(ctx, account, which)).data)
}

/** A folder as a vCard file, or some contacts of it, with the keys that they brought along. */
export async function exportContacts(
  ctx: Context,
  { account, folder, ids }: { account: Account; folder: string | undefined; ids?: ReadonlySet<string> },
): Promise<string> {
  const { id, isReadOnly } = findFolder(ctx, folder)
  const contacts = (await listContacts(ctx, account, id)).filter((contact) => !ids || ids.has(contact.id))
  const certificates = isReadOnly ? new Map() : await store.certificatesOf(ctx, account.id, id)
  const cards: string[] = []
  for (const [at, { id, uid, data }] of contacts.entries()) {
    if (at % 50 === 49) await nextTurn()
    cards.push(writeCard(cardOfData(uid, data, certificates.get(id) ?? null)))
  }
  return cards.join('')
}
