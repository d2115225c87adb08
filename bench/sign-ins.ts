import { availableParallelism } from 'node:os'
import { type BenchHouse, figures, program } from './house.ts'
import type { Houses, On } from './houses.ts'
import { load, median, onlyOk, percentile } from './load.ts'
import { processorTimeOf } from './process-figures.ts'
import { signIns, validations } from './questions.ts'
import { type Report, ratioOf, spread } from './report.ts'

const ROUNDS = 5
const SECONDS = 4
const CONNECTIONS = 16
const TARGET = 0.95
const TAIL = 3

interface Speed {
  perSecond: number
  /** milliseconds of processor time for each */
  each: number
}

async function bareArgon2(width: number, seconds = SECONDS): Promise<Speed> {
  const args = [figures.passwordMemory, figures.passwordPasses, seconds, width].map(String)
  return JSON.parse(await program('./bare-argon2.ts', args).line)
}

/** How many hashes at once a bare program does most with: as many as there are processors, or Node's whole pool. */
async function bestWidth(): Promise<number> {
  const widths = [...new Set([Math.min(availableParallelism(), 4), 4])]
  const tried = []
  for (const width of widths) tried.push({ width, ...(await bareArgon2(width, 2)) })
  return tried.reduce((best, one) => (one.perSecond > best.perSecond ? one : best)).width
}

async function ownSignIns(house: BenchHouse): Promise<Speed> {
  const { server } = house
  const before = processorTimeOf(server.pid)
  const run = onlyOk(await load(server.url, { connections: CONNECTIONS, seconds: SECONDS, next: signIns(house) }))
  return { perSecond: run.perSecond, each: (processorTimeOf(server.pid) - before) / run.latencies.length }
}

/** Whole sign-ins, against the same hash and nothing else, at whatever width a bare program does most of them with. */
export async function benchSignIns(houses: Houses, report: Report): Promise<void> {
  console.log('sign-ins against bare argon2id with the same parameters on all cores')
  const engines: On[] = ['SQLite', 'PostgreSQL']
  const width = await bestWidth()
  const bare: Speed[] = []
  const own = new Map<On, Speed[]>(engines.map((engine) => [engine, []]))
  for (const engine of engines) await ownSignIns(await houses.on(engine))
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareArgon2(width))
    for (const engine of engines) own.get(engine)!.push(await ownSignIns(await houses.on(engine)))
  }
  for (const [engine, runs] of own) {
    const [mine, others] = [runs, bare].map((some) => some.map(({ perSecond }) => perSecond)) as [number[], number[]]
    const { value, rounds } = ratioOf(mine, others)
    const beside = `${median(mine).toFixed(1)}/s against ${median(others).toFixed(1)}/s at ${width} at once; ${rounds}`
    report(`sign-ins per second, ${engine}`, value, `≥ ${TARGET}`, value >= TARGET, beside)
    const [each, hash] = [runs, bare].map((some) => some.map(({ each }) => each)) as [number[], number[]]
    const cost = ratioOf(hash, each)
    if (Number.isNaN(cost.value)) continue
    const spent = `${median(hash).toFixed(2)} ms of processor time for a hash, ${median(each).toFixed(2)} of the server's for a sign-in`
    report(
      `share of the hash in a sign-in, ${engine}`,
      cost.value,
      `≥ ${TARGET}`,
      cost.value >= TARGET,
      `${spent}; ${cost.rounds}`,
    )
  }
}

/** How long the slowest in a hundred questions takes while sign-ins fill all processors, against an idle house. */
export async function benchTail(houses: Houses, report: Report): Promise<void> {
  console.log('99th percentile of validateToken while sign-ins saturate argon2, against idle')
  const house = await houses.on('SQLite')
  const { url } = house.server
  const [idle, busy]: [number[], number[]] = [[], []]
  const probe = async () => {
    const run = await load(url, { connections: CONNECTIONS, seconds: SECONDS, next: validations(house, 64) })
    return percentile(onlyOk(run).latencies, 0.99)
  }
  for (let round = 0; round < ROUNDS; round++) {
    idle.push(await probe())
    const [during] = await Promise.all([
      probe(),
      load(url, { connections: CONNECTIONS, seconds: SECONDS + 0.5, next: signIns(house) }),
    ])
    busy.push(during)
  }
  const { value, rounds } = ratioOf(busy, idle)
  const beside = `${median(busy).toFixed(2)} ms (${spread(busy)}) against ${median(idle).toFixed(2)} ms; ${rounds}`
  report('99th percentile, busy to idle', value, `≤ ${TAIL}`, value <= TAIL, beside)
}
