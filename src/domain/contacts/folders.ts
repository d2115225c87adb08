import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'

/** An address book of an account: its own one, and the one that the operator's CardDAV server has for it. */
export interface Folder {
  id: string
  title: string
  isReadOnly: boolean
}

export const OWN_FOLDER = 'contacts'
export const DAV_FOLDER = 'carddav'

const own: Folder = { id: OWN_FOLDER, title: 'Contacts', isReadOnly: false }
const elsewhere: Folder = { id: DAV_FOLDER, title: 'CardDAV', isReadOnly: true }

/** The address books of every account, its own one first. */
export const listFolders = (ctx: Context): Folder[] => (ctx.carriers.addressBooks ? [own, elsewhere] : [own])

/** The address book of an id, the own one where none is named. Refuses with 'contact.folder-unknown'. */
export function findFolder(ctx: Context, id: string | undefined): Folder {
  const found = listFolders(ctx).find((folder) => folder.id === (id || OWN_FOLDER))
  if (!found) throw new Refusal('contact.folder-unknown', { params: [String(id).slice(0, 60)] })
  return found
}

/** The address book to write into. Refuses with 'contact.folder-unknown', and 'access.denied' for one that is only read. */
export function findOwnFolder(ctx: Context, id: string | undefined): Folder {
  const folder = findFolder(ctx, id)
  if (folder.isReadOnly) throw new Refusal('access.denied')
  return folder
}
