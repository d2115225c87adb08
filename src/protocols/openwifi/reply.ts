import { jsonAnswer } from '#src/http/json.ts'

/** Keys in byte order, at every depth: shell clients search the raw text and count on the order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, own]) => [key, sorted(own)]))
}

/** Compact JSON with its keys in order. */
export const text = (value: unknown): string => JSON.stringify(sorted(value))

/** What stands on every answer. Tokens travel in a header that no browser adds by itself, so any page may ask. */
export const headers = () => ({
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Disposition, Retry-After, X-Request-Id',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
})

export const json = (value: unknown, init: Parameters<typeof jsonAnswer>[1] = {}): Response =>
  jsonAnswer(sorted(value), init)

/** A plain answer; nothing to say is an empty body, as after a deletion. */
export const reply = (result: unknown): Response =>
  result === undefined ? new Response(null, { status: 200 }) : json(result)
