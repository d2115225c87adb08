import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { call } from '../demo/person.ts'
import { freePort, startProcess } from '../demo/server-process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

const getOverTls = (url: string, ca: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { ca, servername: 'localhost' }, (response) => resolve(response.resume().statusCode ?? 0))
      .on('error', reject)
      .end()
  })

/** A call whose head the server has read when `heard` comes: it asks to go on (RFC 9110 §10.1.1), and says `body` then. */
const callThatIsHeard = (url: string, body: string) => {
  const call = httpRequest(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), expect: '100-continue' },
  })
  const heard = new Promise<void>((resolve, reject) => call.once('continue', resolve).once('error', reject))
  const status = new Promise<number>((resolve, reject) =>
    call.once('response', (response) => resolve(response.resume().statusCode ?? 0)).once('error', reject),
  )
  call.flushHeaders()
  return { heard, status, say: () => call.end(body) }
}

describe('starting and stopping', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chatelaine-start-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  const settings = (more: Record<string, string> = {}) => ({
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: join(folder, 'data'),
    ...more,
  })

  it('prints a random first password once, and says that mail is only queued', async () => {
    const first = await startProcess(settings())
    const password = /shown this once: (\S+)/.exec(first.output())?.[1]
    assert.ok(password, first.output())
    const answer = await call(`${first.url}/api/v1/oauth2`, {
      method: 'POST',
      json: { userId: 'root@localhost', password },
    })
    assert.deepEqual([answer.status, answer.json.ErrorCode], [403, 1])
    assert.match(first.output(), /CHATELAINE_SMTP_URL/)
    assert.equal(await first.end('SIGTERM'), 0)
    const second = await startProcess(settings())
    assert.doesNotMatch(second.output(), /shown this once/)
    assert.equal(await second.end('SIGTERM'), 0)
  })

  it('ends with the request that runs answered', async () => {
    const server = await startProcess(settings())
    const login = JSON.stringify({ userId: 'nobody@example.org', password: 'wrong' })
    const slow = callThatIsHeard(`${server.url}/api/v1/oauth2`, login)
    await slow.heard
    const ended = server.end('SIGTERM')
    slow.say()
    assert.equal(await slow.status, 403)
    assert.equal(await ended, 0)
  })

  it('shows the first password to the start that succeeds, not to one that fails', async () => {
    const port = await freePort()
    const other = await startProcess(settings({ CHATELAINE_LISTEN: `127.0.0.1:${port}` }))
    const fresh = { CHATELAINE_DATA: join(folder, 'fresh') }
    await assert.rejects(startProcess(settings({ ...fresh, CHATELAINE_LISTEN: `127.0.0.1:${port}` })), /in use/)
    await other.end('SIGTERM')
    const server = await startProcess(settings(fresh))
    assert.match(server.output(), /shown this once: \S+/)
    await server.end('SIGTERM')
  })

  it('may be started several times at once on one fresh folder', async () => {
    const fresh = settings({ CHATELAINE_DATA: join(folder, 'crowd') })
    const starts = await Promise.allSettled([1, 2, 3].map(() => startProcess(fresh)))
    const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
    const shown = servers.filter((server) => /shown this once/.test(server.output())).length
    await Promise.all(servers.map((server) => server.end('SIGTERM')))
    assert.deepEqual(
      starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : [])),
      [],
    )
    assert.equal(shown, 1)
  })

  it('tells in plain words that its port is in use, or a setting is wrong', async () => {
    const port = await freePort()
    const first = await startProcess(settings({ CHATELAINE_LISTEN: `127.0.0.1:${port}` }))
    await assert.rejects(startProcess(settings({ CHATELAINE_LISTEN: `127.0.0.1:${port}` })), /Port \d+ is in use/)
    await first.end('SIGTERM')
    await assert.rejects(startProcess(settings({ CHATELAINE_CODE_DIGITS: '3' })), /CHATELAINE_CODE_DIGITS/)
  })

  it('warns of a setting that does not exist', async () => {
    const server = await startProcess(settings({ CHATELAINE_LISTN: 'x' }))
    assert.match(server.output(), /"setting":"CHATELAINE_LISTN"/)
    await server.end('SIGTERM')
  })

  it('serves TLS with a certificate that it made, and keeps it', async () => {
    const tls = settings({ CHATELAINE_TLS: 'self-signed' })
    const server = await startProcess(tls)
    const file = join(folder, 'data', 'cert.pem')
    const certificate = readFileSync(file, 'utf8')
    assert.equal(statSync(join(folder, 'data', 'key.pem')).mode & 0o777, 0o600)
    assert.equal(await getOverTls(`${server.url.replace('127.0.0.1', 'localhost')}/healthz`, certificate), 200)
    await server.end('SIGTERM')
    await (await startProcess(tls)).end('SIGTERM')
    assert.equal(readFileSync(file, 'utf8'), certificate)
  })

  it('serves metrics on a listener of their own, and only there', async () => {
    const port = await freePort()
    const server = await startProcess(settings({ CHATELAINE_METRICS_LISTEN: `127.0.0.1:${port}` }))
    await call(`${server.url}/api/v1/oauth2`, { method: 'POST', json: { userId: 'nobody@example.org', password: 'x' } })
    const metrics = await call(`http://127.0.0.1:${port}/metrics`)
    assert.match(metrics.text, /chatelaine_refusals_total\{protocol="openwifi",reason="credentials.invalid"\} 1/)
    assert.equal((await call(`${server.url}/metrics`)).status, 404)
    await server.end('SIGTERM')
  })

  it('has a command line that prints the settings masked', async () => {
    const { stdout } = await run(join(root, 'bin', 'chatelaine'), ['config'], {
      env: { PATH: process.env.PATH, CHATELAINE_ROOT_PASSWORD: 'hidden-word' },
    })
    assert.match(stdout, /CHATELAINE_LISTEN=127\.0\.0\.1:16001/)
    assert.doesNotMatch(stdout, /hidden-word/)
    await assert.rejects(run(join(root, 'bin', 'chatelaine'), ['dance']), /There is no verb/)
  })
})
