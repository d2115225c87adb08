import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, newPerson, type Person } from './people.ts'
import { bySibling, internal, word } from './sibling.ts'

onEveryEngine('OpenWiFi: the services that the operator names', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        ...internal,
        CHATELAINE_PUBLIC_URL: 'https://sec.example.org:16001/',
        CHATELAINE_SERVICES: [
          'owgw=https://gw.example.org:16002/api/v1/|https://gw:17002/',
          'owfms=https://somebody:secret@FMS.example.org:16004/x/../',
          'owsec=https://sec.example.org:16001',
          'owgw=https://gw.example.org:16002|https://gw:17002',
        ].join(','),
      },
    })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const endpoints = async (by: Person = root) => {
    const reply = await house.call('GET', '/api/v1/systemEndpoints', { headers: bearer(by.token) })
    assert.equal(reply.status, 200, reply.text)
    return reply.json.endpoints as { type: string; uri: string; id: number }[]
  }

  it('are in the list for ever, without ourselves, each once (surface 7)', async () => {
    const found = await endpoints()
    assert.deepEqual(found.map(Object.keys), Array(2).fill(['authenticationType', 'id', 'type', 'uri', 'vendor']))
    assert.deepEqual(
      found.map(({ id, ...rest }) => rest),
      [
        { authenticationType: 'internal_v1', type: 'owfms', uri: 'https://fms.example.org:16004', vendor: 'OpenWiFi' },
        { authenticationType: 'internal_v1', type: 'owgw', uri: 'https://gw.example.org:16002', vendor: 'OpenWiFi' },
      ],
    )
    for (const { id } of found) assert.ok(Number.isSafeInteger(id) && id > 0)
    assert.notEqual(found[0]?.id, found[1]?.id)
    house.clock.turn(86_400_000)
    await house.restart()
    assert.deepEqual(await endpoints(), found)
  })

  it('stand above what a service says of itself', async () => {
    const said = word({ privateURI: 'https://gw:17002', publicURI: 'https://elsewhere.example.net' })
    assert.equal((await bySibling(house, 'POST', '/systemServices', { json: said })).status, 200)
    assert.deepEqual(
      (await endpoints()).map(({ uri }) => uri),
      ['https://fms.example.org:16004', 'https://gw.example.org:16002'],
    )
    await bySibling(house, 'DELETE', '/systemServices?privateURI=https://gw:17002')
  })

  it('are told to everybody who is signed in, and to services; inside only to services and root', async () => {
    const csr = await newPerson(house, root)
    const admin = await newPerson(house, root, { role: 'admin' })
    const inside = (by: Person) => house.call('GET', '/api/v1/systemServices', { headers: bearer(by.token) })
    assert.equal((await endpoints(csr)).length, 2)
    assert.equal((await bySibling(house, 'GET', '/systemEndpoints')).json.endpoints.length, 2)
    denied(await house.call('GET', '/api/v1/systemEndpoints'), 8)
    denied(await house.call('GET', '/api/v1/systemServices'), 8)
    denied(await inside(csr), 7)
    denied(await inside(admin), 7)
    const wanted = {
      key: '',
      services: [
        { privateURI: 'https://fms.example.org:16004', publicURI: 'https://fms.example.org:16004', token: '' },
        { privateURI: 'https://gw:17002', publicURI: 'https://gw.example.org:16002', token: '' },
      ],
      version: 1,
    }
    assert.deepEqual((await inside(root)).json, wanted)
    assert.deepEqual((await bySibling(house, 'GET', '/systemServices')).json, wanted)
  })
})
