import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess } from '../demo/server-process.ts'
import { openSqlite } from '../src/db/open.ts'
import { load, median, percentile, requestBytes } from './load.ts'

const ACCOUNTS = 100_000
const PAGE = 500
const ROUNDS = 5
const BATCH = 500
const ROOT = { email: 'root@example.org', first: 'First-Password-1', password: 'Bench-Password-1' }

const batches = <T>(values: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(values.length / BATCH) }, (_, n) => values.slice(n * BATCH, (n + 1) * BATCH))

/** Accounts as a house has them after some years: every third with a note, every fifth with a second factor. */
async function fill(folder: string, count: number): Promise<void> {
  const database = openSqlite(join(folder, 'chatelaine.sqlite'))
  const root = await database.query.selectFrom('account').selectAll().executeTakeFirstOrThrow()
  const accounts = Array.from({ length: count }, (_, n) => {
    const [email, created] = [`user${n}@example.org`, root.created + n * 1000]
    return {
      ...root,
      id: randomUUID(),
      email,
      name: `User ${n}`,
      role: 'csr',
      created,
      modified: created,
      password: null,
    }
  })
  await database.query.transaction().execute(async (db) => {
    for (const some of batches(accounts)) {
      await db.insertInto('account').values(some).execute()
      const addresses = some.map(({ id, email, created }) => ({ address: email, account_id: id, created }))
      await db.insertInto('address').values(addresses).execute()
    }
    for (const some of batches(accounts.filter((_, n) => n % 3 === 0))) {
      const notes = some.map(({ id, created }) => ({
        id: randomUUID(),
        account_id: id,
        created,
        created_by: root.email,
        note: 'Came with the second wave.',
      }))
      await db.insertInto('account_note').values(notes).execute()
    }
    for (const some of batches(accounts.filter((_, n) => n % 5 === 0))) {
      const factors = some.map(({ id, email, created }) => ({
        id: randomUUID(),
        account_id: id,
        kind: 'email',
        target: email,
        secret: null,
        last_step: 0,
        created,
        last_used: null,
        name: '',
        recovered: 0,
      }))
      await db.insertInto('factor').values(factors).execute()
    }
  })
  await database.close()
}

async function signIn(url: string, password: string, newPassword?: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/oauth2`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ userId: ROOT.email, password, newPassword }),
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** Milliseconds of processor time that the server has used so far, as its own `process.cpuUsage` tells. */
async function processorTime(metrics: string): Promise<number> {
  const text = await (await fetch(metrics)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]) * 1000
}

type Report = (what: string, value: number, target: string, holds: boolean, beside: string) => void

/** Pages of `GET /users` out of a hundred thousand accounts: processor time of the server, first page to last. */
export async function benchUsers(report: Report): Promise<void> {
  console.log(`pages of ${PAGE} users out of ${ACCOUNTS}: milliseconds of the server's processor time for each`)
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-bench-'))
  const settings = {
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: folder,
    CHATELAINE_ROOT_EMAIL: ROOT.email,
    CHATELAINE_ROOT_PASSWORD: ROOT.first,
    CHATELAINE_LOG_LEVEL: 'error',
    CHATELAINE_METRICS_LISTEN: `127.0.0.1:${await freePort()}`,
  }
  const metrics = `http://${settings.CHATELAINE_METRICS_LISTEN}/metrics`
  const first = await startProcess(settings)
  await signIn(first.url, ROOT.first, ROOT.password)
  await first.end('SIGTERM')
  await fill(folder, ACCOUNTS)
  const server = await startProcess(settings)
  try {
    const headers = { Authorization: `Bearer ${await signIn(server.url, ROOT.password)}` }
    const probe = async (queries: readonly string[], seconds: number) => {
      let at = 0
      const requests = queries.map((query) => requestBytes(server.url, `/api/v1/users?${query}`, { headers }))
      const before = await processorTime(metrics)
      const run = await load(server.url, { connections: 1, seconds, next: () => requests[at++ % requests.length]! })
      const spent = (await processorTime(metrics)) - before
      if (run.statuses.get(200) !== run.latencies.length) throw new Error('a page was refused')
      return { each: spent / run.latencies.length, latency: percentile(run.latencies, 0.5) }
    }
    const walk = Array.from({ length: ACCOUNTS / PAGE }, (_, n) => `offset=${n * PAGE}&limit=${PAGE}`)
    await probe(walk, 3)
    const kinds: [what: string, queries: string[]][] = [
      ['first page of users', [walk[0]!]],
      ['last page of users', [walk.at(-1)!]],
      ['all pages of users, one after another', walk],
      ['pages of users in no order', walk.map((_, n) => walk[(n * 89) % walk.length]!)],
    ]
    for (const [what, queries] of kinds) {
      const runs = []
      for (let round = 0; round < ROUNDS; round++) runs.push(await probe(queries, 1))
      const [each, latency] = [median(runs.map(({ each }) => each)), median(runs.map(({ latency }) => latency))]
      report(`${what}, ms`, each, '< 20', each < 20, `half of them within ${latency.toFixed(1)} ms`)
    }
  } finally {
    await server.end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}
