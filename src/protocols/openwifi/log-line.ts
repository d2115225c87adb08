import { toEpochSeconds } from '#src/lib/clock.ts'
import { type Line, nameOfLevel } from '#src/lib/log.ts'

const LENGTH_AT_MOST = 4000

function readable(value: unknown): string {
  if (value instanceof Error)
    return `${value.name}: ${value.message}${value.cause ? ` (${readable(value.cause)})` : ''}`
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** A line of the log as clients show it: one sentence, without the stack of an error. */
export function contentOf({ at, level, subsystem, event, facts }: Line) {
  const told = Object.entries(facts).map(([name, value]) => `${name}=${readable(value)}`)
  const msg = told.length > 0 ? `${event}: ${told.join(', ')}` : event
  return {
    level: nameOfLevel[level],
    msg: msg.slice(0, LENGTH_AT_MOST),
    source: subsystem,
    thread_id: 0,
    thread_name: 'main',
    timestamp: toEpochSeconds(at),
  }
}
