import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { Role } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { empty, makeAccount, plain, refused, signIn } from '../mailbox/client.ts'
import { signedInAs } from './operators.ts'

const reads = [
  '/admin/setup',
  '/admin/outbox',
  '/admin/record',
  '/admin/record/export',
  '/admin/services',
  '/admin/measures',
]

onEveryEngine('administration: who runs the house', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('nobody without a session', async () => {
    for (const path of reads) refused(await plain(house, 'GET', path), 401, 'AUTH_REQUIRED')
    refused(await plain(house, 'POST', '/admin/backups', { json: { of: 'database' } }), 401, 'AUTH_REQUIRED')
    refused(await plain(house, 'DELETE', '/admin/outbox/message/x'), 401, 'AUTH_REQUIRED')
  })

  it('neither people, nor roles that look after people only', async () => {
    const others: Role[] = ['subscriber', 'partner', 'csr', 'system', 'installer', 'noc', 'accounting']
    const subscriber = await makeAccount(house, { population: 'subscriber' })
    const clients = [await signIn(house, subscriber.email)]
    for (const role of others) clients.push(await signedInAs(house, role))
    for (const { call, secure } of clients) {
      for (const path of reads) refused(await call('GET', path), 403, 'ACCESS_DENIED')
      refused(await call('POST', '/admin/backups', { json: { of: 'database' } }), 403, 'ACCESS_DENIED')
      refused(await call('POST', '/admin/outbox/message/x/retry'), 403, 'ACCESS_DENIED')
      refused(await secure('DELETE', '/admin/outbox/delivery/x'), 403, 'ACCESS_DENIED')
      refused(await secure('PUT', '/admin/secrets/a', { json: { value: 'b' } }), 403, 'ACCESS_DENIED')
    }
  })

  it('root and admin', async () => {
    for (const role of ['root', 'admin'] as const) {
      const { call } = await signedInAs(house, role)
      for (const path of reads) assert.equal((await call('GET', path)).status, 200, path)
      empty(await call('POST', '/admin/backups', { json: { of: 'database' } }))
    }
  })

  it('what could weaken the house wants the password once more, and secrets are root’s', async () => {
    const root = await signedInAs(house, 'root')
    const admin = await signedInAs(house, 'admin')
    refused(await root.call('PUT', '/admin/secrets/maps.key', { json: { value: 'v' } }), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await root.call('DELETE', '/admin/outbox/message/x'), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await admin.secure('PUT', '/admin/secrets/maps.key', { json: { value: 'v' } }), 403, 'ACCESS_DENIED')
    empty(await root.secure('PUT', '/admin/secrets/maps.key', { json: { value: 'not-to-be-seen' } }))
    const services = await root.call('GET', '/admin/services')
    assert.deepEqual(services.json.secrets, ['maps.key'])
    assert.doesNotMatch(services.text, /not-to-be-seen/)
    assert.equal((await admin.call('GET', '/admin/services')).json.secrets, null)
    house.clock.turn(1000)
    empty(await root.secure('DELETE', '/admin/secrets/maps.key'))
    assert.deepEqual((await root.call('GET', '/admin/services')).json.secrets, [])
    const record = await root.call('GET', `/admin/record?actor=${root.id}`)
    assert.deepEqual(
      record.json.items.map(({ event }: { event: string }) => event),
      ['secret.removed', 'secret.changed'],
    )
    assert.doesNotMatch(record.text, /not-to-be-seen/)
  })
})
