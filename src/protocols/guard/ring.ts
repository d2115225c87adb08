import type { Account } from '#src/domain/accounts/accounts.ts'
import type { KeyRing } from '#src/domain/keys/keys.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import type { KeyInfo } from '#src/lib/openpgp/types.ts'
import { wireId } from './key-id.ts'

const secondsOfLife = ({ created, expires }: KeyInfo): number =>
  expires === null ? 0 : Math.round((expires - created) / 1000)

/**
 * A key (docs/guard.md). A known client cuts `id` out of the raw text: it must come last, behind `masterKey`,
 * and the master key before the others.
 */
const wireKey = (key: KeyInfo, ring: KeyRing) => ({
  keyId: key.keyId,
  _short: key.keyId.slice(-8),
  fingerPrint: key.fingerprint,
  fingerprint: key.fingerprint,
  creationTime: key.created,
  validSeconds: secondsOfLife(key),
  expired: key.expired,
  revoked: key.revoked,
  usedForEncryption: key.canEncrypt,
  usedForSigning: key.canSign,
  hasPrivateKey: ring.secretKeyIds.has(key.keyId),
  algorithm: key.algorithm,
  bits: key.bits,
  curve: key.curve,
  userIds: key.primary ? ring.info.userIds.map(({ text }) => text) : [],
  images: [],
  masterKey: key.primary,
  id: wireId(key.keyId),
})

/** One of the caller's own rings. The private armor is there only where its password was proven. */
export function wireRing(
  account: Account,
  ring: KeyRing,
  { withPublic = true, privateArmor = null }: { withPublic?: boolean; privateArmor?: string | null } = {},
) {
  const keys = ring.info.keys.map((key) => wireKey(key, ring))
  return {
    current: ring.isCurrent,
    ...(withPublic ? { publicRing: { ring: armor('PUBLIC KEY BLOCK', ring.certificate), keys } } : {}),
    ...(ring.hasSecret ? { privateRing: { ...(privateArmor ? { ring: privateArmor } : {}), keys } } : {}),
    ownerEmail: account.email,
    inline: ring.inline,
    recoveryAvail: false,
    lastModified: ring.modified,
  }
}
