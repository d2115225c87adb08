import type { RecipientAdvice } from '#src/domain/correspondents/correspondents.ts'
import type { FoundKey } from '#src/domain/discovery/discovery.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'

/** What a compose window shows of a key. Times are epoch milliseconds. */
export interface ShownKey {
  fingerprint: string
  keyId: string
  created: number
  /** when nobody can encrypt with it any more; null for never */
  expires: number | null
  /** such as `eddsaLegacy` or `rsaEncryptSign 3072` */
  algorithm: string
}

export interface PlannedKey extends ShownKey {
  /** the name of its source in the setting `keySources` */
  source: string
  trusted: boolean
  /** 0 to 5 */
  trustLevel: number
  /** it is that of a colleague, or the user has said that it is right */
  verified: boolean
  /** what its owner has said of it by Autocrypt; null for nothing */
  prefersEncryption: boolean | null
}

function endOf({ keys }: CertificateInfo): number | null {
  const forMail = keys.filter(({ canEncrypt, revoked }) => canEncrypt && !revoked).map(({ expires }) => expires)
  const longest = forMail.length === 0 || forMail.includes(null) ? null : Math.max(...forMail.map(Number))
  const ends = [keys[0]?.expires ?? null, longest].filter((end) => end !== null)
  return ends.length === 0 ? null : Math.min(...ends)
}

export function shownKey(info: CertificateInfo): ShownKey {
  const [primary] = info.keys
  const { algorithm = '', bits = null, curve = null, created = 0 } = primary ?? {}
  const size = curve ?? bits
  return {
    fingerprint: info.fingerprint,
    keyId: info.keyId,
    created,
    expires: endOf(info),
    algorithm: size === null ? algorithm : `${algorithm} ${size}`,
  }
}

// Where it was the user himself, or the house, that said whose key it is.
const SURE = ['tenant', 'uploaded']

export function plannedKey(key: FoundKey, advice: RecipientAdvice): PlannedKey {
  const { source, trusted, level: trustLevel } = key
  const isAdvised = advice.fingerprint === key.fingerprint
  return {
    ...shownKey(key.info),
    source,
    trusted,
    trustLevel,
    verified: SURE.includes(source) || (isAdvised && advice.verified),
    prefersEncryption: isAdvised ? advice.prefersEncryption : null,
  }
}
