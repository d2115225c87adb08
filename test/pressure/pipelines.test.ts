import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'

const AT_ONCE = 32

onEveryEngine('a connection whose client does not wait for answers', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  /** Sends so many requests in one piece; how many were answered, once all were or the connection has ended. */
  function sent(requests: number): Promise<{ answers: number; isCut: boolean }> {
    const { hostname, port } = new URL(house.url)
    return new Promise((resolve) => {
      let text = ''
      const socket = connect(Number(port), hostname)
      const answers = () => text.split('HTTP/1.1 ').length - 1
      socket.on('data', (bytes) => {
        text += bytes
        if (answers() < requests) return
        resolve({ answers: answers(), isCut: false })
        socket.destroy()
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve({ answers: answers(), isCut: true }))
      socket.write('GET /.well-known/openpgpkey/example.org/policy HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests))
    })
  }

  it('is answered as long as he has no more than a handful under way', async () => {
    assert.deepEqual(await sent(AT_ONCE), { answers: AT_ONCE, isCut: false })
  })

  it('is cut where everybody else would wait for all of his', async () => {
    const { answers, isCut } = await sent(500)
    assert.ok(isCut)
    assert.ok(answers <= AT_ONCE, `${answers} answers`)
    assert.equal((await house.call('GET', '/api/v1/oauth2')).status, 403)
  })
})
