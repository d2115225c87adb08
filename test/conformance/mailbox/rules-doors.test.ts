import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { accountScope, changePolicy, domainScope, type Policy } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { complete, denied, login, subscriberLogin } from '../openwifi/people.ts'
import {
  addAuthenticator,
  addMail,
  codeOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
const KEY = 'a-key-that-only-mail-servers-know-0123456789'

const basic = (name: string, password = PASSWORD) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

/** Nothing that opens a session: no cookie, no token, no session id. */
function opensNothing(reply: Reply): void {
  assert.equal(reply.headers.get('set-cookie'), null)
  for (const secret of ['sessid', 'access_token', 'refresh_token', 'session'])
    assert.equal(reply.json[secret], undefined, reply.text)
}

onEveryEngine('rules: no door is a way around the second step', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_MAIL_SERVER_KEY: KEY } })
  })
  after(() => house.stop())

  const say = (scope: string, changes: Partial<Policy>) =>
    changePolicy(house.ctx, { scope, changes, actor: 'test', origin })
  const byBasic = (email: string) => plain(house, 'POST', '/login', { headers: basic(email) })
  const appSuite = (email: string) =>
    house.call('POST', '/appsuite/api/login?action=login', { form: { name: email, password: PASSWORD } })
  const sessionsOf = async (id: string) =>
    (await house.ctx.db.selectFrom('session').select('state').where('account_id', '=', id).execute()).length

  it('Basic login: whatever the policy says of it, but that it need not be', async () => {
    const closed: [said: string, changes: Partial<Policy>, hasTwoStep: boolean][] = [
      ['nothing', {}, true],
      ['that it is mandatory', { twoStep: 'mandatory' }, true],
      ['that it is mandatory, after some days', { twoStep: 'mandatory', twoStepGraceDays: 7 }, true],
      ['that Basic login needs it', { twoStep: 'enabled', basicNeedsFactor: true }, true],
      ['that devices may be trusted', { trustedDeviceDays: 30 }, true],
      ['that it must be set up', { twoStep: 'mandatory' }, false],
    ]
    for (const [said, changes, hasTwoStep] of closed) {
      const account = hasTwoStep ? (await makeTwoStepAccount(house)).account : await makeAccount(house)
      const before = await sessionsOf(account.id)
      await say(accountScope(account), changes)
      const reply = await byBasic(account.email)
      assert.equal(reply.status, 401, said)
      refused(reply, 401, 'AUTH_FAILED')
      assert.equal(await sessionsOf(account.id), before, said)
    }
  })

  it('Basic login: open where an operator says so, for one account, and where no second step is asked of anybody', async () => {
    const waived: [changes: Partial<Policy>, hasTwoStep: boolean][] = [
      [{ basicNeedsFactor: false }, true],
      [{ basicNeedsFactor: false, twoStep: 'mandatory' }, false],
      [{ twoStep: 'disabled' }, true],
      [{ twoStep: 'mandatory', twoStepGraceDays: 7 }, false],
    ]
    for (const [changes, hasTwoStep] of waived) {
      const account = hasTwoStep ? (await makeTwoStepAccount(house)).account : await makeAccount(house)
      await say(accountScope(account), changes)
      assert.equal((await byBasic(account.email)).status, 200, JSON.stringify(changes))
    }
    const { account } = await makeTwoStepAccount(house)
    refused(await byBasic(account.email), 401, 'AUTH_FAILED')
  })

  it('Basic login: a policy of the domain closes it, and the account’s own comes before it', async () => {
    const inside = await makeAccount(house, { email: 'anna@closed.example' })
    const excused = await makeAccount(house, { email: 'emil@closed.example' })
    await say(domainScope('closed.example'), { twoStep: 'mandatory' })
    await say(accountScope(excused), { twoStep: 'enabled' })
    refused(await byBasic(inside.email), 401, 'AUTH_FAILED')
    assert.equal((await byBasic(excused.email)).status, 200)
  })

  it('Basic login: is not told from a wrong password', async () => {
    const { account } = await makeTwoStepAccount(house)
    const seen = (reply: Reply) => ({
      status: reply.status,
      text: reply.text,
      headers: [...reply.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
    })
    const right = seen(await byBasic(account.email))
    const headers = basic(account.email, 'Wrong-Horse-9')
    assert.deepEqual(seen(await plain(house, 'POST', '/login', { headers })), right)
  })

  it('OpenWiFi: a challenge instead of tokens, and no token without its answer', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const before = await sessionsOf(account.id)
    const challenge = await login(house, account.email, PASSWORD)
    opensNothing(challenge)
    assert.equal(challenge.json.question, 'mfa challenge')
    for (const answer of ['', '000000', undefined, PASSWORD])
      opensNothing(await complete(house, challenge.json.uuid, answer))
    // Its id is no token, nor a session id.
    const { uuid } = challenge.json
    const ways: Record<string, string>[] = [{ Authorization: `Bearer ${uuid}` }, { 'X-Axigen-Session': uuid }]
    for (const headers of ways) refused(await plain(house, 'GET', METHODS, { headers }), 401, 'AUTH_REQUIRED')
    assert.equal(await sessionsOf(account.id), before)
    const done = await complete(house, challenge.json.uuid, app.next())
    assert.equal(done.status, 200, done.text)
  })

  it('the subscribers’ door: the same', async () => {
    const account = await makeAccount(house, { population: 'subscriber' })
    const client = await signIn(house, account.email)
    const app = await addAuthenticator(house, client.secure)
    const json = { methodId: app.id, totpToken: app.next() }
    assert.equal((await client.secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
    const before = await sessionsOf(account.id)
    const challenge = await subscriberLogin(house, account.email, PASSWORD)
    opensNothing(challenge)
    assert.match(challenge.json.uuid, /^[0-9a-f-]{36}$/)
    // It is the other population's: the administrators' door knows nobody of this name.
    denied(await login(house, account.email, PASSWORD), 2)
    opensNothing(await complete(house, challenge.json.uuid, app.next()))
    assert.equal(await sessionsOf(account.id), before)
  })

  it('App Suite: closed, as long as it has no second step', async () => {
    const { account } = await makeTwoStepAccount(house)
    const mandatory = await makeAccount(house)
    await say(accountScope(mandatory), { twoStep: 'mandatory' })
    for (const { id, email } of [account, mandatory]) {
      const before = await sessionsOf(id)
      const reply = await appSuite(email)
      opensNothing(reply)
      assert.equal(reply.json.code, 'LGI-0006')
      assert.equal(await sessionsOf(id), before)
    }
  })

  it('a mandatory second factor that is still to be made: in no protocol but the one where it can be', async () => {
    const account = await makeAccount(house)
    await say(accountScope(account), { twoStep: 'mandatory' })
    for (const reply of [
      await login(house, account.email, PASSWORD),
      await byBasic(account.email),
      await appSuite(account.email),
    ])
      opensNothing(reply)
    assert.equal(await sessionsOf(account.id), 0)
    assert.equal((await signIn(house, account.email)).step, 'mandatory')
  })

  it('mail servers: the password alone is refused, though it is right', async () => {
    const { account } = await makeTwoStepAccount(house)
    for (const protocol of ['imap', 'smtp']) {
      const json = { address: account.email, password: PASSWORD, protocol, clientAddress: '192.0.2.7' }
      const reply = await house.call('POST', '/api/v1/auth/verify', { json, headers: { 'X-API-KEY': KEY } })
      assert.equal(reply.status, 200, reply.text)
      assert.deepEqual([reply.json.decision, reply.json.reason], ['deny', 'second-factor'])
    }
  })

  it('what one protocol asks for is good in that one: codes and answers do not wander', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const mail = await addMail(house, client.secure, 'wander@elsewhere.example')
    const partial = await signIn(house, account.email)
    empty(await partial.call('POST', `${METHODS}/${mail}/sendtoken`))
    const sent = await house.inbox.code('wander@elsewhere.example')
    const challenge = await login(house, account.email, PASSWORD)
    denied(await complete(house, challenge.json.uuid, sent), 12)
    const json = { methodId: challenge.json.uuid, totpToken: codeOf(house, app.secret, 1) }
    refused(await partial.call('POST', '/login/2fa', { json }), 401, 'AUTH_FAILED')
    empty(await partial.call('POST', '/login/2fa', { json: { methodId: mail, totpToken: sent } }))
  })
})
