import { enums, type PrivateKey, type SignaturePacket, type Subkey, type User } from 'openpgp'
import { allowingAll, whole } from './config.ts'
import { readUnlocked } from './read.ts'
import { OpenPgpRefusal, refusing } from './refusals.ts'
import { ringOf } from './rings.ts'
import { direct, newestSound, type SecretPacket, type Signed, secretOf, signAnew, soundOnes } from './signing.ts'
import type { Operations } from './types.ts'

const { signature: kind } = enums

/**
 * Every self-signature that tells an end is made anew: of each user id and picture that is not revoked, of each subkey
 * that is not, and the one over the key itself where there is one (version 6 keeps its end only there). What they say
 * else stays. The older ones stay too, for signatures of that time are judged by them. Refuses `key.revoked`,
 * `key.locked` and `key.no-signing-key` when the primary secret is missing.
 */
export const setExpiry: Operations['setExpiry'] = async ({ secret, until, now }) => {
  const key = await readOwn(secret, now)
  const at = { now, until }
  await refusing('key.no-signing-key', async () => {
    for (const user of key.users) await renewUser(key, user, at)
    await renewDirect(key, at)
    for (const subkey of key.subkeys) await renewSubkey(key, subkey, at)
  })
  return ringOf(key, now)
}

/** An open secret key whose primary part can sign for the ring, and which is not revoked. */
export async function readOwn(secret: Uint8Array, now: number): Promise<PrivateKey> {
  const key = await readUnlocked(secret)
  if (!isComplete(secretOf(key))) throw new OpenPgpRefusal('key.no-signing-key', 'primary secret missing')
  const isRevoked = await key.isRevoked(
    null as unknown as SignaturePacket,
    undefined as never,
    new Date(now),
    whole(allowingAll),
  )
  if (isRevoked) throw new OpenPgpRefusal('key.revoked')
  return key
}

type Times = { now: number; until: number | null }

async function renewUser(key: PrivateKey, user: User, at: Times): Promise<void> {
  const data: Signed = { key: key.keyPacket, userID: user.userID, userAttribute: user.userAttribute }
  const newest = await newestSound(user.selfCertifications, key.keyPacket, kind.certGeneric, data)
  if (!newest || (await isTakenBack(key, user, data, newest))) return
  // A user id of version 6 needs no end of its own: that of the key is told by the signature over the key.
  if (key.keyPacket.version === 6 && newest.keyExpirationTime === null && newest.signatureNeverExpires) return
  const fresh = await signAnew(newest, secretOf(key), data, new Date(at.now), endingAt(secretOf(key), at.until))
  user.selfCertifications = joined(user.selfCertifications, fresh)
}

async function isTakenBack(key: PrivateKey, user: User, data: Signed, newest: SignaturePacket): Promise<boolean> {
  const revocations = await soundOnes(user.revocationSignatures, key.keyPacket, kind.certRevocation, data)
  return revocations.some(({ created }) => Number(created) >= Number(newest.created))
}

async function renewDirect(key: PrivateKey, at: Times): Promise<void> {
  const data: Signed = { key: key.keyPacket }
  const holder = direct(key)
  const newest = await newestSound(holder.directSignatures, key.keyPacket, kind.key, data)
  if (!newest) return
  const fresh = await signAnew(newest, secretOf(key), data, new Date(at.now), endingAt(secretOf(key), at.until))
  holder.directSignatures = joined(holder.directSignatures, fresh)
}

async function renewSubkey(key: PrivateKey, subkey: Subkey, at: Times): Promise<void> {
  const data: Signed = { key: key.keyPacket, bind: subkey.keyPacket }
  const newest = await newestSound(subkey.bindingSignatures, key.keyPacket, kind.subkeyBinding, data)
  const revocations = await soundOnes(subkey.revocationSignatures, key.keyPacket, kind.subkeyRevocation, data)
  if (!newest || revocations.length > 0) return
  const packet = secretOf(subkey)
  const date = new Date(at.now)
  const old = newest.embeddedSignature
  // A subkey that signs vouches for its primary key in turn; where its secret is kept elsewhere, the old word holds.
  const back = old && isComplete(packet) ? await signAnew(old, packet, data, date) : old
  const fresh = await signAnew(newest, secretOf(key), data, date, (signature) => {
    endingAt(packet, at.until)(signature)
    signature.embeddedSignature = back
  })
  subkey.bindingSignatures = joined(subkey.bindingSignatures, fresh)
}

function isComplete(packet: SecretPacket): boolean {
  return !packet.isMissingSecretKeyMaterial()
}

/** Sets the end of a key, which a signature tells in whole seconds of its life (four octets of them at most). */
function endingAt(packet: SecretPacket, until: number | null): (signature: SignaturePacket) => void {
  const seconds = until === null ? null : Math.floor((until - packet.created.getTime()) / 1000)
  return (signature) => {
    signature.keyExpirationTime = seconds === null ? null : Math.min(Math.max(seconds, 1), 0xffff_ffff)
    signature.keyNeverExpires = seconds === null ? null : false
  }
}

/** Those dated at the same second or later (a clock elsewhere was fast) go, so that the new one is what holds. */
function joined(signatures: SignaturePacket[], fresh: SignaturePacket): SignaturePacket[] {
  return [...signatures.filter(({ created }) => Number(created) < Number(fresh.created)), fresh]
}
