import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hash } from '@node-rs/argon2'
import { type ServerProcess, startProcess } from '../demo/server-process.ts'
import { readConfig } from '../src/config.ts'
import { type Database, openPostgres, openSqlite } from '../src/db/open.ts'
import { sha256 } from '../src/lib/digests.ts'

export const figures = readConfig({})
export const PASSWORD = 'Bench-Password-1'

export interface BenchHouse {
  server: ServerProcess
  /** what it was started with */
  settings: Record<string, string>
  folder: string
  /** an access token of the administrator */
  token: string
  /** access tokens that live, as many as asked for */
  tokens: string[]
  /** API keys of the administrator that live, as many as asked for */
  keys: string[]
  /** addresses that may sign in with PASSWORD */
  addresses: string[]
  remove(): Promise<void>
}

const day = 86_400_000

interface Made {
  tokens: string[]
  keys: string[]
  addresses: string[]
}

async function fill(database: Database, { tokens, keys, addresses }: Made): Promise<void> {
  const { memory, passes } = { memory: figures.passwordMemory, passes: figures.passwordPasses }
  const password = await hash(PASSWORD, { algorithm: 2, memoryCost: memory, timeCost: passes, parallelism: 1 })
  const root = await database.query.selectFrom('account').selectAll().executeTakeFirstOrThrow()
  const now = Date.now()
  await database.query.transaction().execute(async (db) => {
    for (const [n, email] of addresses.entries()) {
      const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
      await db
        .insertInto('account')
        .values({ ...root, id, email, name: email, role: 'csr', password, must_change_password: 0 })
        .execute()
      await db.insertInto('address').values({ address: email, account_id: id, created: now }).execute()
    }
    for (const [n, token] of tokens.entries())
      await db
        .insertInto('session')
        .values({
          id: `bench-${n}`,
          account_id: root.id,
          protocol: 'openwifi',
          state: 'full',
          generation: root.generation,
          handle: sha256(token),
          proof: null,
          refresh: sha256(`refresh ${token}`),
          previous_refresh: null,
          refreshed: 0,
          refresh_expires: now + 90 * day,
          strikes: 0,
          created: now,
          last_seen: now,
          expires: now + 30 * day,
          network: '127.0.0.1',
          agent: 'bench',
          stepped: 0,
        })
        .execute()
    for (const [n, key] of keys.entries())
      await db
        .insertInto('api_key')
        .values({
          id: `bench-key-${n}`,
          account_id: root.id,
          name: `bench${n}`,
          description: '',
          digest: sha256(key),
          // Nobody reads these again.
          sealed: '',
          rights: '[]',
          created: now,
          expires: now + 30 * day,
          last_use: 0,
        })
        .execute()
  })
  await database.close()
}

/**
 * A server process in a temporary folder, with live tokens, API keys and accounts made beforehand: on SQLite, or on the
 * empty PostgreSQL database that `url` names.
 */
export async function benchHouse({
  tokens,
  keys,
  accounts,
  url,
}: {
  tokens: number
  keys: number
  accounts: number
  url?: string
}): Promise<BenchHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-bench-'))
  const settings: Record<string, string> = {
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: folder,
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_ROOT_PASSWORD: 'First-Password-1',
    CHATELAINE_LOG_LEVEL: 'error',
    CHATELAINE_SIGN_IN_RATE: '1000000',
    CHATELAINE_TOTP_ISSUER: 'Bench',
    ...(url === undefined ? {} : { CHATELAINE_DATABASE_URL: url }),
  }
  const first = await startProcess(settings)
  const answer = await fetch(`${first.url}/api/v1/oauth2`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ userId: 'root@example.org', password: 'First-Password-1', newPassword: PASSWORD }),
  })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  await first.end('SIGTERM')
  const made = {
    tokens: Array.from({ length: tokens }, (_, n) => sha256(`bench token ${n}`)),
    keys: Array.from({ length: keys }, (_, n) => sha256(`bench key ${n}`)),
    addresses: Array.from({ length: accounts }, (_, n) => `user${n}@example.org`),
  }
  await fill(url === undefined ? openSqlite(join(folder, 'chatelaine.sqlite')) : await openPostgres(url), made)
  const server = await startProcess(settings)
  return {
    server,
    settings,
    folder,
    token,
    ...made,
    async remove() {
      await server.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Runs one of the bench's own programs; resolves with its output at the end, or as soon as it is ready. */
export function program(name: string, args: string[]): { line: Promise<string>; end(): void } {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk).trim()))
  })
  return { line, end: () => child.kill('SIGTERM') }
}
