import { type Announcement, serviceUri } from '#src/domain/services/services.ts'

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

const isWord = (value: unknown): value is string => typeof value === 'string' && WORD.test(value)

/** The same, judged; null when it cannot be a service that others could reach. */
export function readSibling({ type, publicUri, privateUri, version = '', key }: Said): Announcement | null {
  if (typeof type !== 'string' || !TYPE.test(type)) return null
  if (typeof publicUri !== 'string' || typeof privateUri !== 'string') return null
  const [open, inner] = [serviceUri(publicUri), serviceUri(privateUri)]
  if (open === null || inner === null || !isWord(version)) return null
  if (key !== undefined && key !== null && !isWord(key)) return null
  return { type, publicUri: open, privateUri: inner, version, key: key || null }
}
