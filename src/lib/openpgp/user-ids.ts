import {
  type AnyPacket,
  enums,
  type Key,
  PacketList,
  PrivateKey,
  SignaturePacket,
  type User,
  UserIDPacket,
} from 'openpgp'
import { allowingSha1, whole } from './config.ts'
import { readOwn } from './expiry.ts'
import { OpenPgpRefusal, refusing } from './refusals.ts'
import { ringOf } from './rings.ts'
import { type Signed, secretOf, signAnew, signNow, soundOnes } from './signing.ts'
import type { Operations } from './types.ts'

const { signature: kind } = enums

/**
 * Adds a self-certified user id, valid as long as the key is, which says of the key what its primary user id says. One
 * that is there already stays as it is. Refuses `key.locked`, `key.revoked`, `key.no-signing-key` and
 * `key.bad-user-id`, also for one that was taken back: nobody would believe it again.
 */
export const addUserId: Operations['addUserId'] = async ({ secret, name, email, now }) => {
  const wanted = checkUserId(name, email)
  const key = await readOwn(secret, now)
  const known = key.users.find(({ userID }) => userID?.name === wanted.name && userID.email === email)
  if (known && (await isTakenBack(key, known))) throw new OpenPgpRefusal('key.bad-user-id', 'revoked')
  if (!known) await refusing('key.no-signing-key', () => certify(key, UserIDPacket.fromObject(wanted), now))
  return ringOf(key, now)
}

async function isTakenBack(key: Key, { userID, revocationSignatures }: User): Promise<boolean> {
  const data: Signed = { key: key.keyPacket, userID }
  return (await soundOnes(revocationSignatures, key.keyPacket, kind.certRevocation, data)).length > 0
}

async function certify(key: PrivateKey, userID: UserIDPacket, now: number): Promise<void> {
  const data: Signed = { key: key.keyPacket, userID }
  const template = await primaryWord(key)
  const by = secretOf(key)
  const date = new Date(now)
  const signature = template
    ? await signAnew(template, by, data, date, (fresh) => {
        fresh.isPrimaryUserID = null
      })
    : await signNow(Object.assign(new SignaturePacket(), { signatureType: kind.certPositive }), by, data, date)
  const user = userOf(userID, key)
  user.selfCertifications = [signature]
  key.users.push(user)
}

/** The library does not give out its class of users, only users: through a key that is nothing but this one. */
function userOf(userID: UserIDPacket, key: PrivateKey): User {
  const packets = new PacketList<AnyPacket>()
  packets.push(key.keyPacket as unknown as AnyPacket, userID)
  const [user] = new PrivateKey(packets).users
  ;(user as { mainKey: Key }).mainKey = key
  return user!
}

/** The word of the key about its primary user id; null where there is none, which only version 6 may lack. */
async function primaryWord(key: PrivateKey): Promise<SignaturePacket | null> {
  const whenever = null as unknown as Date
  try {
    return (await key.getPrimaryUser(whenever, undefined, whole(allowingSha1))).selfCertification
  } catch (error) {
    if (key.keyPacket.version === 6) return null
    throw error
  }
}

/** A user id is one line `name <address>`; brackets and control characters in a name would let it claim an address. */
export function checkUserId(name: string, email: string): { name: string; email: string } {
  const isBad = /[\p{Cc}<>()]/u.test(name) || name.length > 200 || !/^[^\s@<>()\p{Cc}]+@[^\s@<>()\p{Cc}]+$/u.test(email)
  if (isBad || email.length > 254) throw new OpenPgpRefusal('key.bad-user-id')
  return { name: name.trim(), email }
}
