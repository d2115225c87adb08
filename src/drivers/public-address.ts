import { Resolver as SystemResolver } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'

/**
 * The addresses of a host, IPv4 and IPv6; none when there is no such host. Throws when that cannot be found out, and
 * when `signal` says that nobody waits any more.
 */
export type Resolve = (host: string, signal: AbortSignal) => Promise<string[]>

// Beside 2000::/3 nothing is routed in the public internet (RFC 4291, section 2.4; the IANA registry of IPv6 space).
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')
// RFC 9637.
const documentation = ipaddr.IPv6.parseCIDR('3fff::/20')

// ISATAP writes an IPv4 address of its own network into the lower half (RFC 5214, section 6.1).
const isIsatap = ({ parts }: ipaddr.IPv6): boolean => (parts[4]! & ~0x200) === 0 && parts[5] === 0x5efe

/**
 * Is it an address that anybody in the internet has? Not private, loopback, link-local, shared, multicast or reserved,
 * and none that only wraps one of those: IPv4-mapped, 6to4, Teredo, NAT64.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.parse(text)
  if (address.range() !== 'unicast') return false
  if (address.kind() === 'ipv4') return true
  const six = address as ipaddr.IPv6
  return !six.zoneId && six.match(globalUnicast) && !six.match(documentation) && !isIsatap(six)
}

// Names that no name server of the internet has (RFC 6761, 6762, 7686, 8375, 9476, and .internal by ICANN).
const NOT_PUBLIC = /(^|\.)(test|example|invalid|localhost|local|internal|onion|alt|home\.arpa)$/

/** Can a host be found in the public internet, by its name alone? Nobody need be told of the others. */
export const isPublicName = (host: string): boolean => !NOT_PUBLIC.test(host)

const NOBODY = new Set(['ENOTFOUND', 'ENODATA'])

/**
 * Asks the name servers of the machine directly, not through getaddrinfo: that would take a thread for as long as a
 * stranger's name server likes, and would believe /etc/hosts.
 */
export const systemResolve: Resolve = async (host, signal) => {
  const resolver = new SystemResolver({ timeout: 1000, tries: 3 })
  const stop = () => resolver.cancel()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (found.length > 0) return found
    for (const answer of answers)
      if (answer.status === 'rejected' && !NOBODY.has(answer.reason?.code)) throw answer.reason
    return []
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
