import { inflateRawSync, inflateSync } from 'node:zlib'
import { limits } from '../limits.ts'
import { tag } from '../packets.ts'
import { OpenPgpRefusal } from '../refusals.ts'
import { type Packet, packetOf, packetsIn } from './bodies.ts'

/** The document of a message, the name it goes by, and the packets of its signatures one behind the other. */
export type Content = { data: Uint8Array; fileName: string; signatures: Uint8Array }

const meaningless: number[] = [tag.marker, tag.trust, tag.padding]

/**
 * What was under the encryption: a document, with as many signatures behind it as were announced in front of it, perhaps
 * compressed as a whole. null when it is made of anything else, which is for the library to judge. Refuses
 * `message.unreadable` when these are no packets, and `message.too-large` for too many signatures and for what has, or
 * unpacks to, more than `most` bytes.
 */
export function contentOf(plain: Uint8Array, most: number = limits.decompressedBytes): Content | null {
  const packets = meaningful(plain)
  const [first] = packets
  if (packets.length !== 1 || first?.tag !== tag.compressed) return bounded(documentOf(packets), most)
  const unpacked = unpack(first.body, most)
  return unpacked && documentOf(meaningful(unpacked))
}

function bounded(content: Content | null, most: number): Content | null {
  if (content && content.data.length > most) throw new OpenPgpRefusal('message.too-large', 'document')
  return content
}

function meaningful(bytes: Uint8Array): Packet[] {
  const most = 2 * limits.signatures + 1
  const packets = packetsIn(bytes, 2 * most)
  if (!packets) throw new OpenPgpRefusal('message.unreadable', 'not a sequence of packets')
  const left = packets.filter((packet) => !meaningless.includes(packet.tag))
  if (left.length > most || packets.length > 2 * most) throw new OpenPgpRefusal('message.too-large', 'packets')
  return left
}

function documentOf(packets: Packet[]): Content | null {
  const at = packets.findIndex((packet) => packet.tag === tag.literal)
  if (at === -1 || packets.length !== 2 * at + 1) return null
  const isAs = (wanted: number) => (packet: Packet) => packet.tag === wanted
  const signatures = packets.slice(at + 1)
  if (!packets.slice(0, at).every(isAs(tag.onePassSignature)) || !signatures.every(isAs(tag.signature))) return null
  const literal = literalOf(packets[at]!.body)
  return (
    literal && { ...literal, signatures: Buffer.concat(signatures.map(({ body }) => packetOf(tag.signature, body))) }
  )
}

/** Behind the format, a file name and a date, none of which anybody signed: RFC 9580, section 5.9. */
function literalOf(body: Uint8Array): Pick<Content, 'data' | 'fileName'> | null {
  const nameEnd = 2 + (body[1] ?? 0)
  const start = nameEnd + 4
  if (body.length < start) return null
  return { data: body.subarray(start), fileName: Buffer.from(body.subarray(2, nameEnd)).toString() }
}

const unpackers: ReadonlyMap<number, typeof inflateSync> = new Map([
  [1, inflateRawSync],
  [2, inflateSync],
])

/** ZIP and ZLIB; the bound holds while it unpacks. null for the rest, and for what does not unpack. */
function unpack(body: Uint8Array, most: number): Uint8Array | null {
  const unpacker = unpackers.get(body[0] ?? 0)
  if (!unpacker) return null
  try {
    return unpacker(body.subarray(1), { maxOutputLength: most, chunkSize: Math.min(most, 1024 * 1024) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new OpenPgpRefusal('message.too-large', 'unpacked')
    }
    return null
  }
}
