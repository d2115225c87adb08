import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Houses } from './houses.ts'
import { cycle, load, median, onlyOk, requestBytes } from './load.ts'
import { validations } from './questions.ts'
import { type Report, ratioOf } from './report.ts'

const folder = fileURLToPath(new URL('./peers/', import.meta.url))
const TOKENS = 10_000
const ROUNDS = 5
const SECONDS = 2
const WARM_SECONDS = 4
const CONNECTIONS = 16

/** Installs what the peers' own lock file names, once; false where that cannot be had. */
function isInstalled(): boolean {
  const [lock, done] = [`${folder}package-lock.json`, `${folder}node_modules/.package-lock.json`]
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return true
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  return spawnSync('npm', flags, { cwd: folder, stdio: ['ignore', 2, 2], timeout: 180_000 }).status === 0
}

/** Starts a peer; resolves with what it says of itself once it listens, in one line of JSON. */
async function startPeer<Said>(name: string): Promise<Said & { end(): void }> {
  const child = spawn(process.execPath, [`${folder}${name}.mjs`, String(TOKENS)], {
    cwd: folder,
    // As they are told to run.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{')) return { ...(JSON.parse(line) as Said), end: () => child.kill('SIGTERM') }
  throw new Error(`${name} did not start`)
}

interface Peer {
  what: string
  url: string
  next: () => Buffer
  end(): void
}

async function introspection(): Promise<Peer> {
  const { url, tokens, authorization, end } = await startPeer<{ url: string; tokens: string[]; authorization: string }>(
    'oidc-provider',
  )
  const question = (token: string) => {
    const body = `token=${token}`
    const headers = { Authorization: authorization, 'Content-Type': 'application/x-www-form-urlencoded' }
    return requestBytes(url, '/token/introspection', { method: 'POST', headers, body })
  }
  return { what: 'the introspection endpoint of oidc-provider', url, next: cycle(tokens.map(question)), end }
}

async function sessionRead(): Promise<Peer> {
  const { url, cookies, end } = await startPeer<{ url: string; cookies: string[] }>('better-auth')
  const question = (Cookie: string) => requestBytes(url, '/api/auth/get-session', { headers: { Cookie } })
  return { what: 'the session read of better-auth', url, next: cycle(cookies.map(question)), end }
}

/** Others that answer whose a token is, with as many of them alive, on the same machine in turn with us. */
export async function benchPeers(houses: Houses, report: Report): Promise<void> {
  console.log(`validateToken against what others have for it, ${TOKENS} live tokens or sessions each`)
  if (!isInstalled()) {
    console.log('  left out: they could not be installed (is the package registry within reach?)')
    return
  }
  const house = await houses.on('SQLite')
  const peers = [await introspection(), await sessionRead()]
  const all = [{ url: house.server.url, next: validations(house, TOKENS) }, ...peers]
  const speeds: number[][] = all.map(() => [])
  try {
    for (const { url, next } of all) await load(url, { connections: CONNECTIONS, seconds: WARM_SECONDS, next })
    for (let round = 0; round < ROUNDS; round++)
      for (const [n, { url, next }] of all.entries()) {
        const run = await load(url, { connections: CONNECTIONS, seconds: SECONDS, next })
        speeds[n]!.push(onlyOk(run).perSecond)
      }
  } finally {
    for (const { end } of peers) end()
  }
  const [own, ...others] = speeds as [number[], ...number[][]]
  for (const [n, { what }] of peers.entries()) {
    const { value, rounds } = ratioOf(own, others[n]!)
    const beside = `${Math.round(median(own))}/s against ${Math.round(median(others[n]!))}/s; ${rounds}`
    report(`validateToken against ${what}`, value, '> 1', value > 1, beside)
  }
}
