import { enums, type Key, SecretSubkeyPacket, type SignaturePacket, type Subkey, type User } from 'openpgp'
import { strict, whole } from './config.ts'
import { limits } from './limits.ts'
import { readRing } from './read.ts'
import { OpenPgpRefusal, refusing } from './refusals.ts'
import { ringOf } from './rings.ts'
import { direct, type Signed, secretOf, soundOnes, writtenOf } from './signing.ts'
import type { Operations } from './types.ts'

const { signature: kind } = enums

/**
 * Joins two states of one key: user ids, pictures, subkeys, signatures and revocations of both, of the second only what
 * the key itself vouches for, so that a stranger's copy can add nothing but certifications. Either may be public or
 * secret; the result holds `secret` when one of them is, and then never loses a secret packet. A subkey of which only
 * the public half is known stands in a secret ring as a stub. Refuses `key.mismatch`.
 */
export const merge: Operations['merge'] = async ({ certificate, other, now }) => {
  const first = await readRing(certificate)
  const second = await readRing(other)
  if (first.getFingerprint() !== second.getFingerprint()) throw new OpenPgpRefusal('key.mismatch')
  const joined = await refusing('key.unreadable', () => joinRings(first, second))
  return ringOf(joined, now)
}

/** Joins what `second` knows into `first`, or the other way round when only `second` is secret; answers that one. */
export async function joinRings(first: Key, second: Key): Promise<Key> {
  const base = first.isPrivate() || !second.isPrivate() ? first : second
  const source = base === first ? second : first
  const data: Signed = { key: base.keyPacket }
  const into = { key: base, data }
  takeSecret(base, source)
  base.revocationSignatures = await union(
    into,
    base.revocationSignatures,
    source.revocationSignatures,
    kind.keyRevocation,
  )
  const directs = direct(base)
  directs.directSignatures = await union(into, directs.directSignatures, direct(source).directSignatures, kind.key)
  for (const user of source.users) await joinUser(base, user)
  for (const subkey of source.subkeys) await joinSubkey(base, subkey)
  stripForeign(base)
  return base
}

/** Certifications by others beyond `limits.foreignCertifications` per user id are dropped, the first ones first. */
export function stripForeign(key: Key): void {
  for (const user of key.users) {
    const isOwn = (signature: SignaturePacket) => signature.issuerKeyID.equals(key.getKeyID())
    const foreign = user.revocationSignatures.filter((signature) => !isOwn(signature))
    const kept = new Set(foreign.slice(-limits.foreignCertifications))
    user.revocationSignatures = user.revocationSignatures.filter((one) => isOwn(one) || kept.has(one))
    user.otherCertifications = user.otherCertifications.slice(-limits.foreignCertifications)
  }
}

type Into = { key: Key; data: Signed }

async function union(
  { key, data }: Into,
  known: SignaturePacket[],
  found: SignaturePacket[],
  type: enums.signature,
): Promise<SignaturePacket[]> {
  return [...known, ...(await soundOnes(unknownOf(known, found), key.keyPacket, type, data))]
}

/** Those of `found` that are not among `known`; what stands in their unsigned part makes no difference. */
function unknownOf(known: SignaturePacket[], found: SignaturePacket[]): SignaturePacket[] {
  const seen = new Set(known.map(identityOf))
  return found.filter((signature) => !seen.has(identityOf(signature)))
}

function identityOf(signature: SignaturePacket): string {
  const { writeParams } = signature as unknown as { writeParams(): Uint8Array }
  const parts = [signature.signatureData ?? new Uint8Array(), writeParams.call(signature)]
  return Buffer.concat(parts).toString('latin1')
}

async function joinUser(base: Key, user: User): Promise<void> {
  const known = base.users.find(
    (one) => one.userID?.userID === user.userID?.userID && pictureOf(one) === pictureOf(user),
  )
  const target = known ?? emptied(user, base)
  const data: Signed = { key: base.keyPacket, userID: user.userID, userAttribute: user.userAttribute }
  const into = { key: base, data }
  const isOwn = (signature: SignaturePacket) => signature.issuerKeyID.equals(base.getKeyID())
  const [own, foreign] = [
    user.revocationSignatures.filter(isOwn),
    user.revocationSignatures.filter((one) => !isOwn(one)),
  ]
  target.selfCertifications = await union(into, target.selfCertifications, user.selfCertifications, kind.certGeneric)
  target.revocationSignatures = await union(into, target.revocationSignatures, own, kind.certRevocation)
  if (!known && target.selfCertifications.length + target.revocationSignatures.length === 0) return
  target.revocationSignatures.push(...unknownOf(target.revocationSignatures, foreign))
  target.otherCertifications.push(...unknownOf(target.otherCertifications, user.otherCertifications))
  if (!known) base.users.push(target)
}

function emptied(user: User, base: Key): User {
  const copy = user.clone()
  copy.selfCertifications = []
  copy.otherCertifications = []
  copy.revocationSignatures = []
  ;(copy as { mainKey: Key }).mainKey = base
  return copy
}

function pictureOf({ userAttribute }: User): string | null {
  return userAttribute ? Buffer.from(writtenOf(userAttribute)).toString('latin1') : null
}

async function joinSubkey(base: Key, subkey: Subkey): Promise<void> {
  const known = base.subkeys.find((one) => one.getFingerprint() === subkey.getFingerprint())
  const data: Signed = { key: base.keyPacket, bind: subkey.keyPacket }
  const into = { key: base, data }
  const bindings = await union(into, known?.bindingSignatures ?? [], subkey.bindingSignatures, kind.subkeyBinding)
  const revoked = known?.revocationSignatures ?? []
  const revocations = await union(into, revoked, subkey.revocationSignatures, kind.subkeyRevocation)
  if (!known && bindings.length === 0) return
  const target = known ?? adopted(base, subkey)
  target.bindingSignatures = bindings
  target.revocationSignatures = revocations
  if (known) takeSecret(known, subkey)
  else base.subkeys.push(target)
}

function adopted(base: Key, subkey: Subkey): Subkey {
  const copy = (subkey as Subkey & { clone(): Subkey }).clone()
  ;(copy as { mainKey: Key }).mainKey = base
  const isSecret = subkey.keyPacket instanceof SecretSubkeyPacket
  if (base.isPrivate() && !isSecret) (copy as { keyPacket: unknown }).keyPacket = stubOf(subkey)
  return copy
}

/** What GnuPG makes of a secret key without its secret: only so may a secret ring hold it. */
function stubOf(subkey: Subkey): SecretSubkeyPacket {
  const stub = new SecretSubkeyPacket()
  const { version, created, algorithm, publicParams } = subkey.keyPacket
  const { keyID, fingerprint } = subkey.keyPacket as unknown as Record<'keyID' | 'fingerprint', unknown>
  Object.assign(stub, { version, created, algorithm, publicParams, keyID, fingerprint })
  stub.makeDummy(whole(strict))
  return stub
}

/** A secret that one of them lacks is taken from the other. */
function takeSecret(target: Key | Subkey, source: Key | Subkey): void {
  const [held, offered] = [secretOf(target), secretOf(source)]
  const isSecret = (packet: unknown) => typeof (packet as { isDummy?: unknown }).isDummy === 'function'
  if (!isSecret(held) || !isSecret(offered)) return
  if (held.isMissingSecretKeyMaterial() && !offered.isMissingSecretKeyMaterial()) {
    ;(target as { keyPacket: unknown }).keyPacket = offered
  }
}
