import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { migrate, openPostgres } from '../src/db/open.ts'
import { startPostgres } from './postgres.ts'

/**
 * Runs the tests named on the command line, or all of them, with a PostgreSQL server of their own beside them.
 * CHATELAINE_TEST_POSTGRES, when it is set already, names a server to use instead; `off` leaves PostgreSQL out.
 * CHATELAINE_TEST_CONCURRENCY says how many files run at once; CHATELAINE_TEST_WORKERS, in how many workers the servers run
 * that tests start as processes.
 */
const MEMORY = '/dev/shm'
const ROOM = 2 * 1024 ** 3

/** Tests make many small files and databases, and nobody needs them after a power cut: in memory where it has room. */
function roomiestFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    if (!process.env.TMPDIR && bavail * bsize >= ROOM) return MEMORY
  } catch {
    // No such folder: not Linux.
  }
  return tmpdir()
}

/** What keeps data through a crash, and what looks after databases that live long, is left out. */
const figures = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  autovacuum: 'off',
  jit: 'off',
  max_connections: '300',
}

/** A database with today's schema, for every house to begin with a copy of it. */
async function makeTemplate(url: string): Promise<{ name: string; drop(): Promise<void> }> {
  const name = `template_${randomBytes(6).toString('hex')}`
  const server = await openPostgres(url)
  await sql.raw(`create database ${name}`).execute(server.unhurried)
  const own = new URL(url)
  own.pathname = `/${name}`
  const database = await openPostgres(own.href)
  await migrate(database)
  await database.close()
  return {
    name,
    async drop() {
      await sql.raw(`drop database ${name} with (force)`).execute(server.unhurried)
      await server.close()
    },
  }
}

// The console's tests look at what people get.
await import('./console.ts')

const named = process.argv.slice(2)
const files = named.length > 0 ? named : ['src/**/*.test.ts', 'test/**/*.test.ts']
const folder = mkdtempSync(join(roomiestFolder(), 'chatelaine-tests-'))
// The PostgreSQL server runs as another user when we are root: let it pass through the folder.
chmodSync(folder, 0o755)
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const given = process.env.CHATELAINE_TEST_POSTGRES
const postgres = given ? null : await startPostgres(folder, figures)
const url = postgres?.url ?? given ?? 'off'
const template = url === 'off' ? null : await makeTemplate(url)
const { CHATELAINE_TEST_CONCURRENCY: concurrency = '3' } = process.env
// Every test is one of how its statements find their rows, too.
const plans = new URL('../test/plans.ts', import.meta.url).href
const child = spawn(
  process.execPath,
  ['--import', plans, '--test', '--test-timeout=300000', `--test-concurrency=${concurrency}`, ...files],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      CHATELAINE_TEST_POSTGRES: url,
      TMPDIR: folder,
      // Every file is a process of its own: only the first ones compile what all of them load.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
      ...(template ? { CHATELAINE_TEST_TEMPLATE: template.name } : {}),
    },
  },
)
// Whoever is told to end still cleans up: the child ends first.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
const code: number = await new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)))
await template?.drop()
await postgres?.stop()
process.exit(code)
