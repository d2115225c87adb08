import type { PublicRing } from '../../api/guard.ts'
import type { AutocryptRing, ExternalRing } from './calls.ts'

/**
 * How a key got here: brought by hand, shared by a colleague, with its owner's mail, in somebody else's mail; or with a
 * mail that says it is from somebody whose other key was verified, beside which it waits.
 */
export type Origin = 'brought' | 'shared' | 'mail' | 'passedOn' | 'waiting'

/** A key of somebody else that is known here. */
export interface Known {
  origin: Origin
  /** one of a list */
  id: string
  /** as calls name it */
  ids: string
  ring: PublicRing
  fingerprint: string
  name: string
  addresses: string[]
  /** epoch milliseconds; null for never */
  end: number | null
  isVerified: boolean
  isShared: boolean
  isInline: boolean
  lastSeen: number | null
}

const USER_ID = /^\s*(.*?)\s*<([^<>\s]+@[^<>\s]+)>\s*$/

/** Whose key it is, as the key says itself. */
export function ownerOf(ring: PublicRing): { name: string; addresses: string[] } {
  const read = (ring.keys[0]?.userIds ?? []).map((text) => {
    const [, name = text, address] = USER_ID.exec(text) ?? []
    return { name: name.replace(/^"(.*)"$/, '$1'), address: address ?? (text.includes('@') ? text.trim() : undefined) }
  })
  const addresses = [...new Set(read.flatMap(({ address }) => (address ? [address.toLowerCase()] : [])))]
  return { name: read.find(({ name }) => name !== '')?.name ?? '', addresses }
}

export function endOf(ring: PublicRing): number | null {
  const primary = ring.keys[0]
  return primary && primary.validSeconds > 0 ? primary.creationTime + primary.validSeconds * 1000 : null
}

const about = ({ ids, publicRing, shared, inline }: ExternalRing) => ({
  ids,
  ring: publicRing,
  fingerprint: publicRing.keys[0]?.fingerprint ?? '',
  end: endOf(publicRing),
  isShared: shared,
  isInline: inline,
})

const ofExternal = (ring: ExternalRing): Known => ({
  ...about(ring),
  ...ownerOf(ring.publicRing),
  origin: ring.owned ? 'brought' : 'shared',
  id: `external-${ring.ids}`,
  isVerified: false,
  lastSeen: null,
})

function ofAutocrypt(ring: AutocryptRing, isRival: boolean): Known {
  const { name, addresses } = ownerOf(ring.publicRing)
  return {
    ...about(ring),
    name,
    // Learnt for this address, whatever else the key bears.
    addresses: [...new Set([ring.email, ...addresses])],
    origin: isRival ? 'waiting' : ring.gossip ? 'passedOn' : 'mail',
    id: `autocrypt-${ring.email}-${ring.ids}`,
    isVerified: ring.verified,
    lastSeen: ring.lastSeen,
  }
}

/** All that is known here, by name. */
export function allKnown(external: readonly ExternalRing[], autocrypt: readonly AutocryptRing[]): Known[] {
  const verified = new Set(autocrypt.flatMap((one) => (one.verified ? [one.email] : [])))
  return [
    ...external.map(ofExternal),
    ...autocrypt.map((one) => ofAutocrypt(one, !one.verified && verified.has(one.email))),
  ].toSorted((a, b) => titleOf(a).localeCompare(titleOf(b)))
}

/** What a key is called: its owner's name, or an address. */
export const titleOf = ({ name, addresses }: Pick<Known, 'name' | 'addresses'>): string => name || addresses[0] || ''

/** Did it come with a mail, whosever? */
export const isByMail = ({ origin }: Known): boolean => !['brought', 'shared'].includes(origin)

const bearing = ({ name, addresses, fingerprint }: Known) =>
  `${name} ${addresses.join(' ')} ${fingerprint}`.toLowerCase()

/** Those that a text occurs in: a name, an address, or the groups of a fingerprint. */
export function matching(all: readonly Known[], text: string, origin: Origin | 'all'): Known[] {
  const wanted = text.trim().toLowerCase()
  const digits = wanted.replaceAll(/\s/g, '')
  return all.filter(
    (one) =>
      (origin === 'all' || one.origin === origin || (origin === 'mail' && isByMail(one))) &&
      (bearing(one).includes(wanted) || one.fingerprint.toLowerCase().includes(digits)),
  )
}
