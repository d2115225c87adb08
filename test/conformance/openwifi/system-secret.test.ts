import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, denied, newPerson, type Person, refused } from './people.ts'
import { bySibling, internal } from './sibling.ts'

onEveryEngine('OpenWiFi: system secrets', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: internal })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const call = (method: string, path: string, by: Person = root) =>
    house.call(method, `/api/v1/systemSecret/${path}`, { headers: bearer(by.token) })

  it('are kept, read, listed, changed and forgotten', async () => {
    refused(await call('GET', 'maps.key'), 404, 404)
    assert.deepEqual((await call('GET', '0?all=true')).json, { secrets: [] })
    const kept = await call('PUT', 'maps.key?value=a%20%26%20b')
    assert.deepEqual([kept.status, kept.text], [200, '{"key":"maps.key","value":"a & b"}'])
    assert.deepEqual((await call('GET', 'maps.key')).json, kept.json)
    await call('PUT', 'Another_key-1?value=x')
    const changed = await call('PUT', 'maps.key?value=c')
    assert.deepEqual(changed.json, { key: 'maps.key', value: 'c' })
    assert.deepEqual((await call('GET', '0?all=true')).json, {
      secrets: [
        { key: 'Another_key-1', value: 'x' },
        { key: 'maps.key', value: 'c' },
      ],
    })
    await house.restart()
    assert.equal((await call('GET', 'maps.key')).json.value, 'c')
    for (const name of ['maps.key', 'maps.key', 'Another_key-1']) {
      const gone = await call('DELETE', name)
      assert.deepEqual([gone.status, gone.text], [200, ''])
    }
    refused(await call('GET', 'maps.key'), 404, 404)
  })

  it('have a dictionary of the names that services know', async () => {
    const { knownKeys } = (await call('GET', '0?dictionary=true')).json
    assert.deepEqual(
      knownKeys.map(({ key }: { key: string }) => key),
      ['google.maps.apikey', 'iptocountry.ipinfo.token', 'iptocountry.ipdata.apikey', 'iptocountry.ip2location.apikey'],
    )
    for (const { description } of knownKeys) assert.ok(description.length > 10)
    refused(await call('GET', '0?all=false&dictionary=1'), 404, 404)
  })

  it('are root’s; services may read them', async () => {
    await call('PUT', 'shared?value=v')
    const people = [
      await newPerson(house, root, { role: 'admin' }),
      await newPerson(house, root, { role: 'partner' }),
      await newPerson(house, root),
    ]
    for (const person of people) {
      for (const path of ['shared', 'absent', '0?all=true', '0?dictionary=true'])
        denied(await call('GET', path, person), 7)
      denied(await call('PUT', 'shared?value=mine', person), 7)
      denied(await call('DELETE', 'shared', person), 7)
    }
    denied(await house.call('GET', '/api/v1/systemSecret/shared'), 8)
    assert.deepEqual((await bySibling(house, 'GET', '/systemSecret/shared')).json, { key: 'shared', value: 'v' })
    assert.equal((await bySibling(house, 'GET', '/systemSecret/0?all=true')).json.secrets.length, 1)
    denied(await bySibling(house, 'PUT', '/systemSecret/shared?value=mine'), 7)
    denied(await bySibling(house, 'DELETE', '/systemSecret/shared'), 7)
    assert.equal((await call('GET', 'shared')).json.value, 'v')
    const shutOut = await newPerson(house, root, { role: 'root' })
    await change(house, root, shutOut.id, { suspended: true })
    denied(await call('GET', 'shared', shutOut), 8)
    await call('DELETE', 'shared')
  })

  it('have bounds', async () => {
    refused(await call('PUT', 'name'), 400, 1018)
    refused(await call('PUT', 'name?value='), 400, 1018)
    refused(await call('PUT', `name?value=${'x'.repeat(4097)}`), 400, 1018)
    refused(await call('PUT', 'name?value=a&value=b'), 400, 1003)
    refused(await call('PUT', 'name?value=%00'), 400, 1002)
    for (const name of ['a%20b', '%C3%A4', 'x'.repeat(129), "'--"]) {
      refused(await call('PUT', `${name}?value=v`), 400, 1018)
      refused(await call('GET', name), 400, 1018)
      refused(await call('DELETE', name), 400, 1018)
    }
    assert.deepEqual((await call('GET', '0?all=true')).json.secrets, [])
    const [name, value] = ['x'.repeat(128), 'y'.repeat(4096)]
    assert.equal((await call('PUT', `${name}?value=${value}`)).status, 200)
    assert.equal((await call('GET', name)).json.value, value)
    await call('DELETE', name)
  })

  it('lie sealed in the database, and the audit tells of changes without the values', async () => {
    const value = 'not-for-the-audit'
    await call('PUT', `secret-1?value=${value}`)
    await call('PUT', 'secret-2?value=2')
    const rows = await house.ctx.database.query.selectFrom('system_secret').selectAll().orderBy('name').execute()
    assert.ok(!JSON.stringify(rows).includes(value))
    // Bound to its name: it cannot be put under another one.
    await house.ctx.database.query
      .updateTable('system_secret')
      .set({ value: rows[0]!.value })
      .where('name', '=', 'secret-2')
      .execute()
    assert.equal((await call('GET', 'secret-2')).status, 500)
    await call('DELETE', 'secret-2')
    await call('DELETE', 'secret-2')
    const told = await house.ctx.database.query
      .selectFrom('audit')
      .select(['event', 'actor_id', 'detail'])
      .where('event', 'like', 'secret.%')
      .where('detail', 'like', '%secret-%')
      .orderBy('event')
      .execute()
    assert.deepEqual(told.map(({ event, detail }) => `${event} ${JSON.parse(detail).name}`).sort(), [
      'secret.changed secret-1',
      'secret.changed secret-2',
      'secret.removed secret-2',
    ])
    assert.ok(told.every(({ actor_id }) => actor_id === root.id) && !JSON.stringify(told).includes(value))
  })
})
