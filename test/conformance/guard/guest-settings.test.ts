import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asGuest, GUEST_PASSWORD, guestAsks, guestLogin, inSession, invite } from './guests.ts'
import { assertError, newPerson } from './person.ts'
import { assertWord, desk, deskSettings } from './support-desk.ts'

const inviter = 'me@example.org'

onEveryEngine('Guests with a first password by mail, and no recovery', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_GUEST_INITIAL_PASSWORD: 'on',
        CHATELAINE_GUEST_HIDE_QUESTION: 'on',
        CHATELAINE_GUEST_PIN: 'on',
        CHATELAINE_NO_RECOVERY: 'on',
        ...deskSettings,
      },
    })
    await newPerson(house, inviter)
  })
  after(() => house.stop())

  it('show it, and choose their own', async () => {
    const address = 'ann@stranger.example'
    const { itemId, pin } = await invite(house, { inviter, address })
    assert.match(pin!, /^\d{4}$/)
    const mail = await house.inbox.next(address)
    const [password] = /^[0-9a-z]{16}$/m.exec(mail.text)!
    assert.equal(
      mail.text.includes(itemId) || new RegExp(`\\b${pin}\\b`).test(mail.text) || mail.subject.includes(password!),
      false,
    )
    await invite(house, { inviter, address })
    assert.equal((await guestLogin(house, { username: address, itemId, pin })).json.auth, 'Password Needed')
    const first = { question: 'Dog?', answer: 'Rex', newpass: GUEST_PASSWORD, email: address, itemId, pin }
    assertError(await asGuest(house, 'firstpass', first), 'GRD-AUTH-0001', 'USER_INPUT')
    const asked = await guestLogin(house, { username: address, password })
    assert.deepEqual([asked.json.auth, asked.json.pinNeeded], ['Password Needed', true])
    const entered = await guestLogin(house, { username: address, password, pin })
    assert.ok(entered.json.auth.length > 20, entered.text)
    const change = (json: Record<string, string>) =>
      inSession(house, entered)('POST', '/oxguard/login?action=changepass', { json })
    assertError(await change({ newpass: GUEST_PASSWORD }), 'GRD-AUTH-0001', 'USER_INPUT')
    const more = { question: 'Dog?', answer: 'Rex' }
    assert.ok((await change({ oldpass: password!, newpass: GUEST_PASSWORD, ...more })).json.auth.length > 20)
    assert.equal((await guestLogin(house, { username: address, password })).json.auth, 'Bad Password')
    const again = await guestLogin(house, { username: address, password: GUEST_PASSWORD })
    assert.deepEqual([again.json.auth.length > 20, again.json.recoveryAvail], [true, false])
    assert.equal(house.inbox.received.filter(({ to }) => to.includes(address)).length, 1)
    const rings = await house.ctx.database.query.selectFrom('key_ring').select('escrow').execute()
    assert.deepEqual(
      rings.map(({ escrow }) => escrow),
      [null],
    )
  })

  it('show all of it again when the desk has deleted their keys, and are signed out', async () => {
    const address = 'bea@stranger.example'
    const { itemId, pin } = await invite(house, { inviter, address })
    const [first] = /^[0-9a-z]{16}$/m.exec((await house.inbox.next(address)).text)!
    const entered = await guestLogin(house, { username: address, password: first, pin })
    const change = (newpass: string, oldpass?: string) =>
      inSession(house, entered)('POST', '/oxguard/login?action=changepass', { json: { newpass, oldpass } })
    assert.ok((await change(GUEST_PASSWORD, first)).json.auth.length > 20)
    await assertWord(desk(house, 'delete_user', { form: { email: address } }), 'OK')
    assertError(await change('anybody else 1'), 'SES-0203', 'TRY_AGAIN')
    for (const shown of [pin, undefined])
      assert.equal((await guestLogin(house, { username: address, itemId, pin: shown })).json.auth, 'Password Needed')
    const next = async (): Promise<string> =>
      /^[0-9a-z]{16}$/m.exec((await house.inbox.next(address)).text)?.[0] ?? next()
    const second = await next()
    assert.notEqual(second, first)
    const renewed = (await invite(house, { inviter, address })).pin!
    assert.match(renewed, /^\d{4}$/)
    assert.ok((await guestLogin(house, { username: address, password: second, pin: renewed })).json.auth.length > 20)
  })

  it('lock the PIN by five wrong ones behind the right password, and by none before it', async () => {
    const address = 'cleo@stranger.example'
    const { pin } = await invite(house, { inviter, address })
    const [password] = /^[0-9a-z]{16}$/m.exec((await house.inbox.next(address)).text)!
    const wrong = pin === '0000' ? '0001' : '0000'
    const login = async (json: object) => (await guestLogin(house, { username: address, ...json })).json.auth
    assert.equal(await login({ password: 'not that one', pin: wrong }), 'Bad Password')
    for (let time = 0; time < 5; time++) assert.equal(await login({ password, pin: wrong }), 'Bad Password')
    assert.equal(await login({ password, pin }), 'Lockout')
    house.clock.turn(3_600_000)
    assert.equal(await login({ password, pin }), 'Lockout')
    assert.ok((await login({ password, pin: (await invite(house, { inviter, address })).pin })).length > 20)
  })

  it('ask for it where guests read as well', async () => {
    const address = 'dora@stranger.example'
    const { itemId, pin } = await invite(house, { inviter, address })
    const [password = ''] = /^[0-9a-z]{16}$/m.exec((await house.inbox.next(address)).text)!
    const call = (path: string, json: object) => house.call('POST', `/api/v1/guest/${path}`, { json })
    const { door, pinNeeded } = (await call('link', { item: itemId })).json
    assert.deepEqual([door, pinNeeded], ['mailed', true])
    const asked = await call('login', { address, password })
    assert.deepEqual([asked.status, asked.json.errorCode], [403, 'PIN_REQUIRED'])
    assert.equal((await call('login', { address, password, pin })).json.hasPassword, false)
    const { json, status } = await house.call('POST', '/api/v1/guest/password', {
      json: { address, itemId, pin, new: GUEST_PASSWORD },
    })
    assert.deepEqual([status, json.errorCode], [403, 'KEY_PASSWORD_REQUIRED'])
    assert.match(json.errorMessage, /first password was mailed/)
  })

  it('are asked the same question as everybody, and get no new password', async () => {
    const [one, two] = [
      await guestAsks(house, 'getquestion', { email: 'ann@stranger.example' }),
      await guestAsks(house, 'getquestion', { email: 'nobody@stranger.example' }),
    ]
    assert.equal(one.text, two.text)
    assert.notEqual(one.text, 'nf')
    const reset = await guestAsks(house, 'resetpassword', { email: 'ann@stranger.example', answer: 'Rex' })
    assert.deepEqual([reset.status, reset.text], [406, 'Failed to change'])
  })
})
