import { startProcess } from '../demo/server-process.ts'
import type { Houses } from './houses.ts'
import { load } from './load.ts'
import { residentOf } from './process-figures.ts'
import { keyValidations, readings, signIns, validations } from './questions.ts'
import type { Report } from './report.ts'

const REQUESTS = 100_000
const SAMPLES = 40
const CONNECTIONS = 16
// More than this of the memory it has, and it would double within some millions of requests.
const GROWTH = 5

/** By how much a line through these values rises from its first to its last. */
function rise(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const [above, below] = values.reduce(
    ([above, below], value, n) => [above + (n - middle) * value, below + (n - middle) ** 2] as [number, number],
    [0, 0],
  )
  return (above / below) * (values.length - 1)
}

/** Memory over a hundred thousand requests of all sorts: what the first quarter fills may stay, what comes then may not add to it. */
export async function benchMemory(houses: Houses, report: Report): Promise<void> {
  console.log(`memory over ${REQUESTS} requests of all sorts`)
  const house = await houses.on('SQLite')
  // A process of its own, that nothing was asked of before.
  const server = await startProcess(house.settings)
  const own = { ...house, server }
  const kinds = [validations(own, 1000), validations(own, 1000), keyValidations(own), readings(own), signIns(own)]
  const shares = [10, 5, 3, 6, 1]
  const turns = shares.flatMap((share, kind) => Array.from({ length: share }, () => kinds[kind]!))
  let at = 0
  const next = () => turns[at++ % turns.length]!()
  const found = [residentOf(server.pid)]
  try {
    for (let n = 0; n < SAMPLES; n++) {
      await load(server.url, { connections: CONNECTIONS, seconds: 300, most: REQUESTS / SAMPLES, next })
      found.push(residentOf(server.pid))
    }
  } finally {
    await server.end('SIGTERM')
  }
  const late = found.slice(1 + SAMPLES / 4)
  const value = (rise(late) / late[0]!) * 100
  const quarters = [0, 1, 2, 3, 4].map((n) => Math.round(found[(n * SAMPLES) / 4]!)).join(', ')
  const beside = `MB at the start and after each quarter: ${quarters}`
  report('memory over the last 75,000 requests, % more', value, `≤ ${GROWTH}`, value <= GROWTH, beside)
}
