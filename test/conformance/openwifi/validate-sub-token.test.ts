import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asService, INTERNAL_KEY, keptAnswer, newKey, withKey } from './keys.ts'
import { asRoot, bearer, denied, newPerson, PASSWORD, type Person, refused } from './people.ts'

const settings = { CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0', CHATELAINE_INTERNAL_KEY: INTERNAL_KEY }

onEveryEngine('OpenWiFi: validating tokens of subscribers', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const ask = (headers: Record<string, string>, token: string) =>
    house.call('GET', `/api/v1/validateSubToken?token=${token}`, { headers: headers })
  const askInside = (headers: Record<string, string>, token: string) =>
    house.callInternal('GET', `/api/v1/validateSubToken?token=${token}`, { headers: headers })

  let made = 0
  async function newSubscriber() {
    const email = `subscriber-${++made}@example.org`
    const json = { email, userRole: 'subscriber', currentPassword: PASSWORD }
    const created = await house.call('POST', '/api/v1/subuser/0', { json, headers: bearer(root.token) })
    assert.equal(created.status, 200, created.text)
    const signIn = { json: { userId: email, password: PASSWORD } }
    const session = await house.call('POST', '/api/v1/suboauth2', signIn)
    assert.equal(session.status, 200, session.text)
    return { id: created.json.id as string, email, token: session.json.access_token as string }
  }

  it('tells users who may ask, and services, whose a token is', async () => {
    const someone = await newSubscriber()
    const reply = await ask(bearer(root.token), someone.token)
    assert.equal(reply.status, 200, reply.text)
    const { tokenInfo, userInfo } = reply.json
    assert.deepEqual(
      [tokenInfo.access_token, tokenInfo.refresh_token, tokenInfo.username],
      [someone.token, '', someone.email],
    )
    assert.deepEqual(
      [userInfo.id, userInfo.userRole, userInfo.currentPassword, userInfo.lastPasswords],
      [someone.id, 'subscriber', '', []],
    )
    for (const role of ['admin', 'partner', 'system'])
      assert.equal((await ask(bearer((await newPerson(house, root, { role })).token), someone.token)).status, 200)
    for (const role of ['csr', 'subscriber', 'installer', 'noc', 'accounting'])
      denied(await ask(bearer((await newPerson(house, root, { role })).token), someone.token), 7)
    assert.equal((await askInside(asService(), someone.token)).status, 200)
    assert.equal((await ask(withKey((await newKey(house, root)).apiKey), someone.token)).status, 200)
  })

  it('keeps the two populations apart', async () => {
    const someone = await newSubscriber()
    const user = await newPerson(house, root)
    refused(await ask(bearer(root.token), user.token), 404, 404)
    refused(await askInside(asService(), user.token), 404, 404)
    const asUser = `/api/v1/validateToken?token=${someone.token}`
    refused(await house.call('GET', asUser, { headers: bearer(root.token) }), 404, 404)
    refused(await house.callInternal('GET', asUser, { headers: asService() }), 404, 404)
    // A subscriber asks nothing here, not even about himself.
    denied(await ask(bearer(someone.token), someone.token), 8)
    refused(await ask(bearer(root.token), ''), 404, 404)
    refused(await ask(bearer(root.token), 'unknown'), 404, 404)
    denied(await ask({}, someone.token), 8)
  })

  it('forgets a kept answer when the subscriber signs out, is suspended or deleted', async () => {
    const put = (id: string, json: unknown) =>
      house.call('PUT', `/api/v1/subuser/${id}`, { json, headers: bearer(root.token) })
    const ends: ((someone: { id: string; token: string }) => Promise<unknown>)[] = [
      ({ token }) => house.call('DELETE', `/api/v1/suboauth2/${token}`, { headers: bearer(token) }),
      ({ id }) => put(id, { suspended: true }),
      ({ id }) => house.call('DELETE', `/api/v1/subuser/${id}`, { headers: bearer(root.token) }),
    ]
    for (const end of ends) {
      const someone = await newSubscriber()
      await keptAnswer(house, () => askInside(asService(), someone.token))
      await end(someone)
      refused(await askInside(asService(), someone.token), 404, 404)
    }
  })
})
