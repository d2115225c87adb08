import type { Key, PrivateKey } from 'openpgp'
import { binaryOf, dearmor, isBinary } from './armor.ts'
import type { Derivation } from './derivation.ts'
import { limits } from './limits.ts'
import { mended, narrowed } from './mangled.ts'
import { framesOf, type PacketFrame, tag } from './packets.ts'
import { parseRing } from './parsing.ts'
import { OpenPgpRefusal } from './refusals.ts'

const keyBlocks = ['PUBLIC KEY BLOCK', 'PRIVATE KEY BLOCK']
const beginsRing: number[] = [tag.publicKey, tag.secretKey]
const keyTags: number[] = [tag.publicKey, tag.publicSubkey, tag.secretKey, tag.secretSubkey]

/** A ring of a file, or why it could not be read; `bytes` are its packets. */
export type ReadRing = { bytes: Uint8Array; key: Key } | { bytes: Uint8Array; refusal: OpenPgpRefusal }

/**
 * Every ring of a file, armored (also several blocks one after another) or binary. Refuses `key.too-large` by the bounds
 * of `limits` before the library parses anything, `key.no-key` when there is none and `key.unreadable`.
 */
export async function readEach(bytes: Uint8Array): Promise<ReadRing[]> {
  if (bytes.length > limits.keyFileBytes) throw new OpenPgpRefusal('key.too-large', `${bytes.length} bytes`)
  const chunks = chunksOf(bytes)
  const framed = chunks.map((chunk) => ({ chunk, frames: boundedFrames(chunk) }))
  checkCounts(framed.flatMap(({ frames }) => frames))
  const slices = framed.flatMap(({ chunk, frames }) => ringsOf(chunk, frames))
  if (slices.length === 0) throw new OpenPgpRefusal('key.no-key', 'no key packet')
  return Promise.all(slices.map(readSlice))
}

async function readSlice(bytes: Uint8Array): Promise<ReadRing> {
  try {
    return { bytes, key: await parseRing(bytes) }
  } catch (error) {
    if (error instanceof OpenPgpRefusal) return { bytes, refusal: error }
    throw error
  }
}

/** The one ring of a stored certificate or secret key. */
export async function readRing(bytes: Uint8Array): Promise<Key> {
  const [first] = await readEach(binaryOf(bytes, keyBlocks, 'key.unreadable'))
  if (!first || 'refusal' in first) throw first?.refusal ?? new OpenPgpRefusal('key.no-key')
  return first.key
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
  s2k: Derivation | null
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
  const text = narrowed(bytes)
  if (isBinary(text)) return [text]
  const found = blocksIn(text)
  if (found.length > 0 && found.every(arePackets)) return found
  const second = blocksIn(mended(text))
  if (second.length > 0 && second.every(arePackets)) return second
  if (found.length === 0) throw new OpenPgpRefusal('key.no-key', 'neither armor nor packets of a key')
  return found
}

function blocksIn(text: Uint8Array): Uint8Array[] {
  const blocks = dearmor(text).filter(({ kind }) => keyBlocks.includes(kind))
  return blocks.map(({ data }) => data)
}

function arePackets(data: Uint8Array): boolean {
  const frames = framesOf(data, data.length)
  return frames !== null && frames.length > 0
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
