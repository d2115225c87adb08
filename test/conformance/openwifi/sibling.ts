import type { House } from '#src/testing.ts'
import { asService, INTERNAL_KEY } from './keys.ts'

/** What a house needs to be called by services. */
export const internal = { CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0', CHATELAINE_INTERNAL_KEY: INTERNAL_KEY }

/** Calls as a service at the internal listener. */
export const bySibling = (
  house: House,
  method: string,
  path: string,
  { json, key }: { json?: unknown; key?: string } = {},
) => house.callInternal(method, `/api/v1${path}`, { headers: asService(key), ...(json === undefined ? {} : { json }) })

/** What a service says of itself when it is there. */
export const word = (more: Record<string, unknown> = {}) => ({
  type: 'owgw',
  publicURI: 'https://gw.example.org:16002',
  privateURI: 'https://gw.internal:17002',
  ...more,
})
