import type { Key } from 'openpgp'
import { nextChange } from './changing.ts'
import { dropUnbound } from './judge.ts'
import { joinRings, stripForeign } from './merging.ts'
import { fingerprintOf } from './packets.ts'
import { isLocked, type ReadRing, readEach } from './read.ts'
import { refusing } from './refusals.ts'
import { ringOf } from './rings.ts'
import { dropForged } from './signing.ts'
import type { Operations, RefusedRing, Ring } from './types.ts'

/**
 * Reads a file of keys, armored or binary, in its order; what it says of one key at several places is joined. Forged
 * signatures are dropped, subkeys that the key has not bound, and certifications by others beyond `limits.foreignCertifications` per user id, so that a
 * flooded key stays usable. A ring that cannot be read is among `refused` when another one can, else its reason is
 * thrown.
 */
export const inspect: Operations['inspect'] = async ({ bytes, now }) => {
  const read = await readEach(bytes)
  const refused = read.flatMap((ring) => ('refusal' in ring ? [ring] : []))
  const keys = await joinedKeys(read)
  if (keys.length === 0) throw refused[0]!.refusal
  const rings: Ring[] = []
  for (const key of keys)
    rings.push({ ...(await ringOf(key, now)), locked: isLocked(key), until: nextChange(key, now) })
  return { rings, refused: refused.map(toRefused) }
}

async function joinedKeys(read: ReadRing[]): Promise<Key[]> {
  const keys = new Map<string, Key>()
  for (const ring of read) {
    if ('refusal' in ring) continue
    await refusing('key.unreadable', () => dropForged(ring.key))
    stripForeign(ring.key)
    const fingerprint = ring.key.getFingerprint()
    const known = keys.get(fingerprint)
    keys.set(fingerprint, known ? await refusing('key.unreadable', () => joinRings(known, ring.key)) : ring.key)
  }
  // Behind the joining: the binding of a secret subkey may stand with its public half alone.
  for (const key of keys.values()) await refusing('key.unreadable', () => dropUnbound(key))
  return [...keys.values()]
}

function toRefused(ring: ReadRing & { refusal: unknown }): RefusedRing {
  const { reason } = (ring as Extract<ReadRing, { refusal: unknown }>).refusal
  return { fingerprint: fingerprintOf(ring.bytes), reason }
}
