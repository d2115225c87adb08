import { type Key, type PrivateKey, readKeys } from 'openpgp'
import { binaryOf, dearmor, isBinary } from './armor.ts'
import { allowingSha1, limits } from './config.ts'
import { framesOf, type PacketFrame, tag } from './packets.ts'
import { OpenPgpRefusal, refusing } from './refusals.ts'

const keyBlocks = ['PUBLIC KEY BLOCK', 'PRIVATE KEY BLOCK']
const beginsRing: number[] = [tag.publicKey, tag.secretKey]
const keyTags: number[] = [tag.publicKey, tag.publicSubkey, tag.secretKey, tag.secretSubkey]

/**
 * Every key of a file, armored (also several blocks one after another) or binary. Refuses `key.too-large` by the bounds
 * of `limits` before the library parses anything, `key.no-key` when there is none and `key.unreadable`.
 */
export async function readRings(bytes: Uint8Array): Promise<Key[]> {
  if (bytes.length > limits.keyFileBytes) throw new OpenPgpRefusal('key.too-large', `${bytes.length} bytes`)
  const chunks = chunksOf(bytes)
  const framed = chunks.map((chunk) => ({ chunk, frames: boundedFrames(chunk) }))
  checkCounts(framed.flatMap(({ frames }) => frames))
  const keys: Key[] = []
  for (const { chunk, frames } of framed) {
    for (const ring of ringsOf(chunk, frames)) {
      keys.push(...(await refusing('key.unreadable', () => parse(ring))))
    }
  }
  if (keys.length === 0) throw new OpenPgpRefusal('key.no-key', 'no key packet')
  return keys
}

async function parse(ring: Uint8Array): Promise<Key[]> {
  const keys = await readKeys({ binaryKeys: ring, config: allowingSha1 })
  // The library reads some numbers that it cannot write again; better found out here than halfway through an operation.
  for (const key of keys) key.write()
  return keys
}

/** The one ring of a stored certificate or secret key. */
export async function readRing(bytes: Uint8Array): Promise<Key> {
  const [first] = await readRings(binaryOf(bytes, keyBlocks, 'key.unreadable'))
  return first!
}

/** The one ring of a stored secret key; refuses `key.not-secret`. */
export async function readSecret(bytes: Uint8Array): Promise<PrivateKey> {
  const key = await readRing(bytes)
  if (!key.isPrivate()) throw new OpenPgpRefusal('key.not-secret')
  return key
}

/** A secret key whose packets are all open; refuses `key.locked`. Stubs without secret material do not count. */
export async function readUnlocked(bytes: Uint8Array): Promise<PrivateKey> {
  const key = await readSecret(bytes)
  if (isLocked(key)) throw new OpenPgpRefusal('key.locked')
  return key
}

type SecretPacket = {
  isDecrypted(): boolean
  isDummy(): boolean
  isMissingSecretKeyMaterial(): boolean
  decrypt(password: string, config?: unknown): Promise<void>
  encrypt(password: string, config?: unknown): Promise<void>
  validate(): Promise<void>
}

/** The packets that hold secret material: not the stubs GnuPG leaves for keys on a card or kept offline. */
export function secretPackets(key: Key): SecretPacket[] {
  if (!key.isPrivate()) return []
  return key
    .getKeys()
    .map(({ keyPacket }) => keyPacket as unknown as SecretPacket)
    .filter((packet) => !packet.isMissingSecretKeyMaterial())
}

export function isLocked(key: Key): boolean {
  return secretPackets(key).some((packet) => !packet.isDecrypted())
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  if (isBinary(bytes)) return [bytes]
  const blocks = dearmor(bytes).filter(({ kind }) => keyBlocks.includes(kind))
  if (blocks.length === 0) throw new OpenPgpRefusal('key.no-key', 'neither armor nor packets of a key')
  return blocks.map(({ data }) => data)
}

function boundedFrames(chunk: Uint8Array): PacketFrame[] {
  const most = limits.keySignatures + limits.keyPackets + 2 * limits.userIds
  const frames = framesOf(chunk, most)
  if (!frames) throw new OpenPgpRefusal('key.unreadable', 'not a sequence of packets')
  if (frames.length > most) throw new OpenPgpRefusal('key.too-large', 'too many packets')
  if (frames.some(({ partial }) => partial)) throw new OpenPgpRefusal('key.unreadable', 'packet without a length')
  return frames
}

function checkCounts(frames: PacketFrame[]): void {
  const count = (tags: number[]) => frames.filter((frame) => tags.includes(frame.tag)).length
  const excess = [
    [count([tag.userId, tag.userAttribute]), limits.userIds, 'user ids'],
    [count([tag.signature]), limits.keySignatures, 'signatures'],
    [count(keyTags), limits.keyPackets, 'keys'],
  ] as const
  for (const [found, most, what] of excess) {
    if (found > most) throw new OpenPgpRefusal('key.too-large', `${found} ${what}`)
  }
}

/** One slice per ring, so that a ring of an unknown kind does not take its neighbours with it. */
function ringsOf(chunk: Uint8Array, frames: PacketFrame[]): Uint8Array[] {
  const starts = frames.filter((frame) => beginsRing.includes(frame.tag)).map(({ start }) => start)
  return starts.map((start, index) => chunk.subarray(start, starts[index + 1] ?? chunk.length))
}
