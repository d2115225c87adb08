import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { may, roles } from '#src/domain/accounts/roles.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, newPerson, type Person, refused } from './people.ts'

interface Profile {
  id: number
  name: string
  role: string
  description: string
  policy: { resource: string; access: string }[]
  notes: unknown[]
}

onEveryEngine('OpenWiFi: security profiles', (engine) => {
  let house: House
  let root: Person
  let ann: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
    ann = await newPerson(house, root, { role: 'installer' })
  })
  after(() => house.stop())

  const profiles = async (query = ''): Promise<Profile[]> => {
    const reply = await house.call('GET', `/api/v1/securityProfiles${query}`, { headers: bearer(ann.token) })
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(Object.keys(reply.json), ['profiles'])
    return reply.json.profiles
  }
  const names = async (query: string) => (await profiles(query)).map(({ name }) => name)

  it('are the roles, for everybody to read', async () => {
    const all = await profiles()
    assert.deepEqual(
      all.map(({ id, name, role, notes }) => ({ id, name, role, notes })),
      roles.map((role, index) => ({ id: index + 1, name: role, role, notes: [] })),
    )
    assert.deepEqual(Object.keys(all[0]!), ['description', 'id', 'name', 'notes', 'policy', 'role'])
    const csr = all.find(({ role }) => role === 'csr')!
    assert.equal(csr.description, 'Sees subscribers; creates csr; changes nobody; deletes nobody.')
    assert.deepEqual(csr.policy, [
      { access: 'READ', resource: 'self' },
      { access: 'MODIFY', resource: 'self' },
      { access: 'DELETE', resource: 'self' },
      { access: 'NONE', resource: 'users' },
      { access: 'READ', resource: 'subscribers' },
      { access: 'CREATE', resource: 'role:csr' },
    ])
  })

  it('say what the rules say', async () => {
    const acts = { CREATE: 'create', MODIFY: 'modify', DELETE: 'delete' } as const
    for (const { role: name, policy } of await profiles()) {
      const has = (access: string, resource: string) =>
        policy.some((rule) => rule.access === access && rule.resource === resource)
      const caller = { id: 'caller', role: name }
      for (const [access, act] of Object.entries(acts)) {
        for (const role of roles)
          assert.equal(has(access, `role:${role}`), may(caller, act, { id: 'other', role }), `${name} ${act} ${role}`)
        if (act !== 'create') assert.equal(has(access, 'self'), may(caller, act, caller))
      }
      for (const population of ['user', 'subscriber'] as const) {
        const target = { id: 'other', role: 'subscriber', population }
        assert.equal(has('READ', `${population}s`), may(caller, 'read', target))
        assert.equal(has('NONE', `${population}s`), !may(caller, 'read', target))
      }
    }
  })

  it('come in pages that begin at 1, and by name', async () => {
    assert.deepEqual(await names('?offset=1&limit=2'), ['root', 'admin'])
    assert.deepEqual(await names('?offset=0&limit=2'), ['root', 'admin'])
    assert.deepEqual(await names('?offset=9'), ['accounting'])
    assert.deepEqual(await names('?offset=10'), [])
    assert.deepEqual(await names('?offset=99999999999999999999&limit=99999999999999999999'), [])
    assert.deepEqual(await names('?limit=0'), [])
    assert.deepEqual(await names('?limit=many&offset=-1&filter='), [...roles])
    assert.deepEqual(await names('?filter=STALL'), ['installer'])
    assert.deepEqual(await names('?filter=no-such'), [])
    assert.deepEqual(await names('?filter=s&offset=2&limit=1'), ['csr'])
  })

  it('need somebody who asks, and cannot be changed', async () => {
    denied(await house.call('GET', '/api/v1/securityProfiles'), 8)
    refused(await house.call('POST', '/api/v1/securityProfiles', { json: {} }), 400, 1004)
    const long = `/api/v1/securityProfiles?filter=${'x'.repeat(1001)}`
    refused(await house.call('GET', long, { headers: bearer(ann.token) }), 400, 1018)
  })
})
