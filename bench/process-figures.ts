import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

// What Linux counts processor time in for whoever reads /proc, on every architecture.
const TICKS_PER_SECOND = 100

/** Milliseconds of processor time that a process has used so far, all its threads; NaN where the system does not tell. */
export function processorTimeOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN
  // Behind the name, which may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND
}

/** MB (2^20 bytes) of a process that lie in memory. */
export const residentOf = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024
