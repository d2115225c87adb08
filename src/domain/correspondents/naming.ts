import { Refusal } from '#src/domain/refusals.ts'
import { keyIdOf } from '#src/lib/fingerprint.ts'

/**
 * The ring that is meant, by the first id that is one of a primary key: 16 upper-case hex digits, or a fingerprint. Ids
 * of subkeys name nothing here: a key may have those of another one bound to it. 'key.unknown' when none is meant.
 */
export function fingerprintAmong(fingerprints: readonly string[], ids: readonly string[]): string {
  for (const id of ids) {
    const found = fingerprints.find((one) => one === id || (id.length === 16 && keyIdOf(one) === id))
    if (found) return found
  }
  throw new Refusal('key.unknown')
}
