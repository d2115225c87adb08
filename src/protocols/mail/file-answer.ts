import type { MailSignature } from '#src/domain/mail/mail.ts'
import { spoken } from './opened.ts'
import { streamOf } from './pieces.ts'

const NAME_LENGTH = 100
// What proxies take of all headers together is 8 KiB, often less.
const MOST_IN_HEADER = 8

/**
 * A name that is safe to save under, whatever a message calls its file: no folders, no control characters, none that
 * turn the direction of writing about, no dots in front.
 */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1)!
  const plain = last.replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD<>:"|?*]/gu, '').replace(/^[\s.]+|[\s.]+$/g, '')
  const short = [...plain].slice(0, NAME_LENGTH).join('')
  return short === '' || short === '_CONSOLE' ? 'file' : short
}

/** RFC 6266: for everybody in ASCII, and as it is for those who read more. */
export function dispositionOf(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|[%\\"]/g, '_')
  const whole = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${whole}`
}

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
