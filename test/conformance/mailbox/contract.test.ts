import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import {
  addMail,
  type Client,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  signIn,
} from './client.ts'

/**
 * Who asks: nobody; a full session; one with a securityToken; one with it of an account that has 2-step verification
 * on; one before its second step; one that must set it up; one of an access token.
 */
type Who = 'nobody' | 'full' | 'elevated' | 'protected' | 'required' | 'setup' | 'bearer'

/** One statement of the published API: asked so, it is answered so. */
interface Row {
  says: string
  ask: string
  as: Who
  with?: CallOptions
  is: 'empty' | 'json' | readonly [status: number, errorCode: string]
}

const INVALID_UTF8 = new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])
const proof = { methodId: '{app}', totpToken: '000000' }
const BAD = [400, 'BAD_PARAMETER'] as const
const GONE = [404, 'NOT_FOUND'] as const

/** What a request that nobody is signed in for must not reach. */
const closed = [
  'POST /account/security/check',
  'GET /account/security/methods',
  'POST /account/security/methods',
  'GET /account/security/methods/{app}/qr',
  'POST /account/security/methods/{app}/sendtoken',
  'POST /account/security/methods/{app}/activate',
  'DELETE /account/security/methods/{app}',
  'DELETE /account/security/methods',
  'POST /account/security/2fa',
  'DELETE /account/security/2fa',
  'POST /account/security/2fa/recoverycodes',
  'POST /login/2fa',
  'GET /account/info',
  'POST /account/password/set',
  'POST /account/password/reset',
]

const open: readonly Row[] = [
  { says: '§1 a captcha is asked for by nobody yet', ask: 'GET /captha/status?username=x', as: 'nobody', is: 'json' },
  { says: '§9 and under its right spelling', ask: 'GET /captcha/status?username=x', as: 'nobody', is: 'json' },
  {
    says: '§5.11 by address',
    ask: 'POST /recover/username',
    as: 'nobody',
    with: { json: { email: 'x@y.example' } },
    is: 'empty',
  },
  {
    says: '§5.11 by number',
    ask: 'POST /recover/username',
    as: 'nobody',
    with: { json: { phoneNumber: '+41446681800' } },
    is: 'empty',
  },
  {
    says: '§9 "email or phoneNumber", both marked required: one is',
    ask: 'POST /recover/username',
    as: 'nobody',
    with: { json: {} },
    is: BAD,
  },
  {
    says: '§9 the "URL parameter" is a query',
    ask: 'GET /recover/password/methods?username=x@y.example',
    as: 'nobody',
    is: 'json',
  },
  { says: '§5.12 the user name must be there', ask: 'GET /recover/password/methods', as: 'nobody', is: BAD },
]

/** §2: what holds for every call. */
const transport: readonly Row[] = [
  {
    says: 'an unknown member',
    ask: 'POST /account/security/check',
    as: 'full',
    with: { json: { password: PASSWORD, color: 'red' } },
    is: BAD,
  },
  { says: 'an unknown parameter', ask: 'GET /account/security/methods?color=red', as: 'full', is: BAD },
  {
    says: 'a member of another kind',
    ask: 'POST /account/security/check',
    as: 'full',
    with: { json: { password: 7 } },
    is: BAD,
  },
  { says: 'a missing member', ask: 'POST /account/security/check', as: 'full', with: { json: {} }, is: BAD },
  { says: 'no body where one is needed', ask: 'POST /account/security/check', as: 'full', is: BAD },
  { says: 'invalid UTF-8', ask: 'POST /account/security/check', as: 'full', with: { body: INVALID_UTF8 }, is: BAD },
  { says: 'invalid UTF-8 in the query', ask: 'GET /account/security/methods?scope=%C3%28', as: 'full', is: BAD },
  { says: 'no JSON', ask: 'POST /account/security/check', as: 'full', with: { body: 'password=x' }, is: BAD },
  { says: 'a list', ask: 'POST /account/security/check', as: 'full', with: { body: '[]' }, is: BAD },
  {
    says: 'JSON without its type',
    ask: 'POST /account/security/check',
    as: 'full',
    with: { body: `{"password":"${PASSWORD}"}` },
    is: 'json',
  },
  { says: 'no body where none is needed', ask: 'DELETE /account/security/methods', as: 'elevated', is: 'empty' },
  {
    says: 'an empty one is fine',
    ask: 'DELETE /account/security/methods',
    as: 'elevated',
    with: { json: {} },
    is: 'empty',
  },
  {
    says: 'something there is not',
    ask: 'DELETE /account/security/methods',
    as: 'elevated',
    with: { json: { id: 'x' } },
    is: BAD,
  },
  {
    says: 'nor at sendtoken',
    ask: 'POST /account/security/methods/x/sendtoken',
    as: 'full',
    with: { json: { method: 'sms' } },
    is: BAD,
  },
  {
    says: 'nor are bytes',
    ask: 'POST /account/security/methods/x/sendtoken',
    as: 'full',
    with: { body: 'x' },
    is: BAD,
  },
  { says: 'nor null', ask: 'POST /account/security/methods/x/sendtoken', as: 'full', with: { body: 'null' }, is: BAD },
]

/** §3: the statuses of the security calls. 401 is said where no session can be used, and nowhere else. */
const errors: readonly Row[] = [
  { says: 'no session', ask: 'GET /account/security/methods', as: 'nobody', is: [401, 'AUTH_REQUIRED'] },
  {
    says: 'an unknown session',
    ask: 'GET /account/security/methods?_h=unknown',
    as: 'nobody',
    with: { headers: { Cookie: 'mailbox-secret-0000000000000000=unknown' } },
    is: [401, 'AUTH_REQUIRED'],
  },
  {
    says: 'a wrong password at the sign-in',
    ask: 'POST /login/cookie',
    as: 'nobody',
    with: { json: { username: '{full}', password: 'x' } },
    is: [401, 'AUTH_FAILED'],
  },
  {
    says: 'an unknown user at the sign-in',
    ask: 'POST /login/cookie',
    as: 'nobody',
    with: { json: { username: 'x', password: 'x' } },
    is: [401, 'AUTH_FAILED'],
  },
  { says: 'no credentials at /login', ask: 'POST /login', as: 'nobody', is: [401, 'AUTH_FAILED'] },
  {
    says: 'a bad token at /login',
    ask: 'POST /login',
    as: 'nobody',
    with: { headers: { Authorization: 'Bearer x' } },
    is: [401, 'AUTH_FAILED'],
  },
  {
    says: 'a wrong code at /login/2fa',
    ask: 'POST /login/2fa',
    as: 'required',
    with: { json: proof },
    is: [401, 'AUTH_FAILED'],
  },
  {
    says: 'a session before its second step',
    ask: 'POST /account/security/check',
    as: 'required',
    with: { json: { password: PASSWORD } },
    is: [403, 'TWO_FACTOR_REQUIRED'],
  },
  {
    says: 'the same, deleting',
    ask: 'DELETE /account/security/methods',
    as: 'required',
    is: [403, 'TWO_FACTOR_REQUIRED'],
  },
  {
    says: 'a session that must set it up',
    ask: 'DELETE /account/security/methods',
    as: 'setup',
    is: [403, 'TWO_FACTOR_SETUP_REQUIRED'],
  },
  {
    says: 'no securityToken',
    ask: 'DELETE /account/security/methods',
    as: 'full',
    is: [403, 'SECURITY_TOKEN_REQUIRED'],
  },
  {
    says: 'an unknown securityToken',
    ask: 'DELETE /account/security/methods',
    as: 'full',
    with: { headers: { 'X-Axigen-Security-Token': 'unknown' } },
    is: [403, 'SECURITY_TOKEN_INVALID'],
  },
  {
    says: 'a securityToken of another session',
    ask: 'DELETE /account/security/methods',
    as: 'full',
    with: { headers: { 'X-Axigen-Security-Token': '{foreignToken}' } },
    is: [403, 'SECURITY_TOKEN_INVALID'],
  },
  {
    says: 'a wrong password at /check',
    ask: 'POST /account/security/check',
    as: 'full',
    with: { json: { password: 'x' } },
    is: [403, 'INVALID_PASSWORD'],
  },
  {
    says: 'the last method while 2-step verification is on',
    ask: 'DELETE /account/security/methods/{app}',
    as: 'protected',
    is: [403, 'METHOD_IN_USE'],
  },
  {
    says: 'all methods while it is on',
    ask: 'DELETE /account/security/methods',
    as: 'protected',
    is: [403, 'METHOD_IN_USE'],
  },
  {
    says: 'a wrong code when it is turned off',
    ask: 'DELETE /account/security/2fa',
    as: 'protected',
    with: { json: { ...proof, methodId: '{app}' } },
    is: [400, 'INVALID_TOKEN'],
  },
  {
    says: 'a recovery code there',
    ask: 'DELETE /account/security/2fa',
    as: 'elevated',
    with: { json: { recoveryCode: 'x' } },
    is: BAD,
  },
  { says: 'a QR code of a mail method', ask: 'GET /account/security/methods/{mail}/qr', as: 'elevated', is: BAD },
  {
    says: 'a token of an authenticator',
    ask: 'POST /account/security/methods/{ownApp}/sendtoken',
    as: 'elevated',
    is: BAD,
  },
  { says: 'an unknown scope', ask: 'GET /account/security/methods?scope=3fa', as: 'full', is: BAD },
  {
    says: 'a missing target',
    ask: 'POST /account/security/methods',
    as: 'elevated',
    with: { json: { method: 'email' } },
    is: BAD,
  },
  { says: 'an unknown method', ask: 'DELETE /account/security/methods/unknown', as: 'elevated', is: GONE },
  { says: 'another account’s method', ask: 'DELETE /account/security/methods/{foreign}', as: 'elevated', is: GONE },
  {
    says: 'another account’s method, sending',
    ask: 'POST /account/security/methods/{foreign}/sendtoken',
    as: 'full',
    is: GONE,
  },
  {
    says: 'another account’s method, turning on',
    ask: 'POST /account/security/2fa',
    as: 'elevated',
    with: { json: { ...proof, methodId: '{foreign}' } },
    is: GONE,
  },
  {
    says: 'another session’s pending one',
    ask: 'GET /account/security/methods/{foreignPending}/qr',
    as: 'elevated',
    is: GONE,
  },
  {
    says: 'another session’s pending one, activating',
    ask: 'POST /account/security/methods/{foreignPending}/activate',
    as: 'elevated',
    with: { json: { totpToken: '000000' } },
    is: GONE,
  },
  {
    says: 'a wrong recovery token',
    ask: 'POST /recover/password/validatetoken',
    as: 'nobody',
    with: { json: { username: '{full}', recoveryToken: 'x' } },
    is: [400, 'INVALID_RECOVERY_TOKEN'],
  },
  {
    says: 'an unknown user’s',
    ask: 'POST /recover/password/validatetoken',
    as: 'nobody',
    with: { json: { username: 'x', recoveryToken: 'x' } },
    is: [400, 'INVALID_RECOVERY_TOKEN'],
  },
  {
    says: 'a wrong one when resetting',
    ask: 'POST /recover/password/reset',
    as: 'nobody',
    with: { json: { userName: 'x', recoveryToken: 'x', newPassword: 'x' } },
    is: [400, 'INVALID_RECOVERY_TOKEN'],
  },
  {
    says: 'the user name in its usual spelling',
    ask: 'POST /recover/password/reset',
    as: 'nobody',
    with: { json: { username: 'x', recoveryToken: 'x', newPassword: 'x' } },
    is: [400, 'INVALID_RECOVERY_TOKEN'],
  },
  {
    says: 'an initial password that is not due',
    ask: 'POST /account/password/set',
    as: 'full',
    with: { json: { newPassword: 'Another-Good-Horse-9' } },
    is: [403, 'PASSWORD_CHANGE_NOT_DUE'],
  },
  {
    says: 'a wrong old password',
    ask: 'POST /account/password/reset',
    as: 'full',
    with: { json: { oldPassword: 'x', newPassword: 'Another-Good-Horse-9' } },
    is: [403, 'INVALID_PASSWORD'],
  },
  { says: 'an unknown path', ask: 'GET /account/security/unknown', as: 'full', is: GONE },
]

/** §3, §4: a program with an access token, whose second step was its issuer's business. */
const delegated: readonly Row[] = [
  { says: 'the security check', ask: 'POST /account/security/check', with: { json: { password: PASSWORD } } },
  { says: 'the list', ask: 'GET /account/security/methods' },
  { says: 'a new method', ask: 'POST /account/security/methods', with: { json: { method: 'authApp' } } },
  { says: 'sending', ask: 'POST /account/security/methods/{app}/sendtoken' },
  { says: 'removing', ask: 'DELETE /account/security/methods/{app}' },
  { says: 'removing all', ask: 'DELETE /account/security/methods' },
  { says: 'turning on', ask: 'POST /account/security/2fa', with: { json: proof } },
  { says: 'turning off', ask: 'DELETE /account/security/2fa', with: { json: proof } },
  { says: 'recovery codes', ask: 'POST /account/security/2fa/recoverycodes' },
].map((row) => ({ ...row, as: 'bearer', is: [403, 'NOT_AVAILABLE_WITH_OAUTH'] }))

/** §5.3: what a target must be. */
const targets: readonly Row[] = [
  ...[
    { method: 'authApp', target: 'x@elsewhere.example' },
    { method: 'authApp', target: '' },
    { method: 'sms' },
    { method: 'sms', target: '' },
    { method: 'sms', target: '0446681800' },
    { method: 'sms', target: '+41' },
    { method: 'sms', target: '+414466818001234567' },
    { method: 'sms', target: 'call +41446681800' },
    { method: 'sms', target: 'x@elsewhere.example' },
    { method: 'email', target: '' },
    { method: 'email', target: 'a@b@c.example' },
    { method: 'email', target: 'x <x@elsewhere.example>' },
    { method: 'email', target: 'x@elsewhere.example, y@elsewhere.example' },
    { method: 'email', target: `${'x'.repeat(250)}@elsewhere.example` },
    { method: 'email', target: '+41446681800' },
    { method: 'email', target: '{full}' },
    { method: 'email', target: ' {FULL} ' },
    { method: 'email', target: null },
    { method: 'AuthApp' },
    { method: '' },
    { method: ['sms'] },
  ].map((json) => ({
    says: `not ${JSON.stringify(json)}`,
    ask: 'POST /account/security/methods',
    as: 'full' as const,
    with: { json, headers: { 'X-Axigen-Security-Token': '{fullToken}' } },
    is: BAD,
  })),
]

/** A session that an access token opened, which travels with every call. */
async function withToken(house: House, email: string): Promise<Pick<Client, 'call' | 'secure'>> {
  const signed = await house.call('POST', '/api/v1/oauth2', { json: { userId: email, password: PASSWORD } })
  const own = { Authorization: `Bearer ${signed.json.access_token}` }
  const { sessid } = (await plain(house, 'POST', '/login', { headers: own })).json
  const call: Client['call'] = (method, path, options = {}) =>
    plain(house, method, path, { ...options, headers: { ...own, 'X-Axigen-Session': sessid, ...options.headers } })
  return { call, secure: call }
}

onEveryEngine('mailbox: the contract, row by row', (engine) => {
  let house: House
  let mandatory: House
  let sms: SmsProvider
  let clients: Record<Exclude<Who, 'nobody'>, Pick<Client, 'call' | 'secure'>>
  const known: Record<string, string> = {}

  before(async () => {
    sms = await openSmsProvider()
    const settings = { CHATELAINE_FAILURES_ALLOWED: '1000', CHATELAINE_TRIES: '1000', ...sms.settings }
    house = await startHouse({ engine, settings })
    mandatory = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    const full = await signIn(house, (await makeAccount(house)).email)
    const stranger = await signIn(house, (await makeAccount(house)).email)
    const elevated = await signIn(house, (await makeAccount(house)).email)
    const { account, client, app } = await makeTwoStepAccount(house)
    known.app = app.id
    known.ownApp = (await elevated.secure('POST', METHODS, { json: { method: 'authApp' } })).json.id
    known.foreign = await addMail(house, stranger.secure, 'stranger@elsewhere.example')
    known.foreignPending = (await stranger.secure('POST', METHODS, { json: { method: 'authApp' } })).json.id
    known.foreignToken = await stranger.token()
    known.fullToken = await full.token()
    known.full = full.email
    known.FULL = full.email.toUpperCase()
    clients = {
      full,
      elevated,
      protected: client,
      required: await signIn(house, account.email),
      bearer: await withToken(house, full.email),
      setup: await signIn(mandatory, (await makeAccount(mandatory)).email),
    }
    const pending = await elevated.secure('POST', METHODS, { json: { method: 'email', target: 'p@elsewhere.example' } })
    known.mail = pending.json.id
  })
  after(async () => {
    await house.stop()
    await mandatory.stop()
    sms.close()
  })

  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name) => known[name] ?? whole)
  const filled = (options: CallOptions = {}): CallOptions => ({
    ...options,
    ...(options.json === undefined ? {} : { json: JSON.parse(fill(JSON.stringify(options.json))) }),
    headers: JSON.parse(fill(JSON.stringify(options.headers ?? {}))),
  })

  function ask({ ask, as, with: options }: Row): Promise<Reply> {
    const [method = '', path = ''] = fill(ask).split(' ')
    if (as === 'nobody') return plain(house, method, path, filled(options))
    return clients[as][['elevated', 'protected'].includes(as) ? 'secure' : 'call'](method, path, filled(options))
  }

  async function holds(row: Row): Promise<void> {
    const reply = await ask(row)
    if (row.is === 'empty') return empty(reply)
    if (row.is !== 'json') return refused(reply, ...row.is)
    assert.equal(reply.status, 200, reply.text)
    assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
  }

  for (const at of closed)
    it(`§1 ${at}: nobody comes in without a session`, () =>
      holds({ says: at, ask: at, as: 'nobody', is: [401, 'AUTH_REQUIRED'] }))
  for (const row of open) it(`${row.says}: ${row.ask}`, () => holds(row))
  for (const row of transport) it(`§2 ${row.says}: ${row.ask}`, () => holds(row))
  for (const row of errors) it(`§3 ${row.says}: ${row.ask}`, () => holds(row))
  it('§4 account info is open to an access token', () =>
    holds({ says: '', ask: 'GET /account/info', as: 'bearer', is: 'json' }))
  for (const row of delegated) it(`§3 not with an access token: ${row.says}`, () => holds(row))
  for (const row of targets) it(`§5.3 ${row.says}`, () => holds(row))
})
