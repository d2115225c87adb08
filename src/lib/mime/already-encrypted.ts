import { view } from './message.ts'
import { type Entity, entityOf, partsOf } from './multipart.ts'

const LAST = '-----END PGP MESSAGE-----'
const DASHES = '-----'
// Header lines of armor, and what programs write around the parts of PGP/MIME, are short.
const EDGE = 1000
// What is looked at of large data, from both its ends.
const LOOKED_AT = 2 * 1024 * 1024
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
// Each costs a step.
const MOST_SPACES = 10_000
const isLineEnd = (byte: number | undefined) => byte === 0x0d || byte === 0x0a

/** No words, and nothing that ends data: its lines have no spaces, but for a few that mail programs hang on to their ends. */
function isData(bytes: Buffer): boolean {
  let left = MOST_SPACES
  for (let at = bytes.indexOf(SPACE); at !== -1; at = bytes.indexOf(SPACE, at + 1))
    if (--left < 0 || (bytes[at + 1] !== SPACE && !isLineEnd(bytes[at + 1]))) return false
  return !bytes.includes(DASHES)
}

const isDataAtBothEnds = (bytes: Buffer): boolean =>
  isData(bytes.subarray(0, LOOKED_AT)) && (bytes.length <= LOOKED_AT || isData(bytes.subarray(-LOOKED_AT)))

/** Encrypted armor from the first word to the last: what stands before, behind or in it would travel in the clear. */
function isAllArmor(text: Buffer): boolean {
  const [head = '', data = ''] = ARMOR_HEAD.exec(text.toString('latin1', 0, EDGE)) ?? []
  const tail = text.toString('latin1', Math.max(0, text.length - EDGE)).trimEnd()
  if (!beginsEncrypted(data) || !tail.endsWith(LAST)) return false
  const blanks = Math.min(EDGE, text.length) - tail.length
  return isDataAtBothEnds(text.subarray(head.length, text.length - blanks - LAST.length))
}

const isEncoded = ({ encoding }: Pick<Entity, 'encoding'>): boolean => /base64/i.test(encoding ?? '')

/** The first bytes of a part, decoded; enough to see what it is. */
function beginningOf(entity: Entity): Buffer {
  const head = view(entity.body).subarray(0, EDGE)
  return isEncoded(entity) ? Buffer.from(head.toString('latin1'), 'base64') : head
}

/** Of encoded armor only the beginning is decoded. */
function isArmored(entity: Entity, body: Buffer): boolean {
  if (!isEncoded(entity)) return isAllArmor(body)
  const [, data = ''] = ARMOR_HEAD.exec(beginningOf(entity).toString('latin1')) ?? []
  return beginsEncrypted(data) && isDataAtBothEnds(body)
}

/** PGP/MIME (RFC 3156, section 4): two parts, the second of them armor, and hardly a word around them. */
function isPgpMime({ contentType, body }: Entity): boolean {
  if (contentType.type !== 'multipart/encrypted') return false
  // The second part reaches beyond this: its end is looked for at the end.
  const parts = partsOf({ contentType, body: body.subarray(0, 4 * EDGE) }, 3)
  const [version, data] = parts.map(entityOf)
  if (parts.length !== 2 || version?.contentType.type !== 'application/pgp-encrypted' || !data) return false
  const before = version.bytes.byteOffset - body.byteOffset
  const tail = view(body).subarray(-EDGE)
  const last = tail.lastIndexOf(`\n--${contentType.parameters.get('boundary')}--`)
  const end = body.length - (last === -1 ? 0 : tail.length - last)
  if (Math.max(before, version.bytes.length) > EDGE) return false
  return isArmored(data, view(body).subarray(data.body.byteOffset - body.byteOffset, end))
}

// The content types envelopedData and authEnvelopedData (RFC 5652, RFC 5083) as DER has them.
const ENVELOPES = ['06092a864886f70d010703', '060b2a864886f70d0109100117'].map((hex) => Buffer.from(hex, 'hex'))

/** Encrypted S/MIME (RFC 8551, section 3.3), as against what is signed only. */
function isEnveloped(entity: Entity): boolean {
  if (!/^application\/(x-)?pkcs7-mime$/.test(entity.contentType.type)) return false
  const head = beginningOf(entity).subarray(0, 40)
  return ENVELOPES.some((type) => head.includes(type))
}

const isText = (entity: Entity): boolean =>
  (entity.contentType.type === '' || entity.contentType.type === 'text/plain') && !isEncoded(entity)

/**
 * Is a whole message encrypted already, by whatever its writer has? Only its outermost part is looked at, and of large ones
 * only both ends: the cost does not grow with the message. What merely says so is not: it must look like it. Nothing is
 * decrypted, so whoever wants to deceive himself can.
 */
export function isEncryptedAlready(message: Uint8Array): boolean {
  const entity = entityOf(message)
  return isPgpMime(entity) || isEnveloped(entity) || (isText(entity) && isAllArmor(view(entity.body)))
}
