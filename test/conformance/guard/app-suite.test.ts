import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { openSession, signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { openTokenSession } from '#src/domain/sessions/tokens.ts'
import { cookieProof, sessionCookieName } from '#src/http/session-proof.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  assertError,
  KEY_PASSWORD,
  newAccount,
  newPerson,
  origin,
  PASSWORD,
  personAt,
  signIn,
  tokenOf,
} from './person.ts'

onEveryEngine('App Suite sign-in', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
    await newAccount(house, 'anna@example.org')
  })
  after(() => house.stop())

  const login = '/appsuite/api/login?action=login'
  const credentials = { name: 'anna@example.org', password: PASSWORD }

  it('takes a form, JSON and a query, and answers a session with its cookie', async () => {
    const replies = [
      await house.call('POST', login, { form: credentials }),
      await house.call('POST', login, { json: { ...credentials, client: 'test' } }),
      await house.call('POST', `${login}&${new URLSearchParams({ ...credentials, client: 'x', authId: 'y' })}`),
    ]
    for (const { status, json, headers } of replies) {
      assert.equal(status, 200)
      assert.match(json.session, /^[0-9a-f]{32}$/)
      assert.deepEqual(
        [json.user, json.context_id, typeof json.user_id, json.locale],
        ['anna@example.org', 1, 'number', 'en_US'],
      )
      assert.equal('error' in json, false)
      const [cookie = ''] = headers.getSetCookie()
      assert.match(cookie, /^open-xchange-secret-[0-9a-f]+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('access-control-allow-origin'), null)
    }
  })

  it('refuses wrong credentials with an error object and status 200', async () => {
    const wrong = await house.call('POST', login, { form: { ...credentials, password: 'wrong' } })
    assert.equal(wrong.status, 200)
    assertError(wrong, 'LGI-0006', 'USER_INPUT')
    assert.equal(wrong.json.category, 1)
    const unknown = await house.call('POST', login, { form: { name: 'nobody@example.org', password: 'wrong' } })
    assert.equal(unknown.json.error, wrong.json.error)
    assertError(await house.call('POST', login, { form: { name: 'anna@example.org' } }), 'SVL-0002', 'ERROR')
  })

  it('delays after too many failures', async () => {
    await newAccount(house, 'dora@example.org')
    const form = { name: 'dora@example.org', password: 'wrong' }
    for (let tries = 0; tries < 5; tries++) await house.call('POST', login, { form })
    const delayed = await house.call('POST', login, { form: { ...form, password: PASSWORD } })
    assertError(delayed, 'LGI-0006', 'TRY_AGAIN')
    assert.equal(delayed.status, 429)
    assert.ok(Number(delayed.headers.get('retry-after')) > 0)
  })

  it('sends people with 2-step verification to the mailbox sign-in', async () => {
    await newAccount(house, 'two@example.org')
    await house.ctx.db.updateTable('account').set({ two_step: 1 }).where('email', '=', 'two@example.org').execute()
    const reply = await house.call('POST', login, { form: { name: 'two@example.org', password: PASSWORD } })
    assertError(reply, 'LGI-0006', 'USER_INPUT')
    assert.match(reply.json.error, /mailbox sign-in/)
    assert.deepEqual(reply.headers.getSetCookie(), [])
    const form = { name: 'two@example.org', password: 'wrong' }
    assert.doesNotMatch((await house.call('POST', login, { form })).json.error, /2-step/)
  })

  it('refuses a password that must be changed first', async () => {
    const form = { name: house.rootEmail, password: house.rootPassword }
    assertError(await house.call('POST', login, { form }), 'LGI-0006', 'USER_INPUT')
  })

  it('ends a session at sign-out, by GET and by POST', async () => {
    for (const method of ['GET', 'POST']) {
      const person = await signIn(house, 'anna@example.org')
      const reply = await person.call(method, '/login?action=logout')
      assert.deepEqual([reply.status, reply.text], [200, ''])
      assert.match(reply.headers.getSetCookie()[0]!, /Max-Age=0/)
      assertError(await person.call('GET', '/oxguard/keys?action=hasKey'), 'SES-0203', 'TRY_AGAIN')
    }
  })

  it('answers on all four mounts', async () => {
    const person = await signIn(house, 'anna@example.org')
    for (const base of ['/appsuite/api', '/api', '/ajax', '']) {
      const signedIn = await house.call('POST', `${base}/login?action=login`, { form: credentials })
      assert.match(signedIn.json.session, /^[0-9a-f]{32}$/)
      const path = `${base}/oxguard/keys?action=hasKey&session=${person.session}`
      const reply = await house.call('GET', path, { headers: { Cookie: person.cookie } })
      assert.equal(reply.text, '{"data":{"hasPublicKey":false,"hasPrivateKey":false}}')
    }
  })

  it('tells what is wrong with a session', async () => {
    const person = await signIn(house, 'anna@example.org')
    const hasKey = '/appsuite/api/oxguard/keys?action=hasKey'
    assertError(await house.call('GET', hasKey), 'SES-0201', 'ERROR')
    const unknown = await house.call('GET', `${hasKey}&session=${'0'.repeat(32)}`)
    assertError(unknown, 'SES-0203', 'TRY_AGAIN')
    assert.deepEqual([unknown.json.category, unknown.json.error_params], [4, ['0'.repeat(32)]])
    const malformed = await house.call('GET', `${hasKey}&session=%3Cscript%3E`)
    assertError(malformed, 'SES-0203', 'TRY_AGAIN')
    assert.deepEqual(malformed.json.error_params, ['<invalid_sessionid>'])
    assertError(await house.call('GET', `${hasKey}&session=${person.session}`), 'SES-0206', 'TRY_AGAIN')
    const name = person.cookie.split('=')[0]
    const Cookie = `${name}=${'A'.repeat(43)}`
    assertError(
      await house.call('GET', `${hasKey}&session=${person.session}`, { headers: { Cookie } }),
      'SES-0206',
      'TRY_AGAIN',
    )
    const other = await signIn(house, 'anna@example.org')
    assertError(
      await house.call('GET', `${hasKey}&session=${person.session}`, { headers: { Cookie: other.cookie } }),
      'SES-0206',
      'TRY_AGAIN',
    )
  })

  it('ends with idleness and with signing out everywhere', async () => {
    const idle = await signIn(house, 'anna@example.org')
    house.clock.turn(3_700_000)
    assertError(await idle.call('GET', '/oxguard/keys?action=hasKey'), 'SES-0203', 'TRY_AGAIN')
    const person = await signIn(house, 'anna@example.org')
    const { account } = await person.signed()
    await signOutEverywhere(house.ctx, { account, origin })
    assertError(await person.call('GET', '/oxguard/keys?action=hasKey'), 'SES-0203', 'TRY_AGAIN')
  })

  it('takes the sessions of the other protocols with their own proofs', async () => {
    const { ctx } = house
    const account = (await findByAddress(ctx, 'anna@example.org'))!
    const hasKey = '/oxguard/keys?action=hasKey'
    const email = account.email
    const { access } = await openTokenSession(ctx, { account, origin: { ...origin, protocol: 'openwifi' } })
    const bearer = personAt(house, { email, session: access, headers: { Authorization: `Bearer ${access}` } })
    assert.equal((await bearer.call('GET', hasKey)).json.data.hasPublicKey, false)
    assertError(
      await personAt(house, { email, session: access, headers: {} }).call('GET', hasKey),
      'SES-0206',
      'TRY_AGAIN',
    )
    for (const state of ['full', 'required', 'setup'] as const) {
      const token = `mailbox-${state}-0123456789`
      const from = { ...origin, protocol: 'mailbox' }
      await openSession(ctx, { account, token, proof: cookieProof('value'), state, origin: from })
      const headers = { Cookie: `${sessionCookieName('mailbox', token)}=value` }
      const reply = await personAt(house, { email, session: token, headers }).call('GET', hasKey)
      if (state === 'full') assert.equal(reply.json.data.hasPublicKey, false)
      else assertError(reply, 'SES-0206', 'TRY_AGAIN')
      assertError(
        await personAt(house, { email, session: token, headers: {} }).call('GET', hasKey),
        'SES-0206',
        'TRY_AGAIN',
      )
    }
  })

  it('works with sessions that were opened in the other protocols', async () => {
    const email = 'anna@example.org'
    const token = await house.call('POST', '/api/v1/oauth2', { json: { userId: email, password: PASSWORD } })
    const access = token.json.access_token
    const bearer = personAt(house, { email, session: access, headers: { Authorization: `Bearer ${access}` } })
    const mailbox = await house.call('POST', '/api/v1/login/cookie', { json: { username: email, password: PASSWORD } })
    const Cookie = mailbox.headers.getSetCookie()[0]!.split(';')[0]!
    const atMailbox = personAt(house, { email, session: mailbox.json.sessid, headers: { Cookie } })
    const form = { name: 'Anna', password: KEY_PASSWORD }
    await bearer.call('POST', '/oxguard/keys?action=create', { form })
    const reply = await atMailbox.call('GET', '/oxguard/keys?action=hasKey')
    assert.deepEqual(reply.json.data, { hasPublicKey: true, hasPrivateKey: true })
    assert.match(await tokenOf(atMailbox), /^v1\./)
  })

  it('answers unknown paths, methods and actions as OX does', async () => {
    const person = await newPerson(house, 'paths@example.org')
    const path = await person.call('GET', '/oxguard/nothing?action=x')
    assert.equal(path.status, 404)
    assertError(path, 'SVL-0007', 'ERROR')
    const action = await person.call('GET', '/oxguard/keys?action=fly')
    assert.equal(action.status, 200)
    assertError(action, 'SVL-0001', 'ERROR')
    assert.deepEqual(action.json.error_params, ['fly'])
    assertError(await person.call('GET', '/oxguard/keys'), 'SVL-0002', 'ERROR')
    const method = await person.call('DELETE', '/oxguard/keys?action=hasKey')
    assert.equal(method.status, 405)
    assertError(method, 'SVL-0006', 'ERROR')
    const wrongMethod = await person.call('POST', '/oxguard/keys?action=hasKey')
    assert.equal(wrongMethod.status, 405)
    const broken = await person.call('POST', '/oxguard/login?action=login', {
      body: '{"encr_password":',
      headers: { 'Content-Type': 'application/json' },
    })
    assert.equal(broken.status, 200)
    assertError(broken, 'SVL-0009', 'ERROR')
  })
})
