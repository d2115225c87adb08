import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { connectionBounds } from '#src/connections.ts'
import { unreadAnswers } from '#src/unread-answers.ts'
import { startProcess } from '../../demo/server-process.ts'
import { until as untilWithin } from '../next-hop.ts'
import { openIdle } from './idle.ts'

const IDLE = 2000

const signIn = (url: string, agent?: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ userId: 'root@example.org', password: 'wrong' })
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    request(`${url}/api/v1/oauth2`, { method: 'POST', headers, agent }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
      .on('error', reject)
      .end(body)
  })

/** As long as a busy machine may need. */
const until = (what: string, holds: () => boolean) => untilWithin(what, holds, 20_000)

describe('connections', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chatelaine-connections-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  const settings = (name: string, more: Record<string, string> = {}) => ({
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: join(folder, name),
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_FAILURES_ALLOWED: '1000',
    CHATELAINE_PASSWORD_MEMORY: '64',
    ...more,
  })

  it(`that are idle, ${IDLE} of them, keep nobody out`, async (t) => {
    const server = await startProcess(settings('idle'))
    t.after(() => server.end('SIGKILL'))
    const idle = await openIdle(server.url, IDLE)
    t.after(() => idle.close())
    await idle.stir()
    assert.equal(idle.count(), IDLE)
    for (let n = 0; n < 20; n++) assert.equal(await signIn(server.url), 403)
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
    assert.equal(idle.count(), IDLE)
  })

  it('of which one client has too many are closed, and others get in', async (t) => {
    const server = await startProcess(settings('one', { CHATELAINE_CONNECTIONS_PER_CLIENT: '20' }))
    t.after(() => server.end('SIGKILL'))
    const many = await openIdle(server.url, 100)
    t.after(() => many.close())
    await until('the others are closed', () => many.count() === 20)
    assert.equal(await signIn(server.url), 403)
    await until('the log says so', () => server.output().includes('connections.many-of-one'))
    many.close()
    // As soon as the server has noticed that they are gone.
    let most = 0
    for (let tries = 0; most < 15 && tries < 50; tries++) {
      const again = await openIdle(server.url, 15)
      await again.stir()
      most = again.count()
      again.close()
    }
    assert.equal(most, 15)
  })

  it('that the system has no more files for are closed; those there are go on, and the process lives', async (t) => {
    const server = await startProcess(settings('files'), { files: 256 })
    t.after(() => server.end('SIGKILL'))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    assert.equal(await signIn(server.url, agent), 403)
    const flood = await openIdle(server.url, 600)
    t.after(() => flood.close())
    await until('the others are closed', () => flood.count() <= connectionBounds({ connections: 20_000 }, 256).people)
    assert.ok(flood.count() > 100)
    for (let n = 0; n < 5; n++) assert.equal(await signIn(server.url, agent), 403)
    await until('the log says so', () => server.output().includes('connections.full'))
    assert.equal(server.output().split('connections.full').length, 2)
    flood.close()
    await until('all are gone', () => flood.count() === 0)
    for (let n = 0; n < 5; n++) assert.equal(await signIn(server.url), 403)
  })

  it('leave some files for what is no connection', () => {
    assert.deepEqual(connectionBounds({ connections: 20_000 }, 1024), { people: 768, aside: 64 })
    assert.deepEqual(connectionBounds({ connections: 20_000 }, 524_288), { people: 20_000, aside: 128 })
    assert.deepEqual(connectionBounds({ connections: 100 }, Number.POSITIVE_INFINITY), { people: 100, aside: 25 })
  })

  it('that never begin to speak TLS are closed', async (t) => {
    const server = await startProcess(settings('tls', { CHATELAINE_TLS: 'self-signed' }))
    t.after(() => server.end('SIGKILL'))
    const silent = await openIdle(server.url, 50)
    t.after(() => silent.close())
    const url = new URL(server.url)
    const speaking = connectTls({ host: url.hostname, port: Number(url.port), rejectUnauthorized: false })
    await once(speaking, 'secureConnect')
    speaking.destroy()
    await until('all are closed', () => silent.count() === 0)
  })
})

describe('answers that nobody fetches', () => {
  const LARGE = 32 * 1024 * 1024
  const PIECE = 1024 * 1024

  /** A server that sends so much at once, a client that reads nothing of it, and the server's end of the connection. */
  async function unfetched(bytes: number): Promise<{ own: Socket; client: Socket; close(): void }> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const taken = once(server, 'connection') as Promise<[Socket]>
    const client = connect((server.address() as { port: number }).port, '127.0.0.1').pause()
    client.on('error', () => {})
    const [own] = await taken
    own.on('error', () => {})
    for (let sent = 0; sent < bytes; sent += PIECE) own.write(Buffer.alloc(PIECE))
    return {
      own,
      client,
      close() {
        client.destroy()
        own.destroy()
        server.close()
      },
    }
  }

  it('are given up after a while, however much memory there is', async (t) => {
    const { own, close } = await unfetched(LARGE)
    t.after(close)
    const unread = unreadAnswers({ patience: 1000, most: 10 * LARGE })
    assert.equal(unread.look([own], 0), 0)
    assert.equal(unread.look([own], 900), 0)
    assert.equal(unread.look([own], 1000), 1)
    assert.equal(own.destroyed, true)
  })

  it('are given up at once while there is too much of them, those first that lie there longest', async (t) => {
    const [first, second] = [await unfetched(LARGE), await unfetched(LARGE)]
    t.after(() => [first, second].forEach(({ close }) => void close()))
    const unread = unreadAnswers({ patience: 60_000, most: 1.5 * LARGE })
    assert.equal(unread.look([first.own], 0), 0)
    assert.equal(unread.look([second.own, first.own], 10), 1)
    assert.deepEqual([first.own.destroyed, second.own.destroyed], [true, false])
  })

  it('are waited for as long as some of them is fetched', async (t) => {
    const { own, client, close } = await unfetched(LARGE)
    t.after(close)
    const unread = unreadAnswers({ patience: 1000, most: 10 * LARGE })
    unread.look([own], 0)
    const before = own.writableLength
    client.resume()
    await until('some of it is fetched', () => own.writableLength < before)
    client.pause()
    assert.ok(own.writableLength > 0)
    assert.equal(unread.look([own], 1000), 0)
    // What comes behind it is no sign of a reader.
    own.write('more')
    assert.equal(unread.look([own], 1500), 0)
    assert.equal(unread.look([own], 2000), 1)
  })
})
