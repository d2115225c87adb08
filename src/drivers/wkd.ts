import { wkdName } from '#src/lib/wkd.ts'
import { FetchFailure, type GuardedFetch } from './guarded-fetch.ts'
import type { KeyFinder } from './key-finder.ts'

const isNoHost = (error: unknown): boolean => error instanceof FetchFailure && error.kind === 'no-host'

/**
 * The Web Key Directory of an address's own domain (draft-koch-openpgp-webkey-service, section 3.1): the advanced method,
 * and the direct one only where the sub-domain of the advanced one does not exist.
 */
export function wkdFinder(fetch: GuardedFetch): KeyFinder {
  return {
    async byAddress(address) {
      const at = address.lastIndexOf('@')
      const domain = address.slice(at + 1)
      const path = `hu/${wkdName(address)}?l=${encodeURIComponent(address.slice(0, at))}`
      const places = [
        `https://openpgpkey.${domain}/.well-known/openpgpkey/${domain}/${path}`,
        `https://${domain}/.well-known/openpgpkey/${path}`,
      ]
      const signal = fetch.deadline()
      for (const place of places) {
        // A domain that looks like an IPv4 address is none, and no URL either.
        if (!URL.canParse(place)) return []
        try {
          const keys = await fetch.keysAt(new URL(place), signal)
          return keys ? [keys] : []
        } catch (error) {
          if (!isNoHost(error)) throw error
        }
      }
      return []
    },
  }
}
