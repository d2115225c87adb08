import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

// As `nice` has it: the higher, the more it gives way.
const GIVES_WAY = 19

/**
 * Lets the threads that hash passwords give way to the event loop, so that a cheap request need not wait for a time
 * slice while sign-ins fill the processors. Linux only, where threads have priorities of their own; elsewhere, and
 * where it is not allowed, nothing happens. Call it once the pool's threads run.
 */
export function letHashingGiveWay(): void {
  if (process.platform !== 'linux') return
  try {
    for (const thread of readdirSync('/proc/self/task'))
      if (readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('libuv-worker'))
        setPriority(Number(thread), GIVES_WAY)
  } catch {
    // A thread that ended meanwhile, or a sandbox without /proc: the hashes then compete as equals.
  }
}
