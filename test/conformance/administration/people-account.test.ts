import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { Role } from '#src/domain/accounts/accounts.ts'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { dropQueued } from '#src/domain/house/house.ts'
import { decideForAccount, decideForDomain } from '#src/domain/supporting/supporting.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { empty, makeAccount, makeTwoStepAccount, plain, refused, signIn } from '../mailbox/client.ts'
import { doersOf, type Overseer, overseer, short } from './desk.ts'

const DENIED = '403 ACCESS_DENIED'

onEveryEngine('administration: one account', (engine) => {
  let house: House
  let root: Overseer
  let admin: Overseer
  let csr: Overseer
  before(async () => {
    house = await startHouse({ engine })
    root = await overseer(house, 'root', { email: 'over@above.test' })
    admin = await overseer(house, 'admin')
    csr = await overseer(house, 'csr')
  })
  after(() => house.stop())

  /** Wrong passwords, until one has to wait. */
  const fail = async (email: string) => {
    let last: Reply | undefined
    for (let n = 0; n < 20; n++) {
      last = await plain(house, 'POST', '/login/cookie', { json: { username: email, password: 'Wrong-Password-1' } })
      if (last.status !== 401) return last
    }
    return last!
  }
  const fileOf = async (by: Overseer, id: string) => {
    const reply = await by.call('GET', `/accounts/${id}`)
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }

  it('shows the file of an account, with what the caller may do and no secret', async () => {
    const { account: person } = await makeTwoStepAccount(house)
    await signIn(house, person.email)
    const file = await fileOf(admin, person.id)
    assert.equal(file.address, person.email)
    assert.equal(file.twoStep.isOn, true)
    assert.equal(file.twoStep.methods.length, 1)
    assert.deepEqual(file.policy.twoStep, { value: 'enabled', from: 'setting' })
    assert.ok(file.events.some(({ event }: { event: string }) => event === 'two-step.on'))
    assert.equal(file.rights.change && file.rights.protect && file.rights.remove, true)
    assert.ok(file.rights.grants.includes('csr') && !file.rights.grants.includes('root'))
    const row = await house.ctx.db
      .selectFrom('account')
      .selectAll()
      .where('id', '=', person.id)
      .executeTakeFirstOrThrow()
    const text = JSON.stringify(file)
    for (const secret of [row.password!, row.unlock_salt]) assert.ok(!text.includes(secret))
    refused(await admin.call('GET', '/accounts/nobody'), 404, 'NOT_FOUND')
    refused(await admin.call('GET', `/accounts/${'x'.repeat(100)}`), 400, 'BAD_PARAMETER')
  })

  it('lets each role do what it may to whom it may, and nobody anything to himself', async () => {
    const targets: Record<string, { id: string }> = {
      user: await makeAccount(house, { role: 'csr' }),
      subscriber: await makeAccount(house, { population: 'subscriber' }),
      above: await makeAccount(house, { role: 'root' }),
    }
    const deeds: [string, (by: Overseer, id: string) => Promise<Reply>][] = [
      ['see', (by, id) => by.call('GET', `/accounts/${id}`)],
      ['record', (by, id) => by.call('GET', `/accounts/${id}/activity`)],
      ['policy', (by, id) => by.call('GET', `/accounts/${id}/policy`)],
      ['unlock', (by, id) => by.call('POST', `/accounts/${id}/unlock`)],
      ['sign out', (by, id) => by.call('POST', `/accounts/${id}/sign-out`)],
      ['reset', (by, id) => by.secure('POST', `/accounts/${id}/reset-mfa`)],
      ['decide', (by, id) => by.secure('PUT', `/accounts/${id}/policy`, { json: { trustedDeviceDays: 3 } })],
      [
        'add',
        (by, id) => by.secure('POST', `/accounts/${id}/addresses`, { json: { address: `x-${by.id}-${id}@x.test` } }),
      ],
      ['delete keys', (by, id) => by.secure('DELETE', `/accounts/${id}/keys`)],
    ]
    const everything = deeds.map(([name]) => name).join()
    const looking = 'see,record,policy'
    const handling = `${looking},unlock,sign out`
    const wanted: Partial<Record<Role, Record<string, string>>> = {
      root: { user: everything, subscriber: everything, above: everything, himself: looking },
      partner: { user: handling, subscriber: handling, above: looking, himself: looking },
      admin: { user: everything, subscriber: everything, above: looking, himself: looking },
      system: { user: '', subscriber: handling, above: '', himself: '' },
      csr: { user: '', subscriber: looking, above: '', himself: '' },
      subscriber: { user: '', subscriber: '', above: '', himself: '' },
    }
    for (const [role, allowed] of Object.entries(wanted)) {
      const by = await overseer(house, role as Role)
      for (const [name, id] of [...Object.entries(targets).map(([name, { id }]) => [name, id]), ['himself', by.id]]) {
        const done: string[] = []
        for (const [deed, act] of deeds) {
          const reply = await act(by, id!)
          if (reply.status === 200) done.push(deed)
          else assert.equal(short(reply), DENIED, `${role} ${deed} ${name}`)
        }
        assert.equal(done.join(), allowed[name!], `${role} over ${name}`)
      }
    }
  })

  it('asks for the password once more before it changes what protects an account', async () => {
    const { id } = await makeAccount(house)
    const calls: [string, string, unknown?][] = [
      ['POST', `/accounts/${id}/reset-mfa`],
      ['PUT', `/accounts/${id}/policy`, { twoStep: 'mandatory' }],
      ['PUT', '/domains/example.org/policy', { twoStep: 'mandatory' }],
      ['POST', `/accounts/${id}/addresses`, { address: 'other@example.org' }],
      ['DELETE', `/accounts/${id}/addresses/other@example.org`],
      ['POST', `/accounts/${id}/keys/reset-password`],
      ['POST', `/accounts/${id}/keys/expose`],
      ['DELETE', `/accounts/${id}/keys`],
    ]
    for (const [method, path, json] of calls) {
      refused(await root.call(method, path, { json }), 403, 'SECURITY_TOKEN_REQUIRED')
      const headers = { 'X-Axigen-Security-Token': await csr.client.token() }
      refused(await root.call(method, path, { json, headers }), 403, 'SECURITY_TOKEN_INVALID')
    }
  })

  it('lets somebody in again who failed too often, or was suspended', async () => {
    const person = await makeAccount(house)
    assert.equal((await fail(person.email)).status, 429)
    assert.ok((await fileOf(admin, person.id)).failedTries.length > 0)
    await house.ctx.db.updateTable('account').set({ suspended: 1 }).where('id', '=', person.id).execute()
    const reply = await admin.call('POST', `/accounts/${person.id}/unlock`)
    assert.equal(reply.json.wasSuspended, true)
    assert.ok(reply.json.forgotten > 0)
    assert.deepEqual((await fileOf(admin, person.id)).failedTries, [])
    await signIn(house, person.email)
    assert.deepEqual(await doersOf(house, person.id, 'account.unlocked'), [admin.id])
  })

  it('resets second factors, and signs out everywhere, in the name of who did it', async () => {
    const { account: person } = await makeTwoStepAccount(house)
    empty(await admin.secure('POST', `/accounts/${person.id}/reset-mfa`))
    const { twoStep } = await fileOf(admin, person.id)
    assert.deepEqual([twoStep.isOn, twoStep.methods, twoStep.recoveryCodesLeft], [false, [], 0])
    assert.deepEqual(await doersOf(house, person.id, 'two-step.off'), [admin.id])
    const { call } = await signIn(house, person.email)
    assert.equal((await call('GET', '/account/info')).status, 200)
    assert.deepEqual((await admin.call('POST', `/accounts/${person.id}/sign-out`)).json, { sessions: 1 })
    assert.equal((await call('GET', '/account/info')).status, 401)
    assert.deepEqual(await doersOf(house, person.id, 'sign-out.everywhere'), [admin.id])
    // And nobody who was shut out meanwhile does anything any more.
    const other = await overseer(house, 'admin')
    await house.ctx.db.updateTable('account').set({ suspended: 1 }).where('id', '=', other.id).execute()
    refused(await other.call('POST', `/accounts/${person.id}/unlock`), 401, 'AUTH_REQUIRED')
  })

  it('explains a policy layer by layer, and decides for an account and for a domain', async () => {
    const { id } = await makeAccount(house, { email: 'ann@layers.test' })
    const put = (path: string, json: unknown) => admin.secure('PUT', path, { json })
    const own = `/accounts/${id}/policy`
    const domain = '/domains/Layers.test/policy'
    const said = { twoStep: 'mandatory', twoStepMethods: ['authApp'], appPasswords: false }
    assert.equal(short(await put(domain, said)), '200')
    const { policy } = (await put(own, { trustedDeviceDays: 0, appPasswords: true })).json
    assert.deepEqual(policy.twoStep, { value: 'mandatory', from: 'domain' })
    assert.deepEqual(policy.twoStepMethods, { value: ['authApp'], from: 'domain' })
    assert.deepEqual(policy.appPasswords, { value: true, from: 'account' })
    assert.deepEqual(policy.trustedDeviceDays, { value: 0, from: 'account' })
    assert.equal(policy.passwordMinLength.from, 'setting')
    assert.deepEqual((await admin.call('GET', own)).json.policy, policy)
    assert.deepEqual((await put(own, { appPasswords: null })).json.policy.appPasswords, {
      value: false,
      from: 'domain',
    })
    const shown = (await admin.call('GET', domain)).json
    assert.deepEqual([shown.policy.twoStep.from, shown.rights.protect], ['domain', true])
    // All of it or nothing, and nothing that nobody could keep.
    const contradiction = await put(own, { twoStepMethods: [], trustedDeviceDays: 9 })
    refused(contradiction, 409, 'POLICY_CONTRADICTORY')
    assert.equal((await admin.call('GET', own)).json.policy.trustedDeviceDays.value, 0)
    for (const json of [
      {},
      { pepper: 'x' },
      { __proto__: null, constructor: 1 },
      { twoStep: 'perhaps' },
      { twoStep: '' },
      { trustedDeviceDays: -1 },
      { trustedDeviceDays: 1.5 },
      { twoStep: {} },
      [],
      'x',
      { listen: '0.0.0.0:1' },
    ])
      refused(await put(own, json), 400, 'BAD_PARAMETER')
    assert.deepEqual(new Set(await doersOf(house, id, 'policy.changed')), new Set([admin.id]))
  })

  it('lets nobody decide for a domain in which somebody is above him', async () => {
    const json = { twoStep: 'enabled' }
    refused(await admin.secure('PUT', '/domains/above.test/policy', { json }), 403, 'ACCESS_DENIED')
    assert.equal((await admin.call('GET', '/domains/above.test/policy')).json.rights.protect, false)
    assert.equal(short(await root.secure('PUT', '/domains/above.test/policy', { json })), '200')
    const partner = await overseer(house, 'partner')
    for (const by of [csr, partner])
      refused(await by.secure('PUT', '/domains/empty.test/policy', { json }), 403, 'ACCESS_DENIED')
    refused(await admin.call('GET', '/domains/no%20domain/policy'), 400, 'BAD_PARAMETER')
    const { call } = await overseer(house, 'subscriber')
    refused(await call('GET', '/domains/empty.test/policy'), 403, 'ACCESS_DENIED')
  })

  it('gives an address and takes it, but not the primary one', async () => {
    const { id, email } = await makeAccount(house)
    const add = (address: unknown) => admin.secure('POST', `/accounts/${id}/addresses`, { json: { address } })
    const remove = (address: string) =>
      admin.secure('DELETE', `/accounts/${id}/addresses/${encodeURIComponent(address)}`)
    empty(await add(' Second@Example.org '))
    assert.deepEqual((await fileOf(admin, id)).otherAddresses, ['second@example.org'])
    refused(await add('second@example.org'), 409, 'ADDRESS_TAKEN')
    refused(await add('no address'), 400, 'ADDRESS_INVALID')
    refused(await add(7), 400, 'BAD_PARAMETER')
    refused(await remove(email), 400, 'BAD_PARAMETER')
    refused(await remove('somebody@else.test'), 404, 'NOT_FOUND')
    empty(await remove('second@example.org'))
    assert.deepEqual((await fileOf(admin, id)).otherAddresses, [])
    assert.deepEqual(await doersOf(house, id, 'address.added'), [admin.id])
  })

  it('does nothing for who was shut out after he was let in', async () => {
    const { id, email } = await makeAccount(house, { role: 'admin' })
    const caller = (await findByAddress(house.ctx, email))!
    await admin.call('POST', `/accounts/${id}/sign-out`)
    const origin = { protocol: 'test', network: 'local', agent: '' }
    const changes = { twoStep: 'mandatory' } as const
    for (const late of [
      decideForDomain(house.ctx, { caller, domain: 'late.test', changes, origin }),
      decideForAccount(house.ctx, { caller, id: admin.id, changes, origin }),
      dropQueued(house.ctx, { caller, kind: 'message', id: 'none', origin }),
    ])
      await assert.rejects(late, { reason: 'session.invalid' })
  })

  it('shows the whole record page by page, with who did what', async () => {
    const { id } = await makeAccount(house)
    // What happens at one moment has no order.
    house.clock.turn(1)
    for (let n = 0; n < 7; n++) {
      // Some at the same moment, but none at that of the account's making.
      house.clock.turn((n + 1) % 2)
      await admin.call('POST', `/accounts/${id}/unlock`)
    }
    const seen: { id: string; event: string; actorAddress: string | null }[] = []
    for (let after = ''; ; ) {
      const { items, next } = (await admin.call('GET', `/accounts/${id}/activity?limit=3${after}`)).json
      seen.push(...items)
      if (next === null) break
      after = `&after=${next}`
    }
    assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length)
    assert.equal(
      seen.filter(({ event, actorAddress }) => event === 'account.unlocked' && actorAddress === admin.email).length,
      7,
    )
    assert.equal(seen.at(-1)?.event, 'account.created')
    refused(await admin.call('GET', `/accounts/${id}/activity?after=x`), 400, 'BAD_PARAMETER')
    const forged = Buffer.from(JSON.stringify({ at: 1, id: '\0' })).toString('base64url')
    refused(await admin.call('GET', `/accounts/${id}/activity?after=${forged}`), 400, 'BAD_PARAMETER')
  })
})
