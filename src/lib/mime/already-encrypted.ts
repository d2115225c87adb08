import { type Entity, entityOf } from './multipart.ts'

const [FIRST, LAST] = ['-----BEGIN PGP MESSAGE-----', '-----END PGP MESSAGE-----']
// Armor has a few header lines at most before its data, and little more than a checksum behind.
const EDGE = 400

/** Armor from the first word of the body to the last: what stands before or behind it would travel in the clear. */
function isAllArmor({ body, contentType: { type }, encoding }: Entity): boolean {
  if ((type !== '' && type !== 'text/plain') || /base64/i.test(encoding ?? '')) return false
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const [head, tail] = [bytes.toString('latin1', 0, EDGE), bytes.subarray(-EDGE).toString('latin1')]
  return head.trimStart().startsWith(FIRST) && tail.trimEnd().endsWith(LAST)
}

/** Encrypted S/MIME (RFC 8551, section 3.2), as against what is signed only. */
const isEnveloped = ({ contentType: { type, parameters } }: Entity): boolean =>
  /^application\/(x-)?pkcs7-mime$/.test(type) && /^(auth-?)?enveloped-data$/i.test(parameters.get('smime-type') ?? '')

/**
 * Is a whole message encrypted already, by whatever its writer has? Only its outermost part is looked at, and of a text
 * only where it begins and ends: the cost does not grow with the message.
 */
export function isEncryptedAlready(message: Uint8Array): boolean {
  const entity = entityOf(message)
  return entity.contentType.type === 'multipart/encrypted' || isEnveloped(entity) || isAllArmor(entity)
}
