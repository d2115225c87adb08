/** Address books: an account's own one, and what the operator's CardDAV server has for it. */
export { type ContactKey, contactKeyFor, keysOfContact } from './card-keys.ts'
export { createContact, deleteContacts, updateContact } from './changing.ts'
export type { ContactData } from './fields.ts'
export { type Folder, findFolder, listFolders } from './folders.ts'
export { importContacts } from './importing.ts'
export {
  addressesOfContact,
  type Contact,
  exportContacts,
  findContact,
  findContacts,
  listContacts,
  listContactsOf,
  type Which,
} from './reading.ts'
export { type Search, searchContacts } from './searching.ts'
