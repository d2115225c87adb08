import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { guestAt } from '#src/domain/guests/guests.ts'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { guestLogin, invite, newGuest } from '../guard/guests.ts'
import { newKeyOwner } from '../guard/person.ts'
import { empty, refused } from '../mailbox/client.ts'
import { doersOf, type Overseer, overseer, short } from './desk.ts'

onEveryEngine('administration: guests and keys', (engine) => {
  let house: House
  let admin: Overseer
  before(async () => {
    house = await startHouse({ engine })
    admin = await overseer(house, 'admin')
  })
  after(() => house.stop())

  const guestWith = async (address: string) => (await guestAt(house.ctx, address))!.account.id
  const stranger = async (address: string) => {
    await invite(house, { inviter: admin.email, address })
    return guestWith(address)
  }
  const list = async (query: Record<string, string> = {}) => {
    const { json } = await admin.call('GET', `/guests?${new URLSearchParams(query)}`)
    return json as { items: { address: string; hasPassword: boolean; invitedBy: string }[]; next: string | null }
  }
  const addresses = async (query: Record<string, string> = {}) =>
    (await list(query)).items.map(({ address }) => address)

  it('lists guests by address, page by page, and filters them', async () => {
    for (const name of ['carl', 'anna', 'bert', 'berta']) await stranger(`${name}@away.test`)
    await newGuest(house, { inviter: admin.email, address: 'reader@away.test' })
    await house.ctx.db.updateTable('guest').set({ refused: 1 }).where('address', '=', 'carl@away.test').execute()
    const everybody = ['anna', 'bert', 'berta', 'carl', 'reader'].map((name) => `${name}@away.test`)
    assert.deepEqual(await addresses(), everybody)
    const first = await list({ limit: '2' })
    const rest = await list({ limit: '3', after: first.next! })
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ address }) => address),
      everybody,
    )
    assert.equal(rest.next, null)
    assert.deepEqual(await addresses({ search: 'BERT' }), ['bert@away.test', 'berta@away.test'])
    assert.deepEqual(await addresses({ state: 'refusing' }), ['carl@away.test'])
    assert.deepEqual(await addresses({ state: 'reading' }), ['reader@away.test'])
    assert.equal((await list({ state: 'new' })).items[0]?.invitedBy, admin.email)
    for (const query of [
      'after=x',
      'state=any',
      'limit=201',
      'search=%00',
      `after=${Buffer.from('"\\u0000"').toString('base64url')}`,
    ])
      refused(await admin.call('GET', `/guests?${query}`), 400, 'BAD_PARAMETER')
  })

  it('is for those only who may see everybody', async () => {
    const id = await stranger('seen@away.test')
    const seen: Record<string, string[]> = {}
    for (const role of ['partner', 'csr', 'system', 'subscriber'] as const) {
      const by = await overseer(house, role)
      const looked = [await by.call('GET', '/guests'), await by.call('GET', `/guests/${id}`)]
      const done = [
        await by.secure('POST', `/guests/${id}/reset-password`),
        await by.secure('POST', `/guests/${id}/upgrade`, { json: { address: admin.email } }),
        await by.secure('DELETE', `/guests/${id}`),
      ]
      seen[role] = [...looked, ...done].map((reply) => String(reply.status))
    }
    const nothing = ['403', '403', '403', '403', '403']
    assert.deepEqual(seen, {
      partner: ['200', '200', '403', '403', '403'],
      csr: nothing,
      system: nothing,
      subscriber: nothing,
    })
    refused(await admin.call('DELETE', `/guests/${id}`), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await admin.call('GET', `/guests/${admin.id}`), 404, 'GUEST_UNKNOWN')
    refused(await admin.secure('DELETE', `/guests/${admin.id}`), 404, 'GUEST_UNKNOWN')
    // Nor is a guest an account that is looked after as one.
    refused(await admin.call('GET', `/accounts/${id}`), 404, 'NOT_FOUND')
    refused(await admin.secure('POST', `/accounts/${id}/reset-mfa`), 404, 'NOT_FOUND')
  })

  it('mails a guest a new password, and shows it to nobody', async () => {
    const address = 'forgetful@away.test'
    await newGuest(house, { inviter: admin.email, address })
    const id = await guestWith(address)
    empty(await admin.secure('POST', `/guests/${id}/reset-password`))
    const { text } = await house.inbox.next(address)
    const password = /^[0-9a-z]{16}$/m.exec(text)![0]
    const reply = await guestLogin(house, { username: address, password })
    assert.ok(reply.json.auth.length > 20)
    const file = (await admin.call('GET', `/guests/${id}`)).json
    assert.deepEqual([file.hasPassword, file.mails, file.sessions, file.rights.change], [true, 1, 1, true])
    assert.deepEqual(await doersOf(house, id, 'guest.password-reset'), [admin.id])
    refused(await admin.secure('POST', `/guests/${id}/reset-password`), 429, 'TOO_MANY_REQUESTS')
  })

  it('removes a guest with everything that was his', async () => {
    const address = 'gone@away.test'
    const id = await stranger(address)
    empty(await admin.secure('DELETE', `/guests/${id}`))
    assert.equal(await guestAt(house.ctx, address), null)
    assert.deepEqual(await doersOf(house, id, 'account.deleted'), [admin.id])
    assert.equal(short(await admin.secure('DELETE', `/guests/${id}`)), '404 GUEST_UNKNOWN')
  })

  it('gives what a guest had to a user, but not to oneself, nor to somebody above', async () => {
    const id = await stranger('moving@away.test')
    const user = await overseer(house, 'csr')
    const above = await overseer(house, 'root')
    const upgrade = (address: string) => admin.secure('POST', `/guests/${id}/upgrade`, { json: { address } })
    refused(await upgrade('nobody@away.test'), 404, 'NOT_FOUND')
    refused(await upgrade(above.email), 403, 'ACCESS_DENIED')
    refused(await upgrade(admin.email), 403, 'ACCESS_DENIED')
    empty(await upgrade(user.email))
    assert.equal(await guestAt(house.ctx, 'moving@away.test'), null)
    assert.deepEqual(await doersOf(house, user.id, 'guest.upgraded'), [admin.id])
  })

  it('resets, deletes and exposes the keys of an account', async () => {
    const owner = await newKeyOwner(house, 'key-owner@example.org')
    const { id } = await house.ctx.db
      .selectFrom('account')
      .select('id')
      .where('email', '=', owner.email)
      .executeTakeFirstOrThrow()
    const keys = `/accounts/${id}/keys`
    refused(await admin.secure('POST', `${keys}/expose`), 404, 'NOT_FOUND')
    assert.deepEqual((await admin.secure('POST', `${keys}/reset-password`)).json, { mailedTo: 'primary' })
    empty(await admin.secure('DELETE', keys))
    assert.equal(await currentCertificate(house.ctx, id), null)
    refused(await admin.secure('POST', `${keys}/reset-password`), 409, 'NO_KEY')
    const { url } = (await admin.secure('POST', `${keys}/expose`)).json
    const path = url.replace(/^https?:\/\/[^/]+/, '')
    assert.equal((await house.call('GET', path)).status, 200)
    for (const event of ['keys.removed', 'keys.exposed', 'key.password-reset'])
      assert.deepEqual(await doersOf(house, id, event), [admin.id], event)
  })
})
