import { enums, type Key, type SignaturePacket } from 'openpgp'
import { allowingSha1, whole } from './config.ts'
import { readRing } from './read.ts'
import { direct, type Signed } from './signing.ts'
import type { Certification, Operations } from './types.ts'

const { signature: kind } = enums

/**
 * Every signature of a certificate: over the key itself, its user ids and pictures, its subkeys; in the order of the
 * packets. Checked against the key and, where their issuer is among them, against `verifyWith`.
 */
export const certifications: Operations['certifications'] = async ({ certificate, verifyWith, now }) => {
  const key = await readRing(certificate)
  const issuers = [key, ...(await Promise.all(verifyWith.map(readRing)))]
  const found: Certification[] = []
  for (const { signatures, data, about } of signedParts(key)) {
    for (const signature of signatures) found.push({ ...about, ...(await judged(signature, data, issuers, now)) })
  }
  return found
}

type About = Pick<Certification, 'userId' | 'image' | 'subkeyId'>
type SignedPart = { signatures: SignaturePacket[]; data: Signed; about: About }

function signedParts(key: Key): SignedPart[] {
  const ofKey = {
    signatures: [...key.revocationSignatures, ...direct(key).directSignatures],
    data: { key: key.keyPacket },
    about: { userId: null, image: false, subkeyId: null },
  }
  const ofUsers = key.users.map((user) => ({
    signatures: [...user.selfCertifications, ...user.revocationSignatures, ...user.otherCertifications],
    data: { key: key.keyPacket, userID: user.userID, userAttribute: user.userAttribute },
    about: { userId: user.userID?.userID ?? null, image: user.userAttribute !== null, subkeyId: null },
  }))
  const ofSubkeys = key.subkeys.map((subkey) => ({
    signatures: [...subkey.bindingSignatures, ...subkey.revocationSignatures],
    data: { key: key.keyPacket, bind: subkey.keyPacket },
    about: { userId: null, image: false, subkeyId: subkey.getKeyID().toHex().toUpperCase() },
  }))
  return [ofKey, ...ofUsers, ...ofSubkeys]
}

const certifying: number[] = [kind.certGeneric, kind.certPersona, kind.certCasual, kind.certPositive]

async function judged(signature: SignaturePacket, data: Signed, issuers: Key[], now: number) {
  const issuer = issuers.find((candidate) => candidate.getKeyID().equals(signature.issuerKeyID))
  const type = signature.signatureType ?? 0
  const expires = signature.getExpirationTime()
  return {
    issuerKeyId: signature.issuerKeyID.toHex().toUpperCase(),
    created: signature.created?.getTime() ?? null,
    expires: expires instanceof Date ? expires.getTime() : null,
    type,
    own: issuer === issuers[0],
    status: issuer ? await verdictOf(signature, issuer, type, data, now) : ('unknown-key' as const),
  }
}

async function verdictOf(signature: SignaturePacket, issuer: Key, type: number, data: Signed, now: number) {
  // A signature of one sort hung to what another sort is made over can never be sound.
  const asked = certifying.includes(type) ? kind.certGeneric : (type as enums.signature)
  const check = signature.verify(issuer.keyPacket, asked, data, new Date(now), false, whole(allowingSha1))
  return check.then(
    () => 'valid' as const,
    () => 'invalid' as const,
  )
}
