import { enums, type Key, PublicKey, type SignaturePacket, type Subkey, type User } from 'openpgp'
import { asciiAddress } from '../mail-address.ts'
import { nextChange } from './changing.ts'
import { allowingSha1, whole } from './config.ts'
import { limits } from './limits.ts'
import { joinRings } from './merging.ts'
import { readEach, readRing } from './read.ts'
import { OpenPgpRefusal, refusing } from './refusals.ts'
import { ringOf } from './rings.ts'
import { direct, isSound, newestSound, type Signed } from './signing.ts'
import type { Operations } from './types.ts'

const { signature: kind } = enums

/**
 * Only what the key itself vouches for is left: its sound self-signatures (older ones too, by which old signatures are
 * judged) and revocations, the `limits.ownSignatures` of each that say most; of the user ids those with one of
 * `addresses`, no pictures, no word of others, nothing that is marked as not for export. null when no user id is left.
 * No more than `limits.shownBytes`: of a revoked key that is larger, only the revocation is shown, with a user id; any
 * other is refused as `key.too-large`.
 */
export const publishable: Operations['publishable'] = async ({ certificate, addresses }) => {
  const key = await shownOf(await readRing(certificate), addresses)
  return key && fitting(key).write()
}

/** The same for a file of keys from anywhere, with what is to be said of each. Those with nothing to show are left out. */
export const forAddress: Operations['forAddress'] = async ({ bytes, addresses, now }) => {
  const keys = new Map<string, Key>()
  for (const ring of (await readEach(bytes)).slice(0, limits.ringsForAddress)) {
    const key = 'key' in ring ? await shownOf(ring.key, addresses) : null
    if (!key) continue
    const known = keys.get(key.getFingerprint())
    keys.set(key.getFingerprint(), known ? await refusing('key.unreadable', () => joinRings(known, key)) : key)
  }
  const found: Shown[] = []
  for (const key of keys.values()) {
    try {
      found.push(await describedOf(fitting(key), now))
    } catch (error) {
      // It does not take those beside it along.
      if (!(error instanceof OpenPgpRefusal)) throw error
    }
  }
  return found
}

type Shown = Awaited<ReturnType<Operations['forAddress']>>[number]

async function describedOf(key: Key, now: number): Promise<Shown> {
  const { certificate, info } = await ringOf(key, now)
  return { certificate, info, until: nextChange(key, now) }
}

/** What is left of a key that is too large to be shown. */
function fitting(key: Key): Key {
  const { length } = key.write()
  if (length <= limits.shownBytes) return key
  const [revocation] = key.revocationSignatures.toSorted(weightier)
  if (!revocation) throw new OpenPgpRefusal('key.too-large', `${length} bytes to show`)
  const newestOf = (signatures: SignaturePacket[]) => signatures.toSorted(newer).slice(0, 1)
  key.revocationSignatures = [revocation]
  direct(key).directSignatures = newestOf(direct(key).directSignatures)
  key.users = key.users.slice(0, 1)
  for (const user of key.users) {
    user.selfCertifications = newestOf(user.selfCertifications)
    user.revocationSignatures = user.revocationSignatures.toSorted(weightier).slice(0, 1)
  }
  key.subkeys = []
  return key
}

async function shownOf(read: Key, addresses: string[]): Promise<Key | null> {
  const key = read.toPublic()
  const wanted = new Set(addresses.map(asciiAddress))
  const users = await ownUsers(key, (user) => wanted.has(asciiAddress(user.userID?.email ?? '')))
  if (users.length === 0) return null
  key.users = users
  const holder = direct(key)
  holder.directSignatures = await own(key, holder.directSignatures, kind.key, { key: key.keyPacket })
  key.revocationSignatures = await own(key, key.revocationSignatures, kind.keyRevocation, { key: key.keyPacket })
  key.subkeys = await ownSubkeys(key)
  return key
}

async function ownUsers(key: Key, isWanted: (user: User) => boolean): Promise<User[]> {
  const users: User[] = []
  for (const user of key.users.filter(isWanted)) {
    const data: Signed = { key: key.keyPacket, userID: user.userID }
    user.selfCertifications = await own(key, user.selfCertifications, kind.certGeneric, data)
    user.revocationSignatures = await own(key, user.revocationSignatures, kind.certRevocation, data)
    user.otherCertifications = []
    if (user.selfCertifications.length > 0) users.push(user)
  }
  return users
}

async function ownSubkeys(key: Key): Promise<Subkey[]> {
  const subkeys: Subkey[] = []
  for (const subkey of key.subkeys) {
    const data: Signed = { key: key.keyPacket, bind: subkey.keyPacket }
    subkey.bindingSignatures = await own(key, subkey.bindingSignatures, kind.subkeyBinding, data)
    subkey.revocationSignatures = await own(key, subkey.revocationSignatures, kind.subkeyRevocation, data)
    if (subkey.bindingSignatures.length > 0) subkeys.push(subkey)
  }
  return subkeys
}

async function own(
  key: Key,
  signatures: SignaturePacket[],
  type: enums.signature,
  data: Signed,
): Promise<SignaturePacket[]> {
  const exportable = signatures.filter((signature) => signature.exportable !== false)
  const isRevocation = revoking.includes(type)
  const sound = new Set<SignaturePacket>()
  for (const signature of exportable.toSorted(isRevocation ? weightier : newer)) {
    if (sound.size >= limits.ownSignatures) break
    if (await isSound(signature, key.keyPacket, type, data)) sound.add(signature)
  }
  for (const signature of sound) dropUnsigned(signature)
  return exportable.filter((signature) => sound.has(signature))
}

const revoking: enums.signature[] = [kind.keyRevocation, kind.certRevocation, kind.subkeyRevocation]

const newer = (a: SignaturePacket, b: SignaturePacket): number => Number(b.created) - Number(a.created)

/** RFC 9580, section 5.2.3.31: those with such a reason leave alone what was before them; all others end it from the start. */
const soft: (number | null)[] = [enums.reasonForRevocation.keySuperseded, enums.reasonForRevocation.keyRetired]
const isSoft = ({ reasonForRevocationFlag }: SignaturePacket) => soft.includes(reasonForRevocationFlag)

/** Of revocations, those first that end most. */
const weightier = (a: SignaturePacket, b: SignaturePacket): number =>
  Number(isSoft(a)) - Number(isSoft(b)) || Number(a.created) - Number(b.created)

/** RFC 9580, section 5.2.3.7: issuer key id, embedded signature, issuer fingerprint. */
const neededUnsigned = [16, 32, 33]

/** Anybody may write into the part of a signature that it does not cover; who signed it is all that is needed there. */
function dropUnsigned(signature: SignaturePacket): void {
  signature.unhashedSubpackets = signature.unhashedSubpackets.filter(({ type }) => neededUnsigned.includes(type))
}

/**
 * The key, the user id of `address` and the subkey to encrypt to, each with its newest self-signature; version 6 also
 * needs the one over the key. null when there is no such user id or nobody can encrypt to the key now.
 */
export const minimal: Operations['minimal'] = async ({ certificate, address, now }) => {
  const key = (await readRing(certificate)).toPublic()
  const user = await userOf(key, address, now)
  const encrypting = user && (await encryptingKey(key, now))
  if (!user || !encrypting) return null
  const least = new PublicKey(key.toPacketList())
  const primary = { key: key.keyPacket }
  const over = key.keyPacket.version === 6 ? direct(key).directSignatures : []
  direct(least).directSignatures = await newest(key, over, kind.key, primary, now)
  least.users = [user]
  least.subkeys = []
  if (encrypting.getFingerprint() !== key.getFingerprint()) {
    const subkey = encrypting as Subkey
    const data: Signed = { ...primary, bind: subkey.keyPacket }
    subkey.bindingSignatures = await newest(key, subkey.bindingSignatures, kind.subkeyBinding, data, now)
    subkey.revocationSignatures = []
    least.subkeys = [subkey]
  }
  return least.write()
}

async function userOf(key: Key, address: string, now: number): Promise<User | null> {
  for (const user of key.users) {
    if (asciiAddress(user.userID?.email ?? '') !== asciiAddress(address)) continue
    const isSound = await user.verify(new Date(now), whole(allowingSha1)).then(
      () => true,
      () => false,
    )
    if (!isSound) continue
    const data: Signed = { key: key.keyPacket, userID: user.userID }
    user.selfCertifications = await newest(key, user.selfCertifications, kind.certGeneric, data, now)
    user.otherCertifications = []
    user.revocationSignatures = []
    return user
  }
  return null
}

async function encryptingKey(key: Key, now: number): Promise<Key | Subkey | null> {
  return key.getEncryptionKey(undefined, new Date(now), undefined, whole(allowingSha1)).catch(() => null)
}

async function newest(key: Key, signatures: SignaturePacket[], type: enums.signature, data: Signed, now: number) {
  const past = signatures.filter(({ created }) => Number(created) <= now)
  const found = await newestSound(past, key.keyPacket, type, data)
  if (found) dropUnsigned(found)
  return found ? [found] : []
}

/** RFC 9580, section 5.12.1: a subpacket of type 1, a header of 16 octets that begins with its length, then JPEG. */
export const pictures: Operations['pictures'] = async ({ certificate }) => {
  const key = await readRing(certificate)
  return refusing('key.unreadable', () => {
    const attributes = key.users.flatMap(({ userAttribute }) => {
      const packet = userAttribute as unknown as { attributes: string[] } | null
      return packet?.attributes ?? []
    })
    return attributes.map((attribute) => pictureOf(Buffer.from(attribute, 'latin1'))).filter((found) => found !== null)
  })
}

function pictureOf(subpacket: Buffer): Uint8Array | null {
  const [type, low = 0, high = 0, version, encoding] = subpacket
  const start = 1 + low + 256 * high
  if (type !== 1 || version !== 1 || encoding !== 1) return null
  const isJpeg = subpacket[start] === 0xff && subpacket[start + 1] === 0xd8
  return isJpeg ? new Uint8Array(subpacket.subarray(start)) : null
}
