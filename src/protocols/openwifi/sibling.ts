import { type Announcement, serviceUri } from '#src/domain/services/services.ts'
import { sha256 } from '#src/lib/digests.ts'

/** The `id` of a service, the same as long as it is reached at the same place: 1 up to 2^52. */
export const serviceId = (privateUri: string): number => Number.parseInt(sha256(privateUri).slice(0, 13), 16) + 1

// What a service calls itself, and what it may tell beside.
const TYPE = /^[a-z0-9]{1,32}$/
const WORD = /^[ -~]{0,200}$/

/** What a service says of itself, over HTTP or on the bus, as it came. */
export interface Said {
  type?: unknown
  publicUri?: unknown
  privateUri?: unknown
  version?: unknown
  key?: unknown
}

/** A text that need not be there; null for what is none. */
const wordOf = (value: unknown): string | null =>
  value === undefined || value === null ? '' : typeof value === 'string' && WORD.test(value) ? value : null

/** The same, judged; null when it cannot be a service that others could reach. */
export function readSibling({ type, publicUri, privateUri, ...rest }: Said): Announcement | null {
  if (typeof type !== 'string' || !TYPE.test(type)) return null
  if (typeof publicUri !== 'string' || typeof privateUri !== 'string') return null
  const [open, inner] = [serviceUri(publicUri), serviceUri(privateUri)]
  const [version, key] = [wordOf(rest.version), wordOf(rest.key)]
  if (open === null || inner === null || version === null || key === null) return null
  return { type, publicUri: open, privateUri: inner, version, key: key === '' ? null : key }
}
