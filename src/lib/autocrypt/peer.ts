import { days } from '../clock.ts'

/** What is known of a correspondent (Autocrypt 1.1, section 1.4.1). Times are epoch milliseconds, 0 for never. */
export interface Peer<Key> {
  lastSeen: number
  /** effective date of the newest mail with a valid header */
  keySeen: number
  key: Key | null
  prefersEncryption: boolean
  gossipSeen: number
  gossip: Key | null
}

export const nobody = {
  lastSeen: 0,
  keySeen: 0,
  key: null,
  prefersEncryption: false,
  gossipSeen: 0,
  gossip: null,
} as const satisfies Peer<never>

/**
 * The effective date of a mail: the one it bears, or now where clocks differ a little. null for a mail that bears none,
 * or one that is over a day ahead: it would be taken for the newest each time that it is read.
 */
export function effectiveDate(sent: number | null, now: number): number | null {
  if (sent === null || sent > now + days(1)) return null
  return Math.min(sent, now)
}

/** A peer after a mail of his (section 2.3), with its valid header or null. The same value when nothing changes. */
export function afterMail<Key>(
  peer: Peer<Key>,
  { date, header }: { date: number; header: { key: Key; prefersEncryption: boolean } | null },
): Peer<Key> {
  if (date < peer.keySeen) return peer
  if (!header) return date > peer.lastSeen ? { ...peer, lastSeen: date } : peer
  const { key, prefersEncryption } = header
  return { ...peer, lastSeen: Math.max(peer.lastSeen, date), keySeen: date, key, prefersEncryption }
}

/**
 * A peer after a mail of his with another key than the one that his correspondent has verified: that one stays, and the
 * newcomer waits beside it where hearsay does. Here we depart from section 2.3: anybody can write such a mail.
 */
export function afterRival<Key>(peer: Peer<Key>, { date, key }: { date: number; key: Key }): Peer<Key> {
  if (date < peer.keySeen || date < peer.gossipSeen) return peer
  return { ...peer, lastSeen: Math.max(peer.lastSeen, date), gossipSeen: date, gossip: key }
}

/** A peer whose other key was found right: it takes the place of the one that was kept. */
export const afterChoice = <Key>(peer: Peer<Key>): Peer<Key> => ({
  ...peer,
  keySeen: Math.max(peer.keySeen, peer.gossipSeen),
  key: peer.gossip,
  gossipSeen: 0,
  gossip: null,
})

/** A peer after a mail that passes his key on (section 2.6.2). The same value when nothing changes. */
export function afterGossip<Key>(peer: Peer<Key>, { date, key }: { date: number; key: Key }): Peer<Key> {
  return date < peer.gossipSeen ? peer : { ...peer, gossipSeen: date, gossip: key }
}
