import type { Key, PartialConfig, SignaturePacket, Subkey } from 'openpgp'
import { enums } from 'openpgp'
import { allowingAll, allowingSha1, allowingWeak, strict, whole } from './config.ts'
import type { OpenPgpReason } from './refusals.ts'
import type { CertificateInfo, KeyInfo, UserIdInfo } from './types.ts'

export type Purpose = 'encrypt' | 'sign'

/** The library's own choice of a key for a purpose; null as the date means: whenever. */
async function choose(key: Key, purpose: Purpose, date: Date | null, config: PartialConfig): Promise<boolean> {
  const full = whole(config)
  const chosen = purpose === 'encrypt' ? key.getEncryptionKey : key.getSigningKey
  try {
    await chosen.call(key, undefined, date, undefined, full)
    return true
  } catch {
    return false
  }
}

/**
 * true when the certificate can serve at `now` under the strict rules, else the one reason that stands in the way: the
 * rules are relaxed one by one, and the first that makes the key usable names the reason.
 */
export async function judge(key: Key, purpose: Purpose, now: number): Promise<true | OpenPgpReason> {
  const date = new Date(now)
  if (await choose(key, purpose, date, strict)) return true
  if (await key.isRevoked(undefined, undefined, date, whole(allowingAll))) return 'key.revoked'
  if (await choose(key, purpose, date, allowingSha1)) return 'key.sha1-binding'
  if (await choose(key, purpose, date, allowingWeak)) return 'key.weak'
  if (await choose(key, purpose, null, strict)) return 'key.expired'
  if (await choose(key, purpose, date, allowingAll)) return 'key.weak'
  if (await choose(key, purpose, null, allowingAll)) return 'key.expired'
  if (await hasRevokedSubkey(key, purpose)) return 'key.revoked'
  return purpose === 'encrypt' ? 'key.no-encryption-subkey' : 'key.no-signing-key'
}

async function hasRevokedSubkey(key: Key, purpose: Purpose): Promise<boolean> {
  for (const subkey of key.subkeys) {
    const binding = await bindingOf(subkey)
    if (!binding || !(await isSubkeyRevoked(subkey, binding, null))) continue
    if (may(purpose, subkey.keyPacket.algorithm, binding.keyFlags)) return true
  }
  return false
}

/** Everything a person or another program wants to know of a ring; expiry and revocation are those of `now`. */
export async function describe(key: Key, now: number): Promise<CertificateInfo> {
  const canEncrypt = await judge(key, 'encrypt', now)
  const canSign = await judge(key, 'sign', now)
  const primary = await describePrimary(key, now)
  const keys = [primary]
  for (const subkey of key.subkeys) keys.push(await describeSubkey(subkey, primary, now))
  const { fingerprint, keyId } = primary
  return { fingerprint, keyId, userIds: userIdsOf(key), keys, canEncrypt, canSign }
}

async function describePrimary(key: Key, now: number): Promise<KeyInfo> {
  const config = whole(allowingAll)
  const expires = timeOf(await key.getExpirationTime(undefined, config).catch(() => null))
  const revoked = await key.isRevoked(undefined, undefined, new Date(now), config)
  const self = await selfSignature(key)
  return { ...facts(key, self, now, expires), revoked, primary: true }
}

async function describeSubkey(subkey: Subkey, primary: KeyInfo, now: number): Promise<KeyInfo> {
  const binding = await bindingOf(subkey)
  const own = timeOf(await subkey.getExpirationTime(null as unknown as Date, whole(allowingAll)))
  const expires = earliest(own, primary.expires)
  const revoked = primary.revoked || (await isSubkeyRevoked(subkey, binding, new Date(now)))
  return { ...facts(subkey, binding, now, expires), revoked, primary: false }
}

function facts(key: Key | Subkey, self: SignaturePacket | null, now: number, expires: number | null) {
  const { algorithm, bits, curve } = key.getAlgorithmInfo()
  const packet = key.keyPacket as unknown as { isMissingSecretKeyMaterial?(): boolean }
  return {
    keyId: key.getKeyID().toHex().toUpperCase(),
    fingerprint: key.getFingerprint().toUpperCase(),
    created: key.getCreationTime().getTime(),
    expires,
    expired: expires !== null && expires <= now,
    algorithm: String(algorithm),
    bits: bits ?? null,
    curve: curve ?? null,
    canEncrypt: self !== null && may('encrypt', key.keyPacket.algorithm, self.keyFlags),
    canSign: self !== null && may('sign', key.keyPacket.algorithm, self.keyFlags),
    hasSecret: packet.isMissingSecretKeyMaterial ? !packet.isMissingSecretKeyMaterial() : false,
  }
}

const abilities: Record<Purpose, { algorithms: Set<number>; flags: number }> = {
  encrypt: {
    algorithms: new Set(['rsaEncryptSign', 'rsaEncrypt', 'elgamal', 'ecdh', 'x25519', 'x448'].map(algorithmNumber)),
    flags: enums.keyFlags.encryptCommunication | enums.keyFlags.encryptStorage,
  },
  sign: {
    algorithms: new Set(
      ['rsaEncryptSign', 'rsaSign', 'dsa', 'ecdsa', 'eddsaLegacy', 'ed25519', 'ed448'].map(algorithmNumber),
    ),
    flags: enums.keyFlags.signData,
  },
}

function algorithmNumber(name: string): number {
  return enums.publicKey[name as keyof typeof enums.publicKey]
}

function may(purpose: Purpose, algorithm: number, flags: Uint8Array | null): boolean {
  const ability = abilities[purpose]
  return ability.algorithms.has(algorithm) && (!flags || ((flags[0] ?? 0) & ability.flags) !== 0)
}

async function selfSignature(key: Key): Promise<SignaturePacket | null> {
  type WithSelfSignature = { getPrimarySelfSignature(...args: unknown[]): Promise<SignaturePacket> }
  const holder = key as unknown as WithSelfSignature
  return holder.getPrimarySelfSignature(null, undefined, whole(allowingAll)).catch(() => null)
}

/** The newest valid binding signature, whatever its age and hash. */
async function bindingOf(subkey: Subkey): Promise<SignaturePacket | null> {
  const data = { key: subkey.mainKey.keyPacket, bind: subkey.keyPacket }
  const newestFirst = subkey.bindingSignatures.toSorted((a, b) => Number(b.created) - Number(a.created))
  for (const signature of newestFirst) {
    const check = signature.verify(
      subkey.mainKey.keyPacket,
      enums.signature.subkeyBinding,
      data,
      null as unknown as Date,
      false,
      whole(allowingAll),
    )
    if (await check.then(() => true).catch(() => false)) return signature
  }
  return null
}

async function isSubkeyRevoked(subkey: Subkey, binding: SignaturePacket | null, date: Date | null): Promise<boolean> {
  const primary = null as unknown as Parameters<Subkey['isRevoked']>[1]
  const signature = binding as SignaturePacket
  return subkey.isRevoked(signature, primary, date as Date, whole(allowingAll))
}

function userIdsOf(key: Key): UserIdInfo[] {
  return key.users.flatMap(({ userID }) =>
    userID ? [{ text: userID.userID, name: userID.name ?? '', email: userID.email || null }] : [],
  )
}

function timeOf(value: Date | number | null): number | null {
  return value instanceof Date ? value.getTime() : null
}

function earliest(first: number | null, second: number | null): number | null {
  if (first === null || second === null) return first ?? second
  return Math.min(first, second)
}
