import { type Subsystem, subsystemOf, subsystems } from './subsystems.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** A line that was let through, before it is written. */
export interface Line {
  /** epoch milliseconds */
  at: number
  level: Level
  subsystem: Subsystem
  event: string
  facts: Record<string, unknown>
}

type Say = (event: string, facts?: Record<string, unknown>) => void

/** Structured lines for whoever runs the server. Never a token, code, password or query string in `facts`. */
export interface Log extends Record<Level, Say> {
  /** Shows every line that is let through from now on; the answer ends that. */
  watch(watcher: (line: Line) => void): () => void
  /** The name of the level of each subsystem, in their order. */
  levels(): { subsystem: Subsystem; level: LevelName }[]
  /** Where several processes share a log, it resolves once all have it. */
  setLevel(subsystem: Subsystem | 'all', level: LevelName): void | Promise<void>
}

/** The names a level can be set by, from nothing to everything; several mean the same here. */
const least = {
  none: 'silent',
  fatal: 'error',
  critical: 'error',
  error: 'error',
  warning: 'warn',
  notice: 'info',
  information: 'info',
  debug: 'debug',
  trace: 'debug',
} as const satisfies Record<string, Level | 'silent'>

export type LevelName = keyof typeof least
export const levelNames = Object.keys(least) as readonly LevelName[]
export const isLevelName = (text: string): text is LevelName => Object.hasOwn(least, text)

/** What our own levels are called where those names are used. */
export const nameOfLevel = {
  debug: 'debug',
  info: 'information',
  warn: 'warning',
  error: 'error',
  silent: 'none',
} as const satisfies Record<Level | 'silent', LevelName>

const ranks = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 } as const satisfies Record<Level | 'silent', number>

const described = (value: unknown): unknown => {
  if (!(value instanceof Error)) return value
  const cause = value.cause === undefined ? undefined : described(value.cause)
  return { name: value.name, message: value.message, stack: value.stack, cause }
}

const written = ({ at, level, event, facts }: Line): string => {
  const told = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, described(value)]))
  return `${JSON.stringify({ at: new Date(at).toISOString(), level, event, ...told })}\n`
}

/** The level that each subsystem is let through from. */
function levelsOf(start: keyof typeof nameOfLevel) {
  let elsewhere: LevelName = nameOfLevel[start]
  const own = new Map<Subsystem, LevelName>(subsystems.map((subsystem) => [subsystem, elsewhere]))
  const nameFor = (subsystem: Subsystem): LevelName => own.get(subsystem) ?? elsewhere
  const rankFor = (subsystem: Subsystem): number => ranks[least[nameFor(subsystem)]]
  const lowestOfAll = () => Math.min(ranks[least[elsewhere]], ...subsystems.map(rankFor))
  let lowest = lowestOfAll()
  return {
    nameFor,
    // The first question answers nearly every line that is not wanted.
    lets: (rank: number, event: string): boolean => rank >= lowest && rank >= rankFor(subsystemOf(event)),
    set(named: Subsystem | 'all', level: LevelName): void {
      for (const subsystem of named === 'all' ? subsystems : [named]) own.set(subsystem, level)
      if (named === 'all') elsewhere = level
      lowest = lowestOfAll()
    },
  }
}

/** The same log, whose lines say what they belong to. */
export function logAbout(log: Log, about: Record<string, unknown>): Log {
  const at =
    (level: Level): Say =>
    (event, facts) =>
      log[level](event, { ...about, ...facts })
  return { ...log, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** One JSON line per event, at first from `start` upwards ('silent' for none). */
export function jsonLog(start: keyof typeof nameOfLevel, now: () => number, write: (line: string) => void): Log {
  const levels = levelsOf(start)
  const watchers = new Set<(line: Line) => void>()
  let isTelling = false

  function tell(line: Line): void {
    // What a watcher has to say itself is written, and shown to nobody: it would go round for ever.
    if (isTelling) return
    isTelling = true
    for (const watcher of watchers)
      try {
        watcher(line)
      } catch (error) {
        write(written({ ...line, level: 'error', event: 'log-socket.fault', facts: { error } }))
      }
    isTelling = false
  }

  const at = (level: Level): Say => {
    const rank = ranks[level]
    return (event, facts = {}) => {
      if (!levels.lets(rank, event)) return
      const line: Line = { at: now(), level, subsystem: subsystemOf(event), event, facts }
      write(written(line))
      if (watchers.size > 0) tell(line)
    }
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    watch(watcher) {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    levels: () => subsystems.map((subsystem) => ({ subsystem, level: levels.nameFor(subsystem) })),
    setLevel: levels.set,
  }
}
