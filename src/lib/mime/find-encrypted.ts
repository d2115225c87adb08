import { textOf, toCrlf, view } from './message.ts'
import { bounds, decodedBody, type Entity, entityOf, isMultipart, partsOf } from './multipart.ts'

/** `isWhole`: nothing that a person could read stands in the message beside the part that was found. */
export type FoundPgp = { isWhole: boolean } & (
  | { kind: 'pgp-mime'; armored: Uint8Array }
  | {
      kind: 'pgp-inline'
      armored: Uint8Array
      before: string
      after: string
      /** as the text part names it */
      charset: string | undefined
    }
  | {
      kind: 'signed'
      /** Exactly what the signature covers, RFC 3156 section 5: CRLF ends, without the last one before the boundary. */
      signedBytes: Uint8Array
      signature: Uint8Array
    }
  | {
      kind: 'clearsigned'
      /** From the line that begins the signed text to the line that ends the signature. */
      text: Uint8Array
      before: string
      after: string
      charset: string | undefined
    }
)

const [LF, SPACE] = [0x0a, 0x20]

const messageLine = '-----BEGIN PGP MESSAGE-----'
const messageEnd = '-----END PGP MESSAGE-----'
const signedLine = '-----BEGIN PGP SIGNED MESSAGE-----'

/**
 * The outermost OpenPGP part of a message, or null: RFC 3156 encrypted or signed, also when a mailing list or a gateway
 * wrapped or retyped it, else armor in the text. Depth and number of parts are bounded; the work is linear in the size.
 */
export function findEncrypted(message: Uint8Array): FoundPgp | null {
  return search(entityOf(message), 0, { parts: bounds.parts })
}

function search(entity: Entity, depth: number, left: { parts: number }): FoundPgp | null {
  if (!isMultipart(entity)) return inText(entity)
  if (depth >= bounds.depth) return null
  const raw = partsOf(entity, left.parts)
  left.parts -= raw.length
  const parts = raw.map(entityOf)
  const found = encryptedAmong(entity, parts) ?? signedAmong(entity, parts)
  if (found) return found
  for (const part of parts) {
    const inner = search(part, depth + 1, left)
    if (inner) return { ...inner, isWhole: inner.isWhole && areBlank(parts, part) }
  }
  return null
}

const areBlank = (parts: Entity[], ...but: Entity[]): boolean =>
  parts.every((part) => but.includes(part) || !hasText(decodedBody(part)))

const hasText = (bytes: Uint8Array): boolean => bytes.some((byte) => byte > SPACE)

/** Exchange turns multipart/encrypted into multipart/mixed, but leaves the part that announces the version. */
function encryptedAmong(entity: Entity, parts: Entity[]): FoundPgp | null {
  const isAnnounced = parts.some(({ contentType }) => contentType.type === 'application/pgp-encrypted')
  if (!isAnnounced && entity.contentType.type !== 'multipart/encrypted') return null
  const versions = parts.filter(({ contentType }) => contentType.type === 'application/pgp-encrypted')
  for (const part of parts) {
    if (isMultipart(part) || versions.includes(part)) continue
    const body = view(decodedBody(part))
    if (body.includes(messageLine))
      return { kind: 'pgp-mime', armored: body, isWhole: isArmor(body) && areBlank(parts, part, ...versions) }
  }
  return null
}

/** Whether there is one armored message in this text, and nothing beside it. */
function isArmor(body: Buffer): boolean {
  const start = lineIn(body, messageLine)
  const end = body.indexOf(messageEnd, Math.max(0, start))
  return (
    !hasText(body.subarray(0, Math.max(0, start))) && (end === -1 || !hasText(body.subarray(end + messageEnd.length)))
  )
}

function signedAmong(entity: Entity, parts: Entity[]): FoundPgp | null {
  const [signed, signature] = parts
  const isSigned = entity.contentType.type === 'multipart/signed'
  if (!isSigned || signature?.contentType.type !== 'application/pgp-signature' || !signed) return null
  const isWhole = areBlank(parts, signed, signature)
  return { kind: 'signed', signedBytes: toCrlf(signed.bytes), signature: decodedBody(signature), isWhole }
}

function inText(entity: Entity): FoundPgp | null {
  const { type, parameters } = entity.contentType
  if ((type !== '' && type !== 'text/plain') || entity.disposition.type === 'attachment') return null
  const body = view(decodedBody(entity))
  const charset = parameters.get('charset')
  const around = (start: number, end: number) => {
    const [before, after] = [body.subarray(0, start), body.subarray(end)]
    const isWhole = !hasText(before) && !hasText(after)
    return { before: textOf(before, charset), after: textOf(after, charset), charset, isWhole }
  }
  const encrypted = blockIn(body, messageLine, messageEnd)
  const clear = blockIn(body, signedLine, '-----END PGP SIGNATURE-----')
  if (clear && (!encrypted || clear.start < encrypted.start)) {
    return { kind: 'clearsigned', text: body.subarray(clear.start, clear.end), ...around(clear.start, clear.end) }
  }
  if (!encrypted) return null
  const { start, end } = encrypted
  return { kind: 'pgp-inline', armored: body.subarray(start, end), ...around(start, end) }
}

function blockIn(body: Buffer, first: string, last: string): { start: number; end: number } | null {
  let start = lineIn(body, first)
  while (start > 0 && body[start - 1] !== 0x0a) start = lineIn(body, first, start + 1)
  if (start === -1) return null
  const end = body.indexOf(last, start)
  return end === -1 ? null : { start, end: lineEndAfter(body, end + last.length) }
}

/** Where a line ends with these words, whatever stands in front of them; -1 for nowhere. */
function lineIn(body: Buffer, words: string, from = 0): number {
  for (let at = body.indexOf(words, from); at !== -1; at = body.indexOf(words, at + 1))
    if (isBlankLine(body, at + words.length)) return at
  return -1
}

/** Looks no further than the first word: where the line ends may be far away, and be asked for a million times. */
function isBlankLine(body: Buffer, from: number): boolean {
  let at = from
  while (at < body.length && body[at] !== LF && body[at]! <= SPACE) at++
  return at >= body.length || body[at] === LF
}

function lineEndAfter(body: Buffer, at: number): number {
  const end = body.indexOf(0x0a, at)
  return end === -1 ? body.length : end + 1
}
