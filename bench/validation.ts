import { type BenchHouse, program } from './house.ts'
import type { Houses } from './houses.ts'
import { load, median, onlyOk, requestBytes } from './load.ts'
import { keyValidations, validations } from './questions.ts'
import { type Report, ratioOf } from './report.ts'

const ROUNDS = 5
const SECONDS = 2
// Ten thousand answers have to be worked out once before they are kept.
const WARM_SECONDS = 5
const CONNECTIONS = 16
const TARGET = 0.75

/** A bare `node:http` server that answers what this house answers, headers and all; what asks it as the house is asked. */
async function bareTwin(house: BenchHouse): Promise<{ url: string; next: () => Buffer; end(): void }> {
  const path = `/api/v1/validateToken?token=${house.tokens[0]}`
  const headers = { Authorization: `Bearer ${house.token}` }
  const answer = await fetch(house.server.url + path, { headers })
  const own = [...answer.headers].filter(([name]) => !/^(date|connection|keep-alive|content-length)$/.test(name))
  const bare = program('./bare-http.ts', [await answer.text(), JSON.stringify(Object.fromEntries(own))])
  const url = (await bare.line).replace('ready at ', '')
  const request = requestBytes(url, path, { headers })
  return { url, next: () => request, end: bare.end }
}

/** What siblings ask on every request, against a bare server that answers the same bytes to the same questions. */
export async function benchValidation(houses: Houses, report: Report): Promise<void> {
  console.log('validateToken and validateApiKey against a bare node:http server that answers the same bytes')
  const [sqlite, postgres] = [await houses.on('SQLite'), await houses.on('PostgreSQL')]
  const asked: [what: string, house: BenchHouse, next: () => Buffer][] = [
    ['validateToken, 1 live token', sqlite, validations(sqlite, 1)],
    ['validateToken, 10,000 live tokens, SQLite', sqlite, validations(sqlite, 10_000)],
    ['validateToken, 10,000 live tokens, PostgreSQL', postgres, validations(postgres, 10_000)],
    ['validateApiKey, 10,000 live keys, SQLite', sqlite, keyValidations(sqlite)],
  ]
  const bare = await bareTwin(sqlite)
  const [own, ceiling]: [number[][], number[]] = [asked.map(() => []), []]
  const speed = async (url: string, next: () => Buffer, seconds = SECONDS) =>
    onlyOk(await load(url, { connections: CONNECTIONS, seconds, next })).perSecond
  try {
    for (const [, { server }, next] of asked) await speed(server.url, next, WARM_SECONDS)
    await speed(bare.url, bare.next, 3)
    for (let round = 0; round < ROUNDS; round++) {
      ceiling.push(await speed(bare.url, bare.next))
      for (const [n, [, { server }, next]] of asked.entries()) own[n]!.push(await speed(server.url, next))
    }
  } finally {
    bare.end()
  }
  for (const [n, [what]] of asked.entries()) {
    const { value, rounds } = ratioOf(own[n]!, ceiling)
    const beside = `${Math.round(median(own[n]!))}/s against ${Math.round(median(ceiling))}/s; ${rounds}`
    report(what, value, `≥ ${TARGET}`, value >= TARGET, beside)
  }
}
