import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount } from '../src/domain/accounts/accounts.ts'
import { activateFactor, beginFactor, regenerateRecoveryCodes, setupUri } from '../src/domain/factors/factors.ts'
import { isRefusal } from '../src/domain/refusals.ts'
import { sha256 } from '../src/lib/digests.ts'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '../src/testing.ts'
import { softPasskey } from './conformance/mailbox/authenticator.ts'
import {
  addMail,
  type Client,
  codeOf,
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
} from './conformance/mailbox/client.ts'
import { ask, MAIL_SERVER_KEY, mailServer } from './conformance/mailbox/mail-server.ts'
import { addPasskey, pageOf, signedFor } from './conformance/mailbox/passkey-client.ts'
import { mailedToken, NEXT, reset, settled, textedToken, validate } from './conformance/mailbox/recovery.ts'
import { INTERNAL_KEY } from './conformance/openwifi/keys.ts'
import { asRoot } from './conformance/openwifi/people.ts'
import { openSmsProvider, type SmsProvider } from './conformance/openwifi/sms-provider.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }
const APPS = `${SECURITY}/apppasswords`
const DEVICES = `${SECURITY}/trusteddevices`

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

onEveryEngine('attacks on account security that were tried', (engine) => {
  let house: House
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: { ...provider.settings, ...mailServer } })
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  it('strangers cannot use up a mailed recovery token by guessing; one of eight digits has five tries', async () => {
    const { email } = await makeAccount(house)
    const { secure } = await signIn(house, email)
    const target = `rescue-${engine}@elsewhere.example`
    await addMail(house, secure, target)
    const mailed = await mailedToken(house, email, target)
    for (let n = 0; n < 12; n++) refused(await validate(house, email, `${n}`), 400, 'INVALID_RECOVERY_TOKEN')
    assert.equal((await validate(house, email, mailed)).status, 200)
    house.clock.turn(60_000)
    const phoneNumber = '+41446681890'
    const begun = (await secure('POST', METHODS, { json: { method: 'sms', target: phoneNumber } })).json
    empty(await secure('POST', `${METHODS}/${begun.id}/sendtoken`))
    const totpToken = await provider.code(phoneNumber)
    empty(await secure('POST', `${METHODS}/${begun.id}/activate`, { json: { totpToken } }))
    const texted = await textedToken(house, { provider, username: email, phoneNumber })
    for (let n = 0; n < 5; n++) refused(await validate(house, email, `${n}`), 400, 'INVALID_RECOVERY_TOKEN')
    refused(await validate(house, email, texted), 400, 'INVALID_RECOVERY_TOKEN')
  })

  it('decoys have every mixture that people have of two methods', async () => {
    const mixtures = new Set<string>()
    for (let n = 0; n < 60; n++) {
      const { items } = (await plain(house, 'GET', `/recover/password/methods?username=nobody-${n}@example.org`)).json
      mixtures.add(items.map(({ method }: { method: string }) => method).join(' '))
    }
    assert.deepEqual([...mixtures].sort(), ['email', 'email email', 'email sms', 'sms', 'sms sms'])
    house.clock.turn(3_600_000)
  })

  it('what wants the password again here wants it from a session of here in OpenWiFi, too', async () => {
    const { id, email } = await makeAccount(house, { role: 'admin' })
    const other = await makeAccount(house)
    const { sessid, cookie, token } = await signIn(house, email)
    const held = { Cookie: cookie, 'X-Axigen-Session': sessid }
    const by = (headers: Record<string, string>) => (method: string, path: string, json?: unknown) =>
      house.call(method, `/api/v1${path}`, { headers, json })
    const thief = by(held)
    const owner = by({ ...held, 'X-Axigen-Security-Token': await token() })
    const mfa = { mfa: { enabled: true, method: 'email' } }
    const lasting = { email: 'left-behind@example.org', userRole: 'csr', currentPassword: NEXT }
    const wanted: [method: string, path: string, json?: unknown][] = [
      ['POST', '/user/0', lasting],
      ['PUT', `/user/${other.id}`, { userRole: 'noc' }],
      ['PUT', `/user/${other.id}`, { currentPassword: NEXT }],
      ['PUT', `/user/${other.id}?resetMFA=true`, {}],
      ['PUT', `/user/${id}`, { userTypeProprietaryInfo: mfa }],
      ['GET', '/totp?reset=true'],
      ['POST', '/sms?validateNumber=true', { to: '+41446681891' }],
      ['POST', `/apiKey/${id}`, { name: 'left', expiresOn: 0 }],
      ['PUT', `/user/${id}`, { currentPassword: NEXT }],
    ]
    for (const call of [...wanted, ['DELETE', `/user/${id}`]] as typeof wanted) {
      const { status, json } = await thief(...call)
      const said = [status, json.ErrorCode, json.ErrorDescription]
      assert.deepEqual(said, [403, 7, 'SECURITY_TOKEN_REQUIRED'], call.slice(0, 2).join(' '))
    }
    assert.equal((await thief('PUT', `/user/${id}`, { name: 'Anna' })).status, 200)
    const member = { ...lasting, email: 'member@example.org', userRole: 'subscriber' }
    assert.equal((await thief('POST', '/user/0', member)).status, 200)
    for (const call of wanted.slice(0, 5)) {
      const { status, text } = await owner(...call)
      assert.equal(status, 200, `${call.slice(0, 2)} ${text}`)
    }
  })

  it('the own mailbox is no second one by another spelling', async () => {
    const { email } = await makeAccount(house)
    const { secure } = await signIn(house, email)
    const begin = (target: string) => secure('POST', METHODS, { json: { method: 'email', target } })
    const [local, domain] = email.split('@')
    for (const own of [email, ` ${email.toUpperCase()} `, `${local}+second@${domain}`, `${local}+a+b@${domain}`])
      refused(await begin(own), 400, 'BAD_PARAMETER')
    for (const other of [`${local}+x@elsewhere.example`, `+${local}@${domain}`])
      assert.equal((await begin(other)).status, 200, other)
  })

  it('what a session began before 2-step verification was on comes too late after it', async () => {
    const { id, email } = await makeAccount(house)
    const thief = await signIn(house, email)
    // As the rules know the account when the thief is let in, an instant before its owner is done.
    const before = (await findAccount(house.ctx, id))!
    const session = await house.ctx.db
      .selectFrom('session')
      .select('id')
      .where('account_id', '=', id)
      .executeTakeFirst()
    const begun = { account: before, sessionId: session!.id }
    const stolen = await beginFactor(house.ctx, { ...begun, kind: 'authApp' })
    const { secret } = await setupUri(house.ctx, { ...begun, id: stolen })
    await house.ctx.db.updateTable('account').set({ two_step: 1 }).where('id', '=', id).execute()
    const late = activateFactor(house.ctx, { ...begun, id: stolen, code: codeOf(house, secret), origin })
    await assert.rejects(late, (error) => isRefusal(error, 'session.invalid'))
    assert.deepEqual((await thief.call('GET', METHODS)).json.items, [])
  })

  it('new recovery codes are not for who was signed out while they were made', async () => {
    const { account, client, recoveryCodes } = await makeTwoStepAccount(house)
    const before = (await findAccount(house.ctx, account.id))!
    const json = { oldPassword: PASSWORD, newPassword: NEXT }
    empty(await client.call('POST', '/account/password/reset', { json }))
    const late = regenerateRecoveryCodes(house.ctx, { account: before, origin })
    await assert.rejects(late, (error) => isRefusal(error, 'session.invalid'))
    const partial = await signIn(house, account.email, NEXT)
    empty(await partial.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[0] } }))
  })

  it('of several cookies with one name the first counts, for sessions and for trusted browsers', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const client = await signIn(house, account.email)
    const old = client.cookie
    const json = { methodId: app.id, totpToken: app.next() }
    client.cookie = cookieOf(await client.call('POST', '/login/2fa', { json }))
    const trusted = cookieOf(await client.call('POST', DEVICES, { json: {} }))
    const own = client.cookie
    const status = async (cookie: string) => {
      client.cookie = cookie
      return (await client.call('GET', METHODS)).status
    }
    assert.deepEqual(
      [await status(`${own}; ${old}`), await status(`${old}; ${own}`), await status(own)],
      [200, 401, 200],
    )
    const step = async (Cookie: string) => (await signIn(house, account.email, PASSWORD, { Cookie })).step
    const foreign = `${trusted.split('=')[0]}=${'x'.repeat(43)}`
    assert.deepEqual([await step(`${trusted}; ${foreign}`), await step(`${foreign}; ${trusted}`)], [null, 'required'])
    // Under the name of another account it is worth nothing.
    const other = await makeTwoStepAccount(house)
    const value = trusted.slice(trusted.indexOf('=') + 1)
    const theirs = `mailbox-device-${sha256(other.account.id).slice(0, 16)}=${value}`
    assert.equal(trusted, `mailbox-device-${sha256(account.id).slice(0, 16)}=${value}`)
    const { step: asked } = await signIn(house, other.account.email, PASSWORD, { Cookie: `${theirs}; ${trusted}` })
    assert.equal(asked, 'required')
  })

  it('a securityToken is good in its session only, and not after the password was changed', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const stranger = await signIn(house, (await makeAccount(house)).email)
    const token = await one.token()
    const headers = { 'X-Axigen-Security-Token': token }
    for (const other of [two, stranger])
      refused(await other.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
    const changed = await one.call('POST', '/account/password/reset', {
      json: { oldPassword: PASSWORD, newPassword: NEXT },
    })
    one.cookie = cookieOf(changed)
    refused(await one.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
  })

  it('keys of mail servers, of siblings and of people open no door but their own', async () => {
    const root = await asRoot(house)
    const { email } = await makeAccount(house)
    const question = { address: email, password: PASSWORD, protocol: 'imap' }
    assert.equal((await ask(house, question)).json.decision, 'allow')
    for (const key of [root.token, '', `${MAIL_SERVER_KEY} `.slice(1), `${MAIL_SERVER_KEY},${MAIL_SERVER_KEY}`])
      refused(await ask(house, question, { 'X-API-KEY': key }), 401, 'AUTH_REQUIRED')
    house.clock.turn(3_600_000)
    for (const key of [MAIL_SERVER_KEY, INTERNAL_KEY])
      for (const headers of [
        { 'X-API-KEY': key },
        { 'X-API-KEY': key, 'X-INTERNAL-NAME': 'owgw' },
        { Authorization: `Bearer ${key}` },
      ] as Record<string, string>[]) {
        assert.equal((await house.call('GET', '/api/v1/users', { headers })).status, 403)
        refused(await plain(house, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
        const session = { ...headers, 'X-Axigen-Session': key }
        refused(await plain(house, 'GET', '/account/info', { headers: session }), 401, 'AUTH_REQUIRED')
      }
  })

  it('no secret is in the log, the record, the activity list, or readable in the database', async () => {
    const lines: string[] = []
    house.ctx.log.setLevel('all', 'debug')
    const unwatch = house.ctx.log.watch((line) => lines.push(JSON.stringify(line)))
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const target = `quiet-${engine}@elsewhere.example`
    await addMail(house, client.secure, target)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(client.secure, passkey)
    const made = (await client.secure('POST', APPS, { json: { name: 'phone', scopes: ['api'] } })).json.password
    const program = { Authorization: basic(account.email, made) }
    const delegated = (await plain(house, 'POST', '/login', { headers: program })).json.sessid
    await ask(house, { address: account.email, password: made, protocol: 'imap' })
    await ask(house, { address: account.email, password: 'Wrong-Horse-7', protocol: 'imap' })
    const partial = await signIn(house, account.email)
    const before = partial.cookie
    const json = { methodId: app.id, totpToken: app.next() }
    partial.cookie = cookieOf(await partial.call('POST', '/login/2fa', { json }))
    const device = cookieOf(await partial.call('POST', DEVICES, { json: {} }))
    const securityToken = await partial.token()
    const signed = await plain(house, 'POST', '/login/passkey', { json: { response: await signedFor(house, passkey) } })
    const activity = await partial.call('GET', `${SECURITY}/activity?limit=100`)
    const token = await mailedToken(house, account.email, target)
    await reset(house, account.email, token, 'x')
    empty(await reset(house, account.email, token))
    await settled(house)
    house.ctx.log.setLevel('all', 'none')
    unwatch()
    const secretOf = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1)
    const secrets = [
      ...[PASSWORD, NEXT, 'Wrong-Horse-7', made, made.replaceAll('-', ''), app.secret, securityToken, token],
      ...[delegated, partial.sessid, signed.json.sessid, ...recoveryCodes, basic(account.email, made).slice(6)],
      ...[before, partial.cookie, device, cookieOf(signed)].map(secretOf),
    ]
    const tables = ['account', 'audit', 'session', 'factor', 'app_password', 'trusted_device', 'elevation'] as const
    const others = ['recovery_code', 'passkey', 'passkey_challenge', 'message', 'link_request', 'throttle'] as const
    const rows: unknown[] = []
    for (const table of [...tables, ...others]) rows.push(await house.ctx.db.selectFrom(table).selectAll().execute())
    assert.ok(lines.some((line) => line.includes('/login/passkey')))
    const kept = { log: lines.join('\n'), activity: activity.text, database: JSON.stringify(rows) }
    for (const [where, text] of Object.entries(kept))
      for (const secret of secrets) {
        assert.ok(secret.length >= 8)
        assert.ok(!text.toLowerCase().includes(secret.toLowerCase()), `${where} has ${secret}`)
      }
  })
})

const TEXTS = [
  '',
  ' ',
  '\ud800',
  'İıK',
  '\u202ex',
  '$&',
  '__proto__',
  'a'.repeat(3000),
  'x\u0000y',
  '９９９９９９',
  '+4',
]
const VALUES: readonly unknown[] = [
  ...TEXTS,
  null,
  true,
  0,
  -1.5,
  1e308,
  [],
  {},
  [[]],
  [null],
  ['imap', 1],
  { length: 3 },
]
const BODIES: readonly (string | Uint8Array)[] = [
  ...[
    'null',
    '[]',
    '""',
    '1',
    '{',
    '{"__proto__":{"isFull":true}}',
    '{"constructor":{"prototype":1}}',
    '\ufeff[]',
    'a=b&a=c',
  ],
  '{"password":"a","password":"b","color":1}',
  '['.repeat(20_000),
  '{"a":'.repeat(10_000),
  `{"password":${'['.repeat(8000)}${']'.repeat(8000)}}`,
  `{"response":${'{"a":'.repeat(4000)}1${'}'.repeat(4000)}}`,
  `{"x":"\\u0000","y":${'['.repeat(9000)}${']'.repeat(9000)}}`,
  Uint8Array.from([0xff, 0xfe, 0x7b]),
]
const QUERIES = [
  'x=1',
  '__proto__=1',
  'scope=%00',
  'limit=1e9',
  'before=!!!',
  'username=%ff',
  'username=a&username=b',
  '%=%',
]
const IDS = ['%00', '%ff', "'", '__proto__', '%2e%2e', 'x'.repeat(4000), '%f0%9f%98%80', '%ed%a0%80']

interface Operation {
  /** empty for what anybody may call */
  security?: []
  requestBody?: { content: Record<string, { schema?: Shape }> }
}
interface Shape {
  anyOf?: Shape[]
  properties?: Record<string, unknown>
}

/** Everything odd that one operation can be sent; whatever comes of it, it must be a refusal. */
function* oddities(method: string, path: string, operation: Operation): Generator<[path: string, CallOptions]> {
  const at = path.replace(/\{\w+\}/g, 'x')
  if (at !== path)
    for (const id of IDS) yield [path.replace(/\{\w+\}/g, id), method === 'PUT' ? { json: { name: 'x' } } : {}]
  for (const query of QUERIES) yield [`${at}?${query}`, {}]
  if (method === 'GET') return
  for (const [n, body] of BODIES.entries())
    yield [at, { body, headers: { 'Content-Type': n % 2 === 0 ? 'application/json' : 'text/plain' } }]
  const [content] = Object.values(operation.requestBody?.content ?? {})
  for (const { properties = {} } of content?.schema?.anyOf ?? [content?.schema ?? {}])
    for (const [n, value] of VALUES.entries()) {
      const names = Object.keys(properties)
      if (n % 2) yield [at, { json: { ...Object.fromEntries(names.map((name) => [name, value])), color: 'red' } }]
      else yield [at, { json: Object.fromEntries(names.map((name, i) => [name, VALUES[(n + 5 * i) % VALUES.length]])) }]
    }
}

onEveryEngine('hostile requests to every call of the mailbox protocol', (engine) => {
  let house: House
  let mandatory: House
  before(async () => {
    const settings = { CHATELAINE_ADDRESS_FAILURES_ALLOWED: '1000000' }
    house = await startHouse({ engine, settings })
    mandatory = await startHouse({ engine, settings: { ...settings, CHATELAINE_TWO_STEP: 'mandatory' } })
  })
  after(async () => {
    await house.stop()
    await mandatory.stop()
  })

  type Asks = Client['call']

  const states: Record<string, () => Promise<Asks>> = {
    none: async () => (method, path, options) => plain(house, method, path, options),
    full: async () => (await signIn(house, (await makeAccount(house)).email)).call,
    elevated: async () => (await makeTwoStepAccount(house)).client.secure,
    required: async () => (await signIn(house, (await makeTwoStepAccount(house)).account.email)).call,
    setup: async () => (await signIn(mandatory, (await makeAccount(mandatory)).email)).call,
    change: async () => (await signIn(house, (await makeAccount(house, { mustChangePassword: true })).email)).call,
    async delegated() {
      const { email } = await makeAccount(house)
      const json = { name: 'program', scopes: ['api'] }
      const { password } = (await (await signIn(house, email)).secure('POST', APPS, { json })).json
      const headers = { Authorization: basic(email, password) }
      const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
      const held = { ...headers, 'X-Axigen-Session': sessid }
      return (method, path, options = {}) =>
        plain(house, method, path, { ...options, headers: { ...held, ...options.headers } })
    },
  }

  /** What is kept of all accounts, but for when a session was seen last and the tries of its second step. */
  async function kept({ ctx }: House): Promise<string> {
    const tables = [
      'account',
      'factor',
      'recovery_code',
      'passkey',
      'app_password',
      'trusted_device',
      'policy',
    ] as const
    const rows: unknown[] = []
    for (const table of [...tables, 'factor_recovery'] as const)
      rows.push((await ctx.db.selectFrom(table).selectAll().execute()).map((row) => JSON.stringify(row)).sort())
    return JSON.stringify(rows)
  }

  for (const [state, make] of Object.entries(states))
    it(`in the state ${state}: none is a fault, and none that is refused changes anything`, async () => {
      const { json } = await house.call('GET', '/api/v1/openapi.json?protocol=mailbox')
      let call = await make()
      for (const [full, operations] of Object.entries(json.paths as Record<string, Record<string, Operation>>))
        for (const [name, operation] of Object.entries(operations)) {
          if (operation.security && state !== 'none') continue
          const [method, path] = [name.toUpperCase(), full.slice('/api/v1'.length)]
          let before = await Promise.all([house, mandatory].map(kept))
          let isSame = true
          for (const [at, options] of oddities(method, path, operation)) {
            const reply: Reply = await call(method, at, options)
            const what = `${method} ${at.slice(0, 80)} ${JSON.stringify(options).slice(0, 200)}: ${reply.text}`
            assert.ok(reply.status < 500, what)
            if (reply.status !== 200) assert.match(reply.headers.get('content-type') ?? '', /^application\/json/, what)
            else isSame &&= method === 'GET'
            // The five tries of a second step, or a sign-out, are its end.
            if (reply.status === 401 && state !== 'none' && !isSame) call = await make()
            if (reply.status === 401 && state === 'required') call = await make()
            if (reply.status === 200 || reply.status === 401) before = await Promise.all([house, mandatory].map(kept))
          }
          assert.deepEqual(await Promise.all([house, mandatory].map(kept)), before, `${method} ${path}`)
        }
    })
})
