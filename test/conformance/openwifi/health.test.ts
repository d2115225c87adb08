import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '#src/testing.ts'

describe('OpenWiFi: the health listener', () => {
  let house: House
  before(async () => {
    house = await startHouse({ settings: { CHATELAINE_HEALTH_LISTEN: '127.0.0.1:0' } })
  })
  after(() => house.stop())

  it('says that the process is alive', async () => {
    const reply = await fetch(`${house.healthUrl}/`)
    assert.equal(reply.status, 200)
    assert.equal(reply.headers.get('content-type'), 'text/html')
    assert.equal(await reply.text(), 'process Alive and kicking!')
    assert.equal((await fetch(`${house.healthUrl}/`, { method: 'HEAD' })).status, 200)
  })

  it('knows nothing else', async () => {
    for (const path of ['/healthz', '/api/v1/oauth2', '/x/', '//'])
      assert.equal((await fetch(house.healthUrl + path)).status, 501, path)
    assert.equal((await fetch(`${house.healthUrl}/`, { method: 'POST', body: '{}' })).status, 501)
  })

  it('is plain where the others have TLS', async () => {
    const secure = await startHouse({
      settings: { CHATELAINE_HEALTH_LISTEN: '127.0.0.1:0', CHATELAINE_TLS: 'self-signed' },
    })
    try {
      assert.match(secure.url, /^https:/)
      assert.equal((await fetch(`${secure.healthUrl}/`)).status, 200)
    } finally {
      await secure.stop()
    }
  })

  it('is not there unless it is asked for', async () => {
    const other = await startHouse()
    assert.equal(other.healthUrl, null)
    await other.stop()
  })
})
