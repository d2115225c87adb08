import { startProcess } from '../demo/server-process.ts'
import type { Houses } from './houses.ts'
import { load } from './load.ts'
import { residentOf } from './process-figures.ts'
import { keyValidations, readings, signIns, validations } from './questions.ts'
import type { Report } from './report.ts'

const REQUESTS = 100_000
const SAMPLES = 8
const CONNECTIONS = 16
const SETTLED = 2000
// More than this of the memory it has, and it would double within some millions of requests.
const GROWTH = 5

const collecting = new URL('./collecting.mjs', import.meta.url).href

/** MB of a server: as it is, and once it has let go of what nobody needs any more. */
async function memoryOf(pid: number): Promise<{ found: number; needed: number }> {
  const found = residentOf(pid)
  process.kill(pid, 'SIGUSR2')
  await new Promise((resolve) => setTimeout(resolve, SETTLED))
  return { found, needed: residentOf(pid) }
}

/** Memory over a hundred thousand requests of all sorts: what the first quarter fills may stay, what comes then may not add to it. */
export async function benchMemory(houses: Houses, report: Report): Promise<void> {
  console.log(`memory over ${REQUESTS} requests of all sorts`)
  const house = await houses.on('SQLite')
  // A process of its own, that nothing was asked of before.
  const server = await startProcess({ ...house.settings, NODE_OPTIONS: `--import=${collecting}` })
  const own = { ...house, server }
  const kinds = [validations(own, 1000), validations(own, 1000), keyValidations(own), readings(own), signIns(own)]
  const shares = [10, 5, 3, 6, 1]
  const turns = shares.flatMap((share, kind) => Array.from({ length: share }, () => kinds[kind]!))
  let at = 0
  const next = () => turns[at++ % turns.length]!()
  const seen = [await memoryOf(server.pid)]
  try {
    for (let n = 0; n < SAMPLES; n++) {
      await load(server.url, { connections: CONNECTIONS, seconds: 300, most: REQUESTS / SAMPLES, next })
      seen.push(await memoryOf(server.pid))
    }
  } finally {
    await server.end('SIGTERM')
  }
  const needed = seen.map((one) => one.needed)
  const [early, late] = [needed[SAMPLES / 4]!, needed.at(-1)!]
  const value = (late / early - 1) * 100
  const list = (values: readonly number[]) => values.map((one) => Math.round(one)).join(', ')
  const beside = `MB after each eighth ${list(needed)}; before what lay about was collected ${list(seen.map((one) => one.found))}`
  report('memory after the last 75,000 requests, % more', value, `≤ ${GROWTH}`, value <= GROWTH, beside)
}
