import { asciiAddress } from '../mail-address.ts'

// What we read of one field: more than any that a person writes.
const MOST_CHARACTERS = 20_000

const QUOTED = /"(?:[^"\\]|\\.)*"/
// Nothing in it that could be an address, or the end of one, to a program that knows no comments.
const COMMENT = /\([^()<>@,:;"\\]*\)/
// RFC 2047, section 5 allows none of these in a phrase: decoded too early, they would be more than a name.
const ENCODED_WORD = /=\?[^\s?]+\?[bq]\?[^\s?<>()@,:;"\\]*\?=/
const TOKEN = new RegExp(`(?<![^\\s])${QUOTED.source}(?![^\\s<])|${COMMENT.source}|${ENCODED_WORD.source}`, 'gi')

const ADDRESS = '[^\\s@<>,:;"()\\\\]+@[^\\s@<>,:;"()\\\\]+'
const MAILBOX = new RegExp(`^[^@<>,:;()\\\\]*<(${ADDRESS})>$`)
const PLAIN = new RegExp(`^(${ADDRESS})$`)

/**
 * The one author of a mail, by the values of its From as they came; null where there are several, and where two programs
 * could disagree on who it is: where anything is left but `address` or `name <address>` when strings in quotes, comments
 * and encoded words are taken out (RFC 5322, section 3.4).
 */
export function oneAuthor(values: readonly string[]): string | null {
  const [value] = values
  if (values.length !== 1 || value === undefined || value.length > MOST_CHARACTERS) return null
  if (/[^\P{Cc}\t]/u.test(value)) return null
  // A quote that stays cannot be part of an address; a comment separates like a blank.
  const left = value.replace(TOKEN, (token) => (token.startsWith('(') ? ' ' : '"')).trim()
  const found = left.includes('=?') ? null : (MAILBOX.exec(left) ?? PLAIN.exec(left))
  return found ? asciiAddress(found[1]!) : null
}
