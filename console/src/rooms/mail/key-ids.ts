import { bytesOf } from './calls.ts'

const ARMOR =
  /-----BEGIN PGP MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\s*\r?\n([\w+/=\s]+?)\s*(?:=[\w+/]{4}\s*)?-----END PGP MESSAGE-----/

const FOR_A_KEY = 1
const FOR_A_PASSWORD = 3
// What names the readers of a mail is its beginning.
const BASE64_AT_MOST = 80_000

interface Packet {
  tag: number
  body: Uint8Array
  end: number
}

/** The packet at a place (RFC 9580, section 4.2); null for none whose length is told. */
function packetAt(bytes: Uint8Array, at: number): Packet | null {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at)
  const packet = (tag: number, start: number, length: number) => ({
    tag,
    body: bytes.subarray(start, start + length),
    end: start + length,
  })
  if ((first & 0xc0) === 0xc0) {
    if (second < 192) return packet(first & 0x3f, at + 2, second)
    if (second < 224) return packet(first & 0x3f, at + 3, ((second - 192) << 8) + third + 192)
    return null
  }
  if ((first & 0xc0) !== 0x80) return null
  const tag = (first >> 2) & 0x0f
  if ((first & 3) === 0) return packet(tag, at + 2, second)
  return (first & 3) === 1 ? packet(tag, at + 3, (second << 8) + third) : null
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()

/** Whom a packet is for: a key id of version 3, a fingerprint of version 6; empty for somebody who is not named. */
function keyIn(body: Uint8Array): string {
  if (body[0] === 3) return hex(body.subarray(1, 9)).replace(/^0+$/, '')
  return body[0] === 6 ? hex(body.subarray(3, 1 + (body[1] ?? 0) + 1)) : ''
}

/** The keys that the first armored message in a text is for, as far as it tells; an empty one is hidden. */
export function keysOf(text: string): string[] {
  const [, base64 = ''] = ARMOR.exec(text) ?? []
  const plain = base64.replace(/\s|=+$/g, '').slice(0, BASE64_AT_MOST)
  const bytes = bytesOf(plain.slice(0, plain.length - (plain.length % 4)))
  const keys: string[] = []
  let packet = packetAt(bytes, 0)
  while (packet && (packet.tag === FOR_A_KEY || packet.tag === FOR_A_PASSWORD)) {
    if (packet.tag === FOR_A_KEY) keys.push(keyIn(packet.body))
    packet = packetAt(bytes, packet.end)
  }
  return keys
}
