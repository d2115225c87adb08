import { days } from '../clock.ts'
import type { Peer } from './peer.ts'

/** What a mail program is to offer (Autocrypt 1.1, section 2.4.1), from not at all to by default. */
export type Recommendation = 'disable' | 'discourage' | 'available' | 'encrypt'

// Whoever wrote so many days without a header may have left Autocrypt behind.
const SILENT = days(35)

export interface Advice<Key> {
  recommendation: Recommendation
  /** what to encrypt with; null when there is nothing */
  key: Key | null
}

/**
 * For one recipient (section 2.4.2). Keys that cannot be used must have been taken out of `peer` before. `prefers`: the
 * sender prefers encryption; `answers`: the mail is a reply to an encrypted one.
 */
export function adviceFor<Key>(
  peer: Peer<Key> | null,
  { prefers, answers }: { prefers: boolean; answers: boolean },
): Advice<Key> {
  const key = peer?.key ?? peer?.gossip ?? null
  if (!peer || !key) return { recommendation: 'disable', key: null }
  const isFresh = peer.key !== null && peer.lastSeen - peer.keySeen <= SILENT
  if (answers || (isFresh && prefers && peer.prefersEncryption)) return { recommendation: 'encrypt', key }
  return { recommendation: isFresh ? 'available' : 'discourage', key }
}

/** For all recipients of a mail (section 2.4.3); for nobody there is nothing to encrypt. */
export function adviceForAll(each: readonly Recommendation[]): Recommendation {
  if (each.length === 0 || each.includes('disable')) return 'disable'
  if (each.every((one) => one === 'encrypt')) return 'encrypt'
  return each.includes('discourage') ? 'discourage' : 'available'
}
