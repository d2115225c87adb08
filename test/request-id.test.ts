import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { Line } from '../src/lib/log.ts'
import { type House, startHouse } from '../src/testing.ts'

const sensible = [
  '7',
  '0c5d3a2e-5d0f-4d4c-9a57-6f1d2c1f8b11',
  '3f2a9d0b1c4e5f60718293a4b5c6d7e8',
  'Root=1-67891233-abcdef012345678912345678;Self=1-67891234-12456789abcdef012345678',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'dGhlIHJlcXVlc3Q/+w==',
  'x'.repeat(128),
]
const odd = ['', 'x'.repeat(129), 'two words', 'quote"d', "quote'd", '<script>', 'back\\slash', 'ümlaut', 'tab\there']

describe('the id of a request', () => {
  let house: House
  const lines: Line[] = []
  before(async () => {
    house = await startHouse({ settings: { CHATELAINE_LOG_LEVEL: 'debug' } })
    house.ctx.log.watch((line) => lines.push(line))
  })
  after(() => house?.stop())

  /** Says it with bytes: clients have opinions on what a header may be. */
  const ask = (path: string, headers: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(house.url)
      const socket = connect(Number(port), hostname)
      let text = ''
      socket.setEncoding('latin1').on('data', (piece) => (text += piece))
      socket.on('end', () => resolve(text)).on('error', reject)
      socket.write(
        [
          'GET ',
          path,
          ' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n',
          ...headers.map((line) => `${line}\r\n`),
          '\r\n',
        ].join(''),
        'latin1',
      )
    })
  const idsIn = (answer: string) => [...answer.matchAll(/^x-request-id: (.*)\r$/gim)].map(([, id]) => id)

  it('is what the proxy says, wherever it is answered', async () => {
    const password = { userId: house.rootEmail, password: house.rootPassword, newPassword: 'New-Password-7' }
    const { json } = await house.call('POST', '/api/v1/oauth2', { json: password })
    const hot = `/api/v1/validateToken?token=${json.access_token}`
    const proof = `Authorization: Bearer ${json.access_token}`
    await ask(hot, [proof])
    const before = house.ctx.house.measures.tallies.hot
    for (const path of [hot, '/readyz', '/api/v1/nothing-here', '/favicon.ico', '/'])
      for (const id of sensible) assert.deepEqual(idsIn(await ask(path, [proof, `X-Request-Id: ${id}`])), [id], path)
    assert.equal(house.ctx.house.measures.tallies.hot - before, sensible.length)
    const fresh = new Set<string | undefined>()
    for (const path of [hot, '/readyz', '/'])
      for (const id of odd) {
        const [answered, ...more] = idsIn(await ask(path, [proof, `X-Request-Id: ${id}`]))
        assert.match(answered!, /^[\w-]{22}$/, `${path} ${id}`)
        assert.deepEqual(more, [])
        fresh.add(answered)
      }
    // Two of them are none.
    const [answered] = idsIn(await ask(hot, [proof, 'X-Request-Id: one', 'X-Request-Id: two']))
    assert.match(answered!, /^[\w-]{22}$/)
    assert.equal(fresh.size, 3 * odd.length)
  })

  it('is in every line that is logged meanwhile', async () => {
    const id = 'one-that-is-looked-for'
    lines.length = 0
    await ask('/api/v1/oauth2', [`X-Request-Id: ${id}`])
    const own = lines.filter(({ event }) => event.startsWith('request'))
    assert.ok(own.length > 0)
    for (const { facts } of own) assert.equal(facts.request, id)
  })
})
