import { isIPv6 } from 'node:net'

/** Fixed windows of one second per key, the least recently used forgotten: what one address may ask of one path. */
export function perSecondLimit(kept: number) {
  const windows = new Map<string, { since: number; calls: number }>()
  return (key: string, most: number, now: number): boolean => {
    const seen = windows.get(key)
    windows.delete(key)
    const current = seen && now - seen.since < 1000 ? seen : { since: now, calls: 0 }
    current.calls++
    windows.set(key, current)
    if (windows.size > kept) windows.delete(windows.keys().next().value!)
    return current.calls <= most
  }
}

const KEPT_WINDOWS = 2048

/** Such limits for any number of places, each with windows of its own, so that a flood of one makes no other forget. */
export function callCounts() {
  const places = new Map<string, ReturnType<typeof perSecondLimit>>()
  return (place: string, key: string, most: number, now: number): boolean => {
    const mayCall = places.get(place) ?? perSecondLimit(KEPT_WINDOWS)
    places.set(place, mayCall)
    return mayCall(key, most, now)
  }
}

const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

function wideIPv6(address: string): string {
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return [...first, ...(address.includes('::') ? zeros : []), ...last]
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')
}

/** What counts as one client: an IPv4 address, or the /64 that an IPv6 address is in. */
export function networkOf(address: string): string {
  const plain = unmapped(address)
  return isIPv6(plain) ? `${wideIPv6(plain)}::/64` : plain
}
