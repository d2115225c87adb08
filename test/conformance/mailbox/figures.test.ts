import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { readConfig } from '#src/config.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import {
  addMail,
  codeOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { addPhone, mailedToken, NEXT, textedToken, validate } from './recovery.ts'

/** The figures that Axigen does not publish, as docs/mailbox.md has them: each seen by turning the clock. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const WRONG = 'Wrong-Horse-9'

const wrongOf = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

onEveryEngine('mailbox: the figures', (engine) => {
  let house: House
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: provider.settings })
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  const person = async () => signIn(house, (await makeAccount(house)).email)

  it('a securityToken lives ten minutes, and does not slide', async () => {
    const { call, token } = await person()
    const headers = { 'X-Axigen-Security-Token': await token() }
    for (let minute = 0; minute < 10; minute++) {
      empty(await call('DELETE', METHODS, { headers }))
      house.clock.turn(MINUTE)
    }
    refused(await call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
  })

  it('a session that waits for its second step lives ten minutes, whatever it does', async () => {
    const { account } = await makeTwoStepAccount(house)
    const { call } = await signIn(house, account.email)
    for (let minute = 0; minute < 10; minute++) {
      assert.equal((await call('GET', `${METHODS}?scope=2fa`)).status, 200)
      house.clock.turn(MINUTE)
    }
    refused(await call('GET', `${METHODS}?scope=2fa`), 401, 'AUTH_REQUIRED')
  })

  it('a session lives an hour from call to call, and a day in all', async () => {
    const { call } = await person()
    for (let hour = 0; hour < 24; hour++) {
      assert.equal((await call('GET', METHODS)).status, 200, `after ${hour} hours`)
      house.clock.turn(HOUR)
    }
    refused(await call('GET', METHODS), 401, 'AUTH_REQUIRED')
    const idle = await person()
    house.clock.turn(HOUR + 1)
    refused(await idle.call('GET', METHODS), 401, 'AUTH_REQUIRED')
  })

  it('a sent token: six digits, ten minutes, a minute between two, five an hour for one target', async () => {
    const target = 'figures@elsewhere.example'
    const { call, secure, renew } = await person()
    const { id } = (await secure('POST', METHODS, { json: { method: 'email', target } })).json
    const activate = (totpToken: string) => secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } })
    const send = () => call('POST', `${METHODS}/${id}/sendtoken`)
    empty(await send())
    const late = await house.inbox.code(target)
    assert.match(late, /^\d{6}$/)
    house.clock.turn(MINUTE - SECOND)
    const soon = await send()
    refused(soon, 429, 'TOO_MANY_REQUESTS')
    assert.equal(soon.headers.get('retry-after'), '1')
    house.clock.turn(9 * MINUTE + SECOND)
    renew()
    refused(await activate(late), 400, 'INVALID_TOKEN')
    for (let sent = 1; sent < 5; sent++) {
      empty(await send())
      house.clock.turn(MINUTE)
    }
    refused(await send(), 429, 'TOO_MANY_REQUESTS')
    for (let taken = 1; taken < 4; taken++) await house.inbox.code(target)
    const last = await house.inbox.code(target)
    house.clock.turn(8 * MINUTE)
    renew()
    empty(await activate(last))
  })

  it('a sent token: five tries', async () => {
    const target = 'tries@elsewhere.example'
    const { call, secure } = await person()
    const { id } = (await secure('POST', METHODS, { json: { method: 'email', target } })).json
    const activate = (totpToken: string) => secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } })
    for (const tries of [5, 4]) {
      empty(await call('POST', `${METHODS}/${id}/sendtoken`))
      const code = await house.inbox.code(target)
      for (let i = 0; i < tries; i++) refused(await activate(wrongOf(code)), 400, 'INVALID_TOKEN')
      const right = await activate(code)
      assert.equal(right.status, tries === 5 ? 400 : 200)
      house.clock.turn(MINUTE)
    }
  })

  it('an authenticator: SHA-1, six digits, half a minute, 160 bits, one step of drift, each step once', async () => {
    const { secure } = await person()
    const { id } = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json
    const qr = await secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } })
    const { algorithm, digits, period } = Object.fromEntries(new URL(qr.json.otpauthUri).searchParams)
    assert.deepEqual([algorithm, digits, period], ['SHA1', '6', '30'])
    // Base32 has five bits a letter.
    assert.equal(qr.json.secret.length * 5, 160)
    const activate = (steps: number) =>
      secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken: codeOf(house, qr.json.secret, steps) } })
    for (const steps of [-2, 2]) refused(await activate(steps), 400, 'INVALID_TOKEN')
    empty(await activate(1))
    const turnOn = (steps: number) =>
      secure('POST', `${SECURITY}/2fa`, { json: { methodId: id, totpToken: codeOf(house, qr.json.secret, steps) } })
    for (const steps of [-1, 0, 1]) refused(await turnOn(steps), 400, 'TOKEN_ALREADY_USED')
    house.clock.turn(30 * SECOND)
    refused(await turnOn(0), 400, 'TOKEN_ALREADY_USED')
    assert.equal((await turnOn(1)).status, 200)
  })

  it('recovery codes: ten of 80 bits', async () => {
    const { recoveryCodes } = await makeTwoStepAccount(house)
    assert.equal(new Set(recoveryCodes).size, 10)
    for (const code of recoveryCodes) {
      const letters = code.replaceAll('-', '')
      assert.match(letters, /^[0-9A-HJKMNP-TV-Z]+$/)
      assert.equal(letters.length * 5, 80)
    }
  })

  it('second steps: five tries a sign-in, ten failures an account, and then a wait of a minute that doubles', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const fail = async (times: number) => {
      const { call } = await signIn(house, account.email)
      const json = { methodId: app.id, totpToken: wrongOf(codeOf(house, app.secret)) }
      for (let i = 0; i < times; i++) refused(await call('POST', '/login/2fa', { json }), 401, 'AUTH_FAILED')
      return call
    }
    const call = await fail(5)
    refused(await call('GET', `${METHODS}?scope=2fa`), 401, 'AUTH_REQUIRED')
    await fail(5)
    for (const wait of [60, 120, 240, 480, 900, 900]) {
      const { call } = await signIn(house, account.email)
      const delayed = await call('POST', '/login/2fa', { json: { recoveryCode: 'x' } })
      refused(delayed, 429, 'TOO_MANY_REQUESTS')
      assert.equal(delayed.headers.get('retry-after'), String(wait))
      house.clock.turn(wait * SECOND)
      await fail(1)
    }
  })

  it('passwords: a captcha after three failures, a wait after five, which doubles up to a quarter of an hour', async () => {
    const { email } = await makeAccount(house)
    const login = (password: string) => plain(house, 'POST', '/login/cookie', { json: { username: email, password } })
    const isRequired = async () =>
      (await plain(house, 'GET', `/captha/status?username=${encodeURIComponent(email)}`)).json.isRequired
    for (let i = 0; i < 3; i++) {
      assert.equal(await isRequired(), false)
      refused(await login(WRONG), 401, 'AUTH_FAILED')
    }
    assert.equal(await isRequired(), true)
    // The right password alone is not enough now.
    refused(await login(PASSWORD), 401, 'AUTH_FAILED')

    const { email: other } = await makeAccount(house)
    const basic = (password: string) => {
      const headers = { Authorization: `Basic ${Buffer.from(`${other}:${password}`).toString('base64')}` }
      return plain(house, 'POST', '/login', { headers })
    }
    for (let i = 0; i < 5; i++) refused(await basic(WRONG), 401, 'AUTH_FAILED')
    for (const wait of [60, 120, 240, 480, 900, 900]) {
      const delayed = await basic(PASSWORD)
      refused(delayed, 429, 'TOO_MANY_REQUESTS')
      assert.equal(delayed.headers.get('retry-after'), String(wait))
      house.clock.turn(wait * SECOND)
      refused(await basic(WRONG), 401, 'AUTH_FAILED')
    }
    house.clock.turn(900 * SECOND)
    assert.equal((await basic(PASSWORD)).status, 200)
  })

  it('recovery tokens: an hour by mail, ten minutes by SMS, five tries', async () => {
    const { email, secure } = await person()
    const [target, number] = ['recover-figures@elsewhere.example', '+41446681814']
    await addMail(house, secure, target)
    await addPhone(provider, secure, number)
    const mailed = await mailedToken(house, email, target)
    house.clock.turn(HOUR - 1)
    assert.equal((await validate(house, email, mailed)).status, 200)
    house.clock.turn(1)
    refused(await validate(house, email, mailed), 400, 'INVALID_RECOVERY_TOKEN')
    const texted = await textedToken(house, { provider, username: email, phoneNumber: number })
    assert.match(texted, /^\d{8}$/)
    for (let i = 0; i < 4; i++) refused(await validate(house, email, '1'), 400, 'INVALID_RECOVERY_TOKEN')
    house.clock.turn(10 * MINUTE - 1)
    assert.equal((await validate(house, email, texted)).status, 200)
    refused(await validate(house, email, '1'), 400, 'INVALID_RECOVERY_TOKEN')
    refused(await validate(house, email, texted), 400, 'INVALID_RECOVERY_TOKEN')
  })

  it('a new password: 15 characters at least, 8 beside a second step, 256 at most, no well-known one', async () => {
    const { call } = await person()
    const change = (client: { call: typeof call }, oldPassword: string, newPassword: string) =>
      client.call('POST', '/account/password/reset', { json: { oldPassword, newPassword } })
    for (const bad of ['Fourteen-char9', `${'Long-'.repeat(51)}Aa`, 'passwordpassword', '']) {
      const reply = await change({ call }, PASSWORD, bad)
      assert.equal(`${reply.status} ${reply.json.errorCode}`, '400 PASSWORD_POLICY', bad)
      assert.equal(reply.json.passwordPolicy.minLength, 15)
      assert.equal(reply.json.passwordPolicy.maxLength, 256)
    }
    empty(await change({ call }, PASSWORD, NEXT))
    const { client } = await makeTwoStepAccount(house)
    assert.equal((await change(client, PASSWORD, 'Seven-7')).json.passwordPolicy.minLength, 8)
    empty(await change(client, PASSWORD, 'Eight-8x'))
  })

  it('are the settings as they come', () => {
    const config = readConfig({})
    assert.deepEqual(
      [config.elevationLifetime, config.partialLifetime, config.codeLifetime, config.codePause, config.codesPerHour],
      [600, 600, 600, 60, 5],
    )
    assert.deepEqual(
      [config.tries, config.codeDigits, config.captchaAfter, config.failuresAllowed, config.longestDelay],
      [5, 6, 3, 5, 900],
    )
    assert.deepEqual([config.recoveryMailLifetime, config.recoverySmsLifetime], [3600, 600])
    assert.deepEqual([config.passwordAloneMinLength, config.passwordMinLength, config.passwordMaxLength], [15, 8, 256])
    assert.deepEqual(
      [config.passwordMustInclude, config.passwordRenewalDays, config.passwordExpiryDays, config.twoStep],
      ['letters', 0, 0, 'enabled'],
    )
    assert.deepEqual([config.sessionIdle, config.sessionLifetime], [3600, 86_400])
  })
})
