import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Contact } from '#src/domain/contacts/contacts.ts'
import { Refusal } from '#src/domain/refusals.ts'

/** The members of a contact by the numbers that the App Suite asks for them by (docs/guard.md). */
const columns = new Map<number, string>([
  [1, 'id'],
  [2, 'created_by'],
  [3, 'modified_by'],
  [4, 'creation_date'],
  [5, 'last_modified'],
  [6, 'last_modified_utc'],
  [20, 'folder_id'],
  [100, 'categories'],
  [101, 'private_flag'],
  [102, 'color_label'],
  [104, 'number_of_attachments'],
  [223, 'uid'],
  [524, 'user_id'],
  [570, 'image1'],
  [592, 'distribution_list'],
  [594, 'number_of_distribution_list'],
  [596, 'number_of_images'],
  [597, 'image_last_modified'],
  [598, 'state_other'],
  [599, 'file_as'],
  [601, 'image1_content_type'],
  [602, 'mark_as_distributionlist'],
  [605, 'default_address'],
  [606, 'image1_url'],
  [608, 'useCount'],
  [610, 'yomiFirstName'],
  [611, 'yomiLastName'],
  [612, 'yomiCompany'],
  [613, 'addressHome'],
  [614, 'addressBusiness'],
  [615, 'addressOther'],
])

const inOrder = (first: number, names: string): void => {
  for (const [index, name] of names.split(' ').entries()) columns.set(first + index, name)
}

inOrder(500, 'display_name first_name last_name second_name suffix title street_home postal_code_home city_home')
inOrder(509, 'state_home country_home birthday martial_status number_of_children profession nickname spouse_name')
inOrder(517, 'anniversary note department position employee_type room_number street_business')
inOrder(525, 'postal_code_business city_business state_business country_business number_of_employees sales_volume')
inOrder(531, 'tax_id commercial_register branches business_category info manager_name assistant_name street_other')
inOrder(539, 'city_other postal_code_other country_other telephone_business1 telephone_business2 fax_business')
inOrder(545, 'telephone_callback telephone_car telephone_company telephone_home1 telephone_home2 fax_home')
inOrder(551, 'cellular_telephone1 cellular_telephone2 telephone_other fax_other email1 email2 email3 url')
inOrder(559, 'telephone_isdn telephone_pager telephone_primary telephone_radio telephone_telex telephone_ttytdd')
inOrder(565, 'instant_messenger1 instant_messenger2 telephone_ip telephone_assistant company')
for (let field = 1; field <= 20; field++) columns.set(570 + field, `userfield${String(field).padStart(2, '0')}`)

/** A contact as an object: what its owner wrote, and what the house knows of it. */
export const wireContact = ({ id, folder, uid, data, created, modified }: Contact): Record<string, unknown> => ({
  ...data,
  id,
  folder_id: folder,
  uid,
  creation_date: created,
  last_modified: modified,
  last_modified_utc: modified,
  number_of_images: 0,
})

/** The numbers in a list such as `1,20,500`. Refuses with 'input.invalid'. */
export function readColumns(text: string): number[] {
  const numbers = text.split(',').map((part) => part.trim())
  if (numbers.length > 200 || !numbers.every((part) => /^\d{1,5}$/.test(part)))
    throw new Refusal('input.invalid', { params: ['columns', text.slice(0, 60)] })
  return numbers.map(Number)
}

// Enough for what an account may keep, and for one turn of the process to write out; a column may be asked for twice.
const ANSWER_AT_MOST = 8 * 1024 * 1024
const BETWEEN_PAUSES = 20

/** A contact's members in the order of the columns; null for what it does not have, or nobody knows. */
function rowOf(contact: Contact, numbers: readonly number[]): unknown[] {
  const members = wireContact(contact)
  return numbers.map((number) => {
    const name = columns.get(number)
    return name !== undefined && Object.hasOwn(members, name) ? members[name] : null
  })
}

/**
 * Contacts as lists of the columns that were asked for. Others are served in between. Refuses with 'input.too-large' what
 * is over 8 MiB.
 */
export async function wireRows(contacts: readonly Contact[], numbers: readonly number[]): Promise<unknown[][]> {
  const rows: unknown[][] = []
  let size = 0
  for (const [at, contact] of contacts.entries()) {
    if (at % BETWEEN_PAUSES === BETWEEN_PAUSES - 1) await nextTurn()
    const row = rowOf(contact, numbers)
    size += JSON.stringify(row).length
    if (size > ANSWER_AT_MOST) throw new Refusal('input.too-large', { params: [ANSWER_AT_MOST] })
    rows.push(row)
  }
  return rows
}

const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

// The App Suite's own column for the order that people expect in an address book.
const BY_NAME = 607

const nameOf = ({ data }: Contact): unknown =>
  ['last_name', 'display_name', 'company', 'email1']
    .map((name) => data[name])
    .find((value) => typeof value === 'string')

// As much as anybody sees of it in a list; to compare the rest takes long.
const COMPARED_AT_MOST = 100

interface Keyed {
  contact: Contact
  key: number | string
}

const keyOf = (value: unknown): number | string => {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? value.slice(0, COMPARED_AT_MOST) : ''
}

const compare = ({ key: a }: Keyed, { key: b }: Keyed): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))

// So few that they are in order before anybody notices.
const AT_A_TIME = 32
const COMPARED_BETWEEN_PAUSES = 200

/** In order, those alike as they stood; others are served in between. */
async function sorted(items: readonly Keyed[], before: (a: Keyed, b: Keyed) => number): Promise<Keyed[]> {
  if (items.length <= AT_A_TIME) return items.toSorted(before)
  const half = Math.ceil(items.length / 2)
  const left = await sorted(items.slice(0, half), before)
  const right = await sorted(items.slice(half), before)
  const merged: Keyed[] = []
  let [atLeft, atRight] = [0, 0]
  while (atLeft < left.length || atRight < right.length) {
    if (merged.length % COMPARED_BETWEEN_PAUSES === 0) await nextTurn()
    const [one, other] = [left[atLeft], right[atRight]]
    if (one && (!other || before(one, other) <= 0)) atLeft = merged.push(one) - atRight
    else if (other) atRight = merged.push(other) - atLeft
  }
  return merged
}

/** The order of a list: by a column, else by name; `desc` the other way round. Others are served in between. */
export async function inOrderOf(
  contacts: readonly Contact[],
  sort: string | undefined,
  order: string | undefined,
): Promise<Contact[]> {
  const column = Number(sort ?? BY_NAME)
  const member = columns.get(column)
  const keyed: Keyed[] = []
  for (const [at, contact] of contacts.entries()) {
    if (at % BETWEEN_PAUSES === BETWEEN_PAUSES - 1) await nextTurn()
    const value = column === BY_NAME || member === undefined ? nameOf(contact) : wireContact(contact)[member]
    keyed.push({ contact, key: keyOf(value) })
  }
  const down = order?.toLowerCase() === 'desc' ? -1 : 1
  return (await sorted(keyed, (a, b) => down * compare(a, b))).map(({ contact }) => contact)
}
