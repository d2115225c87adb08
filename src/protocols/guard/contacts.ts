import { z } from 'zod'
import {
  type Contact,
  createContact,
  deleteContacts,
  findContact,
  findContacts,
  listContacts,
  listContactsOf,
  listFolders,
  searchContacts,
  updateContact,
} from '#src/domain/contacts/contacts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { inOrderOf, readColumns, wireContact, wireRows } from './contact-columns.ts'
import { criteriaIn, searchBody } from './contact-search.ts'
import { needed, sessionQuery } from './inputs.ts'

// Ids of the App Suite are numbers, ours are texts: clients send what they got, and some of them numbers by habit.
const id = z.union([z.string(), z.number()]).transform(String)
const folder = z.string().optional()
const columns = z.string()
const time = z.string().regex(/^\d{1,16}$/)
const sorting = { sort: z.string().optional(), order: z.string().optional() }
const reference = z.looseObject({ id, folder: id.optional(), folder_id: id.optional() })
const references = z.union([z.array(reference).max(5000), reference]).transform((value) => [value].flat())
const contact = z.looseObject({ folder_id: id.nullish() })

const timed = z.object({ data: z.unknown(), timestamp: z.int() })

/** Contacts and when the last of them was changed, which clients show again when they change one. */
const withTimestamp = <T>(data: T, contacts: readonly Contact[]) => ({
  data,
  timestamp: contacts.reduce((last, { modified }) => Math.max(last, modified), 0),
})

const whichOf = (reference: z.output<typeof references>[number]) => ({
  id: reference.id,
  folder: reference.folder ?? reference.folder_id,
})

const add = endpoint({
  at: 'PUT /contacts?action=new',
  what: 'Writes a contact into the address book; members that the server does not know are kept',
  who: 'a full session',
  in: { query: z.looseObject({ ...sessionQuery, folder }), body: contact },
  out: timed,
  async does(ctx, { query, body }, { account }) {
    const made = await createContact(ctx, { account, folder: body.folder_id ?? query.folder, data: body })
    return withTimestamp({ id: made.id, folder_id: made.folder }, [made])
  },
})

const get = endpoint({
  at: 'GET /contacts?action=get',
  what: 'One contact',
  who: 'a full session',
  in: { query: z.looseObject({ ...sessionQuery, folder, id: z.string() }) },
  out: timed,
  async does(ctx, { query: { folder, id } }, { account }) {
    const found = await findContact(ctx, account, { folder, id })
    return withTimestamp(wireContact(found), [found])
  },
})

const all = endpoint({
  at: 'GET /contacts?action=all',
  what: 'The contacts of an address book: of each the columns that were asked for',
  who: 'a full session',
  in: { query: z.looseObject({ ...sessionQuery, ...sorting, folder, columns }) },
  out: timed,
  async does(ctx, { query }, { account }) {
    const numbers = readColumns(query.columns)
    const contacts = await listContacts(ctx, account, query.folder)
    return withTimestamp(await wireRows(await inOrderOf(contacts, query.sort, query.order), numbers), contacts)
  },
})

const list = endpoint({
  at: 'PUT /contacts?action=list',
  what: 'Some contacts by their ids; those that are gone are left out',
  who: 'a full session',
  takes: 'json or list',
  in: { query: z.looseObject({ ...sessionQuery, columns }), body: references },
  out: timed,
  async does(ctx, { query, body }, { account }) {
    const numbers = readColumns(query.columns)
    const contacts = await findContacts(ctx, account, body.map(whichOf))
    return withTimestamp(await wireRows(contacts, numbers), contacts)
  },
})

const update = endpoint({
  at: 'PUT /contacts?action=update',
  what: 'Changes members of a contact, unless it was changed since the client saw it; null takes a member away',
  who: 'a full session',
  in: {
    query: z.looseObject({ ...sessionQuery, folder, id: z.string().optional(), timestamp: time.optional() }),
    body: contact,
  },
  out: timed,
  async does(ctx, { query: { folder, ...query }, body }, { account }) {
    const id = needed(query.id, 'id')
    const seen = Number(needed(query.timestamp, 'timestamp'))
    // Contacts do not move: there is one address book to write into.
    if (body.folder_id && folder && body.folder_id !== folder)
      throw new Refusal('contact.folder-unknown', { params: [body.folder_id.slice(0, 60)] })
    const changed = await updateContact(ctx, { account, folder, id, seen, data: body })
    return withTimestamp({}, [changed])
  },
})

const remove = endpoint({
  at: 'PUT /contacts?action=delete',
  what: 'Takes contacts away; answers the ids of those that stayed because they were changed since',
  who: 'a full session',
  takes: 'json or list',
  in: { query: z.looseObject({ ...sessionQuery, timestamp: time }), body: references },
  out: timed,
  async does(ctx, { query, body }, { account }) {
    const kept = await deleteContacts(ctx, { account, which: body.map(whichOf), seen: Number(query.timestamp) })
    return { data: kept, timestamp: ctx.clock.now() }
  },
})

const search = endpoint({
  at: 'PUT /contacts?action=search',
  what: 'Looks for contacts by a pattern or by members; in all address books, or in those that are named',
  who: 'a full session',
  in: { query: z.looseObject({ ...sessionQuery, ...sorting, columns }), body: searchBody },
  out: timed,
  async does(ctx, { query, body }, { account }) {
    const numbers = readColumns(query.columns)
    const contacts = await listContactsOf(ctx, account, body.folder)
    const found = await searchContacts(contacts, criteriaIn(body))
    return withTimestamp(await wireRows(await inOrderOf(found, query.sort, query.order), numbers), found)
  },
})

const WRITABLE = 2 | (2 << 7) | (2 << 14) | (2 << 21)
const READABLE = 1 | (2 << 7)

const folders = endpoint({
  at: 'GET /folders?action=allVisible',
  what: 'The address books of the user, with their rights, by the columns that were asked for',
  who: 'a full session',
  in: { query: z.looseObject({ ...sessionQuery, columns, content_type: z.literal('contacts') }) },
  out: timed,
  async does(ctx, { query }) {
    const members = listFolders(ctx).map(({ id, title, isReadOnly }) => ({
      1: id,
      20: '1',
      300: title,
      301: 'contacts',
      302: 1,
      304: false,
      305: isReadOnly ? READABLE : WRITABLE,
      308: !isReadOnly,
    }))
    const rows = members.map((folder: Record<number, unknown>) =>
      readColumns(query.columns).map((number) => folder[number] ?? null),
    )
    return { data: { private: rows }, timestamp: 0 }
  },
})

/** The address book of the App Suite, as far as its clients need it to keep contacts and their keys. */
export const contactEndpoints: Endpoint[] = [add, get, all, list, update, remove, search, folders]
