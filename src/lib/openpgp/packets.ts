import { createHash } from 'node:crypto'

/** Packet types of RFC 9580, section 5, as far as they are counted before the library sees the bytes. */
export const tag = {
  publicKeySession: 1,
  signature: 2,
  passwordSession: 3,
  onePassSignature: 4,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  compressed: 8,
  unauthenticated: 9,
  marker: 10,
  literal: 11,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  authenticated: 18,
  /** of a draft that GnuPG follows */
  aeadDraft: 20,
  padding: 21,
} as const

export type PacketFrame = { tag: number; start: number; bodyStart: number; end: number; partial: boolean }

/**
 * Fingerprint of the primary key of a binary certificate, upper-case hex (RFC 9580, section 5.5.4); null when this is
 * none. Nothing but the first packet is looked at, so it is cheap enough for any thread.
 */
export function fingerprintOf(certificate: Uint8Array): string | null {
  const [first] = framesOf(certificate, 0) ?? []
  if (!first || first.partial || first.tag !== tag.publicKey) return null
  return fingerprintOfKey(certificate.subarray(first.bodyStart, first.end))
}

function fingerprintOfKey(body: Uint8Array): string {
  const isNew = body[0] === 6
  const prefix = Buffer.alloc(isNew ? 5 : 3, isNew ? 0x9b : 0x99)
  prefix.writeUIntBE(body.length, 1, isNew ? 4 : 2)
  const hash = createHash(isNew ? 'sha256' : 'sha1')
    .update(prefix)
    .update(body)
  return hash.digest('hex').toUpperCase()
}

/**
 * Fingerprints of all keys of a binary certificate, in upper-case hex, the primary key's first; none when this is no
 * certificate. As cheap as `fingerprintOf`, and nobody has asked whether the subkeys are bound.
 */
export function fingerprintsOf(certificate: Uint8Array, most = 1000): string[] {
  const keys = (framesOf(certificate, most) ?? []).filter(
    (frame) => !frame.partial && (frame.tag === tag.publicKey || frame.tag === tag.publicSubkey),
  )
  return keys.map(({ bodyStart, end }) => fingerprintOfKey(certificate.subarray(bodyStart, end)))
}

/**
 * Walks the packet headers of RFC 9580, section 4.2, without looking inside, so that counts can be bounded before
 * anything is parsed. Stops after a packet of partial or indeterminate length, which only message data may have.
 * Returns null when the bytes are not a sequence of packets.
 */
export function framesOf(bytes: Uint8Array, most: number): PacketFrame[] | null {
  const frames: PacketFrame[] = []
  let at = 0
  while (at < bytes.length && frames.length <= most) {
    const frame = frameAt(bytes, at)
    if (!frame || frame.end > bytes.length) return null
    frames.push(frame)
    if (frame.partial) break
    at = frame.end
  }
  return frames
}

/**
 * Whether encrypted data ends before its packet does, in bytes that are no sequence of packets. Looks at `most` + 1 of
 * them.
 */
export function isCutOff(bytes: Uint8Array, most: number): boolean {
  let at = 0
  for (let seen = 0; at < bytes.length && seen <= most; seen++) {
    const frame = frameAt(bytes, at)
    if (!frame) return false
    if (frame.end > bytes.length) return frame.tag === tag.authenticated || frame.tag === tag.aeadDraft
    at = frame.end
  }
  return false
}

function frameAt(bytes: Uint8Array, start: number): PacketFrame | null {
  const first = bytes[start] ?? 0
  if ((first & 0x80) === 0) return null
  return first & 0x40 ? newFormat(bytes, start, first & 0x3f) : oldFormat(bytes, start, first)
}

function newFormat(bytes: Uint8Array, start: number, tag: number): PacketFrame | null {
  const length = bytes[start + 1]
  if (length === undefined) return null
  if (length < 192) return frame(tag, start, start + 2, length)
  if (length < 224) return frame(tag, start, start + 3, ((length - 192) << 8) + (bytes[start + 2] ?? 0) + 192)
  if (length === 255) return frame(tag, start, start + 6, numberAt(bytes, start + 2, 4))
  return { tag, start, bodyStart: start + 2, end: bytes.length, partial: true }
}

function oldFormat(bytes: Uint8Array, start: number, first: number): PacketFrame {
  const tag = (first >> 2) & 0x0f
  const lengthType = first & 3
  if (lengthType === 3) return { tag, start, bodyStart: start + 1, end: bytes.length, partial: true }
  const octets = 1 << lengthType
  return frame(tag, start, start + 1 + octets, numberAt(bytes, start + 1, octets))
}

function frame(tag: number, start: number, bodyStart: number, length: number): PacketFrame {
  return { tag, start, bodyStart, end: bodyStart + length, partial: false }
}

function numberAt(bytes: Uint8Array, at: number, octets: number): number {
  let value = 0
  for (let index = 0; index < octets; index++) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}
