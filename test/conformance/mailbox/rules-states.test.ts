import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { accountScope, changePolicy } from '#src/domain/policy/policy.ts'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { bearer, signedIn } from '../openwifi/people.ts'
import { type Client, empty, makeAccount, makeTwoStepAccount, PASSWORD, plain, refused, signIn } from './client.ts'

type State = 'full' | 'required' | 'setup' | 'change' | 'delegated'
type Call = (method: string, path: string, options?: CallOptions) => Promise<Reply>

/** Everybody's, with no session at all. */
const anyone = [
  'POST /login',
  'POST /login/cookie',
  'POST /login/passkey',
  'POST /login/passkey/options',
  'GET /session',
  'GET /captha',
  'GET /captha/status',
  'GET /captcha',
  'GET /captcha/status',
  'POST /recover/username',
  'GET /recover/password/methods',
  'POST /recover/password/sendtoken',
  'POST /recover/password/validatetoken',
  'POST /recover/password/reset',
  'POST /recover/secondfactor',
]

/** Every call that needs a session, and the states in which it is let through. A star: with a securityToken, when full. */
const open: Record<string, string> = {
  'POST /login/2fa': 'required',
  'POST /login/2fa/passkey': 'required',
  'POST /logout': 'full required setup change delegated',
  'POST /logout/everywhere': 'full',
  'PUT /session': 'full required setup change delegated',
  'GET /account/info': 'full setup change delegated',
  'POST /account/password/set': 'full change',
  'POST /account/password/reset': 'full change',
  'POST /account/security/check': 'full setup',
  'GET /account/security/methods': 'full required setup',
  'POST /account/security/methods': 'full* setup',
  'DELETE /account/security/methods': 'full*',
  'DELETE /account/security/methods/{id}': 'full*',
  'GET /account/security/methods/{id}/qr': 'full* setup',
  'POST /account/security/methods/{id}/sendtoken': 'full required setup',
  'POST /account/security/methods/{id}/activate': 'full* setup',
  'POST /account/security/2fa': 'full* setup',
  'POST /account/security/2fa/activate': 'full* setup',
  'DELETE /account/security/2fa': 'full*',
  'POST /account/security/2fa/recoverycodes': 'full*',
  // What the published API does not have.
  'GET /account/security/authenticators': 'full setup',
  'PUT /account/security/authenticators/{id}': 'full setup',
  'GET /account/security/passkeys': 'full setup',
  'POST /account/security/passkeys': 'full* setup',
  'POST /account/security/passkeys/options': 'full* setup',
  'POST /account/security/passkeys/proof': 'full required setup',
  'PUT /account/security/passkeys/{id}': 'full',
  'DELETE /account/security/passkeys/{id}': 'full*',
  'POST /account/security/2fa/passkey': 'full* setup',
  'DELETE /account/security/2fa/passkey': 'full*',
  'GET /account/security/trusteddevices': 'full',
  'POST /account/security/trusteddevices': 'full',
  'DELETE /account/security/trusteddevices': 'full',
  'DELETE /account/security/trusteddevices/{id}': 'full',
  'GET /account/security/sessions': 'full',
  'DELETE /account/security/sessions': 'full',
  'DELETE /account/security/sessions/{id}': 'full',
  'GET /account/security/activity': 'full',
  'GET /account/security/overview': 'full setup',
  'GET /account/security/apppasswords': 'full',
  'POST /account/security/apppasswords': 'full*',
  'PUT /account/security/apppasswords/{id}': 'full',
  'DELETE /account/security/apppasswords/{id}': 'full*',
  'DELETE /account/security/recovery': 'full*',
}

/** How a state is told that a call is not for it. */
const withheld: Record<State, string> = {
  full: 'NO_SECOND_STEP',
  required: 'TWO_FACTOR_REQUIRED',
  setup: 'TWO_FACTOR_SETUP_REQUIRED',
  change: 'PASSWORD_CHANGE_REQUIRED',
  delegated: 'NOT_AVAILABLE_WITH_OAUTH',
}

/**
 * The code of an OX error, which is a JSON object always. Of an answer it is empty: some are bare words, a file of keys,
 * or nothing at all.
 */
const oxCode = (reply: Reply): string => (reply.text.startsWith('{') ? String(reply.json.code ?? '') : '')

// No session, one that is over, and one that has a second step or a new password before it.
const isShutOut = (reply: Reply): boolean => reply.status === 403 && [1, 8, 9, 12].includes(reply.json.ErrorCode)

/** Who is turned away at the door of another protocol, before anything he sent was looked at. */
const shut: Record<string, (reply: Reply) => boolean> = {
  guard: (reply) => /^(SES-020[136]|LGI-0006)$/.test(oxCode(reply)),
  mail: ({ status }) => status === 401 || status === 403,
  openwifi: isShutOut,
  'openwifi-subscribers': isShutOut,
}

const basePath = '/api/v1'
const queries: Record<string, string> = { 'GET /account/security/methods': '?scope=2fa' }

onEveryEngine('rules: what each state of a session lets through', (engine) => {
  let house: House
  let described: { at: string; who: string; states: string[] }[]
  before(async () => {
    house = await startHouse({ engine })
    const { json } = await house.call('GET', `${basePath}/openapi.json?protocol=mailbox`)
    described = Object.entries(json.paths as Record<string, Record<string, Record<string, unknown>>>).flatMap(
      ([path, operations]) =>
        Object.entries(operations).map(([method, operation]) => ({
          at: `${method.toUpperCase()} ${path.slice(basePath.length)}`,
          who: operation['x-who'] as string,
          states: (operation['x-session-states'] ?? []) as string[],
        })),
    )
  })
  after(() => house.stop())

  /** Sends nothing that could be done, so that whoever is let through hears of that. */
  function ask(call: Call, at: string): Promise<Reply> {
    const [method = '', path = ''] = at.split(' ')
    const hollow = method === 'GET' ? {} : { json: { color: 'red' } }
    return call(method, path.replace(/\{\w+\}/g, 'x') + (queries[at] ?? ''), hollow)
  }

  /** The calls that a session is let through to. The logout comes last: it would be the end. */
  async function openTo(call: Call, state: State, alsoWithheld: readonly string[] = []): Promise<string[]> {
    const passed = []
    for (const at of Object.keys(open)) {
      const reply = await ask(call, at)
      assert.notEqual(reply.status, 401, `${state} ${at}: ${reply.text}`)
      const code = reply.status === 200 ? '' : reply.json.errorCode
      if (code === withheld[state] || alsoWithheld.includes(code)) refused(reply, 403, code)
      else passed.push(at)
    }
    return passed
  }

  const expected = (state: string): string[] => Object.keys(open).filter((at) => open[at]!.split(' ').includes(state))

  async function delegated(): Promise<Call> {
    const { email } = await makeAccount(house)
    const headers = bearer((await signedIn(house, email, PASSWORD)).token)
    const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
    const held = { ...headers, 'X-Axigen-Session': sessid }
    return (method, path, options = {}) => plain(house, method, path, { ...options, headers: held })
  }

  /** A session that must set up its second factor, by a policy of its account. */
  async function inSetup(): Promise<Client> {
    const account = await makeAccount(house)
    const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
    const policy = { scope: accountScope(account), changes: { twoStep: 'mandatory' }, actor: 'test', origin } as const
    await changePolicy(house.ctx, policy)
    const client = await signIn(house, account.email)
    assert.equal(client.step, 'mandatory')
    return client
  }

  async function inRequired(): Promise<Client> {
    const { account } = await makeTwoStepAccount(house)
    const client = await signIn(house, account.email)
    assert.equal(client.step, 'required')
    return client
  }

  const inChange = async () => signIn(house, (await makeAccount(house, { mustChangePassword: true })).email)

  it('is written down here for every call there is', () => {
    const all = described.map(({ at }) => at)
    assert.deepEqual(all.toSorted(), [...anyone, ...Object.keys(open)].toSorted())
    for (const { at, who, states } of described) {
      assert.equal(who === 'anyone', anyone.includes(at), at)
      if (who !== 'anyone') assert.deepEqual(states.toSorted(), open[at]!.replace('*', '').split(' ').toSorted(), at)
    }
  })

  it('none: nothing but what is everybody’s', async () => {
    for (const at of Object.keys(open)) refused(await ask((...args) => plain(house, ...args), at), 401, 'AUTH_REQUIRED')
    for (const at of anyone) {
      house.clock.turn(1000)
      const reply = await ask((...args) => plain(house, ...args), at)
      assert.notEqual(reply.json.errorCode, 'AUTH_REQUIRED', at)
    }
  })

  it('required: exactly what leads over the second step, securityToken or not', async () => {
    const client = await inRequired()
    assert.deepEqual(await openTo(client.call, 'required'), expected('required'))
    const headers = { 'X-Axigen-Security-Token': 'whatever' }
    const call: Call = (method, path, options) => client.call(method, path, { ...options, headers })
    assert.deepEqual(await openTo(call, 'required'), expected('required'))
    for (const scope of ['general', 'usernameRecovery', 'passwordRecovery'])
      refused(await client.call('GET', `/account/security/methods?scope=${scope}`), 403, 'TWO_FACTOR_REQUIRED')
  })

  it('setup: exactly what makes a second factor, and asks for no securityToken', async () => {
    const { call } = await inSetup()
    assert.deepEqual(await openTo(call, 'setup'), expected('setup'))
  })

  it('change: exactly what brings a new password', async () => {
    const { call } = await inChange()
    assert.deepEqual(await openTo(call, 'change'), expected('change'))
  })

  it('delegated: exactly what changes nothing of the account', async () => {
    assert.deepEqual(await openTo(await delegated(), 'delegated'), expected('delegated'))
  })

  it('full: everything but a second step, and the rest with a securityToken of ten minutes of this session', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    assert.deepEqual(await openTo(client.call, 'full', ['SECURITY_TOKEN_REQUIRED']), expected('full'))
    assert.deepEqual(
      await openTo(client.secure, 'full'),
      Object.keys(open).filter((at) => /full/.test(open[at]!)),
    )
    const stranger = await signIn(house, (await makeAccount(house)).email)
    const sibling = await signIn(house, email)
    const old = await client.token()
    house.clock.turn(600_000)
    const fresh = await client.token()
    const bad = ['x', old, await sibling.token(), await stranger.token(), fresh.slice(1), `${fresh}x`]
    for (const at of Object.keys(open).filter((at) => open[at]!.includes('*'))) {
      for (const token of bad) {
        const headers = { 'X-Axigen-Security-Token': token }
        const call: Call = (method, path, options) => client.call(method, path, { ...options, headers })
        refused(await ask(call, at), 403, 'SECURITY_TOKEN_INVALID')
      }
    }
    // None of that was the end of anything.
    empty(await client.call('DELETE', '/account/security/methods', { headers: { 'X-Axigen-Security-Token': fresh } }))
  })

  it('full, from before 2-step verification: no securityToken for the password, and nothing that asks for one', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    await house.ctx.db.updateTable('account').set({ two_step: 1 }).where('id', '=', id).execute()
    refused(
      await client.call('POST', '/account/security/check', { json: { password: PASSWORD } }),
      403,
      'SECOND_STEP_REQUIRED',
    )
    // Its state is what it was.
    assert.deepEqual(await openTo(client.call, 'full', ['SECURITY_TOKEN_REQUIRED']), expected('full'))
  })

  it('all of them but full: nothing in the other protocols', async () => {
    const clients = { required: await inRequired(), setup: await inSetup(), change: await inChange() }
    for (const [state, client] of Object.entries(clients)) {
      for (const protocol of Object.keys(shut)) assert.deepEqual(await openIn(protocol, client), [], state)
      // Still there, and no nearer to the end than before.
      assert.ok((await openTo(client.call, state as State)).length > 0)
    }
    assert.deepEqual(await house.ctx.db.selectFrom('key_session').selectAll().execute(), [])
    // What is full is let through there, so that the others were not turned away for something else.
    const full = await signIn(house, (await makeAccount(house)).email)
    for (const protocol of ['guard', 'mail', 'openwifi']) assert.ok((await openIn(protocol, full)).length > 0, protocol)
  })

  /** Sends a session of the mailbox to every call of another protocol that is not everybody’s; those it gets through to. */
  async function openIn(protocol: string, { sessid, cookie }: Client): Promise<string[]> {
    const { json } = await house.call('GET', `${basePath}/openapi.json?protocol=${protocol}`)
    const operations = Object.entries(json.paths as Record<string, Record<string, { security?: [] }>>).flatMap(
      ([path, methods]) =>
        Object.entries(methods).flatMap(([method, { security }]) =>
          security ? [] : [[method.toUpperCase(), path] as const],
        ),
    )
    assert.ok(operations.length > 0, protocol)
    const ways: [query: string, headers: Record<string, string>][] = [
      [`session=${sessid}`, { Cookie: cookie }],
      [`_h=${sessid}`, { Cookie: cookie }],
      ['', { Cookie: cookie, 'X-Axigen-Session': sessid }],
      ['', bearer(sessid)],
      [`session=${sessid}`, bearer(sessid)],
    ]
    const passed = new Set<string>()
    for (const [method, path] of operations) {
      // The end of a session is asked for last, if at all.
      if (/logout/.test(path)) continue
      const full = path.replace(/\{\w+\}/g, 'x')
      for (const [query, headers] of ways) {
        const options = method === 'GET' ? { headers } : { headers, json: { password: PASSWORD } }
        const reply = await house.call(method, `${full}${full.includes('?') ? '&' : '?'}${query}`, options)
        if (!shut[protocol]!(reply)) passed.add(`${method} ${path}`)
      }
    }
    return [...passed]
  }
})
