import { type BenchHouse, program } from './house.ts'
import type { Houses } from './houses.ts'
import { load, median, onlyOk, requestBytes } from './load.ts'
import { keyValidations, validations } from './questions.ts'
import { type Report, ratioOf } from './report.ts'

const ROUNDS = 5
const SECONDS = 2
const WARM = 20_000
const WARM_AT_MOST = 40
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

interface Asked {
  what: string
  house: BenchHouse
  next: () => Buffer
  /** how many answers have to be worked out once before they are kept */
  count: number
}

const speed = async (url: string, next: () => Buffer, how: { seconds?: number; most?: number } = {}) =>
  onlyOk(await load(url, { connections: CONNECTIONS, seconds: SECONDS, ...how, next })).perSecond

async function inTurn(asked: readonly Asked[], report: Report): Promise<void> {
  const bare = await bareTwin(asked[0]!.house)
  const [own, ceiling]: [number[][], number[]] = [asked.map(() => []), []]
  try {
    for (const { house, next, count } of asked)
      await speed(house.server.url, next, { seconds: WARM_AT_MOST, most: count + WARM })
    await speed(bare.url, bare.next)
    for (let round = 0; round < ROUNDS; round++) {
      ceiling.push(await speed(bare.url, bare.next))
      for (const [n, { house, next }] of asked.entries()) own[n]!.push(await speed(house.server.url, next))
    }
  } finally {
    bare.end()
  }
  for (const [n, { what }] of asked.entries()) {
    const { value, rounds } = ratioOf(own[n]!, ceiling)
    const beside = `${Math.round(median(own[n]!))}/s against ${Math.round(median(ceiling))}/s; ${rounds}`
    report(what, value, `≥ ${TARGET}`, value >= TARGET, beside)
  }
}

/** What siblings ask on every request, against a bare server that answers the same bytes to the same questions. */
export async function benchValidation(houses: Houses, report: Report): Promise<void> {
  console.log('validateToken and validateApiKey against a bare node:http server that answers the same bytes')
  const [sqlite, postgres] = [await houses.on('SQLite'), await houses.on('PostgreSQL')]
  const tokens = (house: BenchHouse, count: number) => ({ house, next: validations(house, count), count })
  await inTurn(
    [
      { what: 'validateToken, 1 live token', ...tokens(sqlite, 1) },
      { what: 'validateToken, 10,000 live tokens, SQLite', ...tokens(sqlite, 10_000) },
      { what: 'validateToken, 10,000 live tokens, PostgreSQL', ...tokens(postgres, 10_000) },
    ],
    report,
  )
  // By itself: an answer about a key is kept for a minute, so that its last use stays true.
  const keys = { house: sqlite, next: keyValidations(sqlite), count: 10_000 }
  await inTurn([{ what: 'validateApiKey, 10,000 live keys, SQLite', ...keys }], report)
}
