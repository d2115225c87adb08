import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { onEveryEngine, startHouse } from '#src/testing.ts'

onEveryEngine('mailbox: the version call', (engine) => {
  it('says both versions to anybody, and leaves its neighbours alone', async (t) => {
    const house = await startHouse({ engine })
    t.after(() => house.stop())
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    for (const path of ['/api/', '/api']) {
      const { status, json, headers } = await house.call('GET', path)
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(json), ['apiVersion', 'serverVersion'])
      assert.match(json.apiVersion, /^\d+\.\d+\.\d+$/)
      assert.equal(json.serverVersion, version)
      assert.equal(headers.get('cache-control'), 'no-store')
    }
    assert.equal((await house.call('GET', '/api/?color=red')).json.errorCode, 'BAD_PARAMETER')
    const wrong = await house.call('POST', '/api/', { json: {} })
    assert.equal(wrong.json.errorCode, 'METHOD_NOT_ALLOWED')
    assert.equal(wrong.headers.get('allow'), 'GET')
    // A base for a whole tongue lies below it, and what nobody knows there is answered as before.
    for (const path of ['/api/oxguard/nothing', '/api/nothing']) {
      const { status, json: said } = await house.call('GET', path)
      assert.equal(status, 404)
      assert.equal(said.error_desc, 'endpoint.unknown')
    }
  })
})
