import { enums, generateKey, PrivateKey, reformatKey } from 'openpgp'
import { armor } from './armor.ts'
import { ringOf, subkeyOf } from './certificates.ts'
import { allowingSha1, strict, whole } from './config.ts'
import { readRing, readSecret, readUnlocked, secretPackets } from './read.ts'
import { messageOf, OpenPgpRefusal, refusing } from './refusals.ts'
import type { KeyAlgorithm, Operations, RevocationReason } from './types.ts'

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
 * A new v4 key: a primary key that certifies and signs, and one subkey that encrypts. The secret part is not locked;
 * `revocation` is an armored revocation certificate. Refuses `key.bad-user-id`.
 */
export const generate: Operations['generate'] = async ({ userIds, algorithm, validSeconds, now }) => {
  const made = await generateKey({
    ...shapes[algorithm],
    userIDs: userIds.map(({ name, email }) => checkUserId(name, email)),
    keyExpirationTime: validSeconds,
    date: new Date(now),
    format: 'binary',
    config: strict,
  })
  const { certificate, info } = await ringOf(await readRing(made.privateKey), now)
  return { secret: made.privateKey, certificate, revocation: made.revocationCertificate, info }
}

/**
 * Opens every secret packet of a ring with one password. Packets that are open already and stubs without secret
 * material stay as they are. Each opened packet must match its public half, else `key.unreadable`: a stored key that
 * was tampered with could otherwise leak its secret through a signature. Refuses `password.wrong`.
 */
export const unlock: Operations['unlock'] = async ({ secret, password }) => {
  const key = await readSecret(secret)
  const packets = secretPackets(key)
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
  if (/passphrase|MPI|tag mismatch/i.test(message)) throw new OpenPgpRefusal('password.wrong')
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

/** Adds a self-certified user id, valid as long as the key is. Refuses `key.locked`, `key.bad-user-id`. */
export const addUserId: Operations['addUserId'] = async ({ secret, name, email, now }) => {
  const key = await readUnlocked(secret)
  const userId = checkUserId(name, email)
  if (key.users.some((user) => user.userID?.name === userId.name && user.userID.email === email))
    return ringOf(key, now)
  const certified = await refusing('key.no-signing-key', () => certify(key, userId, now))
  return ringOf(await key.update(certified, new Date(now), whole(strict)), now)
}

/** A bare copy of the primary key with one newly certified user id. */
async function certify(key: PrivateKey, userId: { name: string; email: string }, now: number): Promise<PrivateKey> {
  const bare = new PrivateKey(key.toPacketList())
  bare.subkeys = []
  // The library marks the first user id as the primary one, which the new one must not be: a placeholder takes the mark.
  const userIDs = [{ name: 'placeholder' }, userId]
  const keyExpirationTime = await secondsOfLife(key)
  const date = new Date(now)
  const made = await reformatKey({
    privateKey: bare,
    userIDs,
    keyExpirationTime,
    date,
    format: 'object',
    config: strict,
  })
  made.privateKey.users = made.privateKey.users.slice(1)
  return made.privateKey
}

async function secondsOfLife(key: PrivateKey): Promise<number> {
  const end = await key.getExpirationTime(undefined, whole(allowingSha1))
  return end instanceof Date ? Math.round((end.getTime() - key.getCreationTime().getTime()) / 1000) : 0
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

/** A user id is one line `name <address>`; brackets and control characters in a name would let it claim an address. */
function checkUserId(name: string, email: string): { name: string; email: string } {
  const isBad = /[\p{Cc}<>()]/u.test(name) || name.length > 200 || !/^[^\s@<>()\p{Cc}]+@[^\s@<>()\p{Cc}]+$/u.test(email)
  if (isBad || email.length > 254) throw new OpenPgpRefusal('key.bad-user-id')
  return { name: name.trim(), email }
}
