import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { accountScope } from '#src/domain/policy/policy.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { elevate } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { change, signedIn, withMethod } from '../openwifi/people.ts'
import { softPasskey } from './authenticator.ts'
import {
  type Authenticator,
  addAuthenticator,
  addMail,
  type Client,
  cookieOf,
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
import { addPasskey, PASSKEYS, pageOf, provenFor, signedFor } from './passkey-client.ts'
import { decide, mailedToken } from './recovery.ts'

const CHECK = `${SECURITY}/check`
const DEVICES = `${SECURITY}/trusteddevices`
const DAY = 86_400_000
const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

/** What the password alone would have been enough for: each would have led around the second step, or taken it away. */
const changes: readonly (readonly [method: string, path: string, json?: unknown])[] = [
  ['POST', `${SECURITY}/2fa/recoverycodes`],
  ['POST', METHODS, { method: 'authApp' }],
  ['POST', METHODS, { method: 'email', target: 'thief@elsewhere.example' }],
  ['DELETE', METHODS],
  ['DELETE', `${SECURITY}/2fa`, { methodId: 'x', totpToken: '000000' }],
  ['POST', `${PASSKEYS}/options`],
  ['DELETE', `${PASSKEYS}/x`],
  ['POST', `${SECURITY}/apppasswords`, { name: 'Thief', scopes: ['imap'] }],
  ['DELETE', `${SECURITY}/recovery`],
]

onEveryEngine('mailbox: the second step before a change, where the sign-in left it out', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_CODE_PAUSE: '0' } })
  })
  after(() => house.stop())

  const check = ({ call }: Client, step: Record<string, unknown> = {}): Promise<Reply> =>
    call('POST', CHECK, { json: { password: PASSWORD, ...step } })

  const codeOf = (app: Authenticator) => ({ methodId: app.id, totpToken: app.next() })

  /** A session of a browser that is trusted, beside all that its owner has. */
  async function trusted() {
    const made = await makeTwoStepAccount(house)
    const { email } = made.account
    const reply = await made.client.call('POST', DEVICES, { json: { name: 'Desk' } })
    assert.equal(reply.status, 200, reply.text)
    const device = cookieOf(reply)
    const browser = () => signIn(house, email, PASSWORD, { Cookie: device })
    const inside = await browser()
    assert.equal(inside.step, null)
    return { ...made, email, inside, browser }
  }

  /** Whoever knows the password, and nothing else, changes nothing in this session. */
  async function changesNothing(client: Client): Promise<void> {
    refused(await check(client), 403, 'SECOND_STEP_REQUIRED')
    for (const [method, path, json] of changes)
      refused(await client.call(method, path, { json }), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await client.call('POST', DEVICES, { json: {} }), 403, 'SECOND_STEP_REQUIRED')
  }

  async function elevated(client: Client, step: Record<string, unknown> = {}): Promise<string> {
    const { status, text, json } = await check(client, step)
    assert.equal(status, 200, text)
    assert.deepEqual(Object.keys(json), ['securityToken'])
    return json.securityToken
  }

  const waitingIn = async ({ call }: Client): Promise<string> =>
    (await call('GET', `${SECURITY}/overview`)).json.recovery.waitingUntilDate

  it('a trusted browser and the password change nothing of what protects the account', async () => {
    const { inside, recoveryCodes } = await trusted()
    await changesNothing(inside)
    assert.equal((await inside.call('GET', METHODS)).json.items.length, 1)
    // And nobody who does not know the password learns that something is missing, or uses anything up.
    const wrong = { password: 'Wrong-Horse-9' }
    refused(await check(inside, wrong), 403, 'INVALID_PASSWORD')
    refused(await check(inside, { ...wrong, recoveryCode: recoveryCodes[0] }), 403, 'INVALID_PASSWORD')
    await elevated(inside, { recoveryCode: recoveryCodes[0] })
  })

  it('a session from before changes nothing once 2-step verification is on, a securityToken in its hand or not', async () => {
    const { email } = await makeAccount(house)
    const early = await signIn(house, email)
    const old = await early.token()
    const owner = await signIn(house, email)
    const app = await addAuthenticator(house, owner.secure)
    assert.equal((await owner.secure('POST', `${SECURITY}/2fa`, { json: codeOf(app) })).status, 200)
    const headers = { 'X-Axigen-Security-Token': old }
    for (const [method, path, json] of changes)
      refused(await early.call(method, path, { json, headers }), 403, 'SECURITY_TOKEN_INVALID')
    await changesNothing(early)
    // The one that turned it on has shown a factor for that, and goes on.
    owner.renew()
    assert.equal((await owner.secure('POST', `${SECURITY}/2fa/recoverycodes`)).status, 200)
    assert.equal((await owner.call('POST', DEVICES, { json: {} })).status, 200)
  })

  it('nor does one from the days of grace, once they have been used', async () => {
    const account = await makeAccount(house)
    await decide(house, accountScope(account), { twoStep: 'mandatory', twoStepGraceDays: 7 })
    const [early, owner] = [await signIn(house, account.email), await signIn(house, account.email)]
    assert.deepEqual([early.step, owner.step], [null, null])
    const app = await addAuthenticator(house, owner.secure)
    assert.equal((await owner.secure('POST', `${SECURITY}/2fa`, { json: codeOf(app) })).status, 200)
    await changesNothing(early)
    await elevated(early, codeOf(app))
  })

  it('sessions on their way in without a second step end when it is turned on', async () => {
    const account = await makeAccount(house)
    house.clock.turn(2 * DAY)
    const owner = await signIn(house, account.email)
    const app = await addAuthenticator(house, owner.secure)
    await decide(house, accountScope(account), { passwordExpiryDays: 1 })
    const due = await signIn(house, account.email)
    refused(await due.call('GET', METHODS), 403, 'PASSWORD_CHANGE_REQUIRED')
    await decide(house, accountScope(account), { passwordExpiryDays: 0, twoStep: 'mandatory', twoStepGraceDays: 0 })
    const late = await signIn(house, account.email)
    assert.equal(late.step, 'mandatory')
    assert.equal((await owner.secure('POST', `${SECURITY}/2fa`, { json: codeOf(app) })).status, 200)
    for (const client of [due, late]) refused(await client.call('GET', '/account/info'), 401, 'AUTH_REQUIRED')
    const states = (await owner.call('GET', `${SECURITY}/sessions`)).json.items.map(({ state }: Session) => state)
    assert.deepEqual(states, ['full'])
  })

  interface Session {
    state: string
    secondStep: boolean
  }

  it('a session that stood before nothing but the setup has passed the step by it', async () => {
    const account = await makeAccount(house)
    await decide(house, accountScope(account), { twoStep: 'mandatory', twoStepGraceDays: 0 })
    const client = await signIn(house, account.email)
    assert.equal(client.step, 'mandatory')
    const app = await addAuthenticator(house, client.call)
    const turnedOn = await client.call('POST', `${SECURITY}/2fa`, { json: codeOf(app) })
    assert.equal(turnedOn.status, 200, turnedOn.text)
    client.cookie = cookieOf(turnedOn)
    await elevated(client)
  })

  it('turned on over OpenWiFi it is asked for alike, of who showed a passkey before as well', async () => {
    const { email } = await makeAccount(house)
    const early = await signIn(house, email)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(early.secure, passkey)
    const response = await signedFor(house, passkey)
    const reply = await plain(house, 'POST', '/login/passkey', { json: { response } })
    assert.equal(reply.status, 200, reply.text)
    const byPasskey: Client = { ...early, sessid: reply.json.sessid, cookie: cookieOf(reply) }
    byPasskey.call = (method, path, options = {}) =>
      plain(house, method, `${path}?_h=${encodeURIComponent(byPasskey.sessid)}`, {
        ...options,
        headers: { Cookie: byPasskey.cookie, ...options.headers },
      })
    const app = await addAuthenticator(house, early.secure)
    const old = await early.token()
    const person = await signedIn(house, email, PASSWORD)
    assert.equal((await change(house, person, person.id, withMethod('authenticator'))).status, 200)
    const headers = { 'X-Axigen-Security-Token': old }
    refused(await early.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
    for (const client of [early, byPasskey]) await changesNothing(client)
    await elevated(byPasskey, { response: await provenFor(byPasskey.call, passkey) })
    await elevated(early, codeOf(app))
  })

  it('is passed once for the session, and lets it do all that another may', async () => {
    const { inside, app, browser } = await trusted()
    const token = await elevated(inside, codeOf(app))
    const headers = { 'X-Axigen-Security-Token': token }
    const made = await inside.call('POST', `${SECURITY}/apppasswords`, {
      json: { name: 'Phone', scopes: ['imap'] },
      headers,
    })
    assert.equal(made.status, 200, made.text)
    await addPasskey(
      (method, path, options) => inside.call(method, path, { ...options, headers }),
      softPasskey(pageOf(house)),
    )
    const { items } = (await inside.call('GET', `${SECURITY}/sessions`)).json
    assert.equal(items.find(({ current }: { current: boolean }) => current).secondStep, true)
    await elevated(inside)
    house.clock.turn(599_999)
    assert.equal((await inside.call('POST', DEVICES, { json: {} })).status, 200)
    house.clock.turn(1)
    refused(await inside.call('POST', DEVICES, { json: {} }), 403, 'SECOND_STEP_REQUIRED')
    await elevated(inside)
    // For this session, and for no other of the same browser.
    await changesNothing(await browser())
  })

  it('is a code of a method, a recovery code or a passkey, each good once', async () => {
    const { client, app, recoveryCodes, browser, email } = await trusted()
    const target = `step-up-${email}`
    const mail = await addMail(house, client.secure, target)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(client.secure, passkey)
    const steps: readonly ((session: Client) => Promise<readonly [step: Record<string, unknown>, again: string]>)[] = [
      async () => [codeOf(app), 'TOKEN_ALREADY_USED'],
      async () => [{ recoveryCode: recoveryCodes[0] }, 'INVALID_TOKEN'],
      async ({ call }) => [{ response: await provenFor(call, passkey) }, 'INVALID_PASSKEY'],
      async ({ call }) => {
        empty(await call('POST', `${METHODS}/${mail}/sendtoken`))
        return [{ methodId: mail, totpToken: await house.inbox.code(target) }, 'INVALID_TOKEN']
      },
    ]
    for (const given of steps) {
      const session = await browser()
      const [step, again] = await given(session)
      await elevated(session, step)
      // It need not be shown any more; what is shown is judged all the same.
      refused(await check(session, step), 400, again)
    }
    const { recoveryCodesLeft } = (await client.call('GET', `${SECURITY}/overview`)).json
    assert.equal(recoveryCodesLeft, 9)
  })

  it('of several sessions at once one gets in by a recovery code', async () => {
    const { recoveryCodes, browser } = await trusted()
    const sessions = [await browser(), await browser(), await browser()]
    const replies = await Promise.all(sessions.map((session) => check(session, { recoveryCode: recoveryCodes[3] })))
    assert.deepEqual(replies.map(({ status }) => status).toSorted(), [200, 400, 400])
    const still = await Promise.all(sessions.map(async (session) => (await check(session)).status))
    assert.deepEqual(
      still,
      replies.map(({ status }) => (status === 200 ? 200 : 403)),
    )
  })

  it('wrong ones are said to be, counted over the account, and leave the session as it was', async () => {
    const { inside, app, client, recoveryCodes } = await trusted()
    const stranger = await makeTwoStepAccount(house)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(stranger.client.secure, passkey)
    const own = softPasskey(pageOf(house))
    await addPasskey(client.secure, own)
    const code = '000000'
    refused(await check(inside, { methodId: 'x', totpToken: code }), 404, 'NOT_FOUND')
    refused(await check(inside, codeOf(stranger.app)), 404, 'NOT_FOUND')
    const begun = (await client.secure('POST', METHODS, { json: { method: 'authApp' } })).json.id
    refused(await check(inside, { methodId: begun, totpToken: code }), 404, 'NOT_FOUND')
    refused(await check(inside, { recoveryCode: stranger.recoveryCodes[0] }), 400, 'INVALID_TOKEN')
    refused(await check(inside, { recoveryCode: '' }), 400, 'INVALID_TOKEN')
    const foreign = passkey.get((await inside.call('POST', `${PASSKEYS}/proof`)).json)
    refused(await check(inside, { response: foreign }), 400, 'INVALID_PASSKEY')
    // Signed for another session of the same person, or to sign in.
    const elsewhere = [await provenFor(client.call, own), await signedFor(house, own)]
    for (const response of elsewhere) refused(await check(inside, { response }), 400, 'INVALID_PASSKEY')
    await changesNothing(inside)
    let last: Reply | undefined
    for (let i = 0; i < 12; i++) last = await check(inside, { methodId: app.id, totpToken: code })
    refused(last!, 429, 'TOO_MANY_REQUESTS')
    assert.ok(Number(last!.headers.get('retry-after')) > 0)
    refused(await check(inside, { recoveryCode: recoveryCodes[0] }), 429, 'TOO_MANY_REQUESTS')
    house.clock.turn(900_000)
    await elevated(inside, { recoveryCode: recoveryCodes[0] })
  })

  it('one that is sent unasked is judged, and none at all is taken of two at once', async () => {
    const { client, app, recoveryCodes } = await makeTwoStepAccount(house)
    // This session has passed it already.
    refused(await check(client, { methodId: app.id, totpToken: '000000' }), 400, 'INVALID_TOKEN')
    const passkey = softPasskey(pageOf(house))
    await addPasskey(client.secure, passkey)
    const response = await provenFor(client.call, passkey)
    const recoveryCode = recoveryCodes[5]
    const method = codeOf(app)
    const hostile: readonly Record<string, unknown>[] = [
      { ...method, recoveryCode },
      { ...method, response },
      { recoveryCode, response },
      { ...method, recoveryCode, response },
      { methodId: app.id },
      { totpToken: method.totpToken },
      { methodId: app.id, recoveryCode },
      { ...method, color: 'red' },
      { recoveryCode: null },
      { recoveryCode: [recoveryCode] },
      { methodId: app.id, totpToken: Number(method.totpToken) },
      { response: {} },
      { response: 'x' },
      { password: undefined, recoveryCode },
    ]
    for (const step of hostile) refused(await check(client, step), 400, 'BAD_PARAMETER')
    // Nothing of that was used up.
    for (const step of [method, { recoveryCode }, { response }]) await elevated(client, step)
    // Where 2-step verification is off it is judged as well, and counts for nothing once it is on.
    const { email } = await makeAccount(house)
    const early = await signIn(house, email)
    const own = await addAuthenticator(house, early.secure)
    refused(await check(early, { methodId: own.id, totpToken: '000000' }), 400, 'INVALID_TOKEN')
    refused(await check(early, { recoveryCode }), 400, 'INVALID_TOKEN')
    await elevated(early, codeOf(own))
    const owner = await signIn(house, email)
    assert.equal((await owner.secure('POST', `${SECURITY}/2fa`, { json: codeOf(own) })).status, 200)
    await changesNothing(early)
  })

  it('says that the factors are not lost', async () => {
    const { client, app, inside, email } = await trusted()
    const target = `lost-${email}`
    await addMail(house, client.secure, target)
    const recoveryToken = await mailedToken(house, email, target)
    const json = { username: email, password: PASSWORD, recoveryToken }
    assert.equal((await plain(house, 'POST', '/recover/secondfactor', { json })).status, 200)
    refused(await check(inside), 403, 'SECOND_STEP_REQUIRED')
    assert.notEqual(await waitingIn(inside), '')
    await elevated(inside, codeOf(app))
    assert.equal(await waitingIn(inside), '')
  })

  it('is not asked for where the operator lets the password do, or lets nobody have it', async () => {
    const { account, inside } = await trusted()
    const scope = accountScope(account)
    await decide(house, scope, { basicNeedsFactor: false })
    const authorization = `Basic ${Buffer.from(`${account.email}:${PASSWORD}`).toString('base64')}`
    const headers = { Authorization: authorization }
    const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
    const basic = (json: unknown) =>
      plain(house, 'POST', CHECK, { json, headers: { ...headers, 'X-Axigen-Session': sessid } })
    assert.equal((await basic({ password: PASSWORD })).status, 200)
    await elevated(inside)
    await decide(house, scope, { basicNeedsFactor: true })
    refused(await basic({ password: PASSWORD }), 403, 'SECOND_STEP_REQUIRED')
    refused(await check(inside), 403, 'SECOND_STEP_REQUIRED')
    await decide(house, scope, { twoStep: 'disabled' })
    await elevated(inside)
  })

  it('comes in time when 2-step verification is turned on while the password is judged', async () => {
    const { id, email } = await makeAccount(house)
    await signIn(house, email)
    // As the rules know the account when the thief is let in, an instant before its owner is done.
    const account = (await findAccount(house.ctx, id))!
    const sessions = house.ctx.db.selectFrom('session').selectAll().where('account_id', '=', id)
    const signed = { account, session: await sessions.executeTakeFirstOrThrow() }
    await house.ctx.db.updateTable('account').set({ two_step: 1 }).where('id', '=', id).execute()
    const late = () => elevate(house.ctx, { signed, password: PASSWORD, origin })
    await assert.rejects(late(), (error) => isRefusal(error, 'elevation.step-missing'))
    await house.ctx.db.deleteFrom('session').where('id', '=', signed.session.id).execute()
    await assert.rejects(late(), (error) => isRefusal(error, 'session.invalid'))
  })
})
