import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '#src/testing.ts'

const BODY = 200 * 1024

describe('who sends slowly', () => {
  let house: House
  before(async () => {
    // What bodies below a mebibyte may have together is a quarter of it: no two of these.
    house = await startHouse({ settings: { CHATELAINE_LARGE_BODIES: '1048576', CHATELAINE_REQUESTS_AT_ONCE: '4' } })
  })
  after(() => house.stop())

  /** Begins a sign-in with a long body, and stops in the middle of it. */
  async function begin(sent: number): Promise<{ socket: Socket; answer: Promise<string> }> {
    const { hostname, port } = new URL(house.url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    const head = `POST /api/v1/oauth2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${BODY}\r\n\r\n`
    socket.write(head + ' '.repeat(sent))
    const answer = once(socket, 'data').then(([chunk]) => String(chunk))
    answer.catch(() => {})
    return { socket, answer }
  }

  const signIn = (length: number) =>
    house.call('POST', '/api/v1/oauth2', {
      body: `{"userId":"a@example.org","password":"x"}${' '.repeat(length)}`,
      headers: { 'Content-Type': 'application/json' },
    })

  it('gives his room to others who want it, and hears 408', async (t) => {
    const { socket, answer } = await begin(BODY / 2)
    t.after(() => socket.destroy())
    const other = signIn(BODY)
    assert.match(await answer, /^HTTP\/1\.1 408 /)
    assert.equal((await other).status, 403)
  })

  it('may take his time while nobody wants it, and others who send little are not held up', async (t) => {
    const { socket, answer } = await begin(BODY / 2)
    t.after(() => socket.destroy())
    for (let n = 0; n < 5; n++) {
      assert.equal((await signIn(100)).status, 403)
      // Longer together than somebody is left in peace whose room is wanted.
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    socket.write(`{"userId":"a@example.org","password":"x"}`.padEnd(BODY - BODY / 2))
    assert.match(await answer, /^HTTP\/1\.1 403 /)
  })

  it('is none of those that are worked on', async (t) => {
    const slow = await Promise.all(Array.from({ length: 20 }, () => begin(10)))
    t.after(() => slow.forEach(({ socket }) => void socket.destroy()))
    for (let n = 0; n < 5; n++) assert.equal((await signIn(10)).status, 403)
  })
})
