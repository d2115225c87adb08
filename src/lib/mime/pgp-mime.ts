import { headerValues, splitMessage, toCrlf } from './message.ts'
import { BOUNDARY_BYTES, newBoundary } from './multipart.ts'
import { line, piecesOfPart, rawFields } from './parts.ts'
import { type PayloadOptions, payloadOf } from './payload.ts'
import { signablePart } from './seven-bit.ts'

/** `length` random bytes; comes in by the door so that tests can foretell boundaries. */
export type RandomBytes = (length: number) => Uint8Array

/**
 * The message of RFC 3156, section 4, in parts: what is to be sealed, and what stands around the armor of it, whose lines
 * have to end with CRLF. The outer header is kept as it is but for Bcc and what is hidden; what describes the content
 * moves with the body into the part that is sealed. All lines end with CRLF, except that the body of a message that comes
 * with CRLF stays as it is byte for byte: a LF in it may be binary data.
 */
export function encryptedParts(
  original: Uint8Array,
  random: RandomBytes,
  options: Omit<PayloadOptions, 'by'> = {},
): { before: Uint8Array; inner: Uint8Array[]; after: Uint8Array } {
  const chance = random(BOUNDARY_BYTES)
  const { outer, part } = payloadOf(original, chance, { ...options, by: 'cipher' })
  return {
    before: toCrlf(Buffer.concat([rawFields(outer), ...envelope(newBoundary(chance))])),
    inner: piecesOfPart(part),
    after: Buffer.concat(['', `--${newBoundary(chance)}--`].map(line)),
  }
}

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
  options: Omit<PayloadOptions, 'by'> = {},
): Promise<Uint8Array> {
  const chance = random(BOUNDARY_BYTES)
  const made = payloadOf(original, chance, { ...options, by: 'clear' })
  const part = signablePart({ fields: splitMessage(made.part.head).fields, body: joined(made.part.body) })
  const { signature, hash } = await sign(part)
  const boundary = newBoundary(chance)
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
  return Buffer.concat([toCrlf(Buffer.concat([rawFields(made.outer), ...head.map(line)])), part, ends])
}

const joined = (pieces: Uint8Array[]): Uint8Array => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))

const mostGossip = 100

/** The values of the fields Autocrypt-Gossip of what was encrypted, the first hundred. */
export const gossipIn = (inner: Uint8Array): string[] =>
  headerValues(splitMessage(inner), 'autocrypt-gossip').slice(0, mostGossip)
