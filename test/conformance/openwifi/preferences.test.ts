import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { toEpochSeconds } from '#src/lib/clock.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newKey, withKey } from './keys.ts'
import { asRoot, bearer, denied, newPerson, type Person, refused } from './people.ts'
import { newSubscriber } from './subscribers.ts'

onEveryEngine('OpenWiFi: preferences', (engine) => {
  let house: House
  let root: Person
  let ann: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
    ann = await newPerson(house, root)
  })
  after(() => house.stop())

  const read = (by: Person, place = 'preferences') =>
    house.call('GET', `/api/v1/${place}`, { headers: bearer(by.token) })
  const write = (by: Person, json: unknown, place = 'preferences') =>
    house.call('PUT', `/api/v1/${place}`, { json, headers: bearer(by.token) })
  const now = () => toEpochSeconds(house.clock.now())

  it('are an empty list at first (surface 6)', async () => {
    const reply = await read(ann)
    assert.equal(reply.status, 200)
    assert.equal(reply.text, `{"data":[],"id":"${ann.id}","modified":0}`)
  })

  it('are replaced whole, and told back', async () => {
    const data = [
      { tag: 'table-columns', value: '{"users":["name","email"]}' },
      { tag: 'theme', value: 'dark' },
      { tag: 'theme', value: 'a tag may come twice, 字' },
    ]
    const reply = await write(ann, { data, id: 'not-mine', modified: 1 })
    assert.deepEqual([reply.status, reply.json], [200, { data, id: ann.id, modified: now() }])
    assert.ok(reply.text.startsWith('{"data":[{"tag":"table-columns","value":"{'))
    house.clock.turn(60_000)
    assert.deepEqual((await read(ann)).json, { data, id: ann.id, modified: now() - 60 })
    const next = [{ tag: 'theme', value: 'light' }]
    await write(ann, { data: next })
    assert.deepEqual((await read(ann)).json, { data: next, id: ann.id, modified: now() })
    assert.deepEqual((await write(ann, { data: [] })).json, { data: [], id: ann.id, modified: now() })
  })

  it('are texts: scalars become texts, null is empty, what is not known is dropped', async () => {
    const data = [
      { tag: 7, value: true },
      { tag: 'a', value: null, colour: 'red' },
      { value: 1.5, __proto__: { tag: 'b' } },
      { tag: '\ud800', value: '"\\\u2028' },
    ]
    const wanted = [
      { tag: '7', value: 'true' },
      { tag: 'a', value: '' },
      { tag: '', value: '1.5' },
      { tag: '\ud800', value: '"\\\u2028' },
    ]
    const reply = await write(ann, { data, more: {} })
    assert.deepEqual([reply.status, reply.json.data], [200, wanted])
    assert.deepEqual((await read(ann)).json.data, wanted)
  })

  it('stay as they are when what comes is not understood', async () => {
    const data = [{ tag: 'kept', value: 'kept' }]
    await write(ann, { data })
    const before = (await read(ann)).json
    house.clock.turn(5000)
    for (const wrong of [
      {},
      { data: null },
      { data: {} },
      { data: 'x' },
      { data: [1] },
      { data: [null] },
      { data: [[]] },
    ])
      refused(await write(ann, wrong), 400, 1003)
    for (const value of [{}, [], ['x'], { toString: 'x' }])
      refused(await write(ann, { data: [...data, { tag: 'a', value }] }), 400, 1003)
    refused(await write(ann, []), 400, 1003)
    const raw = (body: string, type = 'application/json') =>
      house.call('PUT', '/api/v1/preferences', { body, headers: { ...bearer(ann.token), 'Content-Type': type } })
    refused(await raw('{"data":['), 400, 1002)
    refused(await raw(''), 400, 1003)
    refused(await raw('{"data":[]}', 'text/plain'), 400, 1003)
    refused(await raw('{"data":[{"tag":"\\u0000","value":""}]}'), 400, 1002)
    assert.deepEqual((await read(ann)).json, before)
  })

  it('are no warehouse', async () => {
    const entry = { tag: 'a', value: 'b' }
    assert.equal((await write(ann, { data: Array(1000).fill(entry) })).status, 200)
    refused(await write(ann, { data: Array(1001).fill(entry) }), 400, 1018)
    const most = 256 * 1024
    assert.equal((await write(ann, { data: [{ tag: 'a', value: 'x'.repeat(most - 1) }] })).status, 200)
    refused(await write(ann, { data: [{ tag: 'a', value: 'x'.repeat(most) }] }), 400, 1018)
    refused(await write(ann, { data: [{ tag: 'a', value: '字'.repeat(most / 2) }] }), 400, 1018)
    refused(await write(ann, { data: Array(4).fill({ tag: 'a', value: 'x'.repeat(most / 4) }) }), 400, 1018)
    refused(await write(ann, { data: [{ tag: 'a', value: 'x'.repeat(2 * 1024 * 1024) }] }), 413, 413)
    assert.equal((await read(ann)).json.data[0].value.length, most - 1)
  })

  it('are everybody’s own', async () => {
    const other = await newPerson(house, root, { role: 'installer' })
    await write(ann, { data: [{ tag: 'mine', value: '1' }] })
    await write(other, { data: [{ tag: 'mine', value: '2' }], id: ann.id })
    assert.equal((await read(ann)).json.data[0].value, '1')
    assert.equal((await read(other)).json.data[0].value, '2')
    const headers = withKey((await newKey(house, ann)).apiKey)
    assert.equal((await house.call('GET', '/api/v1/preferences', { headers })).json.data[0].value, '1')
    await house.call('PUT', '/api/v1/preferences', { json: { data: [{ tag: 'mine', value: '3' }] }, headers })
    assert.equal((await read(ann)).json.data[0].value, '3')
    denied(await house.call('GET', '/api/v1/preferences'), 8)
    denied(await house.call('PUT', '/api/v1/preferences', { json: { data: [] } }), 8)
    refused(await house.call('POST', '/api/v1/preferences', { json: { data: [] } }), 400, 1004)
    refused(await house.call('DELETE', '/api/v1/preferences'), 400, 1004)
    await house.call('DELETE', `/api/v1/user/${other.id}`, { headers: bearer(root.token) })
    denied(await read(other), 8)
    const rows = await house.ctx.db.selectFrom('preference').select('account_id').execute()
    assert.ok(!rows.some(({ account_id }) => account_id === other.id))
  })

  it('are kept for subscribers too, with tokens of their own', async () => {
    const carl = await newSubscriber(house, root)
    assert.deepEqual((await read(carl, 'subpreferences')).json, { data: [], id: carl.id, modified: 0 })
    const data = [{ tag: 'units', value: 'metric' }]
    assert.deepEqual((await write(carl, { data }, 'subpreferences')).json, { data, id: carl.id, modified: now() })
    assert.deepEqual((await read(carl, 'subpreferences')).json.data, data)
    denied(await read(carl), 8)
    denied(await read(ann, 'subpreferences'), 8)
    denied(await write(root, { data }, 'subpreferences'), 8)
  })
})
