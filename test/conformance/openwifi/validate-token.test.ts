import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, me, newPerson, type Person, refused } from './people.ts'

onEveryEngine('OpenWiFi: validating tokens', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const validate = (by: Person, token: string) =>
    house.call('GET', `/api/v1/validateToken?token=${token}`, { headers: bearer(by.token) })

  it('tells whose token it is and how long it lives, without secrets (surface 14)', async () => {
    const someone = await newPerson(house, root)
    const reply = await validate(root, someone.token)
    assert.equal(reply.status, 200, reply.text)
    const { tokenInfo, userInfo, ...rest } = reply.json
    assert.deepEqual(rest, {})
    assert.deepEqual(userInfo, (await me(house, someone)).json)
    assert.deepEqual(
      [userInfo.currentPassword, userInfo.lastPasswords, userInfo.userTypeProprietaryInfo.authenticatorSecret],
      ['', [], ''],
    )
    assert.equal(tokenInfo.access_token, someone.token)
    assert.equal(tokenInfo.refresh_token, '')
    assert.equal(tokenInfo.username, someone.email)
    assert.deepEqual([tokenInfo.created, tokenInfo.expires_in], [Math.floor(house.clock.now() / 1000), 2_592_000])
  })

  it('lets everybody validate his own, and root, admin, partner and system anybody’s', async () => {
    const subject = await newPerson(house, root)
    for (const role of ['admin', 'partner', 'system']) {
      const caller = await newPerson(house, root, { role })
      assert.equal((await validate(caller, subject.token)).status, 200, role)
    }
    for (const role of ['csr', 'subscriber', 'installer', 'noc', 'accounting']) {
      const caller = await newPerson(house, root, { role })
      assert.equal((await validate(caller, caller.token)).status, 200, role)
      denied(await validate(caller, subject.token), 7)
      refused(await validate(caller, 'unknown'), 404, 404)
    }
  })

  it('knows nothing of tokens that are none, and needs a caller', async () => {
    refused(await validate(root, 'unknown'), 404, 404)
    refused(await validate(root, ''), 404, 404)
    refused(await validate(root, root.refresh), 404, 404)
    refused(await house.call('GET', '/api/v1/validateToken', { headers: bearer(root.token) }), 404, 404)
    denied(await house.call('GET', `/api/v1/validateToken?token=${root.token}`), 8)
    const someone = await newPerson(house, root)
    house.clock.turn(2_592_000_000)
    const fresh = await asRoot(house)
    refused(await validate(fresh, someone.token), 404, 404)
    denied(await validate(someone, someone.token), 9)
  })
})
