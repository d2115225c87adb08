import type { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'

// Whatever is wrong with it: what stands in such a field may be what opens a mailbox.
const SECRET = /pass|pw|auth|token|code|secret|session|cookie|private|pin$/i
const SHOWN = 60
const NAMED = 10

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '')

/**
 * What was sent in a field, to be told to whoever sent it: short, of lists and objects nothing, and `***` where the
 * name of the field says that it may be a secret. null where nothing was sent.
 */
export function shown(name: string, value: unknown): string | null {
  if (isNothing(value)) return null
  if (SECRET.test(name)) return '***'
  if (typeof value === 'object') return Array.isArray(value) ? '[…]' : '{…}'
  return String(value).slice(0, SHOWN)
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inside, name) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, name)
        ? (inside as Record<PropertyKey, unknown>)[name]
        : undefined,
    value,
  )

type Wrong = [name: string, sent: string | null]

function wrongIn(issue: z.core.$ZodIssue, value: unknown): Wrong {
  const name = issue.path.join('.') || 'body'
  // A body that is one bare word has no name to tell whether it may be shown.
  if (issue.path.length === 0 && typeof value !== 'object') return [name, isNothing(value) ? null : '***']
  if (issue.code !== 'unrecognized_keys') return [name, shown(name, valueAt(value, issue.path))]
  const holder = valueAt(value, issue.path)
  return [issue.keys.join(', '), shown(issue.keys.join(), valueAt(holder, issue.keys.slice(0, 1)))]
}

/** The refusal of what does not fit its schema: which fields, and what was sent in each. */
export function wrongInput({ issues }: z.ZodError, value: unknown): Refusal {
  const wrong = new Map<string, string | null>()
  for (const issue of issues) {
    const [name, sent] = wrongIn(issue, value)
    if (!wrong.has(name)) wrong.set(name, sent)
  }
  const first = [...wrong].slice(0, NAMED)
  return new Refusal('input.invalid', { params: first.map(([name]) => name), sent: first.map(([, sent]) => sent) })
}
