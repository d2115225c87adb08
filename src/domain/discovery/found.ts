import type { CertificateInfo } from '#src/lib/openpgp/types.ts'

/** A key for somebody's address, and what is known about it. */
export interface FoundKey {
  certificate: Uint8Array
  /** judged now */
  info: CertificateInfo
  fingerprint: string
  /** the name of its source in the setting `keySources` */
  source: string
  /** the trust in that source, 0 to 5 */
  level: number
  /** the level is one that counts as trusted, by the setting `keyTrustLevel` */
  trusted: boolean
  /** its owner, or whoever uploaded it, wants PGP/INLINE */
  inline: boolean
  /** true when one can encrypt to it now, or why not: 'expired', 'revoked', 'no-encryption-subkey', 'sha1-binding' … */
  verdict: true | string
}
