import { addressParser } from 'postal-mime'
import { asciiAddress } from '../mail-address.ts'
import { headerValues, splitMessage } from './message.ts'

type Parsed = { address?: string; group?: Parsed[] }

/** Enough for any mail that a person sends; what a stranger's mail lists beyond it is not looked at. */
const mostAddresses = 10_000
// Of the signs between addresses; some five stand around one. The time goes by them, and it is the main thread's.
const mostSigns = 10_000

/**
 * Sender and recipients of a message: plain addresses as `asciiAddress` has them, without doubles, of To, Cc and Bcc in this order.
 * Names are not decoded, so an encoded word can never turn into an address. The members of groups count; what has no
 * `@` does not.
 */
export function recipientsOf(bytes: Uint8Array): { from: string | null; to: string[] } {
  const message = splitMessage(bytes)
  const [from = null] = addressesOf(headerValues(message, 'from'))
  const to = ['to', 'cc', 'bcc'].flatMap((name) => addressesOf(headerValues(message, name)))
  return { from, to: [...new Set(to)].slice(0, mostAddresses) }
}

/** The addresses of header values such as those of To, as `asciiAddress` has them. */
export function addressesOf(values: string[]): string[] {
  const text = values.join(', ')
  const parsed: Parsed[] = addressParser(text.slice(0, endOf(text)))
  const flat = parsed.flatMap((entry) => entry.group ?? [entry])
  return flat.flatMap(({ address }) => (address && isAddress(address) ? [asciiAddress(address)] : []))
}

/** Whether `addressesOf` leaves out some of these. */
export const areEndless = (values: string[]): boolean => endOf(values.join(', ')) !== undefined

/** Where there are more signs than any header has that a person writes; undefined for nowhere. */
function endOf(text: string): number | undefined {
  const signs = /[,:;<>()"\\]/g
  for (let count = 0; count < mostSigns; count++) if (!signs.test(text)) return undefined
  return signs.lastIndex
}

function isAddress(text: string): boolean {
  return /^[^\p{Cc}\s<>,;]+@[^\p{Cc}\s<>,;@]+$/u.test(text) && text.length <= 320
}
