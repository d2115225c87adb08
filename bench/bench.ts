import { availableParallelism, cpus, totalmem } from 'node:os'
import { benchUsers } from './accounts.ts'
import { benchConsole } from './console.ts'
import { benchExistence } from './existence.ts'
import { type BenchHouse, benchHouse, figures, PASSWORD, program } from './house.ts'
import { benchIdle } from './idle.ts'
import { load, median, percentile, type Run, requestBytes } from './load.ts'
import { benchMillion } from './million.ts'
import { benchOpenPgp } from './openpgp.ts'

/** Ratios, each to something in the same run: absolutes only tell what machine this is. */
interface Row {
  what: string
  value: string
  target: string
  holds: boolean
}

const ROUNDS = 5
const SECONDS = 2
// Ten thousand answers have to be worked out once before they are kept.
const WARM_SECONDS = 5
const CONNECTIONS = 16

const rows: Row[] = []
const report = (what: string, ratio: number, target: string, holds: boolean, beside: string) => {
  rows.push({ what, value: `${ratio.toFixed(2)} (${beside})`, target, holds })
  console.log(`  ${holds ? '✔' : '✘'} ${what}: ${ratio.toFixed(2)}, target ${target} (${beside})`)
}

function onlyOk(run: Run): Run {
  for (const [status, count] of run.statuses)
    if (status !== 200) throw new Error(`${count} requests were answered with ${status}`)
  return run
}

const cycle = <T>(values: readonly T[]): (() => T) => {
  let at = 0
  return () => values[at++ % values.length]!
}

const questions = (house: BenchHouse, paths: readonly string[]): (() => Buffer) =>
  cycle(
    paths.map((path) => requestBytes(house.server.url, path, { headers: { Authorization: `Bearer ${house.token}` } })),
  )

const validations = (house: BenchHouse, count: number): (() => Buffer) =>
  questions(
    house,
    house.tokens.slice(0, count).map((one) => `/api/v1/validateToken?token=${one}`),
  )

const keyValidations = (house: BenchHouse): (() => Buffer) =>
  questions(
    house,
    house.keys.map((one) => `/api/v1/validateApiKey?apikey=${one}`),
  )

async function benchValidation(house: BenchHouse): Promise<void> {
  console.log('validateToken and validateApiKey against a bare node:http server that answers the same bytes')
  const url = `${house.server.url}/api/v1/validateToken?token=${house.tokens[0]}`
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${house.token}` } })
  const headers = Object.fromEntries(
    [...answer.headers].filter(([name]) => !/^(date|connection|keep-alive|content-length)$/.test(name)),
  )
  const bare = program('./bare-http.ts', [await answer.text(), JSON.stringify(headers)])
  const bareUrl = (await bare.line).replace('ready at ', '')
  const bareRequest = requestBytes(bareUrl, '/', { headers: { Authorization: `Bearer ${house.token}` } })
  const bareNext = () => bareRequest
  const asked: Record<string, () => Buffer> = {
    '1 live token': validations(house, 1),
    '64 live tokens': validations(house, 64),
    '10,000 live tokens': validations(house, 10_000),
    '10,000 live API keys': keyValidations(house),
  }
  const speeds = new Map<string, number[]>(Object.keys(asked).map((what) => [what, []]))
  const ceilings: number[] = []
  for (const next of Object.values(asked))
    await load(house.server.url, { connections: CONNECTIONS, seconds: WARM_SECONDS, next })
  await load(bareUrl, { connections: CONNECTIONS, seconds: 3, next: bareNext })
  for (let round = 0; round < ROUNDS; round++) {
    const ceiling = await load(bareUrl, { connections: CONNECTIONS, seconds: SECONDS, next: bareNext })
    ceilings.push(onlyOk(ceiling).perSecond)
    for (const [what, next] of Object.entries(asked)) {
      const run = await load(house.server.url, { connections: CONNECTIONS, seconds: SECONDS, next })
      speeds.get(what)!.push(onlyOk(run).perSecond)
    }
  }
  bare.end()
  for (const [what, own] of speeds) {
    const [a, b] = [median(own), median(ceilings)]
    report(what, a / b, '≥ 0.55', a / b >= 0.55, `${Math.round(a)}/s against ${Math.round(b)}/s`)
  }
}

const signIns = ({ server, addresses }: BenchHouse): (() => Buffer) =>
  cycle(
    addresses.map((userId) =>
      requestBytes(server.url, '/api/v1/oauth2', {
        method: 'POST',
        body: JSON.stringify({ userId, password: PASSWORD }),
      }),
    ),
  )

async function benchSignIns(house: BenchHouse): Promise<void> {
  console.log('sign-ins against bare argon2id with the same parameters on all cores')
  const own: number[] = []
  const bare: number[] = []
  const args = [figures.passwordMemory, figures.passwordPasses, 4].map(String)
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(Number(await program('./bare-argon2.ts', args).line))
    const run = await load(house.server.url, { connections: CONNECTIONS, seconds: 4, next: signIns(house) })
    own.push(onlyOk(run).perSecond)
  }
  const [a, b] = [median(own), median(bare)]
  report('sign-ins per second', a / b, '≥ 0.85', a / b >= 0.85, `${a.toFixed(1)}/s against ${b.toFixed(1)}/s`)
}

async function benchTail(house: BenchHouse): Promise<void> {
  console.log('99th percentile of validateToken while sign-ins saturate argon2, against idle')
  const idle: number[] = []
  const busy: number[] = []
  const probe = () => load(house.server.url, { connections: CONNECTIONS, seconds: 4, next: validations(house, 64) })
  for (let round = 0; round < ROUNDS; round++) {
    idle.push(percentile(onlyOk(await probe()).latencies, 0.99))
    const [during] = await Promise.all([
      probe(),
      load(house.server.url, { connections: CONNECTIONS, seconds: 4.5, next: signIns(house) }),
    ])
    busy.push(percentile(onlyOk(during).latencies, 0.99))
  }
  const [a, b] = [median(busy), median(idle)]
  report('99th percentile, busy to idle', a / b, '≤ 3', a / b <= 3, `${a.toFixed(2)} ms against ${b.toFixed(2)} ms`)
}

const [processor] = cpus()
console.log(
  `${processor?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}; medians of ${ROUNDS} alternating rounds, ${CONNECTIONS} connections\n`,
)
// `npm run bench -- tail` runs only that one.
const parts = {
  validation: benchValidation,
  'sign-ins': benchSignIns,
  tail: benchTail,
  idle: (house: BenchHouse) => benchIdle(house, report),
  users: () => benchUsers(report),
  existence: () => benchExistence(report),
  openpgp: () => benchOpenPgp(report),
  console: (house: BenchHouse) => benchConsole(house, report),
}
const wanted = process.argv.slice(2)

async function benchParts(): Promise<void> {
  const house = await benchHouse({ tokens: 10_000, keys: 10_000, accounts: 200 })
  try {
    for (const [name, run] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await run(house)
  } finally {
    await house.remove()
  }
}

// It takes much longer than all else together: only when it is asked for.
if (wanted.some((arg) => /^--million\b/.test(arg))) await benchMillion(report, wanted)
else await benchParts()
console.log('\n| what | ratio | target | |\n|---|---|---|---|')
for (const { what, value, target, holds } of rows)
  console.log(`| ${what} | ${value} | ${target} | ${holds ? '✔' : '✘'} |`)
if (rows.some(({ holds }) => !holds))
  console.log('\nA target was missed: docs/performance.md says by how much, and why.')
