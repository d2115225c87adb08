import { readFileSync } from 'node:fs'
import { type Idle, openIdle } from '../test/pressure/idle.ts'
import type { BenchHouse } from './house.ts'
import { load, median, percentile, type Run, requestBytes } from './load.ts'

type Report = (what: string, ratio: number, target: string, holds: boolean, beside: string) => void

const IDLE = 10_000
const SLOW = 500
const ROUNDS = 3
const SECONDS = 3
const CONNECTIONS = 8
// Sooner than the server closes those that say nothing.
const STIR_EVERY = 6000

const resident = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024

/** Asks the database at each turn, and rests a little between two: what is measured is the wait, not the load. */
const probe = async (url: string): Promise<number> => {
  const next = requestBytes(url, '/readyz')
  const run: Run = await load(url, { connections: CONNECTIONS, seconds: SECONDS, next: () => next, pause: 2 })
  if ([...run.statuses.keys()].some((status) => status !== 200)) throw new Error('somebody was not served')
  return percentile(run.latencies, 0.99)
}

const figures = (ms: number, others: number) => `${ms.toFixed(2)} ms against ${others.toFixed(2)} ms`

/** What those are served like who ask something while thousands only hold their connections, or send a byte a second. */
export async function benchIdle({ server }: BenchHouse, report: Report): Promise<void> {
  console.log(`99th percentile of /readyz beside ${IDLE} idle connections, and ${SLOW} slow senders, against alone`)
  const { url, pid } = server
  await probe(url)
  const alone: number[] = []
  const beside: number[] = []
  const besideSlow: number[] = []
  let perConnection = 0
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await probe(url))
    const before = resident(pid)
    const idle: Idle = await openIdle(url, IDLE)
    const stirring = setInterval(() => void idle.stir(), STIR_EVERY)
    await idle.stir()
    if (idle.count() !== IDLE) throw new Error(`only ${idle.count()} connections were let in`)
    if (round === 0) perConnection = (resident(pid) - before) / IDLE
    beside.push(await probe(url))
    clearInterval(stirring)
    idle.close()
    const slow = await openIdle(url, SLOW)
    const dripping = slow.drip()
    besideSlow.push(await probe(url))
    dripping()
    slow.close()
  }
  const [a, b, c] = [median(beside), median(alone), median(besideSlow)]
  report(`99th percentile, beside ${IDLE} idle connections`, a / b, '≤ 1.5', a / b <= 1.5, figures(a, b))
  report(`99th percentile, beside ${SLOW} slow senders`, c / b, '≤ 1.5', c / b <= 1.5, figures(c, b))
  const kilobytes = perConnection / 1024
  report('kilobytes of memory per idle connection', kilobytes, '≤ 32', kilobytes <= 32, `${IDLE} of them`)
}
