import { join } from 'node:path'
import { openPostgres, openSqlite } from '../src/db/open.ts'
import { load, percentile } from './load.ts'
import type { Report } from './million.ts'
import { signIns, validations } from './million-asked.ts'
import { openStore, writeRows } from './million-fill.ts'
import { openHouse, type Site } from './million-house.ts'
import type { Rows } from './million-rows.ts'

const MOST = 1.5
const WINDOW = 2
const WARM_WINDOWS = 3
const DAY = 86_400_000

/** What is over, for each of the large sweeps: half as many sessions as there are accounts. */
function overRows(accounts: number, now: number): Rows[] {
  const old = now - 400 * DAY
  const run = String(now)
  return [
    {
      table: 'session',
      count: accounts / 2,
      columns: {
        id: `uid('over ${run}', i)`,
        account_id: `uid('account', i)`,
        protocol: `'openwifi'`,
        state: `'full'`,
        generation: '0',
        handle: `digest('over ${run} ' || i)`,
        refresh: `digest('over refresh ${run} ' || i)`,
        refreshed: '0',
        refresh_expires: String(old),
        strikes: '0',
        created: String(old),
        last_seen: String(old),
        expires: `${old} + i`,
        network: `'192.0.2.1'`,
        agent: `'somebody'`,
        stepped: '0',
      },
    },
    {
      table: 'audit',
      count: accounts / 2,
      columns: {
        id: `uid('over ${run}', i)`,
        at: `${old} + i`,
        event: `'sign-in.done'`,
        account_id: `uid('account', i)`,
        protocol: `'openwifi'`,
        network: `'192.0.2.1'`,
        detail: `'{}'`,
      },
    },
    {
      table: 'message',
      count: accounts / 5,
      columns: {
        id: `uid('over ${run}', i)`,
        channel: `'email'`,
        recipient: `'somebody@example.org'`,
        created: String(old),
        due: `${old} + i`,
        expires: String(old),
        attempts: '1',
        state: `'sent'`,
        outcome: `''`,
      },
    },
    {
      table: 'throttle',
      count: accounts / 5,
      columns: {
        key: `'over:' || substr(digest('over ${run} ' || i), 1, 32)`,
        allowed: '5',
        failures: '1',
        pending: '0',
        touched: String(old),
        since: `${old} + i`,
        until: '0',
        subject: `''`,
      },
    },
  ]
}

/** How many sessions and lines of the record are still to go. */
async function leftOf({ url, folder }: Site): Promise<number> {
  const database = url ? await openPostgres(url) : openSqlite(join(folder, 'chatelaine.sqlite'))
  const before = Date.now() - 390 * DAY
  const count = async (table: 'session' | 'audit', column: 'expires' | 'at') => {
    const rows = await database.query
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(column as never, '<', before as never)
      .executeTakeFirstOrThrow()
    return Number(rows.count)
  }
  try {
    return (await count('session', 'expires')) + (await count('audit', 'at'))
  } finally {
    await database.close()
  }
}

/** The 99th percentiles of what people meet while a house sweeps what is over, against those when it is done. */
export async function benchSweeps(report: Report, site: Site): Promise<void> {
  const store = await openStore(site.url ?? join(site.folder, 'chatelaine.sqlite'))
  for (const rows of overRows(site.accounts, Date.now())) await writeRows(store, rows)
  await store.end()
  const house = await openHouse(site, 'cheap')
  const [validation, signIn] = [validations(house, true), signIns(house, 0)]
  const window = async () => {
    const probe = (next: () => Buffer) => load(house.server.url, { connections: 2, seconds: WINDOW, next, pause: 2 })
    const [a, b] = await Promise.all([probe(validation), probe(signIn)])
    return { validation: a.latencies, signIn: b.latencies }
  }
  const during: Awaited<ReturnType<typeof window>>[] = []
  const started = performance.now()
  const all = await leftOf(site)
  for (let n = 0; ; n++) {
    const seen = await window()
    const left = await leftOf(site)
    if (left === 0) break
    if (n >= WARM_WINDOWS) during.push(seen)
  }
  const took = (performance.now() - started) / 1000
  // Those that are small are still under way.
  for (let n = 0; n < WARM_WINDOWS; n++) await window()
  const after: typeof during = []
  for (let n = 0; n < Math.max(5, during.length); n++) after.push(await window())
  await house.close()
  const tail = (seen: typeof during, which: 'validation' | 'signIn') =>
    percentile(Float64Array.from(seen.flatMap((one) => [...one[which]])).sort(), 0.99)
  console.log(`  ${all.toLocaleString('en')} rows swept in ${Math.round(took)} seconds`)
  for (const [what, which] of [
    ['validateToken', 'validation'],
    ['sign-ins', 'signIn'],
  ] as const) {
    const [a, b] = [tail(during, which), tail(after, which)]
    const beside = `${a.toFixed(2)} ms against ${b.toFixed(2)} ms`
    report(`99th percentile of ${what} during a sweep`, a / b, `≤ ${MOST}`, a / b <= MOST, beside)
  }
}
