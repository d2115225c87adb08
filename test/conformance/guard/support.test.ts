import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { warnOfWeakDesk } from '#src/domain/supporting/supporting.ts'
import { gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { act, bring, currentOf, DAY, done, masterOf, ringsOf } from './own-keys.ts'
import { assertError, KEY_PASSWORD, keyLogin, newKeyOwner, newPerson, type Person, tokenOf } from './person.ts'
import { assertWord, basic, DESK, desk, deskSettings, until } from './support-desk.ts'

const HOURS = 3_600_000

onEveryEngine('the support desk of Guard', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: deskSettings })
  })
  after(() => house.stop())

  const accountOf = async (email: string) => (await findByAddress(house.ctx, email))!
  const ringRowsOf = async (email: string) => {
    const { id } = await accountOf(email)
    return house.ctx.db.selectFrom('key_ring').selectAll().where('account_id', '=', id).execute()
  }
  /** Until the copy that OpenPGP locks is there, of the rings as they are now. */
  const copied = async (email: string) => {
    for (const { id, modified } of await ringRowsOf(email))
      await until(() =>
        house.ctx.db
          .selectFrom('locked_secret')
          .selectAll()
          .where('ring_id', '=', id)
          .where('made_of', '=', modified)
          .executeTakeFirst(),
      )
  }
  const eventsOf = async (event: string) =>
    house.ctx.db.selectFrom('audit').selectAll().where('event', '=', event).execute()
  const pathOf = (url: string): string => new URL(url).pathname + new URL(url).search
  const exposed = async (email: string): Promise<string> => {
    const url = await assertWord(
      desk(house, 'expose_key', { form: { email, cid: '1' } }),
      /^http:\/\/127\.0\.0\.1:\d+\/appsuite\/api\/oxguard\/exposed\?key=[\w-]{43}$/,
    )
    return pathOf(url)
  }
  const mailFor = async (person: Person): Promise<string> => {
    const [ring] = (await ringRowsOf(person.email)).filter(({ is_current }) => is_current === 1)
    const recipients = [new Uint8Array(ring!.certificate)]
    const data = Buffer.from('old mail')
    return house.ctx.workers.openpgp.encrypt({ data, recipients, now: house.clock.now(), armor: true })
  }

  it('asks for its name and password on every mount, and takes nothing else', async () => {
    for (const mount of ['/appsuite/api', '/api', '/ajax', ''])
      for (const slash of ['', '/']) {
        const base = `${mount}/guardsupport${slash}`
        const stranger = await house.call('POST', `${base}?action=delete_user`)
        assert.equal(stranger.status, 401)
        assert.equal(stranger.headers.get('www-authenticate'), 'Basic realm="guardsupport", charset="UTF-8"')
        assert.equal(stranger.headers.get('access-control-allow-origin'), null)
        assert.deepEqual(stranger.headers.getSetCookie(), [])
        const known = await desk(house, 'delete_user', { base, form: { email: 'nobody@example.org' } })
        assert.equal(known.status, 200)
        assertError(known, 'GRD-USER-0001', 'USER_INPUT')
      }
    const person = await newPerson(house, 'curious@example.org')
    assert.equal((await person.call('POST', '/guardsupport?action=delete_user')).status, 401)
    for (const header of ['Bearer abc', 'Basic !', 'Basic', `Basic ${Buffer.from([0xff, 0x3a]).toString('base64')}`]) {
      const reply = await house.call('POST', '/guardsupport?action=delete_user', { headers: { Authorization: header } })
      assert.equal(reply.status, 401, header)
    }
    // Who shows nothing learns nothing, what is here neither.
    for (const [method, call] of [
      ['GET', '?action=delete_user'],
      ['POST', '?action=drop_tables'],
      ['POST', ''],
    ] as const) {
      const reply = await house.call(method, `/guardsupport${call}`)
      assert.deepEqual([reply.status, reply.json.code, reply.headers.get('allow')], [401, 'SVL-0016', null], call)
    }
  })

  it('says what it does not understand', async () => {
    assertError(await desk(house, 'drop_tables'), 'SVL-0001', 'ERROR')
    for (const [action, form, missing] of [
      ['reset_password', {}, 'email'],
      ['delete_user', {}, 'email'],
      ['delete_user', { user_id: '7' }, 'cid'],
      ['expose_key', { cid: '1' }, 'email'],
      ['upgrade_guest', { email: 'a@example.org', cid: '1' }, 'user_id'],
      ['upgrade_guest', { email: 'a@example.org', user_id: '1' }, 'cid'],
    ] as const) {
      const reply = await desk(house, action, { form })
      assertError(reply, 'SVL-0002', 'ERROR')
      assert.deepEqual([reply.status, reply.json.error_params], [200, [missing]])
    }
    assertError(await desk(house, 'delete_user', { form: { user_id: '7', cid: 'seven' } }), 'SVL-0010', 'ERROR')
    for (const cid of ['1.5', '99999999999', '1e400'])
      assertError(await desk(house, 'expose_key', { form: { email: 'a@example.org', cid } }), 'SVL-0010', 'ERROR')
    const headers = basic(DESK.name, DESK.password)
    assert.equal((await house.call('GET', '/guardsupport/?action=delete_user', { headers })).status, 405)
  })

  it('mails a new password to the user, and tells the desk only where', async () => {
    const person = await newKeyOwner(house, 'forgot@example.org')
    const token = await tokenOf(person)
    await assertWord(desk(house, 'reset_password&email=Forgot%40example.org'), 'PRIMARY')
    const mail = await house.inbox.next(person.email).then(async (first) => {
      for (let mail = first; ; mail = await house.inbox.next(person.email))
        if (/^[0-9a-z]{16}$/m.test(mail.text)) return mail
    })
    const password = /^[0-9a-z]{16}$/m.exec(mail.text)![0]
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Bad Password')
    await tokenOf(person, password)
    assert.notEqual(token, '')
    const [event] = (await eventsOf('key.password-reset')).filter(({ actor_id }) => actor_id === `support:${DESK.name}`)
    assert.equal(event?.account_id, (await accountOf(person.email)).id)
    // So soon after the last it must wait.
    const again = await desk(house, 'reset_password', { form: { email: person.email } })
    assert.equal(again.status, 429)
    house.clock.turn(HOURS)
    const changed = { password, email: 'other@example.net' }
    await person.call('POST', '/oxguard/login?action=changesecondary', { json: changed })
    await assertWord(desk(house, 'reset_password', { form: { email: person.email } }), 'SECONDARY')
    assertError(
      await desk(house, 'reset_password', { form: { email: 'x@example.org' } }),
      'GRD-USER-0001',
      'USER_INPUT',
    )
    const keyless = await newPerson(house, 'keyless@example.org')
    assertError(await desk(house, 'reset_password', { form: { email: keyless.email } }), 'GRD-KEY-0001', 'USER_INPUT')
  })

  it('deletes all keys at once, and a new one works', async () => {
    const person = await newKeyOwner(house, 'gone@example.org')
    await bring(house, person)
    const token = await tokenOf(person)
    await person.call('POST', '/guard-json?action=auth-token', { json: { password: KEY_PASSWORD, minutesValid: 0 } })
    const { keyId } = masterOf(await currentOf(person))
    const account = await accountOf(person.email)
    assertError(
      await desk(house, 'delete_user', { form: { user_id: account.id, cid: '2' } }),
      'GRD-USER-0001',
      'USER_INPUT',
    )
    assertError(
      await desk(house, 'delete_user', { form: { user_id: account.id, cid: '1', email: house.rootEmail } }),
      'GRD-USER-0001',
      'USER_INPUT',
    )
    await assertWord(desk(house, 'delete_user', { form: { user_id: account.id, cid: '1' } }), 'OK')
    assert.deepEqual(await ringsOf(person), [])
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'No Key')
    assert.equal((await person.call('GET', '/guard-json?action=auth-token')).text, '{"data":{}}')
    const lookUp = await house.call('GET', `/pks/lookup?op=get&options=mr&search=0x${keyId}`)
    assert.equal(lookUp.status, 404)
    const made = await act(person, 'POST', 'create', { form: { name: 'Anew', password: KEY_PASSWORD } })
    assert.equal(made.json.error, undefined, made.text)
    // An old token opens nothing of the new key, though the password is the same.
    const put = await person.call('PUT', '/guard-json?action=auth-token', { json: { auth: token } })
    assertError(put, 'GUARD-0007', 'ERROR')
    await tokenOf(person)
    const backed = await house.ctx.db
      .selectFrom('deleted_ring')
      .selectAll()
      .where('account_id', '=', account.id)
      .execute()
    assert.equal(backed.length, 2)
    for (const ring of backed) assert.ok(ring.secret && ring.unlock_salt && ring.escrow, 'it can be opened')
    const [event] = (await eventsOf('keys.removed')).filter(({ account_id }) => account_id === account.id)
    assert.equal(event?.actor_id, `support:${DESK.name}`)
  })

  it('takes the number that clients are told for the user', async () => {
    const person = await newKeyOwner(house, 'number@example.org')
    const signedIn = await house.call('POST', '/appsuite/api/login?action=login', {
      form: { name: person.email, password: 'Sign-In-Password-1' },
    })
    const { user_id, context_id } = signedIn.json
    await assertWord(desk(house, 'delete_user', { form: { user_id: String(user_id), cid: String(context_id) } }), 'OK')
    assert.deepEqual(await ringsOf(person), [])
  })

  it('keeps a revocation for the world', async () => {
    const person = await newKeyOwner(house, 'revoked@example.org')
    const { keyId } = masterOf(await currentOf(person))
    const ours = (await ringRowsOf(person.email))[0]!
    await house.ctx.db.updateTable('account').set({ confirmed: 1 }).where('email', '=', person.email).execute()
    await done(act(person, 'POST', `revoke&keyid=0x${keyId}`, { form: { password: KEY_PASSWORD } }))
    await assertWord(desk(house, 'delete_user', { form: { email: person.email } }), 'OK')
    const lookUp = await house.call('GET', `/pks/lookup?op=get&options=mr&search=0x${ours.fingerprint}`)
    assert.equal(lookUp.status, 200)
  })

  it('exposes deleted keys by a link that dies, and gpg reads old mail with them', {
    skip: !hasGnuPg && 'gpg is not installed',
  }, async (t) => {
    const person = await newKeyOwner(house, 'backup@example.org')
    const mail = await mailFor(person)
    await copied(person.email)
    assertError(await desk(house, 'expose_key', { form: { email: person.email } }), 'GRD-USER-0001', 'USER_INPUT')
    await assertWord(desk(house, 'delete_user', { form: { email: person.email } }), 'OK')
    const first = await exposed(person.email)
    const path = await exposed(person.email)
    const dead = await house.call('GET', first)
    assert.equal(dead.status, 404)
    const reply = await house.call('GET', path)
    assert.equal(reply.status, 200)
    assert.deepEqual(
      ['content-type', 'content-disposition', 'cache-control', 'referrer-policy'].map((one) => reply.headers.get(one)),
      ['application/pgp-keys', 'attachment; filename="keys.asc"', 'no-store', 'no-referrer'],
    )
    assert.equal(reply.headers.get('x-key-password-needed'), null)
    const gpg = gnuPg(t, house.clock.now())
    gpg.run(['--passphrase', KEY_PASSWORD, '--import'], reply.bytes)
    assert.equal(gpg.run(['--passphrase', KEY_PASSWORD, '--decrypt'], mail).toString(), 'old mail')
    const fetched = (await eventsOf('keys.fetched')).length
    assert.ok(fetched > 0)
    house.clock.turn(7 * DAY - 1000)
    assert.equal((await house.call('GET', path)).status, 200)
    assert.equal((await eventsOf('keys.fetched')).length, fetched + 1)
    house.clock.turn(1000)
    const over = await house.call('GET', path)
    const unknown = await house.call('GET', `/appsuite/api/oxguard/exposed?key=${'A'.repeat(43)}`)
    const without = await house.call('GET', '/oxguard/exposed')
    const said = ({ status, json: { error_id: _, ...rest } }: typeof over) => ({ status, ...rest })
    assert.equal(over.status, 404)
    assert.deepEqual(said(over), said(unknown))
    assert.deepEqual(said(over), said(without))
    const rows = await house.ctx.db.selectFrom('exposed_keys').selectAll().execute()
    assert.ok(!JSON.stringify(rows).includes(path.split('key=')[1]!))
  })

  it('says where a parameter belongs that came in the query', async () => {
    for (const action of ['delete_user', 'expose_key', 'upgrade_guest']) {
      const reply = await desk(house, `${action}&email=root@example.org`, { form: { other: 'x' } })
      assertError(reply, 'SVL-0010', 'ERROR')
      assert.match(reply.json.error, /"email" belongs into the form, not into the query/)
    }
  })

  it('exposes the secret part of a key that was deleted right after it was made', async () => {
    const person = await newKeyOwner(house, 'hasty@example.org')
    await assertWord(desk(house, 'delete_user', { form: { email: person.email } }), 'OK')
    const { text, headers } = await house.call('GET', await exposed(person.email))
    assert.match(text, /BEGIN PGP PRIVATE/)
    assert.equal(headers.get('x-key-password-needed'), null)
  })

  it('brings a secret out by its password where no locked copy is', async () => {
    const person = await newKeyOwner(house, 'copyless@example.org')
    await copied(person.email)
    const [ring] = await ringRowsOf(person.email)
    await house.ctx.db.deleteFrom('locked_secret').where('ring_id', '=', ring!.id).execute()
    await assertWord(desk(house, 'delete_user', { form: { email: person.email } }), 'OK')
    const path = await exposed(person.email)
    const closed = await house.call('GET', path)
    assert.equal(closed.headers.get('x-key-password-needed'), ring!.fingerprint)
    assert.match(closed.text, /BEGIN PGP PUBLIC/)
    assert.doesNotMatch(closed.text, /PRIVATE/)
    const ask = (password: string) =>
      house.call('GET', path, { headers: { 'X-Key-Password': encodeURIComponent(password) } })
    // Not 200: a program would keep the answer as the file.
    const guessed = await ask('guess')
    assert.deepEqual([guessed.status, guessed.json.code], [403, 'PGP-CORE-0003'])
    const raw = await house.call('GET', path, { headers: { 'X-Key-Password': 'Schl\u00fcssel' } })
    assert.deepEqual([raw.status, raw.json.code], [400, 'SVL-0010'])
    const open = await ask(KEY_PASSWORD)
    assert.equal(open.headers.get('x-key-password-needed'), null)
    const { rings } = await house.ctx.workers.openpgp.inspect({ bytes: open.bytes, now: house.clock.now() })
    assert.equal(rings[0]?.locked, true)
    const secret = await house.ctx.workers.openpgp.unlock({ secret: rings[0]!.secret!, password: KEY_PASSWORD })
    assert.ok(secret.length > 0)
    for (let tries = 0; tries < 6; tries++) await ask('guess')
    const delayed = await ask(KEY_PASSWORD)
    assert.deepEqual([delayed.status, delayed.json.code], [429, 'GRD-AUTH-0002'])
    assert.ok(Number(delayed.headers.get('retry-after')) > 0)
  })

  it('keeps no copy under a password that was replaced', async () => {
    const person = await newKeyOwner(house, 'copies@example.org')
    await copied(person.email)
    house.clock.turn(1000)
    const changed = { oldpass: KEY_PASSWORD, newpass: 'another password' }
    const { auth } = (await person.call('POST', '/oxguard/login?action=changepass', { json: changed })).json
    assert.match(auth, /^v1\./)
    await copied(person.email)
    await assertWord(desk(house, 'delete_user', { form: { email: person.email } }), 'OK')
    const { bytes } = await house.call('GET', await exposed(person.email))
    const { openpgp } = house.ctx.workers
    const { rings } = await openpgp.inspect({ bytes, now: house.clock.now() })
    const secret = rings.find((ring) => ring.secret)!.secret!
    await assert.rejects(openpgp.unlock({ secret, password: KEY_PASSWORD }))
    assert.ok((await openpgp.unlock({ secret, password: 'another password' })).length > 0)
  })

  it('makes a missing copy when the password is shown', async () => {
    const person = await newKeyOwner(house, 'copied-later@example.org')
    await copied(person.email)
    const [ring] = await ringRowsOf(person.email)
    await house.ctx.db.deleteFrom('locked_secret').where('ring_id', '=', ring!.id).execute()
    assert.equal((await keyLogin(person, 'wrong')).json.auth, 'Bad Password')
    await tokenOf(person)
    await copied(person.email)
  })
})

onEveryEngine('a support desk that is guessed at', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { ...deskSettings, CHATELAINE_SUPPORT_PASSWORD: 'short' } })
  })
  after(() => house.stop())

  const guess = (name: string, password: string) =>
    house.call('POST', '/guardsupport?action=delete_user', { headers: basic(name, password) })

  it('is told at the start that its password is too short', () => {
    const warned: string[] = []
    const log = { ...house.ctx.log, warn: (event: string) => void warned.push(event) }
    warnOfWeakDesk({ ...house.ctx, log })
    assert.deepEqual(warned, ['support.weak-password'])
    warnOfWeakDesk({ ...house.ctx, log, config: { ...house.ctx.config, supportPassword: 'a longer password' } })
    assert.equal(warned.length, 1)
  })

  it('makes whoever guesses wait, longer each time, and records it once', async () => {
    assert.equal((await guess(DESK.name, DESK.password)).status, 401)
    const { failuresAllowed, firstDelay } = house.ctx.config
    for (let tries = 1; tries < failuresAllowed; tries++) assert.equal((await guess(`a${tries}`, 'short')).status, 401)
    const wait = async (): Promise<number> => {
      const reply = await guess(DESK.name, 'short')
      assert.equal(reply.status, 429)
      return Number(reply.headers.get('retry-after'))
    }
    assert.equal(await wait(), firstDelay)
    house.clock.turn(firstDelay * 1000)
    assert.equal((await guess('x', 'y')).status, 401)
    assert.equal(await wait(), firstDelay * 2)
    house.clock.turn(firstDelay * 2000)
    assertError(await guess(DESK.name, 'short'), 'SVL-0002', 'ERROR')
    const denied = house.ctx.db.selectFrom('audit').selectAll().where('event', '=', 'support.denied')
    assert.equal((await denied.execute()).length, 1)
    house.clock.turn(HOURS)
    await guess('x', 'y')
    assert.equal((await denied.execute()).length, 2)
  })
})

onEveryEngine('a support desk that is off', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SUPPORT_PASSWORD: 'a long password' } })
  })
  after(() => house.stop())

  it('answers nobody', async () => {
    for (const headers of [{}, basic('', 'a long password'), basic('desk', 'a long password')]) {
      const reply = await house.call('POST', '/guardsupport/?action=delete_user', { headers })
      assert.equal(reply.status, 401)
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Basic /)
      for (const call of ['?action=drop_tables', '', '?action=delete_user&email=a&email=b'])
        for (const method of ['GET', 'POST', 'PUT', 'OPTIONS'])
          assert.equal((await house.call(method, `/guardsupport${call}`, { headers })).status, 401, method + call)
    }
  })
})
