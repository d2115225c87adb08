import type { MailSignature } from '#src/domain/mail/mail.ts'
import { dispositionOf } from '#src/http/disposition.ts'
import { streamOf } from '#src/http/pieces.ts'
import { spoken } from '#src/http/spoken-signature.ts'

// What proxies take of all headers together is 8 KiB, often less.
const MOST_IN_HEADER = 8

/** Bytes as a file, in pieces. */
export function fileAnswer(
  pieces: Iterable<Uint8Array>,
  { type, length, name, more = {} }: { type: string; length: number; name: string; more?: Record<string, string> },
): Response {
  const about = { 'Content-Type': type, 'Content-Length': String(length), 'Content-Disposition': dispositionOf(name) }
  return new Response(streamOf(pieces), { headers: { ...about, ...more } })
}

/** What is said of the signatures of a file, which has a sender only where the caller named one. */
export function fileSignature(signature: MailSignature): ReturnType<typeof spoken> {
  const said = spoken(signature)
  const { status, trusted, matchesSender, keyExpired } = signature
  if (status !== 'valid' || !trusted || matchesSender || keyExpired !== null) return said
  return {
    ...said,
    explanation: `The signature is good: ${signature.signer} signed this, and it was not changed since.`,
  }
}

const asAscii = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The same for a header: JSON in ASCII. Of more signatures than a header has room for, the first ones. */
export const signaturesHeader = (signatures: readonly MailSignature[]): Record<string, string> => ({
  'X-Signatures': asAscii(JSON.stringify(signatures.slice(0, MOST_IN_HEADER).map(fileSignature))),
  'X-Signature-Count': String(signatures.length),
})
