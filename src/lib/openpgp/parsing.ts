import { type Key, readKeys, SignaturePacket } from 'openpgp'
import { allowingSha1 } from './config.ts'
import { limits } from './limits.ts'
import { framesOf, type PacketFrame, tag } from './packets.ts'
import { messageOf, OpenPgpRefusal } from './refusals.ts'

const keyTags: number[] = [tag.publicKey, tag.publicSubkey, tag.secretKey, tag.secretSubkey]

/**
 * The key of one ring, binary. Signatures that cannot be parsed and endless user ids are left out, for anybody can hang
 * one to a key that is not his. Refuses `key.unsupported` for a version, algorithm or curve that the library does not know and for numbers
 * larger than anybody needs, and `key.unreadable`.
 */
export async function parseRing(ring: Uint8Array): Promise<Key> {
  try {
    const key = await parse(ring).catch(() => parse(withoutBrokenParts(ring)))
    checkNumbers(key)
    return key
  } catch (error) {
    if (error instanceof OpenPgpRefusal) throw error
    const message = messageOf(error)
    // The library passes over a primary key of an unknown kind and then misses it.
    const isUnknown = /no key packet|unsupported|not supported|unknown (curve|public key)/i.test(message)
    throw new OpenPgpRefusal(isUnknown ? 'key.unsupported' : 'key.unreadable', message)
  }
}

async function parse(ring: Uint8Array): Promise<Key> {
  const [key] = await readKeys({ binaryKeys: ring, config: allowingSha1 })
  if (!key) throw new Error('No key packet found')
  // The library reads some numbers that it cannot write again; better found out here than halfway through an operation.
  key.write()
  if (key.getKeys().length < countKeys(ring)) partlyRead.add(key.keyPacket)
  keepBytesOfUserIds(key, ring)
  return key
}

/**
 * User ids from before UTF-8: the library would write them back with other bytes than those that were signed. They are
 * shown as the Latin-1 that they mostly are.
 */
function keepBytesOfUserIds(key: Key, ring: Uint8Array): void {
  for (const { bodyStart, end } of framesIn(ring).filter((frame) => frame.tag === tag.userId)) {
    const body = Buffer.from(ring.subarray(bodyStart, end))
    if (body.equals(Buffer.from(body.toString('utf8'), 'utf8'))) continue
    const user = key.users.find(({ userID }) => userID?.userID === body.toString('utf8'))
    const packet = user?.userID as { userID: string; name: string; write(): Uint8Array } | undefined
    if (!packet) continue
    packet.write = () => body
    packet.userID = body.toString('latin1')
    packet.name = packet.userID.replace(/\s*[(<].*$/, '')
  }
}

/** Primary key packets of rings that hold subkeys of a kind that the library does not know. */
const partlyRead = new WeakSet<object>()

/** Whether subkeys were left out because their version, algorithm or curve is unknown here. */
export function isPartlyRead(key: Key): boolean {
  return partlyRead.has(key.keyPacket)
}

const framesIn = (ring: Uint8Array): PacketFrame[] => framesOf(ring, ring.length) ?? []

function countKeys(ring: Uint8Array): number {
  return framesIn(ring).filter((frame) => keyTags.includes(frame.tag)).length
}

function withoutBrokenParts(ring: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = []
  // What follows a user id is about that user id.
  let isAboutNothing = false
  for (const frame of framesIn(ring)) {
    const isUser = frame.tag === tag.userId || frame.tag === tag.userAttribute
    if (isUser) isAboutNothing = frame.end - frame.bodyStart > limits.userIdBytes && frame.tag === tag.userId
    else if (frame.tag !== tag.signature) isAboutNothing = false
    const isBroken = frame.tag === tag.signature && !canParse(ring.subarray(frame.bodyStart, frame.end))
    if (!isAboutNothing && !isBroken) kept.push(ring.subarray(frame.start, frame.end))
  }
  return Buffer.concat(kept)
}

function canParse(body: Uint8Array): boolean {
  const signature = new SignaturePacket() as unknown as { read(bytes: Uint8Array): void; write(): Uint8Array }
  try {
    signature.read(body)
    signature.write()
    return true
  } catch {
    return false
  }
}

/**
 * RSA and its relatives cost by the square and more of how long their numbers are, which a stranger chooses. OpenSSL
 * stops at the same sizes.
 */
function checkNumbers(key: Key): void {
  for (const { keyPacket } of key.getKeys()) {
    const { n, e, p, q } = keyPacket.publicParams as Partial<Record<'n' | 'e' | 'p' | 'q', Uint8Array>>
    const most = limits.keyNumberBits
    const sizes = [
      [n, most.modulus],
      [e, most.exponent],
      [p, q ? most.dsa : most.modulus],
      [q, most.subgroup],
    ] as const
    if (sizes.some(([number, bits]) => number && number.length * 8 > bits)) {
      throw new OpenPgpRefusal('key.unsupported', 'numbers too large')
    }
  }
}
