import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { guestAt } from '#src/domain/guests/guests.ts'
import { unlockedSecrets } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { guestCallerOf } from '#src/http/guest-proof.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asGuest, GUEST_PASSWORD, guestLogin, inSession, invite, newGuest } from './guests.ts'
import { assertError, newPerson, origin } from './person.ts'

const inviter = 'me@example.org'

onEveryEngine('A guest', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' } })
    await newPerson(house, inviter)
  })
  after(() => house.stop())

  const calling = (headers: Record<string, string>) => guestCallerOf(house.ctx, { headers: new Headers(headers) })
  const audited = async (event: string) =>
    (await house.ctx.database.query.selectFrom('audit').select('id').where('event', '=', event).execute()).length

  it('gets in with a mail of his alone, until he has chosen a password', async () => {
    const address = 'ann@stranger.example'
    const { itemId } = await invite(house, { inviter, address })
    const wrong = [{}, { itemId: 'no-such-item' }, { itemId: '' }, { password: '' }]
    for (const more of wrong) {
      const { json, headers } = await guestLogin(house, { username: address, ...more })
      assert.deepEqual(json, {
        productName: 'Chatelaine',
        recoveryAvail: true,
        settings: { min_password_length: 8 },
        auth: 'Password Needed',
      })
      assert.deepEqual(headers.getSetCookie(), [])
    }
    const entered = await guestLogin(house, { username: 'Ann@Stranger.example', itemId })
    assert.ok(entered.json.auth.length > 20, entered.text)
    assert.equal(entered.json.recoveryAvail, false)
    assert.match(entered.headers.getSetCookie()[0]!, /^guest-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
    const changed = await inSession(house, entered)('POST', '/oxguard/login?action=changepass', {
      json: { newpass: GUEST_PASSWORD, question: 'Dog?', answer: 'Rex' },
    })
    assert.ok(changed.json.auth.length > 20, changed.text)
    // The token of before is void, and the mail alone opens nothing any more.
    await assert.rejects(calling({ 'X-Guest-Auth': entered.json.auth }), (error) =>
      isRefusal(error, 'key.token-invalid'),
    )
    assert.equal((await guestLogin(house, { username: address, itemId })).json.auth, 'Password Needed')
    const again = await guestLogin(house, { username: address, password: GUEST_PASSWORD })
    assert.equal(again.json.recoveryAvail, true)
    assert.ok(again.json.auth.length > 20, again.text)
    assert.equal((await guestLogin(house, { username: address, password: 'another one' })).json.auth, 'Bad Password')
    assert.ok((await audited('guest.signed-in')) >= 2)
    assert.equal(
      (
        await house.ctx.database.query
          .selectFrom('guest')
          .select('initial')
          .where('address', '=', address)
          .executeTakeFirst()
      )?.initial,
      null,
    )
  })

  it('proves his session by the token alone, or by the cookie alone, and his key opens', async () => {
    const address = 'bea@stranger.example'
    await newGuest(house, { inviter, address })
    const entered = await guestLogin(house, { username: address, password: GUEST_PASSWORD })
    const cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!
    const ways: Record<string, string>[] = [
      { 'X-Guest-Auth': entered.json.auth },
      { Authorization: `Bearer ${entered.json.auth}` },
      { Cookie: cookie },
    ]
    for (const headers of ways) {
      const { account, session, guest, proof } = await calling(headers)
      assert.deepEqual([account.email, guest.address, session.state], [address, address, 'guest'])
      const { all } = await unlockedSecrets(house.ctx, { signed: { account, session }, proof, origin })
      assert.equal(all.length, 1)
    }
    const [name, value = ''] = cookie.split('=')
    const wrong: Record<string, string>[] = [
      {},
      { Cookie: `${name}=${value.slice(0, 40)}` },
      { 'X-Guest-Auth': `v1.${'a'.repeat(90)}` },
    ]
    for (const headers of wrong) await assert.rejects(calling(headers), (error) => isRefusal(error))
    const out = await inSession(house, entered)('POST', '/oxguard/guest?action=logout')
    assert.match(out.headers.getSetCookie()[0]!, /Max-Age=0/)
    for (const headers of ways) await assert.rejects(calling(headers), (error) => isRefusal(error))
  })

  it('may do nothing in his session but what guests do', async () => {
    const address = 'cleo@stranger.example'
    await newGuest(house, { inviter, address })
    const call = inSession(house, await guestLogin(house, { username: address, password: GUEST_PASSWORD }))
    const others = [
      ['GET', '/oxguard/keys?action=getKeys'],
      ['GET', '/oxguard/keys?action=getRecipKey&email=x@stranger.example&create=true'],
      ['POST', '/oxguard/login?action=login'],
      ['GET', '/contacts?action=all&columns=1'],
      ['GET', '/guard-json?action=auth-token'],
    ] as const
    for (const [method, path] of others) {
      const reply = await call(method, path)
      assertError(reply, 'SVL-0016', 'PERMISSION_DENIED')
    }
    assertError(await house.call('POST', '/api/oxguard/guest?action=logout'), 'SES-0201', 'ERROR')
  })

  it('chooses a first password once, on every mount, and of two at the same instant one does', async () => {
    const address = 'dora@stranger.example'
    const { itemId } = await invite(house, { inviter, address })
    const json = { question: 'Dog?', answer: 'Rex', newpass: GUEST_PASSWORD, email: address, itemId }
    assertError(await asGuest(house, 'firstpass', { ...json, newpass: 'short' }), 'GRD-AUTH-0003', 'USER_INPUT')
    assertError(await asGuest(house, 'firstpass', { ...json, itemId: 'other-item' }), 'GRD-GUEST-0002', 'USER_INPUT')
    assertError(
      await asGuest(house, 'firstpass', { ...json, email: 'nobody@stranger.example' }),
      'GRD-GUEST-0002',
      'USER_INPUT',
    )
    assertError(await asGuest(house, 'firstpass', { ...json, email: null }), 'SVL-0002', 'ERROR')
    for (const name of ['question', 'answer'])
      assertError(await asGuest(house, 'firstpass', { ...json, [name]: undefined }), 'SVL-0002', 'ERROR')
    const both = await Promise.all([
      asGuest(house, 'firstpass', { ...json, newpass: 'one password 1' }),
      asGuest(house, 'firstpass', { ...json, newpass: 'two passwords 2' }),
    ])
    assert.equal(both.filter((reply) => reply.json.auth).length, 1, both.map(({ text }) => text).join('\n'))
    assertError(both.find((reply) => !reply.json.auth)!, 'GRD-GUEST-0004', 'USER_INPUT')
    for (const base of ['/appsuite/api', '/api', '/ajax', ''])
      assertError(await asGuest(house, 'firstpass', json, base), 'GRD-GUEST-0004', 'USER_INPUT')
  })

  it('does nothing by his cookie alone for a page of somebody else', async () => {
    const address = 'dolly@stranger.example'
    const { itemId } = await invite(house, { inviter, address })
    const entered = await guestLogin(house, { username: address, itemId })
    const Cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!
    const change = (headers: Record<string, string>) =>
      house.call('POST', '/oxguard/login?action=changepass', {
        form: { newpass: GUEST_PASSWORD },
        headers: { Cookie, ...headers },
      })
    const foreign: Record<string, string>[] = [
      { Origin: 'https://evil.example.org' },
      { 'Sec-Fetch-Site': 'same-site' },
    ]
    for (const headers of foreign) assertError(await change(headers), 'SVL-0016', 'PERMISSION_DENIED')
    assert.equal((await guestAt(house.ctx, address))!.hasPassword, false)
    const own = await change({ Origin: house.url })
    assert.ok(own.json.auth.length > 20, own.text)
  })

  it('is signed in by no page of somebody else', async () => {
    const { itemId } = await invite(house, { inviter, address: 'dora@stranger.example' })
    const first = { email: 'dora@stranger.example', itemId, question: '', answer: '', newpass: GUEST_PASSWORD }
    const forms: [string, Record<string, string>][] = [
      ['login?action=guest', { username: 'dora@stranger.example', itemId }],
      ['guest?action=firstpass', first],
    ]
    for (const [path, form] of forms) {
      const headers = { Origin: 'https://evil.example.org', 'Sec-Fetch-Site': 'cross-site' }
      const reply = await house.call('POST', `/oxguard/${path}`, { form, headers })
      assertError(reply, 'SVL-0016', 'PERMISSION_DENIED')
      assert.equal(reply.headers.get('set-cookie'), null)
    }
  })

  it('is shut out by no stranger at another network, until there are too many of them', async () => {
    const [old, fresh] = ['ida@stranger.example', 'iris@stranger.example']
    await newGuest(house, { inviter, address: old })
    const { itemId } = await invite(house, { inviter, address: fresh })
    const from = (network: string, json: Record<string, unknown>) =>
      house.call('POST', '/oxguard/login?action=guest', { json, headers: { 'X-Forwarded-For': network } })
    const each = async (times: number, call: () => Promise<unknown>) => {
      for (let time = 0; time < times; time++) await call()
    }
    const { failuresAllowed, accountFailuresAllowed } = house.ctx.config
    await each(failuresAllowed, () => from('192.0.2.1', { username: old, password: 'guess' }))
    await each(failuresAllowed, () => from('192.0.2.1', { username: fresh, itemId: 'none-of-his' }))
    const [right, link] = [
      { username: old, password: GUEST_PASSWORD },
      { username: fresh, itemId },
    ]
    for (const shown of [right, link]) {
      assert.equal((await from('192.0.2.1', shown)).json.auth, 'Lockout')
      assert.ok((await from('198.51.100.1', shown)).json.auth.length > 20)
    }
    for (const username of [old, 'nobody-i@stranger.example']) {
      let network = 10
      await each(accountFailuresAllowed, () => from(`192.0.2.${network++}`, { username, password: 'guess' }))
      assert.equal((await from('203.0.113.1', { username, password: 'guess' })).json.auth, 'Lockout', username)
    }
    house.clock.turn(3_600_000)
  })

  it('changes his password, and is signed out everywhere else', async () => {
    const address = 'eve@stranger.example'
    await newGuest(house, { inviter, address })
    const other = await guestLogin(house, { username: address, password: GUEST_PASSWORD })
    const mine = await guestLogin(house, { username: address, password: GUEST_PASSWORD })
    const change = (json: Record<string, string>) =>
      inSession(house, mine)('POST', '/oxguard/login?action=changepass', { json })
    assertError(await change({ newpass: 'new password 1' }), 'GRD-AUTH-0001', 'USER_INPUT')
    const refused = await change({ oldpass: 'wrong password', newpass: 'new password 1' })
    assert.deepEqual([refused.json.code, refused.json.auth], ['PGP-CORE-0003', 'Bad Password'])
    const { auth } = (await change({ oldpass: GUEST_PASSWORD, newpass: 'new password 1' })).json
    assert.equal((await calling({ 'X-Guest-Auth': auth })).account.email, address)
    await assert.rejects(calling({ Cookie: other.headers.getSetCookie()[0]!.split(';')[0]! }), (error) =>
      isRefusal(error),
    )
    const { text } = await house.inbox.next(address)
    assert.match(text, /^The password with which you read your encrypted mail was changed/)
    assert.ok(text.includes(`\n${house.url}/guest\n`), text)
    assert.doesNotMatch(text, /settings|administrator/)
  })

  it('needs the PIN until he has a password; five wrong ones lock it, and a new invitation makes another', async () => {
    const address = 'fay@stranger.example'
    const first = await invite(house, { inviter, address, pin: true })
    assert.match(first.pin!, /^\d{4}$/)
    const { itemId } = first
    const missing = await guestLogin(house, { username: address, itemId })
    assert.deepEqual([missing.json.auth, missing.json.pinNeeded], ['Password Needed', true])
    assert.equal(
      (await guestLogin(house, { username: address, itemId: 'other-item', pin: first.pin })).json.pinNeeded,
      undefined,
    )
    const wrongPin = first.pin === '0000' ? '0001' : '0000'
    // All at once: none gets past the bound.
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => guestLogin(house, { username: address, itemId, pin: wrongPin })),
    )
    const words = tries.map(({ json }) => json.auth)
    assert.deepEqual(
      [words.filter((word) => word === 'Bad Password').length, words.filter((word) => word === 'Lockout').length],
      [5, 3],
    )
    assert.equal((await guestLogin(house, { username: address, itemId, pin: first.pin })).json.auth, 'Lockout')
    const firstpass = { question: '', answer: '', newpass: GUEST_PASSWORD, email: address, itemId, pin: first.pin }
    assertError(await asGuest(house, 'firstpass', firstpass), 'GRD-GUEST-0003', 'USER_INPUT')
    const second = await invite(house, { inviter, address })
    assert.match(second.pin!, /^\d{4}$/)
    const done = await asGuest(house, 'firstpass', { ...firstpass, pin: second.pin })
    assert.ok(done.json.auth.length > 20, done.text)
    // Who has a password needs none any more.
    assert.equal((await invite(house, { inviter, address, pin: true })).pin, undefined)
    assert.equal(await audited('guest.pin-failed'), 8 + 2)
  })

  it('costs a stranger as much work as nobody does', async () => {
    const address = 'hedy@stranger.example'
    await newGuest(house, { inviter, address })
    const { passwords } = house.ctx.workers
    const { derive } = passwords
    let derived = 0
    passwords.derive = (password, salt) => {
      derived += 1
      return derive(password, salt)
    }
    try {
      for (const username of [address, 'no-hedy@stranger.example', house.rootEmail]) {
        derived = 0
        const rows = async () => (await house.ctx.database.query.selectFrom('throttle').select('key').execute()).length
        const before = await rows()
        assert.equal((await guestLogin(house, { username, password: 'a guess' })).json.auth, 'Bad Password')
        assert.equal(derived, 1, username)
        // Its own failures and those of its key; that of the network is there from the first on.
        assert.ok([2, 3].includes((await rows()) - before), username)
      }
    } finally {
      passwords.derive = derive
    }
  })

  it('is told nothing that nobody else would be told, and waits like him', async () => {
    const address = 'gina@stranger.example'
    await newGuest(house, { inviter, address })
    for (const username of [address, 'nobody-at-all@stranger.example', inviter]) {
      const words: string[] = []
      for (let time = 0; time < 12; time++)
        words.push((await guestLogin(house, { username, password: `guess ${time}` })).json.auth)
      assert.deepEqual([words[0], words.at(-1)], ['Bad Password', 'Lockout'], username)
      assert.equal(words.indexOf('Lockout'), house.ctx.config.failuresAllowed, username)
    }
    assert.equal((await guestLogin(house, { username: address, password: GUEST_PASSWORD })).json.auth, 'Lockout')
    house.clock.turn(3_600_000)
    assert.ok((await guestLogin(house, { username: address, password: GUEST_PASSWORD })).json.auth.length > 20)
    // A user's own password opens nothing here.
    house.clock.turn(3_600_000)
    assert.equal(
      (await guestLogin(house, { username: inviter, password: 'Sign-In-Password-1' })).json.auth,
      'Bad Password',
    )
    assert.equal(await guestAt(house.ctx, inviter), null)
  })
})
