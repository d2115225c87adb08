import { queryOptions } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { guard, type PublicRing, type Warning, warnedGuard } from '../../api/guard.ts'

/** A key that was brought here, or that a colleague shares. */
export interface ExternalRing {
  ids: string
  publicRing: PublicRing
  shared: boolean
  inline: boolean
  owned: boolean
}

/** A key that came with mails. */
export interface AutocryptRing extends ExternalRing {
  email: string
  verified: boolean
  preferEncrypt: 'mutual' | 'nopreference'
  lastSeen: number
  gossip: boolean
}

interface Rings<R> {
  externalPublicKeyRings: R[]
}

const rings = async <R>(keyType: string): Promise<R[]> =>
  (await guard<Rings<R>>('GET', 'keys', 'getExternalPublicKeys', { query: { keyType } })).externalPublicKeyRings

export const externalQuery = queryOptions({
  queryKey: ['correspondents', 'external'],
  queryFn: () => rings<ExternalRing>('uploaded'),
})

export const autocryptQuery = queryOptions({
  queryKey: ['correspondents', 'autocrypt'],
  queryFn: () => rings<AutocryptRing>('autocrypt'),
})

export interface Brought {
  rings: ExternalRing[]
  warnings: Warning[]
}

export async function bringKey(file: Blob): Promise<Brought> {
  const form = new FormData()
  form.set('key', file, 'keys.asc')
  const { data, warnings } = await warnedGuard<Rings<ExternalRing>>('POST', 'keys', 'uploadExternalPublicKey', { form })
  return { rings: data.externalPublicKeyRings, warnings }
}

const asText = (armor: string) => new Blob([armor], { type: 'application/pgp-keys' })

export const bringArmor = (armor: string): Promise<Brought> => bringKey(asText(armor))

export const shareKey = (keyids: string, share: boolean) =>
  guard('PUT', 'keys', 'shareExternalPublicKey', { query: { keyids, share } })

export const writeInline = (keyids: string, inline: boolean) =>
  guard('PUT', 'keys', 'inlineExternalPublicKey', { query: { keyids, inline } })

export const verifyKey = (keyids: string, verified: boolean) =>
  guard('PUT', 'keys', 'verifyAutoCryptKey', { query: { keyids, verified } })

export const deleteKey = (keyids: string, keyType: 'uploaded' | 'autocrypt') =>
  guard('DELETE', 'keys', 'deleteExternalPublicKey', { query: { keyids, keyType } })

/** What is found for an address, wherever it is looked for. */
export interface Recipient {
  publicRing?: PublicRing
  recipientEmail: string
  /** without a ring: one would be made when somebody writes */
  newKey: boolean
  guest: boolean
  keySource?: { name: string; trusted: boolean }
  reason?: string
}

interface Planned {
  recipients: { key: { verified: boolean } | null }[]
}

export interface Looked extends Recipient {
  verified: boolean
  /** other keys, on the card of that person in the address book */
  others: PublicRing[]
}

/** Looks for the key of an address; of somebody in the address book, for all that his card has. */
export async function lookFor(email: string, contact: Contact | undefined): Promise<Looked> {
  const found = await guard<Recipient>('GET', 'keys', 'getRecipKey', { query: { email } })
  const [plan, card] = await Promise.all([
    call<Planned>('POST', '/api/v1/mail/plan', { json: { to: [email] } }),
    contact ? keysOfContact(contact) : [],
  ])
  const fingerprint = found.publicRing?.keys[0]?.fingerprint
  return {
    ...found,
    // Of colleagues it is said in any case, although nobody has compared anything.
    verified: found.keySource?.name === 'autocrypt' && plan.recipients[0]?.key?.verified === true,
    others: card.filter(({ keys }) => keys[0]?.fingerprint !== fingerprint),
  }
}

export interface Contact {
  id: string
  folder: string
  name: string
  addresses: string[]
}

const COLUMNS = '1,20,500,555,556,557'

/** The address book, for suggestions. */
export const contactsQuery = queryOptions({
  queryKey: ['correspondents', 'contacts'],
  staleTime: 60_000,
  async queryFn(): Promise<Contact[]> {
    const rows = await guard<(string | null)[][]>('GET', 'contacts', 'all', { query: { columns: COLUMNS } })
    return rows.map(([id, folder, name, ...addresses]) => ({
      id: String(id),
      folder: String(folder),
      name: name ?? '',
      addresses: addresses.flatMap((one) => (one ? [one] : [])),
    }))
  },
})

const keysOfContact = async ({ id, folder }: Contact): Promise<PublicRing[]> =>
  (
    await guard<{ keyRings: PublicRing[] }>('GET', 'keys', 'getContactKeys', {
      query: { contactFolder: folder, contactID: id },
    })
  ).keyRings
