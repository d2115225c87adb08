import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from './testing.ts'

onEveryEngine('the house', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('is alive and ready', async () => {
    assert.equal((await house.call('GET', '/healthz')).text, 'ok\n')
    assert.equal((await house.call('GET', '/readyz')).status, 200)
  })

  it('describes itself by OpenAPI 3.1, whole or one protocol alone', async () => {
    const whole = (await house.call('GET', '/api/v1/openapi.json')).json
    assert.equal(whole.openapi, '3.1.0')
    assert.ok(whole.paths['/healthz'].get && whole.paths['/api/v1/oauth2'].post)
    const one = (await house.call('GET', '/api/v1/openapi.json?protocol=mailbox')).json
    assert.ok(one.paths['/api/v1/account/security/methods'].get)
    assert.equal(one.paths['/api/v1/oauth2'], undefined)
    const none = await house.call('GET', '/api/v1/openapi.json?protocol=nonsense')
    assert.equal(none.status, 404)
    assert.match(none.json.error, /^There is no such protocol\. There are: .*\bmailbox\b/)
  })

  it('comes back after a restart with its first administrator, and makes no second one', async () => {
    await house.restart()
    assert.equal((await house.ctx.db.selectFrom('account').select('id').execute()).length, 1)
  })

  it('keeps its key file to its owner', () => {
    assert.equal(statSync(join(house.ctx.config.data, 'chatelaine.key')).mode & 0o777, 0o600)
  })

  it('takes a request id from outside, and makes one otherwise', async () => {
    const given = await house.call('GET', '/healthz', { headers: { 'X-Request-Id': 'from-the-proxy-1' } })
    assert.equal(given.headers.get('x-request-id'), 'from-the-proxy-1')
    const made = await house.call('GET', '/healthz', { headers: { 'X-Request-Id': 'not an id' } })
    assert.match(made.headers.get('x-request-id') ?? '', /^[\w-]{16,}$/)
  })

  it('answers an oversized body rather than cutting the line', async () => {
    const { status } = await house.call('POST', '/api/v1/oauth2', {
      body: new Uint8Array(2 * 1024 * 1024),
      headers: { 'Content-Type': 'application/json' },
    })
    assert.equal(status, 413)
  })

  it('holds every answer back until the disk has what it acknowledges', async () => {
    const { database } = house.ctx
    const { durable } = database
    let isOnDisk = () => {}
    database.durable = () => new Promise((resolve) => (isOnDisk = resolve))
    let isAnswered = false
    const json = { userId: 'nobody@example.org', password: 'x' }
    const answer = house.call('POST', '/api/v1/oauth2', { json }).finally(() => {
      isAnswered = true
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(isAnswered, false)
    database.durable = durable
    isOnDisk()
    assert.equal((await answer).status, 403)
  })

  it('serves others while a client does not end its headers', async () => {
    const { port, hostname } = new URL(house.url)
    const socket = connect(Number(port), hostname)
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    assert.equal((await house.call('GET', '/healthz')).status, 200)
    socket.destroy()
  })

  it('refuses a key file that is not the one its database was sealed under', async () => {
    const path = join(house.ctx.config.data, 'chatelaine.key')
    const kept = readFileSync(path)
    const other = JSON.parse(kept.toString())
    other.keys[0].key = Buffer.alloc(32, 7).toString('base64')
    writeFileSync(path, JSON.stringify(other))
    await assert.rejects(house.restart(), /sealed under another key file/)
    writeFileSync(path, kept)
    await house.start()
    assert.equal((await house.call('GET', '/readyz')).status, 200)
  })
})
