import { jsonAnswer } from '#src/http/json.ts'

/** Keys in byte order, at every depth: shell clients search the raw text and count on the order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return sortedList(value)
  return typeof value === 'object' && value !== null ? sortedObject(value as Record<string, unknown>) : value
}

// Most of what is sent is in order from the start, and is not copied.
function sortedList(list: readonly unknown[]): readonly unknown[] {
  const own = list.map(sorted)
  return own.every((one, place) => one === list[place]) ? list : own
}

function sortedObject(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(value)
  const own = keys.map((key) => sorted(value[key]))
  const isInOrder = keys.every((key, place) => place === 0 || keys[place - 1]! < key)
  if (isInOrder && own.every((one, place) => one === value[keys[place]!])) return value
  const entries = keys.map((key, place): [string, unknown] => [key, own[place]])
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
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
