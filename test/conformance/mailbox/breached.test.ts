import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { breachFile, breachService } from '#src/drivers/breached.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { empty, makeAccount, PASSWORD, refused, signIn } from './client.ts'

const digestOf = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatelaine-breached-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function fileOf(lines: readonly string[], end = '\n'): string {
  const path = join(folder, `${++files}.txt`)
  writeFileSync(path, lines.map((line) => line + end).join(''))
  return path
}

const known = Array.from({ length: 7000 }, (_, at) => digestOf(`breached ${at}`)).sort()
// The ends, and what lies between at every distance from them.
const some = known.filter((_, at) => at < 60 || at > 6940 || at % 41 === 0)
const strangers = Array.from({ length: 200 }, (_, at) => digestOf(`unheard of ${at}`))

/** A range service that answers as a test wishes. */
async function openService(answer: (question: IncomingMessage, response: ServerResponse) => void) {
  const asked: IncomingMessage[] = []
  const server = createServer((question, response) => {
    asked.push(question)
    answer(question, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`,
    asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('a file of breached passwords', () => {
  for (const [name, path] of [
    ['digests alone', () => fileOf(known)],
    ['digests with counts of any length', () => fileOf(known.map((digest, at) => `${digest}:${10 ** (at % 9)}`))],
    [
      'lines as Windows ends them, in lower case',
      () =>
        fileOf(
          known.map((one) => `${one.toLowerCase()}:7`),
          '\r\n',
        ),
    ],
    ['no end to the last line', () => fileOf([known.join('\n')], '')],
    ['empty lines at the end', () => fileOf([...known, '', ''])],
  ] as const)
    it(`is looked through: ${name}`, async () => {
      const list = breachFile(path())
      for (const digest of some) assert.equal(await list.has(digest), true, digest)
      for (const digest of [...strangers, '0'.repeat(40), 'F'.repeat(40)])
        assert.equal(await list.has(digest), false, digest)
    })

  it('is looked through however small it is', async () => {
    for (const count of [1, 2, 3, 40, 90, 91, 92, 93, 94]) {
      const few = known.slice(0, count)
      const list = breachFile(fileOf(few.map((digest) => `${digest}:1`)))
      for (const digest of few) assert.equal(await list.has(digest), true, `${count} ${digest}`)
      assert.equal(await list.has(known[count]!), false)
    }
  })

  it('is judged before it is used', () => {
    const wrong: [string[], RegExp][] = [
      [[], /no SHA-1/],
      [['password'], /no SHA-1/],
      [[known[0]!, 'x'], /no SHA-1/],
      [[`${known[0]}:many`], /no SHA-1/],
      // As they are to be had by how often they were found.
      [[known[9]!, known[2]!, known[5]!], /not in ascending order/],
    ]
    for (const [lines, words] of wrong) assert.throws(() => breachFile(fileOf(lines)), words)
    assert.throws(() => breachFile(join(folder, 'none.txt')), /ENOENT/)
    assert.throws(() => breachFile(folder), /is no file|EISDIR/)
  })

  it('that turns out to be something else further on is a fault, not an answer', async () => {
    const list = breachFile(fileOf([...known.slice(0, 200), 'x'.repeat(40_000)]))
    await assert.rejects(list.has(known[6999]!), /no SHA-1/)
  })
})

describe('a service that knows breached passwords', () => {
  const rangeOf = (question: IncomingMessage) => question.url!.slice('/range/'.length)

  it('hears five digits, and asks for padding', async (t) => {
    const service = await openService((question, response) => {
      const found = known.filter((digest) => digest.startsWith(rangeOf(question)))
      response.end([`${'0'.repeat(35)}:0`, ...found.map((one) => `${one.slice(5)}:3`)].join('\r\n'))
    })
    t.after(() => service.close())
    const list = breachService(service.url)
    assert.equal(await list.has(known[17]!), true)
    assert.equal(await list.has(strangers[0]!), false)
    // Without the slash it is the same service.
    assert.equal(await breachService(service.url.slice(0, -1)).has(known[18]!), true)
    assert.deepEqual(
      service.asked.map(rangeOf),
      [known[17], strangers[0], known[18]].map((one) => one!.slice(0, 5)),
    )
    for (const { headers, method } of service.asked) assert.equal(`${method} ${headers['add-padding']}`, 'GET true')
  })

  it('fills its answers up with digests that count nothing', async (t) => {
    const rest = known[0]!.slice(5)
    const answers = [`${rest}:0`, `${rest}:0\r\n${rest}:2`, rest.toLowerCase(), `X${rest}:9`, `${rest}0:9`, '']
    const service = await openService((_question, response) => response.end(answers.shift()))
    t.after(() => service.close())
    const list = breachService(service.url)
    const seen: boolean[] = []
    while (answers.length > 0) seen.push(await list.has(known[0]!))
    assert.deepEqual(seen, [false, true, true, false, false, false])
  })

  it('is not believed when it sends elsewhere, fails, floods or stays silent', async () => {
    const prefix = known[0]!.slice(0, 5)
    const ways: [(response: ServerResponse) => void, RegExp][] = [
      [(response) => response.writeHead(302, { Location: '/elsewhere' }).end(), /^Error: HTTP 302$/],
      [(response) => response.writeHead(429).end(), /^Error: HTTP 429$/],
      [(response) => response.end(`${'0'.repeat(35)}:1\n`.repeat(20_000)), /^Error: the answer is too long$/],
      [(response) => response.destroy(), /^Error: \w+$/],
      [() => {}, /^Error: no answer in time$/],
    ]
    for (const [way, words] of ways) {
      const service = await openService((_question, response) => way(response))
      const failure = await breachService(service.url).has(known[0]!).catch(String)
      service.close()
      assert.match(String(failure), words)
      assert.ok(!String(failure).includes(prefix))
      assert.equal(service.asked.length, 1)
    }
    const closed = await openService(() => {})
    closed.close()
    const failure = await breachService(closed.url).has(known[0]!).catch(String)
    assert.match(String(failure), /^Error: \w+$/)
    const withUser = breachService('http://user:secret@127.0.0.1:9/')
    assert.doesNotMatch(String(await withUser.has(known[0]!).catch(String)), /secret/)
  })
})

onEveryEngine('mailbox: breached passwords', (engine) => {
  const breached = 'Correct Battery Staple'
  const elsewhere = 'Correct Horse Staple 2'
  let house: House
  let service: Awaited<ReturnType<typeof openService>>
  let isUp = true
  before(async () => {
    service = await openService((_question, response) => {
      if (isUp) response.end(`${digestOf(elsewhere).slice(5)}:12\r\n`)
      else response.writeHead(503).end()
    })
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_BREACHED_FILE: fileOf([...known, digestOf(breached), digestOf('Known-Staple-1')].sort()),
        CHATELAINE_BREACHED_URL: service.url,
      },
    })
  })
  after(async () => {
    service.close()
    await house.stop()
  })

  const reset = async (email: string, newPassword: string) =>
    (await signIn(house, email)).call('POST', '/account/password/reset', {
      json: { oldPassword: PASSWORD, newPassword },
    })

  it('are turned down by the file, and nobody outside is asked', async () => {
    const { email } = await makeAccount(house)
    const asked = service.asked.length
    const reply = await reset(email, breached)
    refused(reply, 400, 'PASSWORD_POLICY')
    assert.match(reply.json.errorMessage, /: it is known from a breach of some service$/)
    assert.equal(reply.json.passwordPolicy.minLength, 15)
    assert.equal(service.asked.length, asked)
  })

  it('are turned down by the service', async () => {
    const { email } = await makeAccount(house)
    const asked = service.asked.length
    refused(await reset(email, elsewhere), 400, 'PASSWORD_POLICY')
    assert.equal(service.asked.length, asked + 1)
    empty(await reset(email, 'Nobody Heard Of This'))
  })

  it('are turned down in OpenWiFi, too', async () => {
    const { email } = await makeAccount(house)
    const json = { userId: email, password: PASSWORD, newPassword: 'Known-Staple-1' }
    const reply = await house.call('POST', '/api/v1/oauth2', { json })
    assert.equal(`${reply.status} ${reply.json.ErrorCode}`, '403 5')
  })

  it('pass while the service cannot be asked, and the log says so', async (t) => {
    const { email } = await makeAccount(house)
    const told: string[] = []
    t.after(house.ctx.log.watch(({ event, facts }) => told.push(`${event} ${facts.list} ${facts.error}`)))
    house.ctx.log.setLevel('all', 'warning')
    isUp = false
    t.after(() => {
      isUp = true
    })
    empty(await reset(email, elsewhere))
    assert.deepEqual(
      told.filter((line) => line.startsWith('password.')),
      ['password.breaches-unanswered service Error: HTTP 503'],
    )
  })

  it('are asked for at the start', async (t) => {
    const file = fileOf(known)
    const own = await startHouse({ engine, settings: { CHATELAINE_BREACHED_FILE: file } })
    t.after(() => own.stop())
    writeFileSync(file, 'secret\n')
    await assert.rejects(
      own.restart(),
      /^Error: CHATELAINE_BREACHED_FILE: \S+ cannot be used \(a line is no SHA-1 in hex\)$/,
    )
    rmSync(file)
    await assert.rejects(own.start(), /^Error: CHATELAINE_BREACHED_FILE: \S+ cannot be used \(ENOENT\)$/)
    writeFileSync(file, `${known[0]}\n`)
    await own.start()
    assert.equal((await own.call('GET', '/readyz')).status, 200)
  })
})
