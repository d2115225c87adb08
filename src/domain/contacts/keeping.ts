import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { addressesIn, type ContactData } from './fields.ts'
import * as store from './store.ts'

/** What an account may have at the most: contacts, and characters and bytes of them together. */
const CONTACTS_AT_MOST = 5000
const SIZE_AT_MOST = 16 * 1024 * 1024
/** What one contact may have, as JSON. */
const CONTACT_AT_MOST = 16_384

// What the house knows of a contact itself, or what only stands in a request.
const OURS = new Set([
  'id',
  'folder_id',
  'folder',
  'uid',
  'created_by',
  'modified_by',
  'creation_date',
  'last_modified',
  'last_modified_utc',
  'timestamp',
  'session',
  'number_of_images',
  'image1',
  'image1_content_type',
  'image1_url',
  'image_last_modified',
  '__proto__',
])

/** Contacts with changes: null and empty texts take a member away. Members that nobody knows are kept. */
export const changed = (data: ContactData, changes: ContactData): ContactData =>
  Object.fromEntries(
    Object.entries({ ...data, ...changes }).filter(
      ([name, value]) => !OURS.has(name) && value !== null && value !== '',
    ),
  )

/** A contact as it is written. Refuses with 'input.too-large'. */
export function entryOf(row: Omit<store.ContactRow, 'data'>, data: ContactData): store.Entry {
  const text = JSON.stringify(data)
  if (text.length > CONTACT_AT_MOST) throw new Refusal('input.too-large', { params: [CONTACT_AT_MOST] })
  return { row: { ...row, data: text }, addresses: addressesIn(data) }
}

/** Refuses with 'contact.limit' when an account has more than it may: to be asked after writing, inside the transaction. */
export async function judgeWeight(ctx: Context, accountId: string): Promise<void> {
  const { count, size } = await store.weightOf(ctx, accountId)
  if (count > CONTACTS_AT_MOST || size > SIZE_AT_MOST) throw new Refusal('contact.limit')
}

/** When a contact was changed: later than before, whatever the clock says, so that nobody misses it. */
export const changedAt = (ctx: Context, before = 0): number => Math.max(ctx.clock.now(), before + 1)
