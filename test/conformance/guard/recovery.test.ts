import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { resetKeyPassword, sweepUnwantedEscrows, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { type House, onEveryEngine, type Received, type Reply, startHouse } from '#src/testing.ts'
import { bring, done, upload } from './own-keys.ts'
import {
  assertError,
  KEY_PASSWORD,
  keyLogin,
  newKeyOwner,
  newPerson,
  origin,
  PASSWORD,
  type Person,
  signIn,
  tokenOf,
} from './person.ts'

const PAUSE = 600_000

const ask = (person: Person, action: string, method = 'GET'): Promise<Reply> =>
  person.call(method, `/oxguard/login?action=${action}`)
const post = (person: Person, action: string, json: Record<string, unknown>): Promise<Reply> =>
  person.call('POST', `/oxguard/login?action=${action}`, { json })
const settings = async (person: Person) => (await person.call('POST', '/oxguard/login?action=login')).json
const passwordIn = ({ text }: Received): string => /^[0-9a-z]{16}$/m.exec(text)![0]

onEveryEngine('recovery of Guard keys', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const rowsOf = async (email: string) => {
    const account = await findByAddress(house.ctx, email)
    return house.ctx.db.selectFrom('key_ring').selectAll().where('account_id', '=', account!.id).execute()
  }
  const mailWith = (to: string, words: RegExp) => house.inbox.saying(to, words)
  const resetMail = (to: string) => mailWith(to, /new password of your encryption key|neue Passwort Ihres Schlüssels/)
  const eventsOf = async (email: string) => {
    const account = await findByAddress(house.ctx, email)
    const rows = house.ctx.db.selectFrom('audit').select('event').where('account_id', '=', account!.id)
    return (await rows.execute()).map(({ event }) => event)
  }
  /** A message to a person, and whether a password reads it. */
  async function sealedTo(person: Person): Promise<(password: string) => Promise<string>> {
    const [ring] = await rowsOf(person.email)
    const { openpgp } = house.ctx.workers
    const now = house.clock.now()
    const recipients = [new Uint8Array(ring!.certificate)]
    const armored = await openpgp.encrypt({ data: Buffer.from('old mail'), recipients, now, armor: true })
    return async (password) => {
      const { all } = await unlockedSecrets(house.ctx, { signed: await person.signed(), proof: { password }, origin })
      const message = Buffer.from(armored)
      const { data } = await openpgp.decrypt({ message, secrets: all, verifyWith: [], now })
      return Buffer.from(data).toString()
    }
  }

  it('mails a new password that opens the same key, and ends everything that was open', async () => {
    const person = await newKeyOwner(house, 'forgot@example.org')
    const other = await signIn(house, 'forgot@example.org')
    const read = await sealedTo(person)
    const before = await person.call('POST', '/oxguard/keys?action=getKey&keyType=public')
    assert.equal(before.json.data.recoveryAvail, true)
    const shown = await settings(person)
    assert.deepEqual([shown.recoveryAvail, shown.settings.noRecovery], [true, false])
    const tokens = [await tokenOf(person), await tokenOf(other)]
    await person.call('POST', '/guard-json?action=auth-token', { json: { password: KEY_PASSWORD, minutesValid: 0 } })
    const reset = await ask(person, 'reset')
    assert.deepEqual([reset.text, reset.headers.get('content-type')], ['primary', 'text/plain; charset=UTF-8'])
    const mail = await resetMail(person.email)
    assert.deepEqual(mail.to, [person.email])
    const password = passwordIn(mail)
    assert.equal(password.length, shown.settings.password_length)
    assert.ok(mail.html.includes(password))
    assert.equal(await read(password), 'old mail')
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Bad Password')
    assert.match(await tokenOf(person, password), /^v1\./)
    for (const token of tokens)
      for (const signed of [await person.signed(), await other.signed()])
        await assert.rejects(unlockedSecrets(house.ctx, { signed, proof: { token }, origin }), (error) =>
          isRefusal(error, 'key.token-invalid'),
        )
    assert.equal((await person.call('GET', '/guard-json?action=auth-token')).text, '{"data":{}}')
    const after = await person.call('POST', '/oxguard/keys?action=getKey', { form: { password } })
    assert.equal(after.json.data.publicRing.keys[0].fingerprint, before.json.data.publicRing.keys[0].fingerprint)
    assert.match(after.json.data.privateRing.ring, /PRIVATE KEY BLOCK/)
    assert.ok((await eventsOf(person.email)).includes('key.password-reset'))
    // Back to what its owner likes; and the second copy is that of the new state still.
    const changed = await post(person, 'changepass', { oldpass: password, newpass: 'my own password' })
    assert.match(changed.json.auth, /^v1\./)
    house.clock.turn(PAUSE)
    assert.equal((await ask(person, 'reset', 'POST')).text, 'primary')
    const next = passwordIn(await resetMail(person.email))
    assert.notEqual(next, password)
    assert.equal(await read(next), 'old mail')
  })

  it('leaves no trace of the password once the mail is out', async () => {
    const person = await newKeyOwner(house, 'trace@example.org')
    await ask(person, 'reset')
    const password = passwordIn(await resetMail(person.email))
    for (const table of ['message', 'audit', 'key_ring', 'key_profile', 'server_secret'] as const) {
      const text = (await house.ctx.db.selectFrom(table).selectAll().execute())
        .flatMap((row) => Object.values(row))
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
      assert.ok(text.length > 0 && text.every((one) => !one.includes(password)), table)
    }
  })

  it('goes to the secondary address where there is one, and the mailbox is told', async () => {
    const person = await newKeyOwner(house, 'second@example.org')
    assert.deepEqual([(await ask(person, 'secondary')).text], [''])
    const email = ' Elsewhere@Example.COM '
    assertError(await post(person, 'changesecondary', { password: 'wrong', email }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await post(person, 'changesecondary', { email }), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await post(person, 'changesecondary', { password: KEY_PASSWORD }), 'SVL-0002', 'ERROR')
    for (const bad of [
      'x',
      'a@b@c',
      'a b@example.org',
      'a@example.org\r\nBcc: b@example.org',
      `${'a'.repeat(250)}@x.org`,
    ])
      assertError(await post(person, 'changesecondary', { password: KEY_PASSWORD, email: bad }), 'SVL-0010', 'ERROR')
    assert.equal((await ask(person, 'secondary')).text, '')
    assert.equal((await post(person, 'changesecondary', { password: KEY_PASSWORD, email })).text, 'OK')
    assert.match((await mailWith(person.email, /would be mailed to was changed/)).text, /els\*\*\*@\*\*\*e\.com/)
    assert.equal((await ask(person, 'secondary')).text, 'elsewhere@example.com')
    const quoted = await person.call('GET', '/oxguard/login?action=secondary', {
      headers: { Accept: 'application/json' },
    })
    assert.equal(quoted.text, '"elsewhere@example.com"')
    assert.equal((await ask(person, 'reset')).text, 'ok')
    const mail = await resetMail('elsewhere@example.com')
    assert.match(mail.text, /second@example\.org/)
    assert.match(await tokenOf(person, passwordIn(mail)), /^v1\./)
    const told = await mailWith(person.email, /was reset/)
    assert.equal(told.text.includes(passwordIn(mail)), false)
    // The old address learns that it is no more.
    const password = passwordIn(mail)
    assert.equal((await post(person, 'changesecondary', { password, email: 'third@example.com' })).text, 'OK')
    await mailWith('elsewhere@example.com', /would be mailed to was changed/)
    assert.equal((await post(person, 'changesecondary', { password, email: '' })).text, 'OK')
    await mailWith('third@example.com', /would be mailed to was changed/)
    assert.equal((await ask(person, 'secondary')).text, '')
    house.clock.turn(PAUSE)
    assert.equal((await ask(person, 'reset')).text, 'primary')
  })

  it('takes a secondary address with a new key, for that key and for no other', async () => {
    const person = await newPerson(house, 'first@example.org')
    const create = (email: string) =>
      person.call('POST', '/oxguard/keys?action=create', { form: { name: 'First', password: KEY_PASSWORD, email } })
    assertError(await create('no address'), 'SVL-0010', 'ERROR')
    assert.deepEqual((await person.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings, [])
    assert.equal((await create('first@example.com')).json.data.ownerEmail, 'first@example.org')
    assert.equal((await ask(person, 'secondary')).text, 'first@example.com')
    const [{ publicRing }] = (await person.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
    assert.equal((await create('next@example.com')).json.error, undefined)
    assert.equal((await ask(person, 'secondary')).text, 'next@example.com')
    await person.call('PUT', `/oxguard/keys?action=setCurrentKey&keyid=${publicRing.keys[0].keyId}`)
    assert.equal((await ask(person, 'secondary')).text, 'first@example.com')
    // What one password opens has one address, when it is changed.
    assert.equal((await post(person, 'changesecondary', { password: KEY_PASSWORD, email: '' })).text, 'OK')
    assert.deepEqual(
      (await rowsOf(person.email)).map(({ secondary }) => secondary),
      ['', ''],
    )
    for (const old of ['first@example.com', 'next@example.com']) await mailWith(old, /would be mailed to was changed/)
  })

  it('takes no secondary address with a key that is brought, and keeps the one that is there', async () => {
    const person = await newPerson(house, 'bringing@example.org')
    const made = await bring(house, person)
    assert.equal((await ask(person, 'secondary')).text, '')
    await post(person, 'changesecondary', { password: KEY_PASSWORD, email: 'away@example.com' })
    const armored = await house.ctx.workers.openpgp.exportLocked({ secret: made.secret, password: 'old password' })
    await done(upload(person, armored, { keyPassword: 'old password', newPassword: 'another password' }))
    assert.equal((await ask(person, 'secondary')).text, 'away@example.com')
  })

  it('is not sent elsewhere by a key that is made later', async () => {
    const other = await newKeyOwner(house, 'other@example.org')
    const form = { name: 'Second', password: KEY_PASSWORD, email: 'evil@example.com' }
    const first = (await rowsOf(other.email))[0]!.id
    assert.equal((await other.call('POST', '/oxguard/keys?action=create', { form })).json.error, undefined)
    assert.equal((await rowsOf(other.email)).find(({ id }) => id === first)?.secondary, '')
  })

  it('counts guesses at the password of the secondary address like all others', async () => {
    const person = await newKeyOwner(house, 'guesses@example.org')
    const wish = (password: string) => post(person, 'changesecondary', { password, email: 'evil@example.com' })
    for (let tries = 0; tries < 5; tries++) assertError(await wish('wrong'), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await wish(KEY_PASSWORD), 'GRD-AUTH-0002', 'TRY_AGAIN')
    assert.equal((await ask(person, 'secondary')).text, '')
    // Who gets a new password need not wait for the guesses at the old one.
    assert.equal((await ask(person, 'reset')).text, 'primary')
    assert.match(await tokenOf(person, passwordIn(await resetMail(person.email))), /^v1\./)
  })

  it('asks for the password of the ring that would be reset, not of any other', async () => {
    const person = await newKeyOwner(house, 'two@example.org')
    const form = { name: 'Some Body', password: 'another password' }
    await person.call('POST', '/oxguard/keys?action=create', { form })
    const old = await post(person, 'changesecondary', { password: KEY_PASSWORD, email: 'x@example.com' })
    assertError(old, 'PGP-CORE-0003', 'USER_INPUT')
    const now = await post(person, 'changesecondary', { password: 'another password', email: 'x@example.com' })
    assert.equal(now.text, 'OK')
    // The reset touches the current ring only.
    await ask(person, 'reset')
    assert.match(await tokenOf(person, KEY_PASSWORD), /^v1\./)
    assert.equal((await keyLogin(person, 'another password')).json.auth, 'Bad Password')
  })

  it('happens once within its pause, whoever asks, and once at the same instant', async () => {
    const person = await newKeyOwner(house, 'often@example.org')
    const replies = await Promise.all(Array.from({ length: 4 }, () => ask(person, 'reset')))
    assert.deepEqual(
      replies.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 429, 429, 429],
    )
    const password = passwordIn(await resetMail(person.email))
    assert.match(await tokenOf(person, password), /^v1\./)
    house.clock.turn(PAUSE - 1000)
    const early = await ask(person, 'reset')
    assert.equal(early.status, 429)
    assertError(early, 'SVL-0019', 'TRY_AGAIN')
    assert.equal(early.headers.get('retry-after'), '1')
    assert.equal(early.json.error, 'Too many requests. Please try again in 1 second.')
    assert.match(await tokenOf(person, password), /^v1\./)
    house.clock.turn(1000)
    assert.equal((await ask(person, 'reset')).text, 'primary')
    const at = await ask(person, 'reset')
    assert.equal(at.json.error, `Too many requests. Please try again in ${PAUSE / 60_000} minutes.`)
    // Where there is none, waiting is no help.
    const form = { password: passwordIn(await resetMail(person.email)) }
    assert.equal((await post(person, 'deleterecovery', form)).text, 'OK')
    assertError(await ask(person, 'reset'), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
  })

  it('and a change of the password at the same instant end with a password that is known', async () => {
    const person = await newKeyOwner(house, 'clash@example.org')
    const [reset, changed] = await Promise.all([
      ask(person, 'reset'),
      post(person, 'changepass', { oldpass: KEY_PASSWORD, newpass: 'my own password' }),
    ])
    const isReset = reset.text === 'primary'
    // Whichever came second knew nothing of the first, or asked for it to be reset.
    assert.ok(isReset || changed.json.auth?.startsWith('v1.'), `${reset.text} ${changed.text}`)
    const password = isReset ? passwordIn(await resetMail(person.email)) : 'my own password'
    assert.match(await tokenOf(person, password), /^v1\./)
  })

  it('is refused with nothing to reset, and to nobody in particular', async () => {
    const nobody = await newPerson(house, 'keyless@example.org')
    assertError(await ask(nobody, 'reset'), 'GRD-KEY-0001', 'USER_INPUT')
    assertError(await house.call('GET', '/appsuite/api/oxguard/login?action=reset'), 'SES-0201', 'ERROR')
    const owner = await newKeyOwner(house, 'cookie@example.org')
    const path = `/appsuite/api/oxguard/login?action=reset&session=${owner.session}`
    assertError(await house.call('GET', path), 'SES-0206', 'TRY_AGAIN')
    assertError(await ask(owner, 'changesecondary'), 'SVL-0006', 'ERROR')
    assert.match(await tokenOf(owner), /^v1\./)
  })

  it('can be asked for by somebody who looks after the account', async () => {
    const person = await newKeyOwner(house, 'desk@example.org')
    await post(person, 'changesecondary', { password: KEY_PASSWORD, email: 'desk@example.com' })
    const account = await findByAddress(house.ctx, person.email)
    const actor = (await findByAddress(house.ctx, house.rootEmail))!.id
    assert.equal(await resetKeyPassword(house.ctx, { account: account!, actor, origin }), 'secondary')
    const rows = house.ctx.db.selectFrom('audit').select('actor_id').where('event', '=', 'key.password-reset')
    assert.ok((await rows.execute()).some(({ actor_id }) => actor_id === actor))
    assert.match(await tokenOf(person, passwordIn(await resetMail('desk@example.com'))), /^v1\./)
  })

  it('is removed and put back by its owner', async () => {
    const person = await newKeyOwner(house, 'mine@example.org')
    await person.call('POST', '/oxguard/keys?action=create', { form: { name: 'Old', password: 'another password' } })
    const password = 'another password'
    assertError(await post(person, 'deleterecovery', { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await post(person, 'deleterecovery', {}), 'GRD-AUTH-0001', 'USER_INPUT')
    assert.ok((await rowsOf(person.email)).every(({ escrow }) => escrow !== null))
    assert.equal((await post(person, 'deleterecovery', { password })).text, 'OK')
    const removed = await mailWith(person.email, /copy by which a forgotten key password can be reset was removed/)
    const copies = async () => (await rowsOf(person.email)).filter(({ escrow }) => escrow !== null).length
    // Of what that password opens: the older ring has another one, and keeps its copy.
    assert.equal(await copies(), 1)
    for (const { fingerprint, no_recovery } of await rowsOf(person.email))
      assert.equal(removed.text.includes(grouped(fingerprint)), no_recovery === 1)
    assert.equal((await settings(person)).recoveryAvail, false)
    assertError(await ask(person, 'reset'), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
    // Nothing brings it back but its owner: no login, no new password, no new key.
    await tokenOf(person, password)
    await post(person, 'changepass', { oldpass: password, newpass: 'yet another one' })
    await person.call('POST', '/oxguard/keys?action=create', { form: { name: 'New', password: 'yet another one' } })
    assert.equal(await copies(), 1)
    // Each new password was a guess at the other ring.
    house.clock.turn(2 * PAUSE)
    assertError(await post(person, 'restorerecovery', { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assert.equal((await post(person, 'restorerecovery', { password: 'yet another one' })).text, 'OK')
    await mailWith(person.email, /a copy again by which a forgotten key password can be reset/)
    // Once more changes nothing, and nobody is told.
    assert.equal((await post(person, 'restorerecovery', { password: 'yet another one' })).text, 'OK')
    assert.equal(await copies(), 3)
    assert.equal((await settings(person)).recoveryAvail, true)
    house.clock.turn(PAUSE)
    assert.equal((await ask(person, 'reset')).text, 'primary')
    const events = await eventsOf(person.email)
    assert.equal(events.filter((event) => event === 'key.recovery-removed').length, 1)
    assert.equal(events.filter((event) => event === 'key.recovery-made').length, 2)
  })

  it('is not made of a key whose maker wants none, and is of the next', async () => {
    const person = await newPerson(house, 'without@example.org')
    const create = (more: object) =>
      person.call('POST', '/oxguard/keys?action=create', { json: { name: 'A', password: KEY_PASSWORD, ...more } })
    const made = await done(create({ recovery: false }))
    assert.equal(made.recoveryAvail, false)
    await tokenOf(person)
    assert.deepEqual(
      (await rowsOf(person.email)).map(({ escrow, no_recovery }) => [escrow, no_recovery]),
      [[null, 1]],
    )
    assertError(await ask(person, 'reset'), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
    assert.equal((await done(create({ recovery: 'true' }))).recoveryAvail, true)
    const wrong = await create({ recovery: 'perhaps' })
    assertError(wrong, 'SVL-0010', 'ERROR')
  })

  it('is not left behind by a key that is made while its owner removes it', async () => {
    const person = await newKeyOwner(house, 'meanwhile@example.org')
    const form = { name: 'Some Body', password: KEY_PASSWORD }
    await Promise.all([
      post(person, 'deleterecovery', { password: KEY_PASSWORD }),
      ...Array.from({ length: 4 }, () => person.call('POST', '/oxguard/keys?action=create', { form })),
      tokenOf(person),
    ])
    const rows = await rowsOf(person.email)
    assert.deepEqual([rows.length, rows.filter(({ escrow }) => escrow !== null).length], [5, 0])
  })

  it('comes to rings of older versions with their next password', async () => {
    const person = await newKeyOwner(house, 'older@example.org')
    const read = await sealedTo(person)
    const [ring] = await rowsOf(person.email)
    await house.ctx.db.updateTable('key_ring').set({ escrow: null }).where('id', '=', ring!.id).execute()
    assertError(await ask(person, 'reset'), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
    assert.equal((await keyLogin(person, 'wrong')).json.recoveryAvail, false)
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.recoveryAvail, true)
    assert.equal((await ask(person, 'reset')).text, 'primary')
    assert.equal(await read(passwordIn(await resetMail(person.email))), 'old mail')
  })

  it('has a copy for each ring that is good for that ring only, and for nobody without the key file', async () => {
    const [anna, bert] = [await newKeyOwner(house, 'ann@example.org'), await newKeyOwner(house, 'ben@example.org')]
    const [[a], [b]] = [await rowsOf(anna.email), await rowsOf(bert.email)]
    await house.ctx.db.updateTable('key_ring').set({ escrow: a!.escrow }).where('id', '=', b!.id).execute()
    assert.equal((await ask(bert, 'reset')).status, 500)
    assert.match(await tokenOf(bert), /^v1\./)
    assert.equal(Buffer.from(a!.escrow!).includes(Buffer.from(a!.certificate).subarray(0, 40)), false)
    const names = await house.ctx.db
      .selectFrom('server_secret')
      .selectAll()
      .where('name', '=', 'key recovery')
      .execute()
    assert.match(names[0]!.value, /^k1\./)
  })

  it('is there for a key that was brought', async () => {
    const person = await newKeyOwner(house, 'brought@example.org')
    const form = { password: KEY_PASSWORD }
    const armor = (await person.call('POST', '/oxguard/keys?action=downloadKey&keyType=private', { form })).text
    await house.ctx.db
      .deleteFrom('key_ring')
      .where('id', '=', (await rowsOf(person.email))[0]!.id)
      .execute()
    const body = new FormData()
    for (const [name, value] of Object.entries({ key: armor, keyPassword: KEY_PASSWORD, newPassword: 'brought here' }))
      body.append(name, value)
    const brought = await person.call('POST', '/oxguard/keys?action=upload', { body })
    assert.equal(brought.json.data.keyRings[0].recoveryAvail, true, brought.text)
    const read = await sealedTo(person)
    assert.equal((await ask(person, 'reset')).text, 'primary')
    assert.equal(await read(passwordIn(await resetMail(person.email))), 'old mail')
  })

  it('knows what a key has learnt without its password', async () => {
    const person = await newKeyOwner(house, 'learnt@example.org')
    const json = { accountPassword: PASSWORD, validDays: 7 }
    const renewed = await person.call('PUT', '/oxguard/keys?action=renew', { json })
    const { validSeconds } = renewed.json.data.publicRing.keys[0]
    assert.ok(validSeconds <= 7 * 86_400, renewed.text)
    assert.equal((await ask(person, 'reset')).text, 'primary')
    const form = { password: passwordIn(await resetMail(person.email)) }
    const armor = (await person.call('POST', '/oxguard/keys?action=downloadKey&keyType=private', { form })).text
    const { openpgp } = house.ctx.workers
    const { rings } = await openpgp.inspect({ bytes: Buffer.from(armor), now: house.clock.now() })
    assert.equal(rings[0]!.info.keys[0]!.expires! - rings[0]!.info.keys[0]!.created, validSeconds * 1000)
  })

  it('survives a restart', async () => {
    const person = await newKeyOwner(house, 'restart@example.org')
    await house.restart()
    assert.equal((await ask(person, 'reset')).text, 'primary')
    assert.match(await tokenOf(person, passwordIn(await resetMail(person.email))), /^v1\./)
  })
})

onEveryEngine('recovery of Guard keys, by the operator’s rules', (engine) => {
  it('is not made where he wants none, and what was there goes', async () => {
    const house = await startHouse({ engine })
    try {
      const person = await newKeyOwner(house, 'before@example.org')
      assert.equal((await settings(person)).recoveryAvail, true)
      const account = (await findByAddress(house.ctx, person.email))!
      const escrows = () => house.ctx.db.selectFrom('key_ring').select('id').where('escrow', 'is not', null).execute()
      // A house that was started with the setting on.
      const ctx = { ...house.ctx, config: { ...house.ctx.config, noRecovery: true } }
      await assert.rejects(resetKeyPassword(ctx, { account, origin }), (error) => isRefusal(error, 'key.recovery-off'))
      assert.equal(await sweepUnwantedEscrows(house.ctx), 0)
      assert.equal((await escrows()).length, 1)
      assert.equal(await sweepUnwantedEscrows(ctx), 1)
      assert.equal(await sweepUnwantedEscrows(ctx), 0)
      assert.equal((await escrows()).length, 0)
    } finally {
      await house.stop()
    }
  })

  it('says so in every place with noRecovery, noDeleteRecovery and noDeletePrivate', async () => {
    const house = await startHouse({
      engine,
      settings: { CHATELAINE_NO_RECOVERY: 'on', CHATELAINE_NO_DELETE_PRIVATE: 'on' },
    })
    const fixed = await startHouse({ engine, settings: { CHATELAINE_NO_DELETE_RECOVERY: 'on' } })
    try {
      const person = await newKeyOwner(house, 'none@example.org')
      const { recoveryAvail, settings: told } = await settings(person)
      assert.deepEqual(
        [recoveryAvail, told.noRecovery, told.noDeletePrivate, told.noDeleteRecovery],
        [false, true, true, false],
      )
      assertError(await ask(person, 'reset'), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
      assertError(
        await post(person, 'restorerecovery', { password: KEY_PASSWORD }),
        'GRD-AUTH-0004',
        'PERMISSION_DENIED',
      )
      await tokenOf(person)
      const rows = await house.ctx.db.selectFrom('key_ring').select('escrow').execute()
      assert.deepEqual(
        rows.map(({ escrow }) => escrow),
        [null],
      )
      const other = await newKeyOwner(fixed, 'fixed@example.org')
      assert.equal((await settings(other)).settings.noDeleteRecovery, true)
      assertError(await post(other, 'deleterecovery', { password: KEY_PASSWORD }), 'GRD-AUTH-0005', 'PERMISSION_DENIED')
      assert.equal((await settings(other)).recoveryAvail, true)
    } finally {
      await house.stop()
      await fixed.stop()
    }
  })

  it('cannot be done where no mail goes out', async () => {
    const house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: '' } })
    try {
      const person = await newKeyOwner(house, 'mute@example.org')
      assertError(await ask(person, 'reset'), 'SVL-0015', 'PERMISSION_DENIED')
      assert.match(await tokenOf(person), /^v1\./)
    } finally {
      await house.stop()
    }
  })
})

onEveryEngine('settings of Guard', (engine) => {
  it('are kept, one by one, as JSON or as a form', async () => {
    const house = await startHouse({ engine })
    try {
      const person = await newPerson(house, 'settings@example.org')
      const path = '/oxguard/login?action=settings'
      const off = { pgpdefault: false, pgpsign: false, inline: false }
      assert.deepEqual((await person.call('GET', path)).json, off)
      assert.deepEqual((await person.call('PUT', path, { json: { pgpsign: true } })).json, { ...off, pgpsign: true })
      const form = { pgpdefault: 'TRUE', pgpsign: '' }
      const on = { ...off, pgpsign: true, pgpdefault: true }
      assert.deepEqual((await person.call('PUT', path, { form })).json, on)
      const refused = await person.call('PUT', path, { json: { inline: 'perhaps', pgpsign: false } })
      assertError(refused, 'SVL-0010', 'ERROR')
      assert.deepEqual(refused.json.error_params, ['inline', 'perhaps'])
      const misspelt = await person.call('PUT', path, { json: { pgpDefault: false, pgpsign: false } })
      assertError(misspelt, 'SVL-0010', 'ERROR')
      assert.equal(misspelt.json.error, 'There is no setting "pgpDefault".')
      assert.deepEqual((await person.call('PUT', path, { json: {} })).json, on)
      const { pgpdefault, pgpsign, inline } = (await settings(person)).settings
      assert.deepEqual({ pgpdefault, pgpsign, inline }, on)
      const other = await newPerson(house, 'other@example.org')
      assert.deepEqual((await other.call('GET', path)).json, off)
    } finally {
      await house.stop()
    }
  })
})
