import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Threads that give way to the event loop, by the names that the system knows them by, and how far, as `nice` has it: so
 * that a cheap request need not wait for a time slice while sign-ins and large mails fill the processors.
 */
const givesWay = {
  'libuv-worker': 19,
  openpgp: 10,
} as const

/**
 * Lowers the priority of threads that compute. Linux only, where threads have priorities of their own; elsewhere, and
 * where it is not allowed, nothing happens. Call it once they run.
 */
export function letGiveWay(name: keyof typeof givesWay): void {
  if (process.platform !== 'linux') return
  try {
    for (const thread of readdirSync('/proc/self/task'))
      if (readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith(name))
        setPriority(Number(thread), givesWay[name])
  } catch {
    // A thread that ended meanwhile, or a sandbox without /proc: they then compete as equals.
  }
}
