import { limits } from './limits.ts'
import { framesOf, isCutOff, type PacketFrame, tag } from './packets.ts'
import { OpenPgpRefusal } from './refusals.ts'

export type Envelope = {
  /** Key ids (upper-case hex) the session key is wrapped for; zeros for a hidden recipient. */
  recipients: string[]
  /** Whether a password could open it. */
  hasPassword: boolean
  /** Type of the first packet that carries data, or null. */
  dataTag: number | null
  dataFrame: PacketFrame | null
  /** The data is under AEAD as in RFC 9580, section 5.13.2. */
  isAead: boolean
  /** The packets that hold the session key for a public key. */
  sessions: PacketFrame[]
}

/**
 * Looks at the outermost packets of a message before anything is parsed or decrypted. Refuses `message.too-large` for
 * too many bytes, wrapped session keys or signatures, `message.tampered` for encrypted data that is cut off, and
 * `message.unreadable`.
 */
export function boundedMessage(bytes: Uint8Array): Envelope {
  if (bytes.length > limits.messageBytes) throw new OpenPgpRefusal('message.too-large', `${bytes.length} bytes`)
  const mostPackets = limits.sessionKeyPackets + limits.signatures
  const frames = framesOf(bytes, mostPackets)
  if (!frames && isCutOff(bytes, mostPackets)) throw new OpenPgpRefusal('message.tampered', 'cut off')
  if (!frames || frames.length === 0) throw new OpenPgpRefusal('message.unreadable', 'not a sequence of packets')
  const of = (wanted: number) => frames.filter((frame) => frame.tag === wanted)
  const sessions = of(tag.publicKeySession)
  if (sessions.length + of(tag.passwordSession).length > limits.sessionKeyPackets) {
    throw new OpenPgpRefusal('message.too-large', 'session keys')
  }
  if (of(tag.signature).length > limits.signatures) throw new OpenPgpRefusal('message.too-large', 'signatures')
  if (frames.length > mostPackets) {
    throw new OpenPgpRefusal('message.too-large', 'packets')
  }
  const notData: number[] = [tag.publicKeySession, tag.passwordSession, tag.marker, tag.padding]
  const dataFrame = frames.find((frame) => !notData.includes(frame.tag)) ?? null
  return {
    recipients: sessions.map(({ bodyStart, end }) => recipientOf(bytes.subarray(bodyStart, end))),
    hasPassword: of(tag.passwordSession).length > 0,
    dataTag: dataFrame?.tag ?? null,
    dataFrame,
    isAead: dataFrame?.tag === tag.authenticated && bytes[dataFrame.bodyStart] === 2,
    sessions,
  }
}

/** The key id of a wrapped session key, version 3 or 6: RFC 9580, sections 5.1.1 and 5.1.2. */
function recipientOf(body: Uint8Array): string {
  const hex = (from: number, to: number) => Buffer.from(body.subarray(from, to)).toString('hex').toUpperCase()
  if (body[0] === 3) return hex(1, 9).padEnd(16, '0')
  const length = body[1] ?? 0
  if (length === 0) return '0'.repeat(16)
  // A version octet, then the fingerprint, of which a v4 key id is the end and a v6 key id the beginning.
  return body[2] === 4 ? hex(2 + length - 8, 2 + length) : hex(3, 11)
}
