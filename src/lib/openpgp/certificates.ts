import type { Key, PrivateKey, Subkey, User } from 'openpgp'
import { enums } from 'openpgp'
import { allowingSha1, limits, whole } from './config.ts'
import { describe } from './judge.ts'
import { isLocked, readRing, readRings } from './read.ts'
import { OpenPgpRefusal, refusing } from './refusals.ts'
import type { Certification, MergedRing, Operations, Ring } from './types.ts'

/**
 * Reads a file of keys, armored or binary. Certifications by others beyond `limits.foreignCertifications` per user id
 * are dropped, so that a flooded key stays usable. Rings of one file are given in its order.
 */
export const inspect: Operations['inspect'] = async ({ bytes, now }) => {
  const rings: Ring[] = []
  for (const key of await readRings(bytes)) {
    stripForeign(key)
    rings.push({ ...(await ringOf(key, now)), locked: isLocked(key) })
  }
  return { rings }
}

/** A ring in the form in which it leaves the engine. */
export async function ringOf(key: Key, now: number): Promise<MergedRing> {
  const certificate = key.toPublic().write()
  const info = await refusing('key.unreadable', () => describe(key, now))
  return key.isPrivate() ? { certificate, secret: key.write(), info } : { certificate, info }
}

/**
 * Joins two states of one key: user ids, subkeys, signatures and revocations of both. Either may be public or secret;
 * the result holds `secret` when one of them is, and then never loses a secret packet. Refuses `key.mismatch`.
 */
export const merge: Operations['merge'] = async ({ certificate, other, now }) => {
  const first = await readRing(certificate)
  const second = await readRing(other)
  if (first.getFingerprint() !== second.getFingerprint()) throw new OpenPgpRefusal('key.mismatch')
  const joined = await update(first.toPublic(), second.toPublic(), now)
  stripForeign(joined)
  const secret = await mergeSecret(first, second, now)
  if (!secret) return ringOf(joined, now)
  stripForeign(secret)
  const { info } = await ringOf(secret, now)
  return { certificate: joined.write(), secret: secret.write(), info }
}

async function mergeSecret(first: Key, second: Key, now: number): Promise<Key | null> {
  const base = first.isPrivate() ? first : second
  if (!base.isPrivate()) return null
  const source = base === first ? second : first
  const known = new Set(base.subkeys.map((subkey) => subkey.getFingerprint()))
  // A secret ring may not hold a subkey of which only the public half is known.
  if (!source.isPrivate()) source.subkeys = source.subkeys.filter((subkey) => known.has(subkey.getFingerprint()))
  return update(base, source, now)
}

async function update(base: Key, source: Key, now: number): Promise<Key> {
  return refusing('key.unreadable', () =>
    (base as PrivateKey).update(source as PrivateKey, new Date(now), whole(allowingSha1)),
  )
}

function stripForeign(key: Key): void {
  for (const user of key.users) user.otherCertifications = user.otherCertifications.slice(-limits.foreignCertifications)
}

/** Who vouches for the user ids of a certificate, checked against `verifyWith` where the issuer is among them. */
export const certifications: Operations['certifications'] = async ({ certificate, verifyWith, now }) => {
  const key = await readRing(certificate)
  const issuers = await Promise.all(verifyWith.map(readRing))
  const found: Certification[] = []
  for (const user of key.users) {
    if (user.userID) found.push(...(await certificationsOf(user, key, issuers, now)))
  }
  return found
}

async function certificationsOf(user: User, key: Key, issuers: Key[], now: number): Promise<Certification[]> {
  const all = [...user.selfCertifications, ...user.revocationSignatures, ...user.otherCertifications]
  const keys = [key, ...issuers]
  const data = { userID: user.userID, userAttribute: null, key: key.keyPacket }
  const found: Certification[] = []
  for (const signature of all) {
    const issuer = keys.find((candidate) => candidate.getKeyID().equals(signature.issuerKeyID))
    const type = signature.signatureType ?? 0
    const asked = type === enums.signature.certRevocation ? type : enums.signature.certGeneric
    const check = issuer
      ? signature.verify(issuer.keyPacket, asked, data, new Date(now), false, whole(allowingSha1)).then(
          () => 'valid' as const,
          () => 'invalid' as const,
        )
      : ('unknown-key' as const)
    const expires = signature.getExpirationTime()
    found.push({
      userId: user.userID?.userID ?? '',
      issuerKeyId: signature.issuerKeyID.toHex().toUpperCase(),
      created: signature.created?.getTime() ?? null,
      expires: expires instanceof Date ? expires.getTime() : null,
      type,
      own: issuer === key,
      status: await check,
    })
  }
  return found
}

/** The subkey of a ring by its key id (16 hex digits) or fingerprint. */
export function subkeyOf(key: Key, id: string): Subkey | undefined {
  const wanted = id.toLowerCase()
  return key.subkeys.find((subkey) => [subkey.getKeyID().toHex(), subkey.getFingerprint()].includes(wanted))
}
