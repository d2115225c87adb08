import { isAscii } from 'node:buffer'
import { parseContentType } from './content-type.ts'
import { type HeaderField, headerValue, headerValues, splitMessage, toCrlf, view } from './message.ts'
import { BOUNDARY_BYTES, newBoundary } from './multipart.ts'
import { encodeQuotedPrintable } from './transfer-encoding.ts'

/** `length` random bytes; comes in by the door so that tests can foretell boundaries. */
export type RandomBytes = (length: number) => Uint8Array

const isContent = ({ name }: HeaderField) => name.startsWith('content-')
/** What tells of other people's keys is for the readers of a mail alone (Autocrypt 1.1, section 2.6.1). */
const isGossip = ({ name }: HeaderField) => name === 'autocrypt-gossip'
const isAboutMime = (field: HeaderField) => isContent(field) || field.name === 'mime-version'
// Encrypting is the last step before sending, and blind recipients must not travel.
const isBlind = ({ name }: HeaderField) => name === 'bcc' || name === 'resent-bcc'

/**
 * The whole message of RFC 3156, section 4: outer header kept as it is but for Bcc, the Content fields and those of
 * Autocrypt-Gossip moved with the body into the part that `encrypt` seals. All lines end with CRLF, except that the
 * body of a message that comes with CRLF stays as it is byte for byte: a LF in it may be binary data.
 */
export async function encryptedMessage(
  original: Uint8Array,
  encrypt: (inner: Uint8Array) => Promise<string>,
  random: RandomBytes,
): Promise<Uint8Array> {
  const { before, inner, after } = encryptedParts(original, random)
  const armored = await encrypt(Buffer.concat(inner))
  return Buffer.concat([before, toCrlf(line(armored.trimEnd())), after])
}

/**
 * The same in parts: what is to be sealed, and what stands around the armor of it, whose lines have to end with CRLF.
 * `added` are header fields that the message is to have besides its own.
 */
export function encryptedParts(
  original: Uint8Array,
  random: RandomBytes,
  added: Uint8Array = new Uint8Array(),
): { before: Uint8Array; inner: Uint8Array[]; after: Uint8Array } {
  const { fields: own, bodyOffset } = splitMessage(original)
  const fields = [...own, ...splitMessage(added).fields]
  const content = fields.filter(isContent)
  const body = view(original).subarray(bodyOffset)
  const described = content.length ? raw(content) : [plainHeader(body)]
  const head = Buffer.concat([...raw(fields.filter(isGossip)), ...described, line('')])
  const outer = fields.filter((field) => !isAboutMime(field) && !isBlind(field) && !isGossip(field))
  const boundary = newBoundary(random(BOUNDARY_BYTES))
  return {
    before: toCrlf(Buffer.concat([...raw(outer), ...envelope(boundary)])),
    inner: [toCrlf(head), endsWithCrlf(fields) ? body : toCrlf(body)],
    after: Buffer.concat(['', `--${boundary}--`].map(line)),
  }
}

const endsWithCrlf = ([first]: HeaderField[]): boolean => first?.raw.at(-2) === 0x0d

function envelope(boundary: string): Buffer[] {
  return [
    'MIME-Version: 1.0',
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
    ` boundary="${boundary}"`,
    '',
    'This mail is encrypted with OpenPGP. Read it with a mail program that knows PGP/MIME.',
    '',
    `--${boundary}`,
    'Content-Type: application/pgp-encrypted',
    'Content-Description: PGP/MIME version identification',
    '',
    'Version: 1',
    '',
    `--${boundary}`,
    'Content-Type: application/octet-stream; name="encrypted.asc"',
    'Content-Description: OpenPGP encrypted message',
    'Content-Disposition: inline; filename="encrypted.asc"',
    '',
  ].map(line)
}

/**
 * The message of RFC 3156, section 5: the body and its Content fields become the signed part, byte for byte what `sign`
 * was given. `sign` answers the armored signature and the name of its hash, such as `sha256`.
 */
export async function signedMessage(
  original: Uint8Array,
  sign: (part: Uint8Array) => Promise<{ signature: string; hash: string }>,
  random: RandomBytes,
): Promise<Uint8Array> {
  const { fields, bodyOffset } = splitMessage(original)
  const content = fields.filter(isContent)
  const body = view(original).subarray(bodyOffset)
  const part = toCrlf(Buffer.concat([...(content.length ? raw(content) : [plainHeader(body)]), line(''), body]))
  const { signature, hash } = await sign(part)
  const boundary = newBoundary(random(BOUNDARY_BYTES))
  const outer = fields.filter((field) => !isAboutMime(field) && !isBlind(field) && !isGossip(field))
  const head = [
    'MIME-Version: 1.0',
    `Content-Type: multipart/signed; micalg=pgp-${hash}; protocol="application/pgp-signature";`,
    ` boundary="${boundary}"`,
    '',
    `--${boundary}`,
  ]
  const tail = [
    '',
    `--${boundary}`,
    'Content-Type: application/pgp-signature; name="signature.asc"',
    'Content-Disposition: attachment; filename="signature.asc"',
    '',
    signature.trimEnd(),
    '',
    `--${boundary}--`,
  ]
  const ends = toCrlf(Buffer.concat(tail.map(line)))
  return Buffer.concat([toCrlf(Buffer.concat([...raw(outer), ...head.map(line)])), part, ends])
}

const mostGossip = 100

/** The values of the fields Autocrypt-Gossip of what was encrypted, the first hundred. */
export const gossipIn = (inner: Uint8Array): string[] =>
  headerValues(splitMessage(inner), 'autocrypt-gossip').slice(0, mostGossip)

/**
 * The readable message: the outer header but for its Content fields, then the Content fields and the body of the part
 * that was inside, its body byte for byte. A part without a header is plain text. When the part carries a protected subject (RFC 9788, and the
 * older draft `protected-headers`), that one takes the place of the outer subject.
 */
export function decryptedMessage(outer: Uint8Array, inner: Uint8Array): Uint8Array {
  const part = splitMessage(inner)
  const content = part.fields.filter(isContent)
  const outside = withSubjectOf(
    inner,
    splitMessage(outer).fields.filter((field) => !isAboutMime(field)),
  )
  const isBare = content.length === 0
  const isHeadless = isBare && part.fields.length > 0
  const body = view(inner).subarray(isHeadless ? 0 : part.bodyOffset)
  const header = isBare ? [plainHeader(body)] : raw(content)
  const head = toCrlf(Buffer.concat([...raw(outside), line('MIME-Version: 1.0'), ...header, line('')]))
  return Buffer.concat([head, body])
}

function withSubjectOf(inner: Uint8Array, fields: HeaderField[]): HeaderField[] {
  const part = splitMessage(inner)
  const { parameters } = parseContentType(headerValue(part, 'content-type'))
  const subject = part.fields.find(({ name }) => name === 'subject')
  if (!subject || !(parameters.has('hp') || parameters.has('protected-headers'))) return fields
  return [...fields.filter(({ name }) => name !== 'subject'), subject]
}

/** A message whose encrypted text stood in the body: the same header, the decrypted text as its only part. */
export function inlineMessage(outer: Uint8Array, text: string): Uint8Array {
  const fields = splitMessage(outer).fields.filter((field) => !isAboutMime(field))
  const lines = text.split(/\r?\n/)
  // RFC 5321 allows 998 octets in a line, and neither NUL nor a lone CR.
  const isSafe = !/[\0\r]/.test(lines.join('')) && lines.every((each) => Buffer.byteLength(each) <= 998)
  const body = isSafe ? lines.join('\r\n') : encodeQuotedPrintable(text)
  const header = [
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Transfer-Encoding: ${isSafe ? '8bit' : 'quoted-printable'}`,
    '',
  ]
  return Buffer.concat([toCrlf(Buffer.concat([...raw(fields), ...header.map(line)])), Buffer.from(body, 'utf8')])
}

function plainHeader(body: Uint8Array): Buffer {
  const charset = isAscii(body) ? 'us-ascii' : 'utf-8'
  const encoding = charset === 'utf-8' ? '8bit' : '7bit'
  return Buffer.concat([
    line(`Content-Type: text/plain; charset=${charset}`),
    line(`Content-Transfer-Encoding: ${encoding}`),
  ])
}

/** A field at the very end of a header may lack its line end. */
function raw(fields: HeaderField[]): Uint8Array[] {
  return fields.flatMap((field) => (field.raw.at(-1) === 0x0a ? [field.raw] : [field.raw, line('')]))
}

function line(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, 'latin1')
}
