import type { Line, Log } from '#src/lib/log.ts'
import type { Other } from './wire.ts'
import type { PrimaryActs } from './words.ts'

/** The log of one worker, which shows the lines of all of them, and whose levels hold for all. */
export interface SharedLog {
  log: Log
  /** Shows a line of another process. */
  hear(line: Line): void
  /** Has our lines shown elsewhere, or no longer. */
  relay(isWanted: boolean): void
}

export function sharedLog(own: Log, primary: Other<PrimaryActs>): SharedLog {
  const watchers = new Set<(line: Line) => void>()
  let unwatchOwn: (() => void) | null = null
  const log: Log = {
    ...own,
    watch(watcher) {
      const unwatch = own.watch(watcher)
      watchers.add(watcher)
      if (watchers.size === 1) primary.tell('watch', true)
      return () => {
        unwatch()
        if (watchers.delete(watcher) && watchers.size === 0) primary.tell('watch', false)
      }
    },
    // Resolves when all have it: whoever asks next may be answered by another one.
    setLevel: (subsystem, level) => primary.ask('setLevel', { subsystem, level }),
  }
  return {
    log,
    hear(line) {
      for (const watcher of watchers) watcher(line)
    },
    relay(isWanted) {
      unwatchOwn?.()
      unwatchOwn = isWanted ? own.watch((line) => primary.tell('line', line)) : null
    },
  }
}
