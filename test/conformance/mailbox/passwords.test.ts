import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { changePolicy, domainScope, type Policy } from '#src/domain/policy/policy.ts'
import { admissions } from '#src/http/endpoint.ts'
import { mailbox } from '#src/protocols/mailbox/mailbox.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
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
  signIn,
} from './client.ts'

const SET = '/account/password/set'
const RESET = '/account/password/reset'
const DAY = 86_400_000
const NEW = 'Battery-Staple-10'
const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

const basic = (name: string, password = PASSWORD) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

const reset = (client: Client, newPassword: string, oldPassword = PASSWORD) =>
  client.call('POST', RESET, { json: { oldPassword, newPassword } })

const set = (client: Client, newPassword: string) => client.call('POST', SET, { json: { newPassword } })

onEveryEngine('mailbox: changing the password', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const decide = (domain: string, changes: Partial<Policy>) =>
    changePolicy(house.ctx, { scope: domainScope(domain), changes, actor: 'test', origin })

  const cannotSignIn = async (username: string, password: string) =>
    refused(await plain(house, 'POST', '/login/cookie', { json: { username, password } }), 401, 'AUTH_FAILED')

  it('ends all other sessions, and gives the own one another cookie', async () => {
    const { email } = await makeAccount(house)
    const [own, other] = [await signIn(house, email), await signIn(house, email)]
    const tokens = await house.call('POST', '/api/v1/oauth2', { json: { userId: email, password: PASSWORD } })
    const bearer = { headers: { Authorization: `Bearer ${tokens.json.access_token}` } }
    assert.equal((await house.call('GET', '/api/v1/oauth2?me=true', bearer)).status, 200)
    await own.token()
    const changed = await reset(own, NEW)
    empty(changed)
    refused(await own.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    own.cookie = cookieOf(changed)
    assert.equal((await own.call('GET', METHODS)).status, 200)
    refused(await other.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    assert.equal((await house.call('GET', '/api/v1/oauth2?me=true', bearer)).status, 403)
    await cannotSignIn(email, PASSWORD)
    assert.equal((await signIn(house, email, NEW)).step, null)
  })

  it('voids securityTokens, and keeps a lasting cookie lasting', async () => {
    const { email } = await makeAccount(house)
    const json = { username: email, password: PASSWORD, rememberLogin: true }
    const client = await signIn(house, email)
    const signed = await plain(house, 'POST', '/login/cookie', { json })
    client.sessid = signed.json.sessid
    client.cookie = cookieOf(signed)
    const headers = { 'X-Axigen-Security-Token': await client.token() }
    const changed = await reset(client, NEW)
    assert.match(changed.headers.getSetCookie()[0] ?? '', /; Max-Age=86400$/)
    client.cookie = cookieOf(changed)
    refused(await client.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
  })

  it('is told to the mailbox and to the methods, and written down', async () => {
    const { email, id } = await makeAccount(house, { locale: 'de' })
    const client = await signIn(house, email)
    const method = `method-of-${email}`
    await addMail(house, client.secure, method)
    await house.inbox.next(email)
    empty(await reset(client, NEW))
    assert.match((await house.inbox.next(email)).text, /Ihr Passwort wurde geändert/)
    assert.match((await house.inbox.next(method)).text, /Ihr Passwort wurde geändert/)
    const rows = await house.ctx.db
      .selectFrom('audit')
      .select(['actor_id', 'protocol'])
      .where('account_id', '=', id)
      .where('event', '=', 'password.changed')
      .execute()
    assert.deepEqual(
      rows.map(({ actor_id, protocol }) => [actor_id, protocol]),
      [[null, 'mailbox']],
    )
    const { email: english } = await makeAccount(house)
    empty(await reset(await signIn(house, english), NEW))
    assert.match((await house.inbox.next(english)).text, /Your password was changed/)
  })

  it('needs the old one; wrong ones are counted like failed sign-ins', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    for (let i = 0; i < 5; i++) refused(await reset(client, NEW, `Wrong-Horse-${i}`), 403, 'INVALID_PASSWORD')
    const delayed = await reset(client, NEW)
    refused(delayed, 429, 'TOO_MANY_REQUESTS')
    assert.equal(delayed.headers.get('retry-after'), '60')
    refused(
      await plain(house, 'POST', '/login/cookie', { json: { username: email, password: PASSWORD } }),
      429,
      'TOO_MANY_REQUESTS',
    )
    // The session itself is as it was.
    assert.equal((await client.call('GET', METHODS)).status, 200)
    house.clock.turn(61_000)
    empty(await reset(client, NEW))
  })

  it('refused ones leave everything as it was, and too many of them have to wait', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const other = await signIn(house, email)
    for (let i = 0; i < 10; i++) refused(await reset(client, `short-${i}`), 400, 'PASSWORD_POLICY')
    refused(await reset(client, NEW), 429, 'TOO_MANY_REQUESTS')
    assert.equal((await other.call('GET', METHODS)).status, 200)
    assert.equal((await client.call('GET', METHODS)).status, 200)
  })

  it('goes on with a session of the Authorization header as it came', async () => {
    const { email } = await makeAccount(house)
    const headers = { Authorization: basic(email) }
    const held = async () => ({
      ...headers,
      'X-Axigen-Session': (await plain(house, 'POST', '/login', { headers })).json.sessid as string,
    })
    const [own, other] = [await held(), await held()]
    const changed = await plain(house, 'POST', RESET, {
      headers: own,
      json: { oldPassword: PASSWORD, newPassword: NEW },
    })
    empty(changed)
    assert.equal(changed.headers.get('set-cookie'), null)
    assert.equal((await plain(house, 'GET', METHODS, { headers: own })).status, 200)
    refused(await plain(house, 'GET', METHODS, { headers: other }), 401, 'AUTH_REQUIRED')
    refused(await plain(house, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
  })

  it('works once, however many try with the same old one', async () => {
    const { email } = await makeAccount(house)
    const clients = await Promise.all(Array.from({ length: 8 }, () => signIn(house, email)))
    const replies = await Promise.all(clients.map((client, at) => reset(client, `${NEW}-${at}`)))
    const winners = replies.flatMap(({ status }, at) => (status === 200 ? [at] : []))
    assert.equal(winners.length, 1)
    for (const { status } of replies) assert.ok([200, 401, 403].includes(status), String(status))
    assert.equal((await signIn(house, email, `${NEW}-${winners[0]}`)).step, null)
  })

  it('takes no bodies but its own', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const bodies = [
      {},
      { newPassword: NEW },
      { oldPassword: PASSWORD },
      { oldPassword: PASSWORD, newPassword: NEW, color: 'red' },
      { oldPassword: PASSWORD, newPassword: [NEW] },
      { oldPassword: null, newPassword: NEW },
    ]
    for (const json of bodies) refused(await client.call('POST', RESET, { json }), 400, 'BAD_PARAMETER')
    const nul = '{"oldPassword":"x","newPassword":"a\\u0000bcdefghijklmnopq"}'
    refused(await client.call('POST', RESET, { body: nul }), 400, 'BAD_PARAMETER')
    for (const json of [{}, { newPassword: 5 }, { newPassword: NEW, oldPassword: PASSWORD }])
      refused(await client.call('POST', SET, { json }), 400, 'BAD_PARAMETER')
    refused(await plain(house, 'POST', RESET, { json: bodies[3] }), 401, 'AUTH_REQUIRED')
  })

  it('says which rule a new one breaks, and all that hold', async () => {
    await decide('rules.example', { passwordMustInclude: 'lettersAndNumbersAndSpecial', passwordMaxLength: 64 })
    const { email } = await makeAccount(house, { email: 'a.long.person@rules.example', name: 'Anna 9 von Beispiel' })
    const client = await signIn(house, email)
    const passwordPolicy = {
      minLength: 15,
      maxLength: 64,
      mustInclude: 'lettersAndNumbersAndSpecial',
      historySize: 5,
    }
    const wrong: [string, RegExp][] = [
      ['', /: it is too short: at least 15 characters$/],
      ['Fourteen-Sig-9', /: it is too short: at least 15 characters$/],
      // Fourteen to people, though more to the machine.
      [`${'🔑'.repeat(7)}abcde-9`, /: it is too short/],
      ['Too-long-1'.repeat(7), /: it is too long: at most 64 characters$/],
      ['only letters and spaces', /: it needs letters, digits and other characters$/],
      ['OnlyLetters4711and12', /: it needs letters, digits and other characters$/],
      ['anna 9 VON beispiel', /: it is only the name/],
      [PASSWORD, /: it is one of the last 5$/],
    ]
    for (const [newPassword, words] of wrong) {
      const reply = await reset(client, newPassword)
      refused(reply, 400, 'PASSWORD_POLICY')
      assert.match(reply.json.errorMessage, words)
      assert.deepEqual(reply.json.passwordPolicy, passwordPolicy)
    }
    empty(await reset(client, `${'🔑'.repeat(8)}abcde-9`))
  })

  it('asks for no more than length, as it comes', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const common = await reset(client, 'passwordpassword')
    refused(common, 400, 'PASSWORD_POLICY')
    assert.equal(common.json.passwordFault, 'common')
    assert.match(common.json.errorMessage, /: it is one that is tried first$/)
    assert.deepEqual(common.json.passwordPolicy, {
      minLength: 15,
      maxLength: 256,
      mustInclude: 'letters',
      historySize: 5,
    })
    refused(await reset(client, email.toUpperCase()), 400, 'PASSWORD_POLICY')
    empty(await reset(client, 'nur wörter ohne alles'))
  })

  it('asks for less where a second step stands beside it', async () => {
    const { client } = await makeTwoStepAccount(house)
    const short = await reset(client, 'sieben7')
    refused(short, 400, 'PASSWORD_POLICY')
    assert.equal(short.json.passwordFault, 'short')
    assert.equal(short.json.passwordPolicy.minLength, 8)
    empty(await reset(client, 'achtung8'))
  })

  it('brings no former one back, as many as the policy says', async () => {
    await decide('forgetful.example', { passwordHistory: 2 })
    const { email } = await makeAccount(house, { email: 'anna@forgetful.example' })
    let current = PASSWORD
    const change = async (next: string) => {
      house.clock.turn(1000)
      const client = await signIn(house, email, current)
      const reply = await reset(client, next, current)
      if (reply.status === 200) current = next
      return reply
    }
    empty(await change(NEW))
    const again = await change(PASSWORD)
    refused(again, 400, 'PASSWORD_POLICY')
    assert.equal(again.json.passwordPolicy.historySize, 2)
    empty(await change('Another-Staple-11'))
    empty(await change(PASSWORD))
    await decide('forgetful.example', { passwordHistory: 0 })
    empty(await change(NEW))
    empty(await change(NEW))
  })

  it('comes so often and no more often, unless it is demanded', async () => {
    await decide('steady.example', { passwordRenewalDays: 3 })
    const { email, id } = await makeAccount(house, { email: 'anna@steady.example' })
    const soon = await reset(await signIn(house, email), NEW)
    refused(soon, 400, 'PASSWORD_POLICY')
    assert.match(soon.json.errorMessage, /: the last change was less than 3 days ago$/)
    assert.equal(soon.json.passwordPolicy.renewalInterval, 3)
    // A wrong old password is wrong first.
    refused(await reset(await signIn(house, email), NEW, 'Wrong-Horse-9'), 403, 'INVALID_PASSWORD')
    await house.ctx.db.updateTable('account').set({ must_change_password: 1 }).where('id', '=', id).execute()
    empty(await set(await signIn(house, email), NEW))
    refused(await reset(await signIn(house, email, NEW), PASSWORD, NEW), 400, 'PASSWORD_POLICY')
    house.clock.turn(3 * DAY)
    empty(await reset(await signIn(house, email, NEW), 'Another-Staple-11', NEW))
  })

  it('is for administrators alone where the policy says so', async () => {
    await decide('fixed.example', { passwordChangeByUser: false })
    const { email, id } = await makeAccount(house, { email: 'anna@fixed.example' })
    refused(await reset(await signIn(house, email), NEW), 403, 'NOT_ALLOWED_BY_POLICY')
    const signed = { userId: email, password: PASSWORD, newPassword: 'Battery-Staple-10' }
    const there = await house.call('POST', '/api/v1/oauth2', { json: signed })
    assert.equal(there.status, 403)
    assert.equal((await signIn(house, email)).step, null)
    // What an administrator demands, he allows.
    await house.ctx.db.updateTable('account').set({ must_change_password: 1 }).where('id', '=', id).execute()
    empty(await set(await signIn(house, email), NEW))
    // And he needs nobody else for his own.
    const admin = await makeAccount(house, { email: 'admin@fixed.example', role: 'admin' })
    const client = await signIn(house, admin.email)
    assert.equal((await client.call('GET', '/account/info')).json.restrictions.passwordPolicy.allowChangeByUser, true)
    empty(await reset(client, NEW))
  })
})

onEveryEngine('mailbox: the same policy through OpenWiFi', (engine) => {
  it('holds for who changes his own password, and not for administrators', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_PASSWORD_RENEWAL_DAYS: '2' } })
    t.after(() => house.stop())
    const scope = domainScope('fixed.example')
    await changePolicy(house.ctx, { scope, changes: { passwordChangeByUser: false }, actor: 'test', origin })
    const bearer = async (userId: string, password = PASSWORD) => {
      const { json } = await house.call('POST', '/api/v1/oauth2', { json: { userId, password } })
      return { Authorization: `Bearer ${json.access_token}` }
    }
    const change = async (headers: Record<string, string>, id: string, currentPassword: string) => {
      const reply = await house.call('PUT', `/api/v1/user/${id}`, { headers, json: { currentPassword } })
      return reply.status === 200 ? '200' : `${reply.status} ${reply.json.ErrorDescription?.slice(0, 4) ?? ''}`
    }
    const young = await makeAccount(house, { role: 'csr' })
    const fixed = await makeAccount(house, { role: 'csr', email: 'anna@fixed.example' })
    const admin = await makeAccount(house, { role: 'admin' })
    assert.equal(await change(await bearer(young.email), young.id, 'Staple-9'), '400 1047')
    assert.match(await change(await bearer(fixed.email), fixed.id, 'Staple-9'), /^403/)
    // Eight characters do at this door, whoever sets them.
    for (const { id } of [young, fixed]) assert.equal(await change(await bearer(admin.email), id, 'Staple-9'), '200')
    house.clock.turn(2 * DAY)
    assert.equal(await change(await bearer(young.email, 'Staple-9'), young.id, 'Staple-8'), '200')
    assert.match(await change(await bearer(fixed.email, 'Staple-9'), fixed.id, 'Staple-8'), /^403/)
    assert.equal(await change(await bearer(young.email, 'Staple-8'), young.id, 'Stap-7!'), '400 1047')
  })
})

onEveryEngine('mailbox: a password that has to be changed', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('opens exactly what changes it, and the way out', async () => {
    const { email } = await makeAccount(house, { mustChangePassword: true })
    const { call } = await signIn(house, email)
    const open: string[] = []
    for (const { at, who } of mailbox.endpoints(house.ctx)) {
      if (who === 'anyone' || !admissions[who].states.includes('full')) continue
      const [method = '', path = ''] = at.split(' ')
      // Logging out comes last; what it would be sent is all that a call lacks.
      if (at === 'POST /logout') continue
      const reply = await call(
        method,
        path.replace(/\{\w+\}/g, 'x'),
        method === 'GET' ? {} : { json: { color: 'red' } },
      )
      if (reply.status === 403 && reply.json.errorCode === 'PASSWORD_CHANGE_REQUIRED') continue
      open.push(at)
    }
    assert.deepEqual(open.sort(), ['GET /account/info', `POST ${RESET}`, `POST ${SET}`, 'PUT /session'])
    refused(await call('POST', '/login/2fa', { json: { recoveryCode: 'x' } }), 403, 'PASSWORD_CHANGE_REQUIRED')
    empty(await call('POST', '/logout'))
    refused(await call('GET', '/account/info'), 401, 'AUTH_REQUIRED')
  })

  for (const way of ['set', 'reset'] as const)
    it(`is done with by ${way}: the session becomes a full one, with a new cookie`, async () => {
      const { email } = await makeAccount(house, { mustChangePassword: true })
      const [client, rival] = [await signIn(house, email), await signIn(house, email)]
      const changed = await (way === 'set' ? set(client, NEW) : reset(client, NEW))
      empty(changed)
      refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
      client.cookie = cookieOf(changed)
      assert.equal((await client.call('GET', METHODS)).status, 200)
      refused(await rival.call('GET', '/account/info'), 401, 'AUTH_REQUIRED')
      refused(await set(client, 'Another-Staple-11'), 403, 'PASSWORD_CHANGE_NOT_DUE')
      assert.ok((await findByAddress(house.ctx, email))!.last_sign_in === house.clock.now())
      // A full session lasts longer than one that waits.
      house.clock.turn(900_000)
      assert.equal((await client.call('GET', METHODS)).status, 200)
      assert.equal((await signIn(house, email, NEW)).step, null)
    })

  it('is done with in a session of the Authorization header, too', async () => {
    const { email } = await makeAccount(house, { mustChangePassword: true })
    const headers = { Authorization: basic(email) }
    const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
    const held = { ...headers, 'X-Axigen-Session': sessid }
    refused(await plain(house, 'GET', METHODS, { headers: held }), 403, 'PASSWORD_CHANGE_REQUIRED')
    empty(await plain(house, 'POST', SET, { headers: held, json: { newPassword: NEW } }))
    assert.equal((await plain(house, 'GET', METHODS, { headers: held })).status, 200)
  })

  it('is not taken away by the old one again, nor by a weak one', async () => {
    const { email } = await makeAccount(house, { mustChangePassword: true })
    const client = await signIn(house, email)
    refused(await set(client, PASSWORD), 400, 'PASSWORD_POLICY')
    refused(await set(client, 'short'), 400, 'PASSWORD_POLICY')
    refused(await client.call('GET', METHODS), 403, 'PASSWORD_CHANGE_REQUIRED')
    house.clock.turn(601_000)
    refused(await set(client, NEW), 401, 'AUTH_REQUIRED')
  })

  it('is set once, however many try', async () => {
    const { email } = await makeAccount(house, { mustChangePassword: true })
    const client = await signIn(house, email)
    const replies = await Promise.all(Array.from({ length: 10 }, (_, at) => set(client, `${NEW}-${at}`)))
    const done = replies.flatMap(({ status }, at) => (status === 200 ? [at] : []))
    assert.equal(done.length, 1)
    for (const reply of replies)
      if (reply.status !== 200) assert.ok([401, 403].includes(reply.status), `${reply.status} ${reply.text}`)
    assert.equal((await signIn(house, email, `${NEW}-${done[0]}`)).step, null)
  })

  it('comes after the second step, and does not stand in for it', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    await house.ctx.db.updateTable('account').set({ must_change_password: 1 }).where('id', '=', account.id).execute()
    const client = await signIn(house, account.email)
    assert.equal(client.step, 'required')
    refused(await set(client, 'achtung8'), 403, 'TWO_FACTOR_REQUIRED')
    refused(await reset(client, 'achtung8'), 403, 'TWO_FACTOR_REQUIRED')
    const passed = await client.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
    empty(passed)
    client.cookie = cookieOf(passed)
    refused(await client.call('GET', METHODS), 403, 'PASSWORD_CHANGE_REQUIRED')
    const changed = await set(client, 'achtung8')
    empty(changed)
    client.cookie = cookieOf(changed)
    assert.equal((await client.call('GET', METHODS)).json.items.length, 1)
    assert.equal((await signIn(house, account.email, 'achtung8')).step, 'required')
  })

  it('is one that has come to its end, through whatever door', async () => {
    const changes = { passwordExpiryDays: 90 }
    await changePolicy(house.ctx, { scope: domainScope('ageing.example'), changes, actor: 'test', origin })
    const { email } = await makeAccount(house, { email: 'anna@ageing.example' })
    const wish = { userId: email, password: PASSWORD }
    assert.equal((await house.call('POST', '/api/v1/oauth2', { json: wish })).status, 200)
    house.clock.turn(90 * DAY)
    const due = await house.call('POST', '/api/v1/oauth2', { json: wish })
    assert.equal(`${due.status} ${due.json.ErrorCode}`, '403 1')
    const client = await signIn(house, email)
    refused(await client.call('GET', METHODS), 403, 'PASSWORD_CHANGE_REQUIRED')
    const renewed = await house.call('POST', '/api/v1/oauth2', { json: { ...wish, newPassword: 'Short-Staple-1' } })
    assert.equal(renewed.status, 200)
    refused(await client.call('GET', '/account/info'), 401, 'AUTH_REQUIRED')
    house.clock.turn(90 * DAY)
    const again = await signIn(house, email, 'Short-Staple-1')
    const changed = await set(again, NEW)
    empty(changed)
    again.cookie = cookieOf(changed)
    assert.equal((await again.call('GET', METHODS)).status, 200)
    assert.equal((await house.call('POST', '/api/v1/oauth2', { json: { ...wish, password: NEW } })).status, 200)
  })
})

onEveryEngine('mailbox: the operator’s own list of passwords', (engine) => {
  it('turns its words down, here and through OpenWiFi', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'chatelaine-words-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'words.txt')
    writeFileSync(file, '\uFEFFStadtwerke-Beispielstadt-1\r\n\r\n  welcome to example org \n')
    const house = await startHouse({ engine, settings: { CHATELAINE_PASSWORD_BLOCKLIST: file } })
    t.after(() => house.stop())
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    for (const word of ['stadtwerke-beispielstadt-1', 'Welcome to example org'])
      refused(await reset(client, word), 400, 'PASSWORD_POLICY')
    const json = { userId: email, password: PASSWORD, newPassword: 'Stadtwerke-Beispielstadt-1' }
    assert.equal((await house.call('POST', '/api/v1/oauth2', { json })).json.ErrorCode, 5)
    empty(await reset(client, 'Stadtwerke-Beispielstadt-2'))
    // A list that is not there is missed at the start, and not with the first password.
    rmSync(file)
    await assert.rejects(
      house.restart(),
      /^Error: CHATELAINE_PASSWORD_BLOCKLIST: the file \S+ cannot be read \(ENOENT\)$/,
    )
    writeFileSync(file, 'something else')
    await house.start()
    const later = await signIn(house, email, 'Stadtwerke-Beispielstadt-2')
    empty(await reset(later, 'Stadtwerke-Beispielstadt-1', 'Stadtwerke-Beispielstadt-2'))
  })
})
