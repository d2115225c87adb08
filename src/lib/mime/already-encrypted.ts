import { view } from './message.ts'
import { type Entity, entityOf, partsOf } from './multipart.ts'

const [FIRST, LAST, DASHES] = ['-----BEGIN PGP MESSAGE-----', '-----END PGP MESSAGE-----', '-----']
// Header lines of armor, and what programs write around the parts of PGP/MIME, are short.
const EDGE = 1000
// First the line that begins it, lines such as `Version: …`, and an empty one; then the data.
const ARMOR_HEAD = /^\s*-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[\w-]+: .*\r?\n)*[ \t]*\r?\n(?=([A-Za-z0-9+/]+))/

// RFC 9580, section 5: session keys and encrypted data. Armor of the same name may hold what is signed only.
const ENCRYPTED_PACKETS = new Set([1, 3, 9, 10, 18, 20])

function beginsEncrypted(base64: string): boolean {
  const [first = 0] = Buffer.from(base64.slice(0, 4), 'base64')
  const tag = first & 0x40 ? first & 0x3f : (first >> 2) & 0x0f
  return first >= 0x80 && ENCRYPTED_PACKETS.has(tag)
}

const SPACE = 0x20
const isLineEnd = (byte: number | undefined) => byte === 0x0d || byte === 0x0a

// Each costs a step.
const MOST_SPACES = 10_000

/** No words: lines of data have no spaces, but for a few that mail programs hang on to their ends. */
function hasNoWords(data: Buffer): boolean {
  let left = MOST_SPACES
  for (let at = data.indexOf(SPACE); at !== -1; at = data.indexOf(SPACE, at + 1))
    if (--left < 0 || (data[at + 1] !== SPACE && !isLineEnd(data[at + 1]))) return false
  return true
}

/** Nothing but blanks, and few of them. */
const isBlankEnd = (bytes: Uint8Array): boolean => bytes.length < EDGE && bytes.every((byte) => byte <= SPACE)

/** Encrypted armor from the first word to the last: what stands before, behind or in it would travel in the clear. */
function isAllArmor(bytes: Uint8Array): boolean {
  const text = view(bytes)
  const [head = '', data = ''] = ARMOR_HEAD.exec(text.toString('latin1', 0, EDGE)) ?? []
  const end = text.lastIndexOf(LAST)
  if (!beginsEncrypted(data) || !isBlankEnd(text.subarray(end + LAST.length))) return false
  // Of two armors the second may stand behind a text.
  return text.indexOf(DASHES, text.indexOf(FIRST) + FIRST.length) === end && hasNoWords(text.subarray(head.length, end))
}

/** The first bytes of a part, decoded; enough to see what it is. */
function beginningOf({ body, encoding }: Entity): Buffer {
  const head = view(body).subarray(0, EDGE)
  return /base64/i.test(encoding ?? '') ? Buffer.from(head.toString('latin1'), 'base64') : head
}

/** An encoded one is known by its beginning: to decode all of it would cost too much. */
function isArmored(entity: Entity): boolean {
  if (!/base64/i.test(entity.encoding ?? '')) return isAllArmor(entity.body)
  const [, data = ''] = ARMOR_HEAD.exec(beginningOf(entity).toString('latin1')) ?? []
  return beginsEncrypted(data)
}

/** PGP/MIME (RFC 3156, section 4): two parts, the second of them armor, and hardly a word around them. */
function isPgpMime(entity: Entity): boolean {
  if (entity.contentType.type !== 'multipart/encrypted') return false
  const parts = partsOf(entity, 3)
  const [version, data] = parts.map(entityOf)
  if (parts.length !== 2 || !version || !data || version.contentType.type !== 'application/pgp-encrypted') return false
  const inside = version.bytes.length + data.bytes.length
  return version.body.length < EDGE && entity.body.length - inside < EDGE && isArmored(data)
}

// The content types envelopedData and authEnvelopedData (RFC 5652, RFC 5083) as DER has them.
const ENVELOPES = ['06092a864886f70d010703', '060b2a864886f70d0109100117'].map((hex) => Buffer.from(hex, 'hex'))

/** Encrypted S/MIME (RFC 8551, section 3.3), as against what is signed only. */
function isEnveloped(entity: Entity): boolean {
  if (!/^application\/(x-)?pkcs7-mime$/.test(entity.contentType.type)) return false
  const head = beginningOf(entity).subarray(0, 40)
  return ENVELOPES.some((type) => head.includes(type))
}

const isText = ({ contentType: { type }, encoding }: Entity): boolean =>
  (type === '' || type === 'text/plain') && !/base64/i.test(encoding ?? '')

/**
 * Is a whole message encrypted already, by whatever its writer has? Only its outermost part is looked at. What merely
 * says so is not: it must look like it, from its first byte to its last. Nothing is decrypted, so whoever wants to deceive
 * himself can.
 */
export function isEncryptedAlready(message: Uint8Array): boolean {
  const entity = entityOf(message)
  return isPgpMime(entity) || isEnveloped(entity) || (isText(entity) && isAllArmor(entity.body))
}
