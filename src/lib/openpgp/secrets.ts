import { enums, generateKey, type PartialConfig, reformatKey } from 'openpgp'
import { armor } from './armor.ts'
import { strict, whole } from './config.ts'
import { isTooDear } from './derivation.ts'
import { readRing, readSecret, readUnlocked, secretPackets } from './read.ts'
import { messageOf, OpenPgpRefusal, refusing } from './refusals.ts'
import { ringOf, subkeyOf } from './rings.ts'
import type { KeyAlgorithm, Operations, RevocationReason } from './types.ts'
import { checkUserId } from './user-ids.ts'

// The legacy identifiers of Curve25519: GnuPG refuses secret keys with those of RFC 9580.
const shapes = {
  curve25519: { type: 'ecc', curve: 'curve25519Legacy' },
  rsa2048: { type: 'rsa', rsaBits: 2048 },
  rsa3072: { type: 'rsa', rsaBits: 3072 },
  rsa4096: { type: 'rsa', rsaBits: 4096 },
  v6: { type: 'curve25519' },
} as const satisfies Record<KeyAlgorithm, object>

const revocationFlags = {
  none: enums.reasonForRevocation.noReason,
  superseded: enums.reasonForRevocation.keySuperseded,
  compromised: enums.reasonForRevocation.keyCompromised,
  retired: enums.reasonForRevocation.keyRetired,
  'user-id-invalid': enums.reasonForRevocation.userIDInvalid,
} as const satisfies Record<RevocationReason, number>

/**
 * A new key: a primary key that certifies and signs, and one subkey that encrypts. The secret part is not locked;
 * `revocation` is an armored revocation certificate. `prepared` material keeps the time at which it was made, its ends
 * and signatures count from `now`. Refuses `key.bad-user-id`, and `key.mismatch` for material of another algorithm.
 */
export const generate: Operations['generate'] = async ({ userIds, algorithm, validSeconds, now, prepared }) => {
  const userIDs = userIds.map(({ name, email }) => checkUserId(name, email))
  const how = { userIDs, date: new Date(now), format: 'binary', config: configFor(algorithm) } as const
  const made = prepared
    ? await fromPrepared(prepared, algorithm, validSeconds, how)
    : await generateKey({ ...shapes[algorithm], ...how, keyExpirationTime: validSeconds })
  const { certificate, info } = await ringOf(await readRing(made.privateKey), now)
  return { secret: made.privateKey, certificate, revocation: made.revocationCertificate, info }
}

function configFor(algorithm: KeyAlgorithm): PartialConfig {
  // With AEAD a key of version 6 says that it can read what RFC 9580 has everybody write to such keys.
  return algorithm === 'v6' ? { ...strict, v6Keys: true, aeadProtect: true } : strict
}

type Making = { userIDs: { name: string; email: string }[]; date: Date; format: 'binary'; config: PartialConfig }

async function fromPrepared(prepared: Uint8Array, algorithm: KeyAlgorithm, validSeconds: number, how: Making) {
  const privateKey = await readUnlocked(prepared)
  const { bits } = privateKey.getAlgorithmInfo()
  const shape = shapes[algorithm]
  if (!('rsaBits' in shape) || shape.rsaBits !== bits) throw new OpenPgpRefusal('key.mismatch', algorithm)
  const age = Math.floor(how.date.getTime() / 1000) - Math.floor(privateKey.getCreationTime().getTime() / 1000)
  const keyExpirationTime = validSeconds === 0 ? 0 : validSeconds + Math.max(0, age)
  return reformatKey({ ...how, privateKey, keyExpirationTime })
}

/** An RSA ring under a placeholder's name, from which `generate` takes only the numbers. Refuses `key.mismatch` for others. */
export const prepare: Operations['prepare'] = async ({ algorithm, now }) => {
  const shape = shapes[algorithm]
  // Of the others a new one is made in two milliseconds.
  if (!('rsaBits' in shape)) throw new OpenPgpRefusal('key.mismatch', algorithm)
  const userIDs = [{ name: 'placeholder' }]
  const made = await generateKey({ ...shape, userIDs, date: new Date(now), format: 'binary', config: strict })
  return made.privateKey
}

/**
 * Opens every secret packet of a ring with one password. Packets that are open already and stubs without secret
 * material stay as they are. Each opened packet must match its public half, else `key.unreadable`: a stored key that
 * was tampered with could otherwise leak its secret through a signature. Refuses `password.wrong`.
 */
export const unlock: Operations['unlock'] = async ({ secret, password }) => {
  const key = await readSecret(secret)
  const packets = secretPackets(key)
  if (isTooDear(packets.map(({ s2k }) => s2k))) throw new OpenPgpRefusal('key.too-large', 'key derivation')
  for (const packet of packets) {
    if (packet.isDecrypted()) continue
    await packet.decrypt(password, whole(strict)).catch(refuseUnlocking)
  }
  for (const packet of packets) await refusing('key.unreadable', () => packet.validate())
  return key.write()
}

function refuseUnlocking(error: unknown): never {
  const message = messageOf(error)
  if (/argon2|memory/i.test(message)) throw new OpenPgpRefusal('key.too-large', message)
  // A wrong password may also pass the checksum by chance and then give nonsense numbers.
  if (/passphrase|MPI|tag mismatch|authenticate/i.test(message)) throw new OpenPgpRefusal('password.wrong')
  throw new OpenPgpRefusal('key.unreadable', message)
}

/**
 * The armored secret key locked with `password`: AES-256 under iterated and salted S2K (RFC 9580, section 3.7.1.3), the
 * one way that every GnuPG reads. Refuses `password.wrong` for an empty password.
 */
export const exportLocked: Operations['exportLocked'] = async ({ secret, password }) => {
  if (password === '') throw new OpenPgpRefusal('password.wrong', 'empty')
  const key = await readUnlocked(secret)
  for (const packet of secretPackets(key)) await packet.encrypt(password, whole(strict))
  return armor('PRIVATE KEY BLOCK', key.write())
}

/**
 * Revokes the whole key, or the one subkey `keyId` (16 hex digits or a fingerprint). Refuses `key.no-key` when the ring
 * has no such subkey and `key.no-signing-key` when its primary secret is missing.
 */
export const revoke: Operations['revoke'] = async ({ secret, keyId, reason, now }) => {
  const key = await readUnlocked(secret)
  const because = { flag: revocationFlags[reason] }
  const date = new Date(now)
  const isPrimary = !keyId || [key.getKeyID().toHex(), key.getFingerprint()].includes(keyId.toLowerCase())
  if (isPrimary) {
    const revoked = await refusing('key.no-signing-key', () => key.revoke(because, date, whole(strict)))
    return ringOf(revoked, now)
  }
  const subkey = subkeyOf(key, keyId)
  if (!subkey) throw new OpenPgpRefusal('key.no-key', keyId)
  const primary = key.keyPacket as Parameters<typeof subkey.revoke>[0]
  const revoked = await refusing('key.no-signing-key', () => subkey.revoke(primary, because, date, whole(strict)))
  subkey.revocationSignatures = revoked.revocationSignatures
  return ringOf(key, now)
}
