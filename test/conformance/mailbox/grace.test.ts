import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { accountScope, domainScope } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  addAuthenticator,
  type Client,
  cookieOf,
  METHODS,
  makeAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { decide } from './recovery.ts'

const DAY = 86_400_000

onEveryEngine('mailbox: time to set up a second factor', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  /** Somebody who must have a second factor, after some days. */
  async function obliged(twoStepGraceDays: number) {
    const account = await makeAccount(house)
    await decide(house, accountScope(account), { twoStep: 'mandatory', twoStepGraceDays })
    return account
  }
  const graceOf = async ({ call }: Client): Promise<string> => {
    const { twoFactor } = (await call('GET', `${SECURITY}/overview`)).json
    assert.equal(twoFactor.status, 'mandatory')
    return twoFactor.graceEndsDate
  }

  it('runs from the first sign-in, and is over after its days', async () => {
    const { email } = await obliged(7)
    // Before it nothing runs: an account may lie idle.
    house.clock.turn(30 * DAY)
    const began = house.clock.now()
    const first = await signIn(house, email)
    assert.equal(first.step, null)
    const end = String(Math.floor((began + 7 * DAY) / 1000))
    assert.equal(await graceOf(first), end)
    house.clock.turn(6 * DAY)
    // Later sign-ins do not move the end.
    assert.equal(await graceOf(await signIn(house, email)), end)
    house.clock.turn(DAY - 1)
    assert.equal((await signIn(house, email)).step, null)
    house.clock.turn(1)
    const late = await signIn(house, email)
    assert.equal(late.step, 'mandatory')
    refused(await late.call('DELETE', METHODS), 403, 'TWO_FACTOR_SETUP_REQUIRED')
    assert.equal(await graceOf(late), end)
  })

  it('ends early for who sets one up, and is not given twice', async () => {
    const { id, email } = await obliged(7)
    const client = await signIn(house, email)
    const app = await addAuthenticator(house, client.secure)
    const json = { methodId: app.id, totpToken: app.next() }
    assert.equal((await client.secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
    assert.equal(await graceOf(client), '')
    assert.equal((await signIn(house, email)).step, 'required')
    refused(
      await client.secure('DELETE', `${SECURITY}/2fa`, { json: { ...json, totpToken: app.next() } }),
      403,
      'SECURITY_TOKEN_INVALID',
    )
    // Lost, and taken away by the support desk after the days.
    house.clock.turn(8 * DAY)
    await house.ctx.db.updateTable('account').set({ two_step: 0 }).where('id', '=', id).execute()
    assert.equal((await signIn(house, email)).step, 'mandatory')
  })

  it('who let it pass sets one up at the sign-in, and is in', async () => {
    const { email } = await obliged(1)
    await signIn(house, email)
    house.clock.turn(DAY)
    const client = await signIn(house, email)
    assert.equal(client.step, 'mandatory')
    const app = await addAuthenticator(house, client.call)
    const done = await client.call('POST', `${SECURITY}/2fa`, { json: { methodId: app.id, totpToken: app.next() } })
    assert.equal(done.status, 200, done.text)
    client.cookie = cookieOf(done)
    assert.equal((await client.call('GET', `${SECURITY}/sessions`)).status, 200)
  })

  it('holds for the other ways in too', async () => {
    const { email } = await obliged(3)
    const authorization = `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}`
    const basic = () => plain(house, 'POST', '/login', { headers: { Authorization: authorization } })
    const json = { userId: email, password: PASSWORD }
    const tokens = () => house.call('POST', '/api/v1/oauth2', { json })
    assert.equal((await tokens()).status, 200)
    assert.equal((await basic()).status, 200)
    house.clock.turn(3 * DAY)
    refused(await basic(), 401, 'AUTH_FAILED')
    assert.equal((await tokens()).json.access_token, undefined)
  })

  it('is what the policy says now: of the account before that of its domain', async () => {
    const { id, email } = await makeAccount(house)
    await decide(house, domainScope('example.org'), { twoStep: 'mandatory', twoStepGraceDays: 5 })
    try {
      await signIn(house, email)
      house.clock.turn(2 * DAY)
      assert.equal((await signIn(house, email)).step, null)
      await decide(house, accountScope({ id }), { twoStepGraceDays: 2 })
      assert.equal((await signIn(house, email)).step, 'mandatory')
      await decide(house, accountScope({ id }), { twoStepGraceDays: 4 })
      assert.equal((await signIn(house, email)).step, null)
      await decide(house, accountScope({ id }), { twoStepGraceDays: 0 })
      assert.equal((await signIn(house, email)).step, 'mandatory')
      await decide(house, accountScope({ id }), { twoStep: 'enabled' })
      assert.equal((await signIn(house, email)).step, null)
    } finally {
      await decide(house, domainScope('example.org'), { twoStep: 'enabled', twoStepGraceDays: 0 })
    }
  })
})
