import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import type { HandedOver } from '../src/drivers/outcome.ts'
import { nextHop } from '../src/drivers/smtp-hand-over.ts'
import { type Mood, openNextHop } from './next-hop.ts'

type Options = Parameters<typeof openNextHop>[1]

const TEXT = 'Subject: Hello\r\n\r\nDear you\r\n'

/** A next hop, and a driver that hands over to it; `by` makes the URL of its address. */
async function pair(options: Options = {}, by = (host: string) => `smtp://${host}`) {
  let connections = 0
  const server = await openNextHop(
    {},
    {
      onConnect(_session, done) {
        connections++
        done()
      },
      ...options,
    },
  )
  const driver = nextHop({ url: by(`127.0.0.1:${server.port}`), stepMs: 1000 })
  let ends = 0
  return {
    server,
    mood: (mood: Mood) => void Object.assign(server, { mood }),
    connections: () => connections,
    /** how many messages came to their end, as the driver told it */
    ends: () => ends,
    handOver: (recipients = ['bob@example.net'], text = TEXT): Promise<HandedOver> =>
      driver.handOver({
        sender: 'ann@example.org',
        recipients,
        bytes: text.length,
        async *pieces() {
          yield Buffer.from(text)
          ends++
        },
      }),
    async close() {
      driver.close()
      await server.close()
    },
  }
}

const nobodyGotIt = ({ sent, refused }: HandedOver) => assert.deepEqual([sent, refused], [[], {}])

it('uses a connection again, after a refusal too', async () => {
  const { server, mood, connections, handOver, close } = await pair()
  await handOver()
  mood({ recipient: () => 550 })
  assert.deepEqual(Object.keys((await handOver()).refused), ['bob@example.net'])
  mood({ content: () => 451 })
  assert.deepEqual(Object.keys((await handOver()).deferred), ['bob@example.net'])
  mood({})
  assert.deepEqual((await handOver()).sent, ['bob@example.net'])
  assert.deepEqual([connections(), server.taken.length], [1, 2])
  await close()
})

it('takes another connection at once when the server has ended an idle one', async () => {
  const { server, connections, handOver, close } = await pair()
  await handOver()
  server.hangUp()
  assert.deepEqual((await handOver()).sent, ['bob@example.net'])
  assert.deepEqual([connections(), server.taken.length], [2, 2])
  await close()
})

it('gives up a server that hangs, without a final dot', async () => {
  const { mood, ends, handOver, close } = await pair()
  mood({ recipient: () => new Promise(() => {}) })
  const handed = await handOver()
  nobodyGotIt(handed)
  assert.match(handed.deferred['bob@example.net']!, /^ETIMEDOUT: .*envelope/)
  assert.deepEqual([handed.isUncertain, ends()], [false, 0])
  await close()
})

/** A server that is wrong at one step: `says` by the beginning of what it is asked; empty for nothing at all. */
async function wrongServer(says: Record<string, string>): Promise<{ url: string; close(): void }> {
  const right: Record<string, string> = {
    EHLO: '250-x\r\n250-AUTH PLAIN\r\n250 8BITMIME',
    AUTH: '235 in',
    DATA: '354 go',
  }
  const server = createServer((socket) => {
    let isContent = false
    const say = (verb: string, usual: string) => {
      const words = says[verb] ?? usual
      if (words !== '') socket.write(`${words}\r\n`)
    }
    socket.on('error', () => {})
    say('greeting', '220 here')
    createInterface(socket).on('line', (line) => {
      const verb = line.slice(0, 4).toUpperCase()
      if (isContent && line !== '.') return
      say(isContent ? 'dot' : verb, isContent ? '250 taken' : (right[verb] ?? '250 fine'))
      isContent = !isContent && verb === 'DATA'
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `smtp://me:word@127.0.0.1:${port}`, close: () => server.close() }
}

async function handOverTo(says: Record<string, string>): Promise<HandedOver> {
  const server = await wrongServer(says)
  const driver = nextHop({ url: server.url, stepMs: 50 })
  const pieces = async function* () {
    yield Buffer.from(TEXT)
  }
  const handed = await driver.handOver({ sender: '', recipients: ['bob@example.net'], bytes: TEXT.length, pieces })
  driver.close()
  server.close()
  return handed
}

it('gives up a server that hangs before any message, at each step', async () => {
  assert.deepEqual((await handOverTo({})).sent, ['bob@example.net'])
  for (const step of ['greeting', 'EHLO', 'AUTH']) {
    const handed = await handOverTo({ [step]: '' })
    nobodyGotIt(handed)
    assert.deepEqual([handed.isUnreached, handed.words.slice(0, 9)], [true, 'ETIMEDOUT'], step)
  }
})

it('does not know what an answer to the final dot means that is none, and takes it for no refusal', async () => {
  for (const words of ['what?', 'HTTP/1.1 400 Bad Request']) {
    const handed = await handOverTo({ dot: words })
    nobodyGotIt(handed)
    assert.equal(handed.isUncertain, true)
  }
  assert.deepEqual(Object.keys((await handOverTo({ dot: '554 no' })).refused), ['bob@example.net'])
})

it('says that it does not know when the connection breaks behind the final dot', async () => {
  const { server, mood, ends, handOver, close } = await pair()
  mood({
    content() {
      server.hangUp()
      return new Promise(() => {})
    },
  })
  const handed = await handOver()
  nobodyGotIt(handed)
  assert.deepEqual([Object.keys(handed.deferred), handed.isUncertain, ends()], [['bob@example.net'], true, 1])
  await close()
})

it('writes no final dot when the content breaks off', async () => {
  const { server, close } = await pair()
  const driver = nextHop({ url: server.url, stepMs: 1000 })
  const handed = await driver.handOver({
    sender: '',
    recipients: ['bob@example.net'],
    bytes: 10,
    // biome-ignore lint/correctness/useYield: it breaks off before its first piece is whole
    async *pieces() {
      throw new Error('the disk is gone')
    },
  })
  nobodyGotIt(handed)
  assert.match(handed.words, /the disk is gone/)
  assert.equal(handed.isUncertain, false)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(server.taken, [])
  driver.close()
  await close()
})

it('does not begin a message that is larger than the server takes', async () => {
  const { server, ends, handOver, close } = await pair({ size: 10 })
  assert.deepEqual(Object.keys((await handOver()).refused), ['bob@example.net'])
  assert.deepEqual([server.begun, ends()], [0, 0])
  await close()
})

it('encrypts where the server offers it, and only to one that it trusts', async () => {
  const options = { disabledCommands: [], hideSTARTTLS: false }
  const strict = await pair(options)
  const handed = await strict.handOver()
  nobodyGotIt(handed)
  assert.match(handed.words, /certificate/i)
  assert.deepEqual([strict.server.taken, handed.isUncertain], [[], false])
  await strict.close()
  const trusting = await pair(options, (host) => `smtp://${host}?requireTLS=true&tls.rejectUnauthorized=false`)
  assert.deepEqual((await trusting.handOver()).sent, ['bob@example.net'])
  await trusting.close()
  const plain = await pair({}, (host) => `smtp://${host}?requireTLS=true`)
  nobodyGotIt(await plain.handOver())
  assert.deepEqual(plain.server.taken, [])
  await plain.close()
})

it('signs in, waits when it may not, and keeps the password to itself', async () => {
  const seen: string[] = []
  const onAuth: NonNullable<Options>['onAuth'] = ({ username, password }, _session, done) => {
    seen.push(`${username} ${password}`)
    done(password === 'right one' ? null : new Error(`${password} is wrong`), { user: username })
  }
  const options = { authOptional: false, onAuth }
  const right = await pair(options, (host) => `smtp://me:right%20one@${host}`)
  assert.deepEqual((await right.handOver()).sent, ['bob@example.net'])
  await right.close()
  const wrong = await pair(options, (host) => `smtp://me:wrong-one@${host}`)
  const handed = await wrong.handOver()
  nobodyGotIt(handed)
  assert.match(handed.words, /535/)
  assert.doesNotMatch(JSON.stringify(handed), /wrong-one/)
  assert.deepEqual(seen, ['me right one', 'me wrong-one'])
  await wrong.close()
})

it('hands over a report, which has no sender, and addresses beyond ASCII', async () => {
  const { server, close } = await pair()
  const driver = nextHop({ url: server.url, stepMs: 1000 })
  const to = 'jürgen@example.net'
  const pieces = async function* () {
    yield Buffer.from('Subject: Grüße\r\n\r\n.\r\n..\r\n')
  }
  const handed = await driver.handOver({ sender: '', recipients: [to], bytes: 30, pieces })
  assert.deepEqual([handed.sent, server.taken[0]!.from, server.taken[0]!.to], [[to], '', [to]])
  assert.equal(server.taken[0]!.raw, 'Subject: Grüße\r\n\r\n.\r\n..\r\n')
  driver.close()
  await close()
})
