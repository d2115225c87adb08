import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setPassword } from '#src/domain/accounts/accounts.ts'
import { unlockedSecrets } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { keepSession, signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  assertError,
  KEY_PASSWORD,
  keyLogin,
  newKeyOwner,
  newPerson,
  origin,
  type Person,
  signIn,
  tokenOf,
} from './person.ts'

const isReason = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason

onEveryEngine('Guard login', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const use = async (person: Person, token: string) =>
    unlockedSecrets(house.ctx, { signed: await person.signed(), proof: { token }, origin })

  it('tells a newcomer its settings and that there is no key', async () => {
    const person = await newPerson(house, 'new@example.org')
    for (const json of [{}, { encr_password: null }, { encr_password: 'something' }]) {
      const reply = await person.call('POST', '/oxguard/login?action=login', { json })
      assert.equal(reply.json.auth, 'No Key')
      assert.deepEqual(Object.keys(reply.json), [
        'server',
        'cid',
        'primaryEmail',
        'pubKey',
        'auth',
        'recoveryAvail',
        'lang',
        'settings',
      ])
      assert.match(reply.json.pubKey, /^-----BEGIN PUBLIC KEY-----/)
      assert.deepEqual([reply.json.cid, reply.json.primaryEmail], [1, 'new@example.org'])
      assert.deepEqual(reply.json.lang, { en_US: 'English', de_DE: 'Deutsch' })
      assert.equal(reply.json.recoveryAvail, false)
      assert.deepEqual(reply.json.settings, {
        pgpdefault: false,
        pgpsign: false,
        inline: false,
        noDeletePrivate: false,
        noRecovery: false,
        noDeleteRecovery: false,
        min_password_length: 8,
        password_length: 16,
      })
    }
  })

  it('answers a token, or a word for why there is none', async () => {
    const person = await newKeyOwner(house, 'words@example.org')
    const settings = await person.call('POST', '/oxguard/login?action=login')
    assert.equal(settings.json.auth, 'Password Needed')
    const wrong = await keyLogin(person, 'wrong')
    assert.deepEqual([wrong.status, wrong.json.auth, 'error' in wrong.json], [200, 'Bad Password', false])
    assert.match(await tokenOf(person), /^v1\.[\w-]{22}\.[\w-]+$/)
    const old = { form: { ox_password: KEY_PASSWORD } }
    assert.match((await person.call('POST', '/oxguard/login?action=login', old)).json.auth, /^v1\./)
    assert.match((await person.call('POST', '/oxguard/login=action=login', old)).json.auth, /^v1\./)
    assert.match((await person.call('POST', '/oxguard/login?action=login&type=pgp', old)).json.auth, /^v1\./)
    const smime = await person.call('POST', '/oxguard/login?action=login&type=SMIME', old)
    assertError(smime, 'SVL-0010', 'ERROR')
    assert.deepEqual(smime.json.error_params, ['type', 'SMIME'])
    // Nor does a wish about another kind of key touch this one.
    const json = { oldpass: KEY_PASSWORD, newpass: 'another password' }
    assertError(await person.call('POST', '/oxguard/login?action=changepass&type=smime', { json }), 'SVL-0010', 'ERROR')
    assertError(await person.call('GET', '/oxguard/login?action=reset&type=smime'), 'SVL-0010', 'ERROR')
    assert.match(await tokenOf(person), /^v1\./)
  })

  it('locks out after too many guesses, for the right password too, and lets in again later', async () => {
    const person = await newKeyOwner(house, 'guess@example.org')
    for (let tries = 0; tries < 5; tries++) assert.equal((await keyLogin(person, 'wrong')).json.auth, 'Bad Password')
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Lockout')
    const key = await person.call('POST', '/oxguard/keys?action=getKey', { form: { password: KEY_PASSWORD } })
    assert.equal(key.status, 200)
    assertError(key, 'GRD-AUTH-0002', 'TRY_AGAIN')
    assert.ok(Number(key.headers.get('retry-after')) > 0)
    const json = { oldpass: KEY_PASSWORD, newpass: 'a new password' }
    const change = await person.call('POST', '/oxguard/login?action=changepass', { json })
    assert.deepEqual([change.json.auth, change.json.code], ['Lockout', 'GRD-AUTH-0002'])
    house.clock.turn(61_000)
    assert.match(await tokenOf(person), /^v1\./)
    assert.equal((await keyLogin(person, 'wrong')).json.auth, 'Bad Password')
  })

  it('lets no more than the allowed guesses through at one instant', async () => {
    const person = await newKeyOwner(house, 'burst@example.org')
    await Promise.all(Array.from({ length: 40 }, () => keyLogin(person, 'wrong')))
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Lockout')
  })

  it('keeps the tokens of two people with the same key password apart', async () => {
    const anna = await newKeyOwner(house, 'anna@example.org')
    const bert = await newKeyOwner(house, 'bert@example.org')
    const token = await tokenOf(anna)
    assert.equal((await use(anna, token)).all.length, 1)
    await assert.rejects(use(bert, token), isReason('key.token-invalid'))
    const put = await bert.call('PUT', '/guard-json?action=auth-token', { json: { auth: token, minutesValid: 0 } })
    assertError(put, 'GUARD-0007', 'ERROR')
    // No id in a request makes him somebody else (CVE-2015-8542).
    const { account } = await anna.signed()
    const whose = `cid=1&id=${account.id}&userid=${account.id}&user_id=${account.id}&email=anna@example.org`
    const bodies: Record<string, string>[] = [
      {},
      { password: KEY_PASSWORD },
      { password: KEY_PASSWORD, id: account.id },
    ]
    for (const body of bodies) {
      const got = await bert.call('POST', `/oxguard/keys?action=getKey&${whose}`, { form: body })
      assert.equal(got.json.data.ownerEmail, 'bert@example.org')
    }
    const login = await bert.call('POST', `/oxguard/login?action=login&${whose}`, { json: { id: account.id } })
    assert.equal(login.json.primaryEmail, 'bert@example.org')
    // Nor in another session of its own owner.
    await assert.rejects(use(await signIn(house, 'anna@example.org'), token), isReason('key.token-invalid'))
  })

  it('takes no token that was changed', async () => {
    const person = await newKeyOwner(house, 'forged@example.org')
    const token = await tokenOf(person)
    const [, id, sealed = ''] = token.split('.')
    const flipped = sealed.slice(0, -4) + (sealed.at(-4) === 'A' ? 'B' : 'A') + sealed.slice(-3)
    const other = (await tokenOf(person)).split('.')
    for (const forged of ['', 'v1', 'x', `v1.${id}.${flipped}`, `v1.${other[1]}.${sealed}`, `v2.${id}.${sealed}`])
      await assert.rejects(use(person, forged), isReason('key.token-invalid'))
    assert.equal((await use(person, token)).all.length, 1)
  })

  it('ends tokens at Guard logout, at sign-out and after their time', async () => {
    const person = await newKeyOwner(house, 'ends@example.org')
    const other = await signIn(house, 'ends@example.org')
    const tokens = [await tokenOf(person), await tokenOf(person)]
    const otherToken = await tokenOf(other)
    for (const token of tokens) assert.ok((await use(person, token)).current)
    const logout = await person.call('GET', '/oxguard/login?action=logout')
    assert.deepEqual([logout.text, logout.headers.get('content-type')], ['OK', 'text/plain; charset=UTF-8'])
    for (const token of tokens) await assert.rejects(use(person, token), isReason('key.token-invalid'))
    await assert.rejects(use(other, otherToken), isReason('key.token-invalid'))
    const again = await person.call('GET', '/oxguard/login?action=logout', { headers: { Accept: 'application/json' } })
    assert.equal(again.text, '"OK"')
    const token = await tokenOf(person)
    await person.call('GET', '/login?action=logout')
    assert.equal(
      (await house.ctx.db.selectFrom('key_session').select('id').where('id', '=', token.split('.')[1]!).execute())
        .length,
      0,
    )
  })

  it('ends tokens when the sign-in password changes, even in the session that lives on', async () => {
    const person = await newKeyOwner(house, 'moves@example.org')
    const token = await tokenOf(person)
    const { session, account } = await person.signed()
    await person.call('POST', '/guard-json?action=auth-token', { json: { password: KEY_PASSWORD, minutesValid: 0 } })
    const hash = await house.ctx.workers.passwords.hash('another-password-1')
    await setPassword(house.ctx, { account, hash, origin, mustChange: false })
    await keepSession(house.ctx, session, account)
    await assert.rejects(use(person, token), isReason('key.token-invalid'))
    assert.equal((await person.call('GET', '/guard-json?action=auth-token')).text, '{"data":{}}')
    await use(person, await tokenOf(person))
    const late = await tokenOf(person)
    await signOutEverywhere(house.ctx, { account, origin })
    const rows = house.ctx.db.selectFrom('key_session').select('id').where('id', '=', late.split('.')[1]!)
    assert.equal((await rows.execute()).length, 0)
  })

  it('changes the key password: new token, old tokens and the old password void', async () => {
    const person = await newKeyOwner(house, 'change@example.org')
    const token = await tokenOf(person)
    await person.call('POST', '/guard-json?action=auth-token', { json: { password: KEY_PASSWORD, minutesValid: 0 } })
    const change = (oldpass: string, newpass: string): Promise<Reply> =>
      person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass, newpass } })
    const wrong = await change('wrong', 'long enough now')
    assertError(wrong, 'PGP-CORE-0003', 'USER_INPUT')
    assert.equal(wrong.json.auth, 'Bad Password')
    const short = await change(KEY_PASSWORD, 'short')
    assertError(short, 'GRD-AUTH-0003', 'USER_INPUT')
    assert.deepEqual(short.json.error_params, [8])
    assertError(
      await person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass: 'x' } }),
      'SVL-0002',
      'ERROR',
    )
    const changed = await change(KEY_PASSWORD, 'long enough now')
    assert.deepEqual(Object.keys(changed.json), ['auth'])
    assert.ok((await use(person, changed.json.auth)).current)
    await assert.rejects(use(person, token), isReason('key.token-invalid'))
    assert.equal((await person.call('GET', '/guard-json?action=auth-token')).text, '{"data":{}}')
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Bad Password')
    assert.match(await tokenOf(person, 'long enough now'), /^v1\./)
    const nobody = await newPerson(house, 'keyless@example.org')
    const none = await nobody.call('POST', '/oxguard/login?action=changepass', {
      json: { oldpass: 'aaaaaaaa', newpass: 'bbbbbbbb' },
    })
    assert.deepEqual([none.json.code, none.json.auth], ['GRD-KEY-0001', 'No Key'])
  })

  it('tells of a new key password, and keeps the second copy up with it', async () => {
    const person = await newKeyOwner(house, 'told@example.org')
    const escrow = async () => {
      const { account } = await person.signed()
      const row = house.ctx.db.selectFrom('key_ring').select('escrow').where('account_id', '=', account.id)
      return (await row.executeTakeFirstOrThrow()).escrow
    }
    const before = await escrow()
    const json = { oldpass: KEY_PASSWORD, newpass: 'long enough now' }
    await person.call('POST', '/oxguard/login?action=changepass', { json })
    assert.notDeepEqual(await escrow(), before)
    let mail = await house.inbox.next(person.email)
    while (!/password of your encryption key was changed/.test(mail.text)) mail = await house.inbox.next(person.email)
    assert.doesNotMatch(mail.raw, /long enough now/)
  })

  it('says that it is there, to anybody, on all four mounts', async () => {
    for (const base of ['/appsuite/api', '/api', '/ajax', '']) {
      const path = `${base}/oxguard/login?action=status`
      const plain = await house.call('GET', path)
      assert.deepEqual([plain.status, plain.text], [200, 'OK'])
      assert.equal(plain.headers.get('content-type'), 'text/plain; charset=UTF-8')
      assert.equal(plain.headers.get('cache-control'), 'no-store')
      assert.equal((await house.call('GET', path, { headers: { Accept: 'application/json, */*' } })).text, '"OK"')
    }
  })

  it('answers bare words as text or JSON, as the client prefers', async () => {
    const person = await newKeyOwner(house, 'accept@example.org')
    const types = {
      '': 'OK',
      '*/*': 'OK',
      'text/plain': 'OK',
      'text/plain, application/json': 'OK',
      'application/json, text/javascript, */*; q=0.01': '"OK"',
      'Application/JSON;charset=utf-8': '"OK"',
      'application/json, text/plain': '"OK"',
    }
    for (const [Accept, says] of Object.entries(types))
      assert.equal(
        (await person.call('GET', '/oxguard/login?action=logout', { headers: { Accept } })).text,
        says,
        Accept,
      )
    // What goes wrong is an error object for both.
    const nobody = await newPerson(house, 'bare@example.org')
    assertError(await nobody.call('GET', '/oxguard/login?action=reset'), 'GRD-KEY-0001', 'USER_INPUT')
  })

  it('lets one of two password changes at the same instant through', async () => {
    const person = await newKeyOwner(house, 'race@example.org')
    const change = (newpass: string) =>
      person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass: KEY_PASSWORD, newpass } })
    const news = ['the first password', 'the second password']
    const replies = await Promise.all(news.map(change))
    const winners = news.filter((_, index) => !('error' in replies[index]!.json))
    assert.equal(winners.length, 1)
    await tokenOf(person, winners[0])
  })
})
