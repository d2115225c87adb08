import assert from 'node:assert/strict'
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

  it('describes itself by OpenAPI 3.1', async () => {
    const { json } = await house.call('GET', '/api/v1/openapi.json')
    assert.equal(json.openapi, '3.1.0')
    assert.ok(json.paths['/healthz'].get)
  })

  it('comes back after a restart with its first administrator, and makes no second one', async () => {
    await house.restart()
    assert.equal((await house.ctx.db.selectFrom('account').select('id').execute()).length, 1)
  })
})
