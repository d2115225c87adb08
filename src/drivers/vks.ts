import type { GuardedFetch } from './guarded-fetch.ts'
import type { KeyFinder } from './key-finder.ts'

/** A key server that only gives keys for addresses it has confirmed: the VKS interface of Hagrid (keys.openpgp.org/about/api). */
export function vksFinder(fetch: GuardedFetch, server: string): KeyFinder {
  const base = new URL(server)
  const keys = (path: string) => fetch.keysAt(new URL(`/vks/v1/${path}`, base))
  return {
    async byAddress(address) {
      const found = await keys(`by-email/${encodeURIComponent(address)}`)
      return found ? [found] : []
    },
    byFingerprint: (fingerprint) => keys(`by-fingerprint/${fingerprint.toUpperCase()}`),
  }
}
