import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import pg from 'pg'
import { freePort, type ServerProcess, startProcess } from '../demo/server-process.ts'
import { figures, PASSWORD } from './house.ts'
import { fill } from './million-fill.ts'
import { makeKeys } from './million-keys.ts'
import type { OwnPostgres } from './million-postgres.ts'
import { rowsOf } from './million-rows.ts'

const ROOT = { email: 'root@example.org', first: 'First-Password-1' }
/** So that all of a sign-in but its hash is seen; 1 thread, 1 pass. */
const CHEAP_MEMORY = '64'

/** Where a house is kept, and what it is opened with. */
export interface Site {
  accounts: number
  folder: string
  /** of its database, where it is on PostgreSQL */
  url: string | null
  postgres: OwnPostgres | null
}

export interface OpenHouse {
  accounts: number
  server: ServerProcess
  /** an access token of the administrator */
  token: string
  /** milliseconds of processor time used so far, by the server and by the database */
  spent(): Promise<{ server: number; database: number }>
  /** bytes of memory that the server has */
  resident(): Promise<number>
  close(): Promise<void>
}

const settingsOf = ({ folder, url }: Site, more: Record<string, string>) => ({
  CHATELAINE_LISTEN: '127.0.0.1:0',
  CHATELAINE_DATA: folder,
  ...(url ? { CHATELAINE_DATABASE_URL: url } : {}),
  CHATELAINE_ROOT_EMAIL: ROOT.email,
  CHATELAINE_ROOT_PASSWORD: ROOT.first,
  CHATELAINE_LOG_LEVEL: 'error',
  CHATELAINE_SIGN_IN_RATE: '1000000',
  // Houses that are kept for the next run are not used meanwhile.
  CHATELAINE_SESSION_IDLE: String(365 * 86_400),
  // Everybody comes from a place of his own, or one place would soon have to wait.
  CHATELAINE_TRUSTED_PROXIES: '127.0.0.1',
  ...more,
})

const signIn = async (url: string, password: string, newPassword?: string): Promise<string> => {
  const answer = await fetch(`${url}/api/v1/oauth2`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ userId: ROOT.email, password, newPassword }),
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

async function freshDatabase({ url }: Site): Promise<void> {
  const own = new URL(url!)
  const name = own.pathname.slice(1)
  own.pathname = '/postgres'
  const client = new pg.Client({ connectionString: own.href })
  await client.connect()
  await client.query(`drop database if exists ${name} with (force)`)
  await client.query(`create database ${name}`)
  await client.end()
}

/** Makes a house, unless it is there from an earlier run. */
export async function ensureHouse(site: Site): Promise<void> {
  const done = join(site.folder, 'filled.json')
  if (existsSync(done)) {
    const { at } = JSON.parse(readFileSync(done, 'utf8'))
    console.log(`  ${site.accounts.toLocaleString('en')} accounts: those of ${at}`)
    return
  }
  mkdirSync(site.folder, { recursive: true })
  if (site.url) await freshDatabase(site)
  console.log(`  ${site.accounts.toLocaleString('en')} accounts:`)
  const first = await startProcess(settingsOf(site, {}))
  await signIn(first.url, ROOT.first, PASSWORD)
  await first.end('SIGTERM')
  const now = Date.now()
  const hashed = (memoryCost: number, timeCost: number) =>
    hash(PASSWORD, { algorithm: 2, memoryCost, timeCost, parallelism: 1 })
  const passwords = {
    full: await hashed(figures.passwordMemory, figures.passwordPasses),
    cheap: await hashed(Number(CHEAP_MEMORY), 1),
  }
  const keys = await makeKeys(site.accounts, now)
  const rows = rowsOf(site, { now, passwords, keys })
  await fill(site.url ?? join(site.folder, 'chatelaine.sqlite'), rows, keys)
  writeFileSync(done, JSON.stringify({ at: new Date(now).toISOString() }))
}

/** Starts the server of a house. `hashes`: as people meet them, or of next to no work. */
export async function openHouse(site: Site, hashes: 'full' | 'cheap'): Promise<OpenHouse> {
  const metricsListen = `127.0.0.1:${await freePort()}`
  const cheap = { CHATELAINE_PASSWORD_MEMORY: CHEAP_MEMORY, CHATELAINE_PASSWORD_PASSES: '1' }
  const server = await startProcess(
    settingsOf(site, { CHATELAINE_METRICS_LISTEN: metricsListen, ...(hashes === 'cheap' ? cheap : {}) }),
  )
  const gauge = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://${metricsListen}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
  }
  return {
    accounts: site.accounts,
    server,
    token: await signIn(server.url, PASSWORD),
    async spent() {
      const database = site.postgres?.processorTime() ?? 0
      return { server: (await gauge('process_cpu_seconds_total')) * 1000, database }
    },
    resident: () => gauge('process_resident_memory_bytes'),
    async close() {
      await server.end('SIGTERM')
    },
  }
}
