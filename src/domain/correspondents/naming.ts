import { Refusal } from '#src/domain/refusals.ts'

/** Where RFC 9580, section 5.5.4, has the key id within a fingerprint. */
const keyIdOf = (fingerprint: string): string =>
  fingerprint.length === 64 ? fingerprint.slice(0, 16) : fingerprint.slice(-16)

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
