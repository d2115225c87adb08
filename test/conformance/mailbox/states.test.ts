import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  codeOf,
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

type Step = readonly [method: string, path: string, json?: unknown]

const proof = { methodId: 'x', totpToken: '000000' }

/** Every call that needs a session, with what it would be sent; the ids are nobody's. */
const calls = {
  check: ['POST', `${SECURITY}/check`, { password: 'x' }],
  list: ['GET', METHODS],
  'list for the second step': ['GET', `${METHODS}?scope=2fa`],
  create: ['POST', METHODS, { method: 'authApp' }],
  qr: ['GET', `${METHODS}/x/qr`],
  sendtoken: ['POST', `${METHODS}/x/sendtoken`],
  activate: ['POST', `${METHODS}/x/activate`, { totpToken: '000000' }],
  revoke: ['DELETE', `${METHODS}/x`],
  'revoke all': ['DELETE', METHODS],
  'turn on': ['POST', `${SECURITY}/2fa`, proof],
  'turn off': ['DELETE', `${SECURITY}/2fa`, proof],
  'recovery codes': ['POST', `${SECURITY}/2fa/recoverycodes`],
  'second step': ['POST', '/login/2fa', proof],
  logout: ['POST', '/logout'],
} as const satisfies Record<string, Step>

type Name = keyof typeof calls

/** What every call answers in a state, in short: a status, or a status with its code. */
async function answersOf(call: Client['call'], headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const [name, [method, path, json]] of Object.entries(calls) as [Name, Step][]) {
    const reply: Reply = await call(method, path, { json, headers })
    answers[name] = reply.status === 200 ? '200' : `${reply.status} ${reply.json.errorCode}`
  }
  return answers
}

const all = (answer: string): Record<Name, string> =>
  Object.fromEntries(Object.keys(calls).map((name) => [name, answer])) as Record<Name, string>

onEveryEngine('mailbox: the states of a session', (engine) => {
  let house: House
  let mandatory: House
  before(async () => {
    house = await startHouse({ engine })
    mandatory = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
  })
  after(async () => {
    await house.stop()
    await mandatory.stop()
  })

  it('none: nothing is open', async () => {
    const answers = await answersOf((method, path, options) => plain(house, method, path, options))
    assert.deepEqual(answers, all('401 AUTH_REQUIRED'))
  })

  it('full: security settings ask for a securityToken', async () => {
    const { email } = await makeAccount(house)
    const open = {
      check: '403 INVALID_PASSWORD',
      list: '200',
      'list for the second step': '200',
      sendtoken: '404 NOT_FOUND',
      'second step': '403 NO_SECOND_STEP',
      logout: '200',
    }
    const { call } = await signIn(house, email)
    assert.deepEqual(await answersOf(call), { ...all('403 SECURITY_TOKEN_REQUIRED'), ...open })
    const again = await signIn(house, email)
    const wrong = await answersOf(again.call, { 'X-Axigen-Security-Token': 'unknown' })
    assert.deepEqual(wrong, { ...all('403 SECURITY_TOKEN_INVALID'), ...open })
  })

  it('full, with a securityToken: everything is open', async () => {
    const { email } = await makeAccount(house)
    const { secure } = await signIn(house, email)
    assert.deepEqual(await answersOf(secure), {
      check: '403 INVALID_PASSWORD',
      list: '200',
      'list for the second step': '200',
      create: '200',
      qr: '404 NOT_FOUND',
      sendtoken: '404 NOT_FOUND',
      activate: '404 NOT_FOUND',
      revoke: '404 NOT_FOUND',
      'revoke all': '200',
      'turn on': '404 NOT_FOUND',
      'turn off': '403 TWO_FACTOR_NOT_ACTIVE',
      'recovery codes': '403 TWO_FACTOR_NOT_ACTIVE',
      'second step': '403 NO_SECOND_STEP',
      logout: '200',
    })
  })

  it('the second step to come: only what leads to it is open, securityToken or not', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    assert.equal(partial.step, 'required')
    const expected = {
      ...all('403 TWO_FACTOR_REQUIRED'),
      'list for the second step': '200',
      sendtoken: '404 NOT_FOUND',
      'second step': '401 AUTH_FAILED',
      logout: '200',
    }
    assert.deepEqual(await answersOf(partial.call), expected)
    const other = await signIn(house, account.email)
    assert.deepEqual(await answersOf(other.call, { 'X-Axigen-Security-Token': await client.token() }), expected)
  })

  it('the second step to come: no method but an active one for it sends tokens', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const mail = await addMail(house, client.secure, 'second-step@elsewhere.example')
    const pending = (
      await client.secure('POST', METHODS, { json: { method: 'email', target: 'late@elsewhere.example' } })
    ).json.id
    const { call } = await signIn(house, account.email)
    refused(await call('POST', `${METHODS}/${pending}/sendtoken`), 404, 'NOT_FOUND')
    refused(await call('GET', `${METHODS}?scope=general`), 403, 'TWO_FACTOR_REQUIRED')
    const { items } = (await call('GET', `${METHODS}?scope=2fa`)).json
    assert.deepEqual(
      items.map(({ method, target }: Record<string, string>) => [method, target]),
      [
        ['authApp', ''],
        ['email', 'sec***@***ample'],
      ],
    )
    empty(await call('POST', `${METHODS}/${mail}/sendtoken`))
  })

  it('the second step to come: the other sessions are not its to end', async () => {
    const { account } = await makeTwoStepAccount(house)
    const { call } = await signIn(house, account.email)
    refused(await call('POST', '/logout/everywhere'), 403, 'TWO_FACTOR_REQUIRED')
  })

  it('the second step to come: is over after ten minutes', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const { call } = await signIn(house, account.email)
    house.clock.turn(599_000)
    assert.equal((await call('GET', `${METHODS}?scope=2fa`)).status, 200)
    house.clock.turn(2_000)
    const json = { methodId: app.id, totpToken: app.next() }
    refused(await call('POST', '/login/2fa', { json }), 401, 'AUTH_REQUIRED')
  })

  it('to be set up: a factor can be made without a securityToken, and nothing be taken away', async () => {
    const { email } = await makeAccount(mandatory)
    const client = await signIn(mandatory, email)
    assert.equal(client.step, 'mandatory')
    const expected = {
      check: '403 INVALID_PASSWORD',
      list: '200',
      'list for the second step': '200',
      create: '200',
      qr: '404 NOT_FOUND',
      sendtoken: '404 NOT_FOUND',
      activate: '404 NOT_FOUND',
      revoke: '403 TWO_FACTOR_SETUP_REQUIRED',
      'revoke all': '403 TWO_FACTOR_SETUP_REQUIRED',
      'turn on': '404 NOT_FOUND',
      'turn off': '403 TWO_FACTOR_SETUP_REQUIRED',
      'recovery codes': '403 TWO_FACTOR_SETUP_REQUIRED',
      'second step': '403 TWO_FACTOR_SETUP_REQUIRED',
      logout: '200',
    }
    assert.deepEqual(await answersOf(client.call), expected)
    // A securityToken that is sent all the same is simply accepted, whatever it is.
    const other = await signIn(mandatory, email)
    assert.deepEqual(await answersOf(other.call, { 'X-Axigen-Security-Token': 'whatever' }), expected)
    assert.match(await (await signIn(mandatory, email)).token(), /^[\w-]{40,}$/)
  })

  it('to be set up: becomes a full session by the set-up, with a new cookie', async () => {
    const { email } = await makeAccount(mandatory)
    const client = await signIn(mandatory, email)
    const rival = await signIn(mandatory, email)
    const app = await addAuthenticator(mandatory, client.call)
    const done = await client.call('POST', `${SECURITY}/2fa`, { json: { methodId: app.id, totpToken: app.next() } })
    assert.equal(done.json.recoveryCodes.length, 10)
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    client.cookie = cookieOf(done)
    assert.equal((await client.call('GET', METHODS)).json.items.length, 1)
    refused(await client.call('POST', METHODS, { json: { method: 'authApp' } }), 403, 'SECURITY_TOKEN_REQUIRED')
    // Whoever else began to set up with the password alone is out.
    refused(await rival.call('POST', METHODS, { json: { method: 'authApp' } }), 401, 'AUTH_REQUIRED')
    // Mandatory is mandatory: it can be passed, and not be turned off.
    const next = await signIn(mandatory, email)
    assert.equal(next.step, 'required')
    const json = { methodId: app.id, totpToken: app.next() }
    refused(await client.secure('DELETE', `${SECURITY}/2fa`, { json }), 403, 'TWO_FACTOR_MANDATORY')
    empty(await next.call('POST', '/login/2fa', { json }))
  })

  it('to be set up: the Authorization header opens nothing', async () => {
    const { email } = await makeAccount(mandatory)
    const headers = { Authorization: `Basic ${Buffer.from(`${email}:Correct-Horse-9`).toString('base64')}` }
    refused(await plain(mandatory, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
  })

  it('disabled by policy: whoever has it on signs in without it, and nobody turns it on', async (t) => {
    const { account, app } = await makeTwoStepAccount(house)
    assert.equal((await signIn(house, account.email)).step, 'required')
    const disabled = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'disabled' } })
    t.after(() => disabled.stop())
    const { email } = await makeAccount(disabled)
    const { secure, step } = await signIn(disabled, email)
    assert.equal(step, null)
    refused(await secure('POST', METHODS, { json: { method: 'authApp' } }), 403, 'NOT_ALLOWED_BY_POLICY')
    const mail = await addMail(disabled, secure, 'plain@elsewhere.example')
    const json = { methodId: mail, totpToken: codeOf(house, app.secret) }
    refused(await secure('POST', `${SECURITY}/2fa`, { json }), 403, 'NOT_ALLOWED_BY_POLICY')
  })
})
