import { framesOf, type PacketFrame } from '../packets.ts'

/** A packet whose body lies in one piece. */
export type Packet = { tag: number; body: Uint8Array }

/**
 * Every packet of a sequence, bodies of partial length (RFC 9580, section 4.2.1.4) put together: nothing else is copied.
 * null when the bytes are no sequence of packets; looks at no more than `most` + 1.
 */
export function packetsIn(bytes: Uint8Array, most: number): Packet[] | null {
  const packets: Packet[] = []
  let at = 0
  while (at < bytes.length && packets.length <= most) {
    const rest = bytes.subarray(at)
    const frames = framesOf(rest, most - packets.length)
    if (!frames) return null
    for (const frame of frames) {
      const whole = wholeBody(rest, frame)
      if (!whole) return null
      packets.push({ tag: frame.tag, body: whole.body })
      at += whole.end - frame.start
    }
  }
  return packets
}

// The first piece has 512 bytes at least, and nobody makes the others smaller; a flood of tiny ones would buy seconds.
const mostPieces = (bytes: number) => 1000 + bytes / 64

/** The body of one packet and where the packet ends. */
export function wholeBody(bytes: Uint8Array, frame: PacketFrame): { body: Uint8Array; end: number } | null {
  const isNewFormat = (bytes[frame.start]! & 0x40) !== 0
  if (!frame.partial || !isNewFormat) return { body: bytes.subarray(frame.bodyStart, frame.end), end: frame.end }
  const pieces = () => partialBodies(bytes, frame.start + 1)
  let [length, end, count] = [0, 0, 0]
  for (const piece of pieces()) {
    if (piece.end > bytes.length || ++count > mostPieces(bytes.length)) return null
    length += piece.end - piece.start
    end = piece.isLast ? piece.end : 0
  }
  if (end === 0) return null
  const body = new Uint8Array(length)
  let to = 0
  for (const { start, end } of pieces()) {
    body.set(bytes.subarray(start, end), to)
    to += end - start
  }
  return { body, end }
}

type Piece = { start: number; end: number; isLast: boolean }

function* partialBodies(bytes: Uint8Array, first: number): Generator<Piece> {
  for (let at = first; at < bytes.length; ) {
    const octet = bytes[at]!
    const isLast = octet < 224 || octet === 255
    const [octets, length] = isLast ? lastLength(bytes, at) : [1, 2 ** (octet & 0x1f)]
    const start = at + octets
    yield { start, end: start + length, isLast }
    if (isLast) return
    at = start + length
  }
}

function lastLength(bytes: Uint8Array, at: number): [octets: number, length: number] {
  const octet = bytes[at]!
  if (octet < 192) return [1, octet]
  if (octet < 224) return [2, ((octet - 192) << 8) + (bytes[at + 1] ?? 0) + 192]
  return [5, Buffer.from([...bytes.subarray(at + 1, at + 5), 0, 0, 0, 0]).readUInt32BE()]
}

/** Header of a packet in the format of RFC 9580, section 4.2.1, with a fixed length. */
export function packetHeader(tag: number, length: number): Buffer {
  if (length < 192) return Buffer.from([0xc0 | tag, length])
  if (length < 8384) return Buffer.from([0xc0 | tag, ((length - 192) >> 8) + 192, (length - 192) & 0xff])
  const header = Buffer.from([0xc0 | tag, 0xff, 0, 0, 0, 0])
  header.writeUInt32BE(length, 2)
  return header
}

export function packetOf(tag: number, body: Uint8Array): Buffer {
  return Buffer.concat([packetHeader(tag, body.length), body])
}
