import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, me, type Person, refused, signedIn } from './people.ts'

onEveryEngine('OpenWiFi: renewing tokens', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const renew = (token: string, refreshToken: unknown, query = 'grant_type=refresh_token') =>
    house.call('POST', `/api/v1/oauth2?${query}`, { json: { refreshToken }, headers: bearer(token) })

  it('gives a new pair with a fresh date, and the old one is dead at once', async () => {
    const before = await signedIn(house, root.email, root.password)
    house.clock.turn(5000)
    const reply = await renew(before.token, before.refresh)
    assert.equal(reply.status, 200, reply.text)
    const now = Math.floor(house.clock.now() / 1000)
    const { access_token: token, refresh_token: refresh, created, lastRefresh, expires_in } = reply.json
    assert.deepEqual([created, lastRefresh, expires_in], [now, now, 2_592_000])
    assert.equal(reply.json.errorCode, 0)
    assert.ok(token !== before.token && refresh !== before.refresh)
    denied(await me(house, before), 8)
    assert.equal((await me(house, { token })).status, 200)
  })

  it('takes what the mobile app sends: every flag on the URL, words for absent ones', async () => {
    const someone = await signedIn(house, root.email, root.password)
    const query =
      'newPassword=null&forgotPassword=false&requirements=false&resendMFACode=false&completeMFAChallenge=false&grant_type=refresh_token'
    assert.equal((await renew(someone.token, someone.refresh, query)).status, 200)
  })

  it('renews a token that is past its life, until the refresh token is', async () => {
    const someone = await signedIn(house, root.email, root.password)
    house.clock.turn(2_592_001_000)
    denied(await me(house, someone), 9)
    const reply = await renew(someone.token, someone.refresh)
    assert.equal(reply.status, 200)
    house.clock.turn(7_776_000_000)
    denied(await renew(reply.json.access_token, reply.json.refresh_token), 14)
  })

  it('needs both halves of one pair, and the grant type', async () => {
    const one = await signedIn(house, root.email, root.password)
    const other = await signedIn(house, root.email, root.password)
    denied(await renew(one.token, other.refresh), 14)
    denied(await renew('', one.refresh), 14)
    denied(await renew(one.refresh, one.token), 14)
    denied(await renew(one.token, one.refresh, 'x=y'), 2)
    refused(await renew(one.token, { $ne: '' }), 400, 1003)
    assert.equal((await renew(one.token, one.refresh)).status, 200)
  })

  it('lets exactly one of several renewals at the same instant through, and its tokens work', async () => {
    const someone = await signedIn(house, root.email, root.password)
    const replies = await Promise.all(Array.from({ length: 6 }, () => renew(someone.token, someone.refresh)))
    const [winner, ...more] = replies.filter(({ status }) => status === 200)
    assert.ok(winner && more.length === 0)
    for (const reply of replies) if (reply !== winner) denied(reply, 14)
    assert.equal((await me(house, { token: winner.json.access_token })).status, 200)
  })

  it('refuses a used refresh token, and ends the session when it comes back late', async () => {
    const someone = await signedIn(house, root.email, root.password)
    const { access_token: token, refresh_token: refresh } = (await renew(someone.token, someone.refresh)).json
    denied(await renew(someone.token, someone.refresh), 14)
    denied(await renew(token, someone.refresh), 14)
    assert.equal((await me(house, { token })).status, 200)
    house.clock.turn(11_000)
    denied(await renew(someone.token, someone.refresh), 14)
    denied(await me(house, { token }), 8)
    denied(await renew(token, refresh), 14)
  })
})
