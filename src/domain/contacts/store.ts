import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

export type ContactRow = Tables['contact']

/** A contact on its way in, with the addresses it can be found by. */
export interface Entry {
  row: ContactRow
  addresses: readonly string[]
}

// So many rows at once: a statement holds no more parameters than every database takes.
const BATCH = 200

/** A contact without its key, which most readers have no use for. */
export type KeylessRow = Omit<ContactRow, 'certificate'>

/** All contacts of a folder, oldest first. */
export const contactsOf = (ctx: Context, accountId: string, folder: string): Promise<KeylessRow[]> =>
  ctx.db
    .selectFrom('contact')
    .select(['id', 'account_id', 'folder', 'uid', 'data', 'created', 'modified'])
    .where('account_id', '=', accountId)
    .where('folder', '=', folder)
    .orderBy('created')
    .orderBy('id')
    .execute()

export const findContact = (
  ctx: Context,
  { accountId, folder, id }: { accountId: string; folder: string; id: string },
): Promise<ContactRow | undefined> =>
  ctx.db
    .selectFrom('contact')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('folder', '=', folder)
    .executeTakeFirst()

/** The keys of the contacts of a folder, by their ids. */
export async function certificatesOf(
  ctx: Context,
  accountId: string,
  folder: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await ctx.db
    .selectFrom('contact')
    .select(['id', 'certificate'])
    .where('account_id', '=', accountId)
    .where('folder', '=', folder)
    .where('certificate', 'is not', null)
    .execute()
  return new Map(rows.map(({ id, certificate }) => [id, certificate!]))
}

/** How many contacts an account has, and how many characters and bytes they take. */
export async function weightOf(ctx: Context, accountId: string): Promise<{ count: number; size: number }> {
  const row = await ctx.db
    .selectFrom('contact')
    .select((eb) => [
      eb.fn.countAll().as('count'),
      eb.fn.sum(sql<number>`length(data) + coalesce(length(certificate), 0)`).as('size'),
    ])
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return { count: Number(row.count), size: Number(row.size ?? 0) }
}

interface Folder {
  accountId: string
  folder: string
}

async function contactsWith(
  ctx: Context,
  { accountId, folder, names }: Folder & { names: readonly string[] },
  column: 'id' | 'uid',
): Promise<ContactRow[]> {
  const rows: ContactRow[] = []
  for (let at = 0; at < names.length; at += BATCH) {
    const found = ctx.db
      .selectFrom('contact')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('folder', '=', folder)
      .where(column, 'in', names.slice(at, at + BATCH))
    rows.push(...(await found.execute()))
  }
  return rows
}

/** Those contacts of a folder that have one of these ids. */
export const contactsWithIds = (ctx: Context, { ids: names, ...folder }: Folder & { ids: readonly string[] }) =>
  contactsWith(ctx, { ...folder, names }, 'id')

/** Those contacts of a folder that have one of these UIDs. */
export const contactsWithUids = (ctx: Context, { uids: names, ...folder }: Folder & { uids: readonly string[] }) =>
  contactsWith(ctx, { ...folder, names }, 'uid')

async function keepBatch(ctx: Context, entries: readonly Entry[]): Promise<void> {
  await ctx.db
    .insertInto('contact')
    .values(entries.map(({ row }) => row))
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        uid: eb.ref('excluded.uid'),
        data: eb.ref('excluded.data'),
        certificate: eb.ref('excluded.certificate'),
        modified: eb.ref('excluded.modified'),
      })),
    )
    .execute()
  const ids = entries.map(({ row }) => row.id)
  await ctx.db.deleteFrom('contact_address').where('contact_id', 'in', ids).execute()
  const addresses = entries.flatMap(({ row, addresses }) =>
    addresses.map((address) => ({ contact_id: row.id, account_id: row.account_id, address })),
  )
  for (let at = 0; at < addresses.length; at += BATCH)
    await ctx.db
      .insertInto('contact_address')
      .values(addresses.slice(at, at + BATCH))
      .execute()
}

/** Writes contacts and their addresses, anew or in the place of what was there. */
export async function keepContacts(ctx: Context, entries: readonly Entry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += BATCH) await keepBatch(ctx, entries.slice(at, at + BATCH))
}

export async function deleteContacts(ctx: Context, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += BATCH)
    await ctx.db
      .deleteFrom('contact')
      .where('id', 'in', ids.slice(at, at + BATCH))
      .execute()
}

/** Contacts of an account that bear an address and brought a key along, the last changed first. */
export const keyedContactsAt = (
  ctx: Context,
  { accountId, address, most }: { accountId: string; address: string; most: number },
) =>
  ctx.db
    .selectFrom('contact')
    .innerJoin('contact_address', 'contact_address.contact_id', 'contact.id')
    .select('contact.certificate')
    .where('contact_address.account_id', '=', accountId)
    .where('contact_address.address', '=', address)
    .where('contact.certificate', 'is not', null)
    .orderBy('contact.modified', 'desc')
    .orderBy('contact.id')
    .limit(most)
    .execute()
