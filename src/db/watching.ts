import type { LogEvent } from 'kysely'
import type { Lapse, Tell } from '#src/lib/watch.ts'

type Kind = Pick<Lapse, 'name' | 'table'>

const KINDS_KEPT = 1000
const kinds = new Map<string, Kind>()

/** What a statement does, and to which table first. Its text has no values: those travel apart. */
function kindOf(text: string): Kind {
  const known = kinds.get(text)
  if (known) return known
  const [, word = ''] = /^[\s(]*(\w+)/.exec(text) ?? []
  // What it does stands after what it looks at beforehand.
  const verb = word === 'with' ? (/\b(insert|update|delete) (?:into|from|")/.exec(text)?.[1] ?? 'select') : word
  const [, table] = /\b(?:from|into|update)\s+"(\w+)"/.exec(text) ?? []
  const kind = { name: verb.toLowerCase(), ...(table ? { table } : {}) }
  if (kinds.size >= KINDS_KEPT) kinds.clear()
  kinds.set(text, kind)
  return kind
}

const statementsTo =
  (tell: Tell) =>
  ({ level, query, queryDurationMillis: took }: LogEvent): void =>
    tell({ of: 'database', ...kindOf(query.sql), waited: 0, took, failed: level === 'error' })

/** What Kysely needs to tell of every statement; nothing where nobody listens. */
export const watched = (tell: Tell | undefined) => (tell ? { log: statementsTo(tell) } : {})
