import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { AUTHENTIC_DATA, decode, encode, type Packet, streamEncode, TRUNCATED_RESPONSE } from 'dns-packet'
import { daneFinder, daneName } from './dane.ts'

const KEY = Buffer.from('the bytes of a key')
const LONG = Buffer.alloc(40_000, 7)

type Answering = (question: Packet, overTcp: boolean) => Packet | Buffer | null

const record = (name: string, data: Buffer) => ({ type: 'UNKNOWN_61', name, ttl: 60, data })

describe('keys in the DNS', () => {
  let udp: Socket
  let tcp: Server
  let port = 0
  let lastPort = 0
  let answering: Answering = () => null
  const asked: (Packet & { flag_ad?: boolean })[] = []
  before(async () => {
    tcp = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes: Buffer) => {
        const answer = answering(decode(bytes.subarray(2)), true)
        if (answer === null) return
        if (Buffer.isBuffer(answer)) return void socket.end(answer)
        const text = streamEncode(answer)
        // In pieces, as networks bring it.
        for (let at = 0; at < text.length; at += 9000) socket.write(text.subarray(at, at + 9000))
      })
    })
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
    port = (tcp.address() as AddressInfo).port
    udp = createSocket('udp4')
    udp.on('message', (bytes, { port: from }) => {
      lastPort = from
      const question = decode(bytes)
      asked.push(question)
      const answer = answering(question, false)
      if (answer) udp.send(Buffer.isBuffer(answer) ? answer : encode(answer), from, '127.0.0.1')
    })
    await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  })
  after(() => {
    udp.close()
    tcp.close()
  })

  const answerTo = (question: Packet, more: object = {}): Packet =>
    ({ type: 'response', id: question.id, questions: question.questions, flags: AUTHENTIC_DATA, ...more }) as Packet
  const keysFor = (question: Packet, ...keys: Buffer[]) => keys.map((key) => record(question.questions![0]!.name, key))
  const ask = (timeoutMs = 1000) => daneFinder({ host: '127.0.0.1', port, timeoutMs }).byAddress('hugh@example.com')
  const found = async (timeoutMs?: number) => (await ask(timeoutMs)).map((key) => Buffer.from(key))

  it('stand at the name of RFC 7929', () => {
    // The example of its section 3.
    const name = 'c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._openpgpkey.example.com'
    assert.equal(daneName('hugh@example.com'), name)
  })

  it('are taken where the resolver vouches for them, and only there', async () => {
    answering = (question) => answerTo(question, { answers: keysFor(question, KEY, LONG.subarray(0, 300)) })
    assert.deepEqual(await found(), [KEY, LONG.subarray(0, 300)])
    const [question] = asked.slice(-1)
    assert.equal(question!.flag_ad, true)
    assert.deepEqual(
      question!.additionals?.map(({ type, flag_do }: { type: string; flag_do?: boolean }) => [type, flag_do]),
      [['OPT', true]],
    )
    answering = (question) => answerTo(question, { flags: 0, answers: keysFor(question, KEY) })
    assert.deepEqual(await found(), [])
  })

  it('are told from other records, and from none', async () => {
    answering = (question) =>
      answerTo(question, {
        answers: [{ type: 'TXT', name: 'example.com', data: 'words' }, ...keysFor(question, KEY)],
      })
    assert.deepEqual(await found(), [KEY])
    answering = (question) => answerTo(question)
    assert.deepEqual(await found(), [])
    answering = (question) => answerTo(question, { flags: 3 })
    assert.deepEqual(await found(), [])
    // What a validating resolver says where signatures are wrong.
    answering = (question) => answerTo(question, { flags: 2, answers: keysFor(question, KEY) })
    await assert.rejects(ask(), /SERVFAIL/)
  })

  it('come over TCP where they are too long', async () => {
    answering = (question, overTcp) =>
      overTcp
        ? answerTo(question, { answers: keysFor(question, LONG) })
        : answerTo(question, { flags: TRUNCATED_RESPONSE | AUTHENTIC_DATA })
    assert.deepEqual(await found(), [LONG])
    // The verdict of the whole answer counts, not that of the cut one.
    answering = (question, overTcp) =>
      answerTo(
        question,
        overTcp ? { flags: 0, answers: keysFor(question, LONG) } : { flags: TRUNCATED_RESPONSE | AUTHENTIC_DATA },
      )
    assert.deepEqual(await found(), [])
    answering = (question, overTcp) =>
      overTcp ? Buffer.from([0, 5, 1, 2]) : answerTo(question, { flags: TRUNCATED_RESPONSE })
    await assert.rejects(ask())
  })

  it('are not those of another question', async () => {
    for (const forged of [
      (question: Packet) => answerTo(question, { id: (question.id! + 1) % 65_536 }),
      (question: Packet) => answerTo(question, { questions: [{ ...question.questions![0]!, name: 'example.org' }] }),
      (question: Packet) => answerTo(question, { questions: [{ ...question.questions![0]!, type: 'TXT' }] }),
      (question: Packet) => answerTo(question, { type: 'query' }),
    ]) {
      answering = (question) => ({ ...forged(question), answers: keysFor(question, KEY) }) as Packet
      await assert.rejects(ask(150))
      // The true answer counts, though it comes behind that one.
      answering = (question) => {
        setTimeout(() => udp.send(encode(answerTo(question, { answers: keysFor(question, KEY) })), lastPort), 20)
        return { ...forged(question), answers: keysFor(question, LONG.subarray(0, 50)) } as Packet
      }
      assert.deepEqual(await found(), [KEY])
    }
    answering = () => Buffer.from('nonsense')
    await assert.rejects(ask(150))
  })

  it('are not waited for longer than told', async () => {
    answering = () => null
    const begun = performance.now()
    await assert.rejects(ask(150))
    answering = (question, overTcp) => (overTcp ? null : answerTo(question, { flags: TRUNCATED_RESPONSE }))
    await assert.rejects(ask(150))
    await assert.rejects(daneFinder({ host: '127.0.0.1', port: 1, timeoutMs: 300 }).byAddress('hugh@example.com'))
    assert.ok(performance.now() - begun < 2000)
  })

  it('are believed from a resolver on this machine only', () => {
    for (const host of ['192.0.2.1', '10.0.0.1', 'localhost', '::', '0.0.0.0', '::ffff:10.0.0.1'])
      assert.throws(() => daneFinder({ host, port: 53, timeoutMs: 1 }), /loopback/, host)
    for (const host of ['127.0.0.1', '127.0.0.53', '::1']) daneFinder({ host, port: 53, timeoutMs: 1 })
  })
})
