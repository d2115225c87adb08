import { BlockList, isIP, isIPv6 } from 'node:net'

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Reads addresses and CIDR ranges; throws for one that is neither. */
export function addressList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    if (!isIP(address)) throw new Error(`not an address or CIDR range: ${range}`)
    if (bits === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(bits), family(address))
  }
  return list
}

const plain = (address: string) => address.trim().replace(/^::ffff:(?=\d+\.)/i, '')

/** Is an address, as sockets have it, on a list? */
export function isAmong(address: string, list: BlockList): boolean {
  const bare = plain(address)
  return isIP(bare) !== 0 && list.check(bare, family(bare))
}

/**
 * The client's address. X-Forwarded-For is believed from right to left, as long as the one who wrote the entry is a
 * trusted proxy: what a client writes into it himself is never reached.
 */
export function clientAddress(peer: string, forwardedFor: string | null, trusted: BlockList): string {
  let address = plain(peer)
  const hops = (forwardedFor ?? '').split(',').map(plain)
  while (isAmong(address, trusted) && hops.length > 0) {
    const next = hops.pop()!
    if (!isIP(next)) break
    address = next
  }
  return address
}
