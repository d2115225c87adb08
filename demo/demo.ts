import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Evening, liveDay } from './day.ts'

/** `--stay`: the server stays until it is interrupted, so that one can look around in the console. */
async function lookAround({ url, administrator, ben }: Evening): Promise<void> {
  console.log(`
The house is open: ${url}
  the administrator   ${administrator.address}   ${administrator.password}
  Ben                 ${ben.address}    ${ben.password}
Press Ctrl+C when you have seen enough.`)
  // A timer keeps the process; waiting for a signal alone would not.
  const timer = setInterval(() => {}, 60_000)
  await once(process, 'SIGINT')
  clearInterval(timer)
}

const folder = mkdtempSync(join(tmpdir(), 'chatelaine-demo-'))
try {
  await liveDay(folder, process.argv.includes('--stay') ? lookAround : undefined)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
