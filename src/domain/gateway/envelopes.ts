// What needs no quotes (RFC 5321, section 4.1.2: Dot-string), letters of all scripts included.
const DOT_STRING = /^[^\p{Cc}\s"(),.:;<>@[\\\]]+(\.[^\p{Cc}\s"(),.:;<>@[\\\]]+)*$/u

/**
 * An address of an envelope without quotes that it does not need, and without a dot at its end: written either way it
 * leads to the same mailbox, so the same rule and the same key must be found for it.
 */
export function plainlyWritten(address: string): string {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, Math.max(0, at))
  const domain = address.slice(at + 1).replace(/\.+$/, '')
  if (local === '' || domain === '') return address
  const quoted = /^"(.*)"$/s.exec(local)?.[1]?.replace(/\\(.)/gs, '$1')
  return `${quoted !== undefined && DOT_STRING.test(quoted) ? quoted : local}@${domain}`
}
