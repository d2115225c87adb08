import type { GuardedFetch } from './guarded-fetch.ts'
import type { KeyFinder } from './key-finder.ts'

/** A key server of the older kind, over TLS (draft-gallagher-openpgp-hkp). `server` is its hkps:// URL. */
export function hkpFinder(fetch: GuardedFetch, server: string): KeyFinder {
  const base = new URL(server.replace(/^hkps:/, 'https:'))
  const keys = (search: string) => {
    const url = new URL('/pks/lookup', base)
    url.search = new URLSearchParams({ op: 'get', options: 'mr', exact: 'on', search }).toString()
    return fetch.keysAt(url)
  }
  return {
    async byAddress(address) {
      const found = await keys(address)
      return found ? [found] : []
    },
    byFingerprint: (fingerprint) => keys(`0x${fingerprint.toUpperCase()}`),
  }
}
