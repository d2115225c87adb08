import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { sha256 } from '#src/lib/digests.ts'
import { type Card, readCards } from '#src/lib/vcard.ts'
import { addressesIn, dataOfCard } from './fields.ts'
import { DAV_FOLDER } from './folders.ts'
import type { Contact } from './reading.ts'

/** A contact that lives elsewhere, with the keys of its card as they stand there: nobody has looked at them yet. */
export interface DavContact extends Contact {
  addresses: ReadonlySet<string>
  keys: readonly Uint8Array[]
}

type Cards = readonly { uid: string; card: string }[]

// More than these are passed over.
const CONTACTS_AT_MOST = 5000
const BETWEEN_PAUSES = 20

// The source hands out the same list while it remembers it: reading it once is enough.
const read = new WeakMap<Cards, Promise<DavContact[]>>()

const contactOf = (uid: string, card: Card): DavContact => {
  const data = dataOfCard(card)
  return {
    // Names of their own may hold anything; ours are safe in every client's list of ids.
    id: sha256(uid).slice(0, 32),
    folder: DAV_FOLDER,
    uid,
    data,
    created: 0,
    modified: 0,
    addresses: new Set(addressesIn(data)),
    keys: card.keys,
  }
}

async function readAll(cards: Cards): Promise<DavContact[]> {
  const contacts = new Map<string, DavContact>()
  for (const [at, { uid, card }] of cards.slice(0, CONTACTS_AT_MOST).entries()) {
    if (at % BETWEEN_PAUSES === 0) await nextTurn()
    const [first] = readCards(Buffer.from(card))
    const contact = first && contactOf(uid, first)
    if (contact) contacts.set(contact.id, contact)
  }
  return [...contacts.values()]
}

/**
 * What the operator's CardDAV server has for an account; nothing while its address is not confirmed, for it could be
 * anybody's. A server that cannot be asked is left out, with a line in the log.
 */
export async function davContactsOf(ctx: Context, account: Account): Promise<DavContact[]> {
  const source = ctx.carriers.addressBooks
  if (!source || !account.confirmed) return []
  try {
    const cards = await source.cardsOf(account.email)
    const contacts = read.get(cards) ?? readAll(cards)
    read.set(cards, contacts)
    return await contacts
  } catch (error) {
    ctx.log.warn('contacts.source-failed', { reason: (error as Error).message })
    return []
  }
}
