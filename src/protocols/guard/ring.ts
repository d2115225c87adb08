import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { KeyRing } from '#src/domain/keys/keys.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { reasonWord } from '#src/lib/openpgp/refusals.ts'
import type { CertificateInfo, KeyInfo, RefusedRing } from '#src/lib/openpgp/types.ts'
import { warning } from './answers.ts'
import { wireId } from './key-id.ts'

const secondsOfLife = ({ created, expires }: KeyInfo): number =>
  expires === null ? 0 : Math.round((expires - created) / 1000)

/** `true`, or in one word why nobody can encrypt to a ring: expired, revoked, sha1-binding, no-encryption-subkey, weak. */
const fitness = ({ canEncrypt }: CertificateInfo) =>
  canEncrypt === true ? { encryptable: true } : { encryptable: false, reason: reasonWord(canEncrypt) }

/** The same of one key: that of its ring, unless it has a reason of its own. */
function keyFitness(key: KeyInfo, info: CertificateInfo): { encryptable: boolean; reason?: string } {
  if (key.revoked) return { encryptable: false, reason: 'revoked' }
  if (key.expired) return { encryptable: false, reason: 'expired' }
  return key.canEncrypt ? fitness(info) : { encryptable: false, reason: 'other-purpose' }
}

type Seen = Pick<KeyRing, 'info' | 'secretKeyIds'> & { pictures?: readonly Uint8Array[] }

const wirePictures = (pictures: readonly Uint8Array[] = []) =>
  pictures.map((picture, index) => ({ id: index + 1, image: Buffer.from(picture).toString('base64') }))

/**
 * A key (docs/guard.md). A known client cuts `id` out of the raw text: it must come last, behind `masterKey`,
 * and the master key before the others.
 */
const wireKey = (key: KeyInfo, ring: Seen) => ({
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
  ...keyFitness(key, ring.info),
  userIds: key.primary ? ring.info.userIds.map(({ text }) => text) : [],
  images: key.primary ? wirePictures(ring.pictures) : [],
  masterKey: key.primary,
  id: wireId(key.keyId),
})

/** The public ring of anybody, whose secrets are none of ours. */
export const wirePublicRing = (certificate: Uint8Array, info: CertificateInfo) => ({
  ring: armor('PUBLIC KEY BLOCK', certificate),
  ...fitness(info),
  keys: info.keys.map((key) => wireKey(key, { info, secretKeyIds: new Set() })),
})

/** One of the caller's own rings. The private armor is there only where its password was proven. */
export function wireRing(
  account: Account,
  ring: KeyRing,
  { withPublic = true, privateArmor = null }: { withPublic?: boolean; privateArmor?: string | null } = {},
) {
  const keys = ring.info.keys.map((key) => wireKey(key, ring))
  const publicRing = { ring: armor('PUBLIC KEY BLOCK', ring.certificate), ...fitness(ring.info), keys }
  return {
    current: ring.isCurrent,
    ...(withPublic ? { publicRing } : {}),
    ...(ring.hasSecret ? { privateRing: { ...(privateArmor ? { ring: privateArmor } : {}), keys } } : {}),
    ownerEmail: account.email,
    inline: ring.inline,
    published: ring.published,
    recoveryAvail: ring.recoverable,
    lastModified: ring.modified,
  }
}

/** All of them. Their armor takes time: others are served in between. */
export async function wireRings(account: Account, rings: readonly KeyRing[]) {
  const wired: ReturnType<typeof wireRing>[] = []
  for (const ring of rings) {
    wired.push(wireRing(account, ring))
    await nextTurn()
  }
  return wired
}

/** A ring of a file that could not be read, among others that could. */
export const wireUnread = ({ fingerprint, reason }: RefusedRing) =>
  warning('GRD-KEY-0003', 'A key in this file could not be read.', {
    params: fingerprint ? [fingerprint] : [],
    reason: reasonWord(reason),
  })
