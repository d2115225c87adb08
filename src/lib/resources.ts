import { readdir, readFile } from 'node:fs/promises'

// The unit of what follows is written kB; whoever asks reckons with 1000 bytes each.
const KILO = 1000

const kiloBytes = (status: string, name: string): number | null => {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)
  return found ? Number(found[1]) * KILO : null
}

export interface Resources {
  realMemory: number
  virtualMemory: number
  openFiles: number
  peakRealMemory: number
  peakVirtualMemory: number
}

/** Memory in bytes and open files of this process; what the system does not tell is taken from Node, or is 0. */
export async function resourcesInUse(proc = '/proc/self'): Promise<Resources> {
  const status = await readFile(`${proc}/status`, 'utf8').catch(() => '')
  const files = await readdir(`${proc}/fd`).catch(() => [])
  const { rss } = process.memoryUsage()
  return {
    realMemory: kiloBytes(status, 'VmRSS') ?? rss,
    virtualMemory: kiloBytes(status, 'VmSize') ?? 0,
    openFiles: files.length,
    peakRealMemory: kiloBytes(status, 'VmHWM') ?? process.resourceUsage().maxRSS * KILO,
    peakVirtualMemory: kiloBytes(status, 'VmPeak') ?? 0,
  }
}
