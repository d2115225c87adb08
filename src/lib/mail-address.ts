import { domainToASCII, domainToUnicode } from 'node:url'

// The local part as OpenWiFi's service takes it, widened by what mail users really have; the domain with or without a dot.
const PATTERN =
  /^[a-z0-9!#$&*+/=?^_{|}~-]+(\.[a-z0-9!#$&*+/=?^_{|}~-]+)*@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** Small letters for capitals; not where another script would turn into ASCII, as the sign for kelvin would into a k. */
const lowered = (text: string): string =>
  text.replace(/\p{Lu}/gu, (letter) => {
    const small = letter.toLowerCase()
    return letter > '\x7f' && /[a-z]/.test(small) ? letter : small
  })

/** The address in the form it is kept and compared in: trimmed and lower case. */
export const plainAddress = (text: string): string => lowered(text.trim())

/**
 * A domain in ASCII (IDNA); null for what is none, or only looks like one: full-width letters, invisible ones and others
 * that IDNA would make something else of than what people see there.
 */
function asciiDomain(domain: string): string | null {
  if (/^[\x21-\x7e]*$/.test(domain)) return domain
  const ascii = domainToASCII(domain)
  const isClean = domain.normalize('NFKC') === domain && domainToUnicode(ascii) === domain
  return isClean && ascii !== '' ? ascii : null
}

/**
 * The same with the domain as name servers know it: its letters of all kinds in ASCII (IDNA). One that cannot be a
 * domain is left as it is.
 */
export function asciiAddress(text: string): string {
  const plain = plainAddress(text)
  const at = plain.lastIndexOf('@') + 1
  const domain = plain.slice(at)
  return plain.slice(0, at) + (asciiDomain(domain) ?? domain)
}

/** True for a plain address (RFC 5321 Mailbox without quoting or literals) of at most 254 characters. */
export const isAddress = (text: string): boolean => text.length <= 254 && PATTERN.test(text)

/** The mailbox that an address leads to, where a plus sign only begins a mark for filters (RFC 5233). */
export function mailboxOf(address: string): string {
  const mark = address.indexOf('+', 1)
  const at = address.lastIndexOf('@')
  return mark > 0 && mark < at ? address.slice(0, mark) + address.slice(at) : address
}

/** An address as it may be shown: the first three characters, and the last five; short local parts show one. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const shown = at <= 3 ? 1 : 3
  return `${address.slice(0, shown)}***@***${address.slice(Math.max(at + 1, address.length - 5))}`
}

/** A number as it may be shown: the last three digits. */
export const maskedNumber = (number: string): string => `***${number.slice(-3)}`
