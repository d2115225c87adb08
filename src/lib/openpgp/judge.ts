import type { Key, PartialConfig, SignaturePacket, Subkey } from 'openpgp'
import { enums } from 'openpgp'
import { allowingAll, allowingSha1, allowingWeak, strict, whole } from './config.ts'
import { isPartlyRead } from './parsing.ts'
import type { OpenPgpReason } from './refusals.ts'
import { direct, newestSound, soundOnes } from './signing.ts'
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

/** The rules relaxed one by one: the first that makes a key usable names the reason why it is not. */
const relaxations: readonly { rules: PartialConfig; whenever?: true; reason: OpenPgpReason }[] = [
  { rules: allowingSha1, reason: 'key.sha1-binding' },
  { rules: allowingWeak, reason: 'key.weak' },
  { rules: strict, whenever: true, reason: 'key.expired' },
  { rules: allowingAll, reason: 'key.weak' },
  { rules: allowingAll, whenever: true, reason: 'key.expired' },
]

/** true when the certificate can serve at `now` under the strict rules, else the one reason that stands in the way. */
export async function judge(key: Key, purpose: Purpose, now: number): Promise<true | OpenPgpReason> {
  const date = new Date(now)
  if (await choose(key, purpose, date, strict)) return true
  if (await key.isRevoked(undefined, undefined, date, whole(allowingAll))) return 'key.revoked'
  for (const { rules, whenever, reason } of relaxations) {
    if (!(await choose(key, purpose, whenever ? null : date, rules))) continue
    return whenever && (await isYetToCome(key, purpose, now, rules)) ? 'key.not-yet-valid' : reason
  }
  if (await hasRevokedSubkey(key, purpose)) return 'key.revoked'
  if (!(await hasSelf(key))) return 'key.no-user-id'
  if (isPartlyRead(key)) return 'key.unsupported'
  return purpose === 'encrypt' ? 'key.no-encryption-subkey' : 'key.no-signing-key'
}

/** Whether a key that serves at some time will do so once all that is dated after `now` holds. */
async function isYetToCome(key: Key, purpose: Purpose, now: number, rules: PartialConfig): Promise<boolean> {
  const signatures = [...key.users.flatMap((user) => user.selfCertifications), ...direct(key).directSignatures]
  const bindings = key.subkeys.flatMap((subkey) => [{ created: subkey.getCreationTime() }, ...subkey.bindingSignatures])
  const times = [key.getCreationTime().getTime(), ...[...signatures, ...bindings].map(({ created }) => Number(created))]
  const ahead = times.filter((time) => time > now)
  // A key that was good and will be good again does not exist: what begins last decides.
  return ahead.length > 0 && choose(key, purpose, new Date(Math.max(...ahead)), rules)
}

/** Whether the key says anything of itself: by a user id, or in version 6 by a signature over the key. */
async function hasSelf(key: Key): Promise<boolean> {
  return key.keyPacket.version === 6 ? (await selfSignature(key)) !== null : (await userIdsOf(key)).some(isLeft)
}

const isLeft = ({ revoked }: UserIdInfo): boolean => !revoked

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
  return { fingerprint, keyId, userIds: await userIdsOf(key), keys, canEncrypt, canSign }
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

/** Whether a key of an algorithm and with these flags is for a purpose; without flags the algorithm decides. */
export function may(purpose: Purpose, algorithm: number, flags: Uint8Array | null): boolean {
  const ability = abilities[purpose]
  return ability.algorithms.has(algorithm) && (!flags || ((flags[0] ?? 0) & ability.flags) !== 0)
}

async function selfSignature(key: Key): Promise<SignaturePacket | null> {
  type WithSelfSignature = { getPrimarySelfSignature(...args: unknown[]): Promise<SignaturePacket> }
  const holder = key as unknown as WithSelfSignature
  return holder.getPrimarySelfSignature(null, undefined, whole(allowingAll)).catch(() => null)
}

/** The newest valid binding signature, whatever its age and hash. */
export async function bindingOf(subkey: Subkey): Promise<SignaturePacket | null> {
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

/**
 * Takes out of a ring the subkeys that it has never bound, soundly and by whatever hash: anybody can append the key of
 * somebody else, and would be found by its id. Expired and revoked ones, and stubs, were bound.
 */
export async function dropUnbound(key: Key): Promise<void> {
  const bound: Subkey[] = []
  for (const subkey of key.subkeys) if (await bindingOf(subkey)) bound.push(subkey)
  key.subkeys = bound
}

async function isSubkeyRevoked(subkey: Subkey, binding: SignaturePacket | null, date: Date | null): Promise<boolean> {
  const primary = null as unknown as Parameters<Subkey['isRevoked']>[1]
  const signature = binding as SignaturePacket
  return subkey.isRevoked(signature, primary, date as Date, whole(allowingAll))
}

async function userIdsOf(key: Key): Promise<UserIdInfo[]> {
  const found: UserIdInfo[] = []
  for (const { userID, selfCertifications, revocationSignatures } of key.users) {
    if (!userID) continue
    const data = { key: key.keyPacket, userID }
    const { certGeneric, certRevocation } = enums.signature
    const self = await newestSound(selfCertifications, key.keyPacket, certGeneric, data, allowingAll)
    const revocations = await soundOnes(revocationSignatures, key.keyPacket, certRevocation, data, allowingAll)
    const { userID: text, name, email } = userID
    if (self) found.push({ text, name: name ?? '', email: email || null, revoked: revocations.length > 0 })
  }
  return found
}

function timeOf(value: Date | number | null): number | null {
  return value instanceof Date ? value.getTime() : null
}

function earliest(first: number | null, second: number | null): number | null {
  if (first === null || second === null) return first ?? second
  return Math.min(first, second)
}
