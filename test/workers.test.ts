import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'
import { request } from 'node:http'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import PostalMime from 'postal-mime'
import { WebSocket } from 'ws'
import { freePort } from '../demo/server-process.ts'
import { onEveryEngine } from '../src/testing.ts'
import { until as untilWithin } from './next-hop.ts'
import {
  FIRST,
  isAlive,
  type Line,
  openLine,
  openLines,
  rootToken,
  type Said,
  type WorkerHouse,
  workerHouse,
} from './worker-house.ts'

const WORKERS = 2
const SIGN_IN = '/api/v1/oauth2'
const RATE = 10

/** As long as a busy machine may need. */
const until = (what: string, holds: () => boolean) => untilWithin(what, holds, 30_000)

const isTooOften = ({ status, json }: Said): boolean => status === 403 && json.ErrorCode === 10

const socketsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length

onEveryEngine('one server in several workers', (engine) => {
  let house: WorkerHouse
  let metricsUrl: string
  let healthUrl: string
  let lines: Line[]
  let root: string
  let people = 0
  before(async () => {
    const [metrics, health] = [await freePort(), await freePort()]
    metricsUrl = `http://127.0.0.1:${metrics}`
    healthUrl = `http://127.0.0.1:${health}`
    house = await workerHouse(engine, WORKERS, {
      CHATELAINE_METRICS_LISTEN: `127.0.0.1:${metrics}`,
      CHATELAINE_HEALTH_LISTEN: `127.0.0.1:${health}`,
      CHATELAINE_SIGN_IN_RATE: String(RATE),
    })
    lines = openLines(house.server.url)
    root = await rootToken(lines[0]!)
  })
  after(async () => {
    for (const line of lines) line.close()
    await house.remove()
  })

  /** Signs in; waits out the rate that this server has. */
  async function signIn(line: Line, userId: string, password = FIRST) {
    for (;;) {
      const said = await line.ask(SIGN_IN, { json: { userId, password } })
      if (!isTooOften(said)) return said
      await sleep(100)
    }
  }
  async function newPerson(): Promise<{ email: string; id: string }> {
    const email = `person${++people}@example.org`
    const json = { id: '0', email, currentPassword: FIRST, userRole: 'csr' }
    const made = await lines[0]!.ask('/api/v1/user/0', { json, token: root })
    assert.equal(made.status, 200, made.text)
    return { email, id: made.json.id }
  }
  /** The next code that is mailed to somebody, whose other mails are passed over. */
  async function codeFor(email: string): Promise<string> {
    for (;;) {
      const { text = '' } = await PostalMime.parse(await house.office.collect(email))
      const code = /code is (\d{6})/.exec(text)?.[1]
      if (code) return code
    }
  }
  const system = (line: Line, json: unknown) => line.ask('/api/v1/system', { json, token: root })

  it('is ready once, when all of them listen', () => {
    assert.deepEqual([...house.pids().keys()].sort(), [1, 2])
    assert.equal(house.server.output().match(/Chatelaine is ready at/g)?.length, 1)
  })

  it('spreads connections that stay over all', { skip: process.platform !== 'linux' && 'needs /proc' }, async () => {
    const pids = [...house.pids().values()].map((all) => all.at(-1)!)
    const before = pids.map(socketsOf)
    const more = openLines(house.server.url, 16)
    await Promise.all(more.map(({ ask }) => ask('/healthz')))
    const taken = pids.map((pid, n) => socketsOf(pid) - before[n]!)
    for (const line of more) line.close()
    assert.ok(
      // A worker that is busy gets fewer.
      taken.every((count) => count >= 2),
      `of 16 connections they have ${taken}`,
    )
  })

  it('signs people in whose second step meets another worker', async () => {
    const { email, id } = await newPerson()
    const mfa = { userTypeProprietaryInfo: { mfa: { enabled: true, method: 'email' } } }
    const { access_token: token } = (await signIn(lines[0]!, email)).json
    const verified = await lines[0]!.ask(`/api/v1/user/${id}`, { method: 'PUT', json: mfa, token })
    assert.equal(verified.status, 200, verified.text)
    const { uuid } = (await signIn(lines[0]!, email)).json
    const answer = await codeFor(email)
    // A wrong answer at each line, so at both workers, counts as one more try; the next line is another worker's.
    const complete = (line: Line, code: string) =>
      line.ask(`${SIGN_IN}?completeMFAChallenge=true`, { json: { uuid, answer: code } })
    assert.equal((await complete(lines[0]!, answer === '000000' ? '000001' : '000000')).status, 403)
    const done = await complete(lines[1]!, answer)
    assert.equal(typeof done.json.access_token, 'string', done.text)
    assert.equal((await complete(lines[2]!, answer)).status, 403)
  })

  it('answers a token by no worker once its end is acknowledged by one', async () => {
    const { email } = await newPerson()
    // At both of them: the next line is another worker's.
    for (const line of lines.slice(0, 2)) {
      const { access_token: token } = (await signIn(lines[0]!, email)).json
      const validate = `/api/v1/validateToken?token=${token}`
      // Twice: the second time from what is kept.
      for (let time = 0; time < 2; time++)
        for (const { ask } of lines) assert.equal((await ask(validate, { token: root })).status, 200)
      const ended = await line.ask(`/api/v1/oauth2/${token}`, { method: 'DELETE', token })
      assert.ok([200, 204].includes(ended.status), ended.text)
      // There it may take a second; on SQLite it takes no time at all.
      if (engine === 'postgres') await sleep(1000)
      const said = await Promise.all(lines.map(({ ask }) => ask(validate, { token: root })))
      assert.deepEqual(
        said.filter(({ status }) => status === 200),
        [],
      )
    }
  })

  it('counts sign-ins within a second over all of them', async () => {
    for (;;) {
      await sleep(1100)
      const began = performance.now()
      const said = await Promise.all(
        Array.from({ length: 5 * RATE }, (_, n) =>
          lines[n % lines.length]!.ask(`${SIGN_IN}?requirements=true`, { json: {} }),
        ),
      )
      // On a machine that is too slow for it a new second had begun.
      if (performance.now() - began > 950) continue
      assert.equal(said.filter((one) => !isTooOften(one)).length, RATE)
      return
    }
  })

  it('has log levels that hold for all of them, and for those that come later', async () => {
    const levelAt = async (line: Line) => {
      const { tagList } = (await system(line, { command: 'getloglevels' })).json
      return tagList.find(({ tag }: { tag: string }) => tag === 'SMTPMailer').value
    }
    const subsystems = [{ tag: 'SMTPMailer', value: 'debug' }]
    assert.equal((await system(lines[0]!, { command: 'setloglevel', subsystems })).status, 200)
    const levels = await Promise.all(lines.map(levelAt))
    assert.deepEqual([...new Set(levels)], ['debug'])
  })

  it('shows the lines of all of them at its log socket', async () => {
    const socket = new WebSocket(`${house.server.url.replace('http', 'ws')}/api/v1/ws`)
    const heard: string[] = []
    socket.on('open', () => socket.send(`token:${root}`))
    socket.on('message', (data) => heard.push(String(data)))
    await until('a welcome', () => heard.length > 0)
    const subsystems = [{ tag: 'all', value: 'debug' }]
    await system(lines[0]!, { command: 'setloglevel', subsystems })
    const marked = (n: number) => `marked-request-${n}`
    for (let n = 0; n < 8; n++)
      request(`${house.server.url}/readyz`, { agent: false, headers: { 'X-Request-Id': marked(n) } }, (response) =>
        response.resume(),
      ).end()
    const all = [0, 1, 2, 3, 4, 5, 6, 7].map(marked)
    await until('lines of all', () => all.every((mark) => heard.some((line) => line.includes(mark))))
    await system(lines[0]!, { command: 'setloglevel', subsystems: [{ tag: 'all', value: 'information' }] })
    socket.close()
  })

  it('tells the same of itself whichever is asked', async () => {
    const info = '/api/v1/system?command=info'
    const said = await Promise.all(lines.map(({ ask }) => ask(info, { token: root })))
    assert.equal(new Set(said.map(({ json }) => json.start)).size, 1)
    const { currRealMem } = (await lines[0]!.ask('/api/v1/system?command=resources', { token: root })).json
    assert.ok(currRealMem > 80_000_000, `${currRealMem} bytes can only be one of them`)
  })

  it('adds up what they count, and counts the house once', async () => {
    const read = async (name: string) => {
      const { text } = await openLine(metricsUrl).ask('/metrics')
      return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
    }
    const asked = 'chatelaine_requests_total{protocol="openwifi",endpoint="GET /system",status="200"}'
    const before = await read(asked)
    for (const { ask } of lines) await ask('/api/v1/system?command=info', { token: root })
    assert.equal((await read(asked)) - before, lines.length)
    assert.equal((await openLine(healthUrl).ask('/')).status, 200)
  })

  it('loses nothing that was acknowledged, and goes on, when one is killed', { timeout: 120_000 }, async () => {
    const acknowledged: string[] = []
    const failures: string[] = []
    let isOver = false
    let others = 0
    const write = async (n: number) => {
      let line = openLine(house.server.url)
      for (let i = 0; !isOver; i++) {
        const email = `written-${n}-${i}@example.org`
        const json = { id: '0', email, currentPassword: FIRST, userRole: 'csr' }
        try {
          const made = await line.ask('/api/v1/user/0', { json, token: root })
          if (made.status === 200) acknowledged.push(email)
          else failures.push(`${made.status} ${made.text}`)
          others++
        } catch {
          // The killed one had it in hand: whoever asks again is answered by another.
          line.close()
          line = openLine(house.server.url)
        }
      }
      line.close()
    }
    const writers = [0, 1, 2, 3].map(write)
    await until('some writing', () => acknowledged.length > 20)
    for (const number of [1, 2]) {
      const known = house.pids().get(number)!
      process.kill(known.at(-1)!, 'SIGKILL')
      const since = others
      await until('others going on', () => others > since + 5)
      await until('another worker', () => house.pids().get(number)!.length > known.length)
    }
    isOver = true
    await Promise.all(writers)
    assert.deepEqual(failures, [])
    const line = openLine(house.server.url)
    for (const email of acknowledged)
      assert.equal((await line.ask(`/api/v1/user/${email}?byEmail=true`, { token: root })).status, 200, email)
    line.close()
    // A new one has the levels of the old one, and serves the same port.
    await Promise.all(openLines(house.server.url).map(({ ask }) => ask('/readyz')))
  })

  it('ends in good order, with what is in hand answered', async () => {
    const pids = [...house.pids().values()].flat()
    assert.equal(await house.server.end('SIGTERM'), 0)
    assert.deepEqual(pids.filter(isAlive), [])
    for (const line of lines) line.close()
    await house.start()
    lines = openLines(house.server.url)
  })

  it('leaves nobody behind when the first process is killed', async () => {
    const pids = [...house.pids().values()].flat()
    const { port } = new URL(house.server.url)
    await house.server.end('SIGKILL')
    await until('the end of the workers', () => !pids.some(isAlive))
    const again = { CHATELAINE_WORKERS: '3', CHATELAINE_LISTEN: `127.0.0.1:${port}` }
    await house.start(again)
    assert.deepEqual([...house.pids().keys()].sort(), [1, 2, 3])
    await assert.rejects(house.start(again), /ended with 1:\s+[\s\S]*Port \d+ is in use\. Name another/)
    assert.equal(await house.server.end('SIGTERM'), 0)
  })
})
