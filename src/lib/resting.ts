import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Behind the first requests of whoever waited for the start.
const AFTER = 5000

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/**
 * Gives back to the system what only the start needed: V8 has grown its space for new objects to many times what a server
 * at rest fills, and does not shrink it by itself. Takes a tenth of a second, once.
 */
export function restAfterStart(): void {
  const timer = setTimeout(() => {
    setFlagsFromString('--expose-gc')
    const collect: Collect = runInNewContext('gc')
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, AFTER)
  timer.unref()
}
