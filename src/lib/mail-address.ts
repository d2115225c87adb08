// The local part as OpenWiFi's service takes it, widened by what mail users really have; the domain with or without a dot.
const PATTERN =
  /^[a-z0-9!#$&*+/=?^_{|}~-]+(\.[a-z0-9!#$&*+/=?^_{|}~-]+)*@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** The address in the form it is kept and compared in: trimmed and lower case. */
export const plainAddress = (text: string): string => text.trim().toLowerCase()

/** True for a plain address (RFC 5321 Mailbox without quoting or literals) of at most 254 characters. */
export const isAddress = (text: string): boolean => text.length <= 254 && PATTERN.test(text)

/** The mailbox that an address leads to, where a plus sign only begins a mark for filters (RFC 5233). */
export const mailboxOf = (address: string): string => address.replace(/(?<=.)\+.*(?=@)/, '')

/** An address as it may be shown: the first three characters, and the last five; short local parts show one. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@')
  const shown = at <= 3 ? 1 : 3
  return `${address.slice(0, shown)}***@***${address.slice(Math.max(at + 1, address.length - 5))}`
}

/** A number as it may be shown: the last three digits. */
export const maskedNumber = (number: string): string => `***${number.slice(-3)}`
