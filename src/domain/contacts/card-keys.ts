import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import type { CertificateInfo, Ring } from '#src/lib/openpgp/types.ts'
import { davContactsOf } from './elsewhere.ts'
import { findFolder } from './folders.ts'
import type { Which } from './reading.ts'
import * as store from './store.ts'

/** The key that a contact's card carries. Nothing is said of whether one may encrypt to it now. */
export interface ContactKey {
  certificate: Uint8Array
  fingerprint: string
  /** judged now */
  info: CertificateInfo
}

const keyOf = ({ certificate, info }: Ring): ContactKey => ({ certificate, fingerprint: info.fingerprint, info })

// An address that stands on more cards than that says nothing.
const CARDS_AT_MOST = 10

/** The public keys in what a card carries; none in what cannot be read. */
export async function ringsIn(ctx: Context, keys: readonly Uint8Array[]): Promise<Ring[]> {
  const rings: Ring[] = []
  for (const bytes of keys)
    try {
      rings.push(...(await inOurWords(ctx.workers.openpgp.inspect({ bytes, now: ctx.clock.now() }))).rings)
    } catch (error) {
      if (!isRefusal(error, 'key.unreadable', 'input.too-large', 'key.unusable')) throw error
    }
  return rings
}

/**
 * The ring of a card to write to one of its addresses with: best one that can be encrypted to, then one that names the
 * address. The owner of the address book said whose card it is, so a key that names another address of his is fine.
 */
export function bestRing(rings: readonly Ring[], address: string): Ring | null {
  const merit = (ring: Ring) =>
    Number(ring.info.canEncrypt === true) * 2 + Number(addressesIn(ring.info).includes(address))
  return [...rings].sort((a, b) => merit(b) - merit(a))[0] ?? null
}

async function keysOfDavCards(ctx: Context, account: Account, address: string): Promise<Uint8Array[]> {
  const contacts = await davContactsOf(ctx, account)
  return contacts
    .filter(({ addresses }) => addresses.has(address))
    .slice(0, CARDS_AT_MOST)
    .flatMap(({ keys }) => keys)
}

/** The key that the account's address books have for an address, its own one first; null when they have none. */
export async function contactKeyFor(
  ctx: Context,
  { account, address }: { account: Account; address: string },
): Promise<ContactKey | null> {
  const plain = asciiAddress(address)
  const rows = await store.keyedContactsAt(ctx, { accountId: account.id, address: plain, most: CARDS_AT_MOST })
  const own = bestRing(
    await ringsIn(
      ctx,
      rows.map(({ certificate }) => certificate!),
    ),
    plain,
  )
  const ring =
    own?.info.canEncrypt === true
      ? own
      : (bestRing(await ringsIn(ctx, await keysOfDavCards(ctx, account, plain)), plain) ?? own)
  return ring && keyOf(ring)
}

/** The keys on a contact's card as they stand there; null when there is no such contact. */
async function keysOnCard(
  ctx: Context,
  account: Account,
  { folder, id }: Which,
): Promise<readonly Uint8Array[] | null> {
  const { id: folderId, isReadOnly } = findFolder(ctx, folder)
  if (isReadOnly) return (await davContactsOf(ctx, account)).find((contact) => contact.id === id)?.keys ?? null
  const row = await store.findContact(ctx, { accountId: account.id, folder: folderId, id })
  return row ? [row.certificate].filter((one) => one !== null) : null
}

/** The keys that a contact's own card carries. Refuses with 'contact.unknown' and 'contact.folder-unknown'. */
export async function keysOfContact(
  ctx: Context,
  { account, ...which }: Which & { account: Account },
): Promise<ContactKey[]> {
  const keys = await keysOnCard(ctx, account, which)
  if (!keys) throw new Refusal('contact.unknown')
  return (await ringsIn(ctx, keys)).map(keyOf)
}
