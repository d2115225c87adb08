import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, median } from './load.ts'
import { type Asked, askedOf, signIns, validations } from './million-asked.ts'
import { ensureHouse, type OpenHouse, openHouse, type Site } from './million-house.ts'
import { benchRefresh } from './million-refresh.ts'
import { benchSweeps } from './million-sweeps.ts'

const MILLION = 1_000_000
const THOUSAND = 1_000
const ROUNDS = 5
const SECONDS = 1
const LEAST = 200
const MOST = 1.3
const REQUESTS = 100_000

export type Report = (what: string, ratio: number, target: string, holds: boolean, beside: string) => void

/** What requests of one kind cost: milliseconds. */
export interface Cost {
  server: number
  database: number
  latency: number
}

/** Sends requests for a while and tells what each cost. */
async function costOf(house: OpenHouse, { next, refused = 200 }: Omit<Asked, 'what'>): Promise<Cost> {
  const before = await house.spent()
  const latencies: number[] = []
  // A busy machine answers few in a second, and few tell little.
  while (latencies.length < LEAST) {
    const run = await load(house.server.url, { connections: 4, seconds: SECONDS, next })
    for (const [status, often] of run.statuses)
      if (status !== 200 && status !== refused) throw new Error(`${often} requests were answered with ${status}`)
    latencies.push(...run.latencies)
  }
  const after = await house.spent()
  const count = latencies.length
  return {
    server: (after.server - before.server) / count,
    database: (after.database - before.database) / count,
    latency: median(latencies),
  }
}

const middle = (costs: readonly Cost[]): Cost => ({
  server: median(costs.map(({ server }) => server)),
  database: median(costs.map(({ database }) => database)),
  latency: median(costs.map(({ latency }) => latency)),
})

const written = ({ server, database, latency }: Cost): string =>
  `${server.toFixed(2)}${database > 0 ? ` + ${database.toFixed(2)}` : ''} ms, ${latency.toFixed(1)} ms to wait`

/** Measures one kind at both houses, in turns. */
export async function compare(
  report: Report,
  what: string,
  small: () => Promise<Cost>,
  large: () => Promise<Cost>,
): Promise<void> {
  const [few, many]: [Cost[], Cost[]] = [[], []]
  await small()
  await large()
  for (let round = 0; round < ROUNDS; round++) {
    few.push(await small())
    many.push(await large())
  }
  const [a, b] = [middle(few), middle(many)]
  const ratio = (b.server + b.database) / (a.server + a.database)
  report(what, ratio, `≤ ${MOST}`, ratio <= MOST, `${written(b)} against ${written(a)}`)
}

async function benchAsked(report: Report, small: OpenHouse, large: OpenHouse): Promise<void> {
  const many = askedOf(large)
  for (const [n, asked] of askedOf(small).entries())
    await compare(
      report,
      asked.what,
      () => costOf(small, asked),
      () => costOf(large, many[n]!),
    )
  await benchRefresh(report, small, large)
}

/** What a server holds after its start, and after as many requests all over the house. */
async function memoryOf(house: OpenHouse): Promise<{ first: number; last: number }> {
  const first = await house.resident()
  const nexts = [
    validations(house, false),
    validations(house, true),
    signIns(house, 0),
    ...askedOf(house)
      .slice(4, 6)
      .map(({ next }) => next),
  ]
  let sent = 0
  const next = () => nexts[sent++ % nexts.length]!()
  while (sent < REQUESTS) await load(house.server.url, { connections: 8, seconds: 2, next })
  return { first, last: await house.resident() }
}

async function benchMemory(report: Report, small: Site, large: Site): Promise<void> {
  const seen: { first: number; last: number }[] = []
  for (const site of [small, large]) {
    const house = await openHouse(site, 'cheap')
    seen.push(await memoryOf(house))
    await house.close()
  }
  const [a, b] = [seen[0]!, seen[1]!]
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  const shown = (one: typeof a) => `${megabytes(one.first)} at first, ${megabytes(one.last)} later`
  const ratio = b.last / a.last
  report(`memory after ${REQUESTS} requests`, ratio, '≤ 1.1', ratio <= 1.1, `${shown(b)} against ${shown(a)}`)
}

/** Opens both houses, and closes them whatever happens. */
async function withBoth(
  small: Site,
  large: Site,
  hashes: 'full' | 'cheap',
  measure: (small: OpenHouse, large: OpenHouse) => Promise<void>,
): Promise<void> {
  const open: OpenHouse[] = []
  try {
    open.push(await openHouse(small, hashes))
    open.push(await openHouse(large, hashes))
    await measure(open[0]!, open[1]!)
  } finally {
    for (const house of open) await house.close()
  }
}

async function measureAll(report: Report, small: Site, large: Site, parts: readonly string[]): Promise<void> {
  const wants = (part: string) => parts.length === 0 || parts.includes(part)
  if (wants('asked')) await withBoth(small, large, 'cheap', (a, b) => benchAsked(report, a, b))
  if (wants('hashed'))
    await withBoth(small, large, 'full', (a, b) =>
      compare(
        report,
        'sign-in as people meet it',
        () => costOf(a, { next: signIns(a, 5) }),
        () => costOf(b, { next: signIns(b, 5) }),
      ),
    )
  if (wants('memory')) await benchMemory(report, small, large)
  if (wants('sweeps')) await benchSweeps(report, large)
}

/** The value of an option: `name` for `--name`, empty where it has none; undefined where it is not given. */
const option = (args: readonly string[], name: string): string | undefined => {
  const found = args.find((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))
  return found?.slice(`--${name}=`.length)
}

/**
 * `--million`, or `--million=100000` for a smaller house; `--postgres`, or `--postgres=URL` for a server that is there;
 * `--keep=FOLDER` keeps the houses for the next run.
 */
export async function benchMillion(report: Report, args: readonly string[]): Promise<void> {
  const accounts = Number(option(args, 'million') || MILLION)
  const given = option(args, 'postgres')
  const kept = option(args, 'keep')
  const base = kept || mkdtempSync(join(tmpdir(), 'chatelaine-million-'))
  const folder = join(base, given === undefined ? 'sqlite' : 'postgres')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const { ownPostgres } = await import('./million-postgres.ts')
  const postgres = given === '' ? await ownPostgres(folder) : null
  const root = postgres?.url ?? given
  const siteOf = (accounts: number): Site => ({
    accounts,
    folder: join(folder, String(accounts)),
    url: root ? new URL(`/million_${accounts}`, root).href : null,
    postgres,
  })
  const [small, large] = [siteOf(THOUSAND), siteOf(accounts)]
  console.log(
    `flat cost: ${accounts.toLocaleString('en')} accounts against ${THOUSAND}, on ${root ? 'PostgreSQL' : 'SQLite'}`,
  )
  try {
    await ensureHouse(small)
    await ensureHouse(large)
    await measureAll(
      report,
      small,
      large,
      args.filter((arg) => !arg.startsWith('--')),
    )
  } finally {
    await postgres?.stop()
    if (!kept) rmSync(base, { recursive: true, force: true })
  }
}
