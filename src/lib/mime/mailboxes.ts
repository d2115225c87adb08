import { addressParser, decodeWords } from 'postal-mime'
import { asciiAddress } from '../mail-address.ts'

/** Somebody whom a header field names. */
export interface Mailbox {
  /** as people read it; empty for none */
  name: string
  address: string
}

// What we read of one field: more than any that a person writes.
const MOST_CHARACTERS = 20_000

const unbroken = (text: string): string => text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()

/** Text of a header field as people read it: encoded words decoded (RFC 2047), in one line. */
export const readableText = (value: string): string => unbroken(decodeWords(value.slice(0, MOST_CHARACTERS)))

/**
 * The people in values of a field such as From, their addresses as `asciiAddress` has them. An entry without an address
 * that could be read has an empty one, and so has a field that is too long to be read: where everybody must be known, it
 * is somebody who is not.
 */
export function mailboxesOf(values: readonly string[]): Mailbox[] {
  const text = values.join(', ')
  if (text.length > MOST_CHARACTERS) return [{ name: '', address: '' }]
  const parsed = addressParser(text)
  return parsed
    .flatMap((entry) => ('group' in entry && entry.group ? entry.group : [entry]))
    .map(({ name, address }) => ({ name: unbroken(name ?? ''), address: asciiAddress(address ?? '') }))
}
