import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY = 5000
// Of an interval, that the event loop had something to do.
const AT_REST = 0.02

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/**
 * Gives back to the system what only the start needed, once, in the first five seconds in which nobody wants anything: V8
 * has grown its space for new objects to many times what a server at rest fills, and does not shrink it by itself. It
 * takes a tenth of a second.
 */
export function restAfterStart(): void {
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    if (utilization > AT_REST) return
    clearInterval(timer)
    setFlagsFromString('--expose-gc')
    const collect: Collect = runInNewContext('gc')
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, EVERY)
  timer.unref()
}
