import { isAboutMime, isBlind } from './header-protection.ts'
import { splitMessage, textOf, toCrlf } from './message.ts'
import { decodedBody, entityOf } from './multipart.ts'
import { line, rawFields } from './parts.ts'

/** Whether a message is one plain text, which alone can be made inline. */
export function isPlainText(message: Uint8Array): boolean {
  const { contentType, disposition } = entityOf(message)
  return (contentType.type === '' || contentType.type === 'text/plain') && disposition.type !== 'attachment'
}

/**
 * A message of one plain text, taken apart for PGP/INLINE: its text as UTF-8 with CRLF line ends, and the header for
 * what is made of it, up to the empty line. Bcc goes, and the keys of others, which have no place in such a mail.
 */
export function inlineParts(
  message: Uint8Array,
  { fields: added = new Uint8Array() }: { fields?: Uint8Array },
): { head(encoding: string): Uint8Array; text: Uint8Array } {
  const entity = entityOf(message)
  const fields = [...splitMessage(message).fields, ...splitMessage(added).fields].filter(
    (field) => !isAboutMime(field) && !isBlind(field) && !/^(autocrypt-gossip|hp-outer)$/.test(field.name),
  )
  const text = textOf(decodedBody(entity), entity.contentType.parameters.get('charset'))
  const about = ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8']
  const head = (encoding: string) =>
    toCrlf(Buffer.concat([rawFields(fields), ...[...about, `Content-Transfer-Encoding: ${encoding}`, ''].map(line)]))
  return { head, text: toCrlf(Buffer.from(text, 'utf8')) }
}
