export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Structured lines for whoever runs the server. Never a token, code, password or query string in `facts`. */
export type Log = { [L in Level]: (event: string, facts?: Record<string, unknown>) => void }

const ORDER = ['debug', 'info', 'warn', 'error', 'silent']

const described = (value: unknown): unknown => {
  if (!(value instanceof Error)) return value
  const cause = value.cause === undefined ? undefined : described(value.cause)
  return { name: value.name, message: value.message, stack: value.stack, cause }
}

/** One JSON line per event, from `least` upwards ('silent' for none). */
export function jsonLog(least: string, now: () => number, write: (line: string) => void): Log {
  const at = (level: Level) =>
    ORDER.indexOf(level) < ORDER.indexOf(least)
      ? () => {}
      : (event: string, facts: Record<string, unknown> = {}) => {
          const told = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, described(value)]))
          write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, event, ...told })}\n`)
        }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
