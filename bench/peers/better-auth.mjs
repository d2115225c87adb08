import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'

// The session read, from SQLite as its documentation sets it up, write-ahead log and all. Its cookie cache stays off, as
// it is by itself: with it a session that was ended would be answered as alive for minutes.
const COUNT = Number(process.argv[2])
const secret = 'a secret of the bench, long enough for anybody'
const folder = mkdtempSync(join(tmpdir(), 'chatelaine-bench-peer-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit(0))
const database = new DatabaseSync(join(folder, 'peer.sqlite'))
database.exec('pragma journal_mode = wal; pragma synchronous = normal')

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`
const options = {
  database,
  secret,
  baseURL: url,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
}
const { runMigrations } = await getMigrations(options)
await runMigrations()
const auth = betterAuth(options)
const { internalAdapter, authCookies } = await auth.$context
const user = await internalAdapter.createUser({ email: 'bench@example.org', name: 'Bench', emailVerified: true })
const cookies = []
database.exec('begin')
for (let n = 0; n < COUNT; n++) {
  const { token } = await internalAdapter.createSession(user.id)
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  cookies.push(`${authCookies.sessionToken.name}=${encodeURIComponent(`${token}.${signature}`)}`)
}
database.exec('commit')
server.on('request', toNodeHandler(auth))
console.log(JSON.stringify({ url, cookies }))
