import {
  enums,
  type Key,
  type PartialConfig,
  type SecretKeyPacket,
  type SecretSubkeyPacket,
  SignaturePacket,
  type Subkey,
} from 'openpgp'
import { allowingAll, allowingSha1, strict, whole } from './config.ts'
import { messageOf } from './refusals.ts'

type KeyPacket = Key['keyPacket']
export type SecretPacket = SecretKeyPacket | SecretSubkeyPacket
/** What a signature of a certificate is made over: RFC 9580, section 5.2.4. */
export type Signed = { key: KeyPacket; bind?: unknown; userID?: unknown; userAttribute?: unknown }

/** The signatures over the key alone (RFC 9580, section 5.2.1.8), which the library's types leave out. */
export function direct(key: Key): { directSignatures: SignaturePacket[] } {
  return key as unknown as { directSignatures: SignaturePacket[] }
}

/** The packet of a secret key, which a ring that was read as secret has. */
export function secretOf({ keyPacket }: Key | Subkey): SecretPacket {
  return keyPacket as unknown as SecretPacket
}

/** The body of a packet, as the library writes it. */
export function writtenOf(packet: object): Uint8Array {
  return (packet as { write(): Uint8Array }).write()
}

/** Whether `signature` is a sound one of `type` by `issuer`, by `rules`; its age and expiry are not asked. */
export async function isSound(
  signature: SignaturePacket,
  issuer: KeyPacket,
  type: enums.signature,
  data: Signed,
  rules: PartialConfig = allowingSha1,
): Promise<boolean> {
  const whenever = null as unknown as Date
  const check = signature.verify(issuer, type, data, whenever, false, whole(rules))
  return check.then(
    () => true,
    () => false,
  )
}

/** Those of `signatures` that are sound, in their order. */
export async function soundOnes(
  signatures: SignaturePacket[],
  issuer: KeyPacket,
  type: enums.signature,
  data: Signed,
  rules: PartialConfig = allowingSha1,
): Promise<SignaturePacket[]> {
  const sound: SignaturePacket[] = []
  for (const signature of signatures) if (await isSound(signature, issuer, type, data, rules)) sound.push(signature)
  return sound
}

/** The newest one that is sound. */
export async function newestSound(
  signatures: SignaturePacket[],
  issuer: KeyPacket,
  type: enums.signature,
  data: Signed,
  rules: PartialConfig = allowingSha1,
): Promise<SignaturePacket | null> {
  const newestFirst = signatures.toSorted((a, b) => Number(b.created) - Number(a.created))
  for (const signature of newestFirst) if (await isSound(signature, issuer, type, data, rules)) return signature
  return null
}

type Signing = {
  sign(key: SecretPacket, data: Signed, date: Date, detached: boolean, config: unknown): Promise<void>
}

/**
 * A signature that says what `old` said, made anew by `by` at `date` with a hash that is still good; `change` may alter
 * what it says. It never expires by itself, and subpackets that the library does not know are not taken over.
 */
export async function signAnew(
  old: SignaturePacket,
  by: SecretPacket,
  data: Signed,
  date: Date,
  change: (fresh: SignaturePacket) => void = () => {},
): Promise<SignaturePacket> {
  const fresh = new SignaturePacket()
  const reading = fresh as unknown as { read(bytes: Uint8Array): void }
  reading.read(writtenOf(old))
  fresh.signatureExpirationTime = null
  fresh.signatureNeverExpires = true
  // The library salts each signature of version 4 by a notation and refuses to find one there already.
  fresh.rawNotations = fresh.rawNotations.filter(({ name }) => !name.startsWith('salt@'))
  ;(fresh as unknown as { salt: Uint8Array | null }).salt = null
  change(fresh)
  return signNow(fresh, by, data, date)
}

/** Signs what a signature says so far. */
export async function signNow(
  fresh: SignaturePacket,
  by: SecretPacket,
  data: Signed,
  date: Date,
): Promise<SignaturePacket> {
  fresh.publicKeyAlgorithm = by.algorithm
  fresh.hashAlgorithm = hashFor(by)
  await (fresh as unknown as Signing).sign(by, data, date, false, whole(strict))
  return fresh
}

const largerHashes: Record<string, enums.hash> = {
  nistP384: enums.hash.sha384,
  brainpoolP384r1: enums.hash.sha384,
  nistP521: enums.hash.sha512,
  brainpoolP512r1: enums.hash.sha512,
  ed448: enums.hash.sha512,
}

/** SHA-256, or what RFC 9580, sections 5.2.3.2 to 5.2.3.5, demands for a larger curve. */
function hashFor(key: SecretPacket): enums.hash {
  const { algorithm, curve } = key.getAlgorithmInfo()
  return largerHashes[curve ?? algorithm] ?? enums.hash.sha256
}

/**
 * Takes out of a ring the signatures that claim to be its own and are not: each costs a verification every time that the
 * key is judged. Those that only rest on something that we do not trust or know stay.
 */
export async function dropForged(key: Key): Promise<void> {
  const { signature: kind } = enums
  const primary: Signed = { key: key.keyPacket }
  const genuine = async (signatures: SignaturePacket[], type: enums.signature, data: Signed) => {
    const kept: SignaturePacket[] = []
    for (const signature of signatures) if (!(await isForged(signature, key, type, data))) kept.push(signature)
    return kept
  }
  key.revocationSignatures = await genuine(key.revocationSignatures, kind.keyRevocation, primary)
  direct(key).directSignatures = await genuine(direct(key).directSignatures, kind.key, primary)
  for (const user of key.users) {
    const data = { ...primary, userID: user.userID, userAttribute: user.userAttribute }
    user.selfCertifications = await genuine(user.selfCertifications, kind.certGeneric, data)
    user.revocationSignatures = await genuine(user.revocationSignatures, kind.certRevocation, data)
  }
  for (const subkey of key.subkeys) {
    const data = { ...primary, bind: subkey.keyPacket }
    subkey.bindingSignatures = await genuine(subkey.bindingSignatures, kind.subkeyBinding, data)
    subkey.revocationSignatures = await genuine(subkey.revocationSignatures, kind.subkeyRevocation, data)
  }
}

async function isForged(signature: SignaturePacket, key: Key, type: enums.signature, data: Signed): Promise<boolean> {
  if (!signature.issuerKeyID.equals(key.getKeyID())) return false
  const whenever = null as unknown as Date
  const check = signature.verify(key.keyPacket, type, data, whenever, false, whole(allowingAll))
  return check.then(
    () => false,
    (error: unknown) => /verification failed|digest did not match/i.test(messageOf(error)),
  )
}
