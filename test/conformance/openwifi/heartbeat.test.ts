import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sweepServices } from '#src/domain/services/services.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, type Person, refused } from './people.ts'
import { bySibling, internal, word } from './sibling.ts'

onEveryEngine('OpenWiFi: services that call in', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: internal })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const announce = (json: unknown) => bySibling(house, 'POST', '/systemServices', { json })
  const leave = (uri: string) => bySibling(house, 'DELETE', `/systemServices?privateURI=${encodeURIComponent(uri)}`)
  const endpoints = async () => {
    const { json } = await house.call('GET', '/api/v1/systemEndpoints', { headers: bearer(root.token) })
    return json.endpoints as { type: string; uri: string; id: number }[]
  }
  const uris = async () => (await endpoints()).map(({ uri }) => uri)

  it('are there for two minutes after their last word, and gone when they say so', async () => {
    const reply = await announce(word({ version: '3.2.0(1)', key: 'what-gw-wants-to-be-called-with' }))
    assert.deepEqual([reply.status, reply.json], [200, { Code: 0, Details: 'Command completed.', Operation: 'POST' }])
    const [first] = await endpoints()
    assert.deepEqual([first?.type, first?.uri], ['owgw', 'https://gw.example.org:16002'])
    house.clock.turn(119_000)
    assert.deepEqual(await uris(), ['https://gw.example.org:16002'])
    await announce(word())
    house.clock.turn(119_000)
    assert.deepEqual(await endpoints(), [first])
    house.clock.turn(2000)
    assert.deepEqual(await uris(), [])
    assert.ok((await sweepServices(house.ctx)) > 0)
    assert.equal(await sweepServices(house.ctx), 0)
    await announce(word())
    assert.deepEqual(await endpoints(), [first])
    const gone = await leave('https://gw.internal:17002/api/v1/')
    assert.deepEqual([gone.status, gone.text], [200, ''])
    assert.deepEqual(await uris(), [])
    assert.equal((await leave('https://gw.internal:17002')).status, 200)
  })

  it('are one per private URI, however often and however differently they say it', async () => {
    await Promise.all([
      announce(word()),
      announce(word()),
      announce(word({ privateURI: 'https://gw.internal:17002/' })),
    ])
    await announce(word({ publicURI: 'http://moved.example.org:16002/api/v1' }))
    assert.deepEqual(await uris(), ['http://moved.example.org:16002'])
    await announce(word({ type: 'owprov' }))
    assert.deepEqual(
      (await endpoints()).map(({ type }) => type),
      ['owprov'],
    )
    await leave('https://gw.internal:17002')
  })

  it('are spelt in one way, however they spell themselves', async () => {
    await announce(word({ publicURI: 'HTTPS://GW.Example.org:443/a/../b/%2e%2E/c~1/./api/v1/' }))
    assert.deepEqual(await uris(), ['https://gw.example.org/c~1'])
    await announce(word({ privateURI: 'https://GW.internal:17002/x/..' }))
    assert.deepEqual(await uris(), ['https://gw.example.org:16002'])
    await announce(word({ publicURI: 'http://[2001:DB8::0:1]:16002' }))
    assert.deepEqual(await uris(), ['http://[2001:db8::1]:16002'])
    await leave('https://GW.INTERNAL:17002/')
    assert.deepEqual(await uris(), [])
  })

  it('keep their keys to themselves', async () => {
    const key = 'a-key-that-nobody-else-may-see'
    await announce(word({ key }))
    for (const path of ['/systemEndpoints', '/systemServices'])
      assert.ok(!(await bySibling(house, 'GET', path)).text.includes(key))
    const [row] = await house.ctx.database.query.selectFrom('service').selectAll().execute()
    assert.ok(row?.sealed_key && !JSON.stringify(row).includes(key))
    const { sealer } = house.ctx.secrets
    assert.equal(sealer.open(row.sealed_key, 'service:https://gw.internal:17002').toString(), key)
    await announce(word({ key: 'another-key' }))
    const [changed] = await house.ctx.database.query.selectFrom('service').selectAll().execute()
    assert.equal(sealer.open(changed!.sealed_key!, 'service:https://gw.internal:17002').toString(), 'another-key')
    await leave('https://gw.internal:17002')
  })

  it('are turned down when they cannot be reached so, and change nothing', async () => {
    const faulty: Record<string, unknown>[] = [
      { type: 'OWGW' },
      { type: 'ow-gw' },
      { type: '' },
      { type: 'x'.repeat(33) },
      { publicURI: 'gw.example.org:16002' },
      { publicURI: 'ftp://gw.example.org' },
      { publicURI: 'javascript:alert(1)' },
      { publicURI: 'https://user:password@gw.example.org' },
      { publicURI: 'https://gw.example.org/?a=1' },
      { publicURI: 'https://gw.example.org/#a' },
      { publicURI: 'https://gw.example.org/<script>' },
      { publicURI: 'https://gw.example.org/ x' },
      { publicURI: 'https://gw.example.org:99999' },
      { publicURI: `https://gw.example.org/${'x'.repeat(500)}` },
      { publicURI: "https://gw.example.org/'x" },
      { publicURI: 'https://gw.example.org/a,b' },
      { publicURI: 'https://gw.example.org/$'.concat('{x}') },
      { publicURI: 'https://gw.example.org/`x`' },
      { publicURI: 'https://gw.example.org/;x' },
      { publicURI: "https://gw'x.example.org" },
      { publicURI: 'https://gw,x.example.org' },
      { publicURI: 'https://gw%27x.example.org' },
      { publicURI: 'https://$'.concat('{x}.example.org') },
      { publicURI: 'https://gw.example.org\\x' },
      { privateURI: 'https://gw.internal/(x)' },
      { privateURI: 'https://' },
      { privateURI: 'https:///x' },
      { privateURI: undefined },
      { publicURI: null },
      { version: 'x'.repeat(201) },
      { version: 'a\nb' },
      { key: 'ä' },
    ]
    for (const fault of faulty) refused(await announce(word(fault)), 400, 1018)
    refused(await announce(word({ type: {} })), 400, 1003)
    refused(await announce([]), 400, 1003)
    refused(await bySibling(house, 'POST', '/systemServices'), 400, 1003)
    refused(await bySibling(house, 'DELETE', '/systemServices'), 400, 1018)
    refused(await leave('nonsense'), 400, 1018)
    assert.deepEqual(await uris(), [])
  })

  it('come by the internal listener only, with the key', async () => {
    const headers = bearer(root.token)
    refused(await house.call('POST', '/api/v1/systemServices', { json: word(), headers }), 400, 1004)
    refused(await house.call('DELETE', '/api/v1/systemServices?privateURI=http://x', { headers }), 400, 1004)
    denied(await house.callInternal('POST', '/api/v1/systemServices', { json: word(), headers }), 7)
    denied(await house.callInternal('POST', '/api/v1/systemServices', { json: word() }), 8)
    denied(await bySibling(house, 'POST', '/systemServices', { json: word(), key: 'x'.repeat(40) }), 8)
    assert.deepEqual(await uris(), [])
  })

  it('are two hundred at the most, until some fall silent', async () => {
    const many = Array.from({ length: 200 }, (_, i) => word({ privateURI: `https://gw-${i}.internal` }))
    for (const one of many) assert.equal((await announce(one)).status, 200)
    const full = await announce(word())
    refused(full, 503, 503)
    assert.ok(Number(full.headers.get('retry-after')) > 0)
    assert.equal((await announce(many[0])).status, 200)
    house.clock.turn(120_000)
    assert.equal((await announce(word())).status, 200)
    assert.deepEqual(await uris(), ['https://gw.example.org:16002'])
  })
})
