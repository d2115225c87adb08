import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount, setPassword } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import { addMail, empty, METHODS, makeAccount, makeTwoStepAccount, PASSWORD, plain, refused, signIn } from './client.ts'
import {
  addPhone,
  decide,
  mailedToken,
  mailsTo,
  NEXT,
  reset,
  seenOf,
  settled,
  suspend,
  textedToken,
  validate,
} from './recovery.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

let made = 0

/** An account with an active mail method that gets it back in. */
async function withMail(house: House, wanted: object = {}) {
  const account = await makeAccount(house, wanted)
  const target = `way-${++made}@elsewhere.example`
  const client = await signIn(house, account.email)
  const methodId = await addMail(house, client.secure, target)
  return { ...account, client, target, methodId }
}

const ways = (house: House, username: string) =>
  plain(house, 'GET', `/recover/password/methods?username=${encodeURIComponent(username)}`)

const sendToken = (house: House, json: unknown) => plain(house, 'POST', '/recover/password/sendtoken', { json })

onEveryEngine('mailbox: a forgotten password', (engine) => {
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

  it('is replaced by a token that was mailed; every session ends, and everybody is told', async () => {
    const { email, client, target } = await withMail(house)
    await addPhone(provider, client.secure, '+41446681802')
    const shown = await ways(house, email.toUpperCase())
    assert.deepEqual(shown.json, {
      items: [
        { method: 'email', target: `way***@***ample` },
        { method: 'sms', target: '***802' },
      ],
    })
    const token = await mailedToken(house, email, target)
    assert.deepEqual((await validate(house, email, token)).json, {
      passwordPolicy: { minLength: 15, maxLength: 256, mustInclude: 'letters', historySize: 5 },
    })
    const done = await reset(house, email, token)
    empty(done)
    assert.equal(done.headers.get('set-cookie'), null)
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    refused(
      await plain(house, 'POST', '/login/cookie', { json: { username: email, password: PASSWORD } }),
      401,
      'AUTH_FAILED',
    )
    assert.equal((await signIn(house, email, NEXT)).step, null)
    await settled(house)
    for (const address of [email, target])
      assert.equal(mailsTo(house, address, /with a code that was sent to a mail address of yours/).length, 1)
    assert.ok(provider.texts.some(({ to, body }) => to === '+41446681802' && /code that was sent/.test(body)))
    refused(await validate(house, email, token), 400, 'INVALID_RECOVERY_TOKEN')
    refused(await reset(house, email, token, 'Third-Horse-2-Battery'), 400, 'INVALID_RECOVERY_TOKEN')
  })

  it('is replaced by a token that was sent by SMS, eight digits for ten minutes', async () => {
    const { email } = await makeAccount(house)
    const phoneNumber = '+41446681803'
    await addPhone(provider, (await signIn(house, email)).secure, phoneNumber)
    const late = await textedToken(house, { provider, username: email, phoneNumber })
    house.clock.turn(10 * MINUTE)
    refused(await validate(house, email, late), 400, 'INVALID_RECOVERY_TOKEN')
    const token = await textedToken(house, { provider, username: email, phoneNumber: '+41 44 668 18 03' })
    house.clock.turn(10 * MINUTE - 1)
    // As people type numbers, and with the other spelling of the name.
    const json = { username: email, recoveryToken: `${token.slice(0, 4)} ${token.slice(4)}`, newPassword: NEXT }
    empty(await plain(house, 'POST', '/recover/password/reset', { json }))
    assert.equal((await signIn(house, email, NEXT)).step, null)
  })

  it('has a mailed token in one word on a line of its own, for an hour, typed in any way', async () => {
    const { email, target } = await withMail(house, { locale: 'de' })
    const token = await mailedToken(house, email, target)
    const [mail] = mailsTo(house, target, new RegExp(token))
    assert.equal(mail?.subject, 'Chatelaine: der Code, mit dem Sie wieder hineinkommen')
    assert.match(mail.text, /gilt einmal, und 1 Stunde lang/)
    assert.ok(mail.html.includes(`>${token}<`))
    const typed = token.toLowerCase().replace(/.{5}/g, '$& ').replaceAll('0', 'o').replaceAll('1', 'L')
    house.clock.turn(HOUR - 1)
    assert.equal((await validate(house, email, typed)).status, 200)
    house.clock.turn(1)
    refused(await validate(house, email, token), 400, 'INVALID_RECOVERY_TOKEN')
  })

  it('keeps the second step, which the method that got it back cannot be', async () => {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const target = `second-${account.id}@elsewhere.example`
    const mail = await addMail(house, client.secure, target)
    const token = await mailedToken(house, account.email, target)
    // Eight characters are enough beside a second step.
    assert.equal((await validate(house, account.email, token)).json.passwordPolicy.minLength, 8)
    empty(await reset(house, account.email, token, 'Eight-9x'))
    const partial = await signIn(house, account.email, 'Eight-9x')
    assert.equal(partial.step, 'required')
    const listed = (await partial.call('GET', `${METHODS}?scope=2fa`)).json.items
    assert.deepEqual(
      listed.map(({ id }: { id: string }) => id),
      [app.id],
    )
    refused(await partial.call('POST', `${METHODS}/${mail}/sendtoken`), 404, 'NOT_FOUND')
    empty(await partial.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[0] } }))

    // Whoever has shown another factor may use this one again.
    const again = await signIn(house, account.email, 'Eight-9x')
    empty(await again.call('POST', `${METHODS}/${mail}/sendtoken`))
    const totpToken = await house.inbox.code(target)
    empty(await again.call('POST', '/login/2fa', { json: { methodId: mail, totpToken } }))
    house.clock.turn(MINUTE)
    empty(await reset(house, account.email, await mailedToken(house, account.email, target), 'Nine-chars-9'))
    const third = await signIn(house, account.email, 'Nine-chars-9')
    empty(await third.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } }))
  })

  it('answers alike whoever is asked for, at every call', async () => {
    const known = await withMail(house)
    const shut = await withMail(house)
    await suspend(house, shut.id)
    const bare = await makeAccount(house)
    const off = await withMail(house)
    await decide(house, `account:${off.id}`, { passwordRecoveryMethods: [] })
    const names = [known.email, 'nobody@example.org', shut.email, bare.email, off.email, '', 'x'.repeat(2000), '@', "'"]
    const email = 'wrong@elsewhere.example'
    const recoveryToken = '0123456789ABCDEFGHJKMNPQRS'
    const calls: ((username: string) => Promise<unknown>)[] = [
      (username) => sendToken(house, { username, email }).then(seenOf),
      (username) => sendToken(house, { username, phoneNumber: '+41446681810' }).then(seenOf),
      (username) => validate(house, username, recoveryToken).then(seenOf),
      (username) => reset(house, username, recoveryToken).then(seenOf),
      (username) => reset(house, username, recoveryToken, 'x').then(seenOf),
    ]
    for (const call of calls) {
      const seen = []
      for (const name of names) seen.push(await call(name))
      for (const one of seen) assert.deepEqual(one, seen[0])
      house.clock.turn(HOUR)
    }
    for (const target of [shut.target, off.target]) {
      await sendToken(house, { username: target === shut.target ? shut.email : off.email, email: target })
      await settled(house)
      assert.equal(mailsTo(house, target, /get back into/).length, 0)
    }
  })

  it('shows ways that lead nowhere for who has none, always the same', async () => {
    const shut = await withMail(house)
    await suspend(house, shut.id)
    const off = await withMail(house)
    await decide(house, `account:${off.id}`, { passwordRecoveryMethods: [] })
    const bare = await makeAccount(house)
    const names = [bare.email, shut.email, off.email]
    for (let i = 0; i < 30; i++) names.push(`nobody-${i}@example.org`)
    const kinds = new Map<string, number>()
    for (const name of names) {
      const [one, two] = [await ways(house, name), await ways(house, ` ${name.toUpperCase()}`)]
      assert.deepEqual(seenOf(one), seenOf(two))
      assert.deepEqual(Object.keys(one.json), ['items'])
      const { items } = one.json
      assert.ok(items.length === 1 || items.length === 2)
      for (const item of items) {
        assert.deepEqual(Object.keys(item), ['method', 'target'])
        const shape = item.method === 'sms' ? /^\*{3}\d{3}$/ : /^[a-z](..)?\*{3}@\*{3}[\w.-]{5}$/
        assert.match(item.target, shape)
        kinds.set(item.method, (kinds.get(item.method) ?? 0) + 1)
      }
      assert.deepEqual(items.map(({ method }: { method: string }) => method).sort(), [
        ...items.map(({ method }: { method: string }) => method),
      ])
    }
    assert.deepEqual([...kinds.keys()].sort(), ['email', 'sms'])
    assert.ok(!JSON.stringify((await ways(house, shut.email)).json).includes('way***@***ample'))
    house.clock.turn(HOUR)
  })

  it('answers a wrong token and a wrong target the same, be anybody there or not', async () => {
    const { email } = await withMail(house)
    const calls: ((username: string) => Promise<Reply>)[] = [
      (username) => validate(house, username, '0123456789ABCDEFGHJKMNPQRS'),
      (username) => sendToken(house, { username, email: 'wrong@elsewhere.example' }),
    ]
    for (const call of calls)
      for (let i = 0; i < 20; i++) assert.deepEqual(seenOf(await call(email)), seenOf(await call('nobody@example.org')))
    await settled(house)
    house.clock.turn(HOUR)
  })

  it('wants the whole target, of an active method', async () => {
    const { email, client, target } = await withMail(house)
    await client.secure('POST', METHODS, { json: { method: 'email', target: 'not-yet@elsewhere.example' } })
    const stranger = await withMail(house)
    const wrong = [
      target.slice(1),
      'way***@***ample',
      'not-yet@elsewhere.example',
      email,
      stranger.target,
      `${target}x`,
    ]
    for (const one of wrong) empty(await sendToken(house, { username: email, email: one }))
    empty(await sendToken(house, { username: email, phoneNumber: target }))
    await settled(house)
    for (const one of [...wrong, target]) assert.equal(mailsTo(house, one, /get back into/).length, 0)
    await mailedToken(house, email, ` ${target.toUpperCase()} `.trim().toLowerCase())
  })

  it('is set by one of twenty at the same instant', async () => {
    const { email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    const passwords = Array.from({ length: 20 }, (_, i) => `Parallel-Horse-${i}-x`)
    const replies = await Promise.all(passwords.map((password) => reset(house, email, token, password)))
    const won = replies.flatMap(({ status }, i) => (status === 200 ? [passwords[i]!] : []))
    assert.equal(won.length, 1)
    for (const reply of replies) if (reply.status !== 200) refused(reply, 400, 'INVALID_RECOVERY_TOKEN')
    assert.equal((await signIn(house, email, won[0])).step, null)
  })

  it('has one live token: a new one, another password and a removed method void it', async () => {
    const { id, email, client, target, methodId } = await withMail(house)
    const first = await mailedToken(house, email, target)
    // Not so soon again.
    empty(await sendToken(house, { username: email, email: target }))
    await settled(house)
    assert.equal(mailsTo(house, target, /get back into/).length, 1)
    assert.equal((await validate(house, email, first)).status, 200)
    house.clock.turn(MINUTE)
    const second = await mailedToken(house, email, target)
    refused(await validate(house, email, first), 400, 'INVALID_RECOVERY_TOKEN')
    assert.equal((await validate(house, email, second)).status, 200)
    empty(await client.secure('DELETE', `${METHODS}/${methodId}`))
    refused(await validate(house, email, second), 400, 'INVALID_RECOVERY_TOKEN')
    await addMail(house, client.secure, target)
    house.clock.turn(MINUTE)
    const third = await mailedToken(house, email, target)
    const account = await findAccount(house.ctx, id)
    const hash = await house.ctx.workers.passwords.hash('Somebody-Elses-Horse')
    await setPassword(house.ctx, { account: account!, hash, origin, mustChange: false })
    refused(await reset(house, email, third), 400, 'INVALID_RECOVERY_TOKEN')
    house.clock.turn(MINUTE)
    const fourth = await mailedToken(house, email, target)
    await suspend(house, id)
    refused(await reset(house, email, fourth), 400, 'INVALID_RECOVERY_TOKEN')
  })

  it('is not used up by guesses at a mailed token, with either call, nor by a right one', async () => {
    const { email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    for (let i = 0; i < 7; i++) assert.equal((await validate(house, email, token)).status, 200)
    for (let i = 0; i < 8; i++)
      refused(await (i % 2 ? validate(house, email, wrong) : reset(house, email, wrong)), 400, 'INVALID_RECOVERY_TOKEN')
    assert.equal((await validate(house, email, token)).status, 200)
    const other = await withMail(house)
    const foreign = await mailedToken(house, other.email, other.target)
    refused(await reset(house, email, foreign), 400, 'INVALID_RECOVERY_TOKEN')
    empty(await reset(house, other.email, foreign))
    empty(await reset(house, email, token))
  })

  it('has a new one that meets the policy, or keeps the token', async () => {
    const { id, email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    const passwordPolicy = { minLength: 15, maxLength: 256, mustInclude: 'letters', historySize: 5 }
    for (const password of ['', 'short', PASSWORD, 'passwordpassword', 'x'.repeat(257)]) {
      const reply = await reset(house, email, token, password)
      refused(reply, 400, 'PASSWORD_POLICY')
      assert.deepEqual(reply.json.passwordPolicy, passwordPolicy)
    }
    await decide(house, `account:${id}`, { passwordChangeByUser: false })
    refused(await reset(house, email, token), 403, 'NOT_ALLOWED_BY_POLICY')
    await decide(house, `account:${id}`, { passwordChangeByUser: true, passwordRenewalDays: 2 })
    const young = await reset(house, email, token)
    refused(young, 400, 'PASSWORD_POLICY')
    assert.equal(young.json.passwordPolicy.renewalInterval, 2)
    await decide(house, `account:${id}`, { passwordRenewalDays: 0 })
    empty(await reset(house, email, token))
  })

  it('does not let former passwords be guessed', async () => {
    const { email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    for (let i = 0; i < 10; i++) refused(await reset(house, email, token, 'short'), 400, 'PASSWORD_POLICY')
    refused(await reset(house, email, token, PASSWORD), 429, 'TOO_MANY_REQUESTS')
    house.clock.turn(MINUTE)
    empty(await reset(house, email, token))
  })

  it('ends the waiting that its owner’s own typing errors brought', async () => {
    const { email, target } = await withMail(house)
    const login = (password: string) => plain(house, 'POST', '/login/cookie', { json: { username: email, password } })
    for (let i = 0; i < 5; i++) await login('Wrong-Horse-9')
    empty(await reset(house, email, await mailedToken(house, email, target)))
    assert.equal((await login(NEXT)).status, 200)
  })

  it('is sent five tokens an hour to a target, and ten to an account', async () => {
    const { email, client, target } = await withMail(house)
    const others = ['more-1', 'more-2'].map((name) => `${name}@elsewhere.example`)
    for (const other of others) await addMail(house, client.secure, other)
    for (const one of [target, ...others])
      for (let i = 0; i < 6; i++) {
        house.clock.turn(MINUTE)
        empty(await sendToken(house, { username: email, email: one }))
        await settled(house)
      }
    const counts = [target, ...others].map((one) => mailsTo(house, one, /get back into/).length)
    assert.deepEqual(counts, [5, 5, 0])
    house.clock.turn(HOUR)
    assert.match(await mailedToken(house, email, others[1]!), /\w/)
  })

  it('is kept nowhere in the clear, and what happened is on record', async () => {
    const { id, email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    await validate(house, email, 'WRONG')
    empty(await reset(house, email, token))
    const events = await house.ctx.db.selectFrom('audit').selectAll().where('account_id', '=', id).execute()
    const names = events.map(({ event }) => event).filter((event) => event.startsWith('recovery.'))
    assert.deepEqual(new Set(names), new Set(['recovery.asked', 'recovery.sent', 'recovery.failed', 'recovery.used']))
    assert.ok(!JSON.stringify(events).includes(token))
    const other = await withMail(house)
    const live = await mailedToken(house, other.email, other.target)
    const rows = await house.ctx.db.selectFrom('recovery_token').selectAll().execute()
    const messages = await house.ctx.db.selectFrom('message').selectAll().execute()
    for (const text of [JSON.stringify(rows), JSON.stringify(messages)])
      for (const one of [live, live.toLowerCase()]) assert.ok(!text.includes(one))
  })

  it('is asked for in full, and in no other way', async () => {
    const token = 'ABC'
    const bodies: [string, unknown][] = [
      ['sendtoken', {}],
      ['sendtoken', { username: 'a' }],
      ['sendtoken', { username: 'a', email: 'b', phoneNumber: 'c' }],
      ['sendtoken', { email: 'b' }],
      ['sendtoken', { userName: 'a', email: 'b' }],
      ['sendtoken', { username: 1, email: 'b' }],
      ['validatetoken', { username: 'a' }],
      ['validatetoken', { userName: 'a', recoveryToken: token }],
      ['validatetoken', { username: 'a', recoveryToken: 12345678 }],
      ['reset', { userName: 'a', recoveryToken: token }],
      ['reset', { userName: 'a', username: 'a', recoveryToken: token, newPassword: 'x' }],
      ['reset', { recoveryToken: token, newPassword: 'x' }],
      ['reset', { userName: 'a', recoveryToken: token, newPassword: 'x', email: 'b' }],
    ]
    for (const [call, json] of bodies)
      refused(await plain(house, 'POST', `/recover/password/${call}`, { json }), 400, 'BAD_PARAMETER')
    for (const query of ['', '?userName=a', '?username=a&x=1', '?username=a&username=b', '?username=a%00b'])
      refused(await plain(house, 'GET', `/recover/password/methods${query}`), 400, 'BAD_PARAMETER')
  })
})

onEveryEngine('mailbox: where passwords are not recovered', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('everybody of a domain is told so, and the token that there was opens nothing', async () => {
    const { email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    await decide(house, 'domain:example.org', { passwordRecoveryMethods: [] })
    const answers = [await ways(house, email), await ways(house, 'nobody@example.org')]
    for (const reply of answers) refused(reply, 403, 'NOT_ALLOWED_BY_POLICY')
    assert.deepEqual(seenOf(answers[0]!), seenOf(answers[1]!))
    refused(await reset(house, email, token), 400, 'INVALID_RECOVERY_TOKEN')
    house.clock.turn(HOUR)
    empty(await sendToken(house, { username: email, email: target }))
    await settled(house)
    assert.equal(mailsTo(house, target, /get back into/).length, 1)
    await decide(house, 'domain:example.org', { passwordRecoveryMethods: ['email', 'sms'] })
  })

  it('no way is shown that cannot be carried', async () => {
    for (let i = 0; i < 20; i++)
      for (const { method } of (await ways(house, `nobody-${i}@example.org`)).json.items) assert.equal(method, 'email')
  })

  it('a network that asks too much waits, whoever it asks for', async () => {
    house.clock.turn(HOUR)
    const { email, target } = await withMail(house)
    const token = await mailedToken(house, email, target)
    for (let i = 0; i < 100; i++) await validate(house, `nobody-${i}@example.org`, 'WRONG')
    const waits = [
      await validate(house, 'nobody@example.org', 'WRONG'),
      await validate(house, email, token),
      await ways(house, email),
      await ways(house, 'nobody@example.org'),
      await reset(house, email, token),
    ]
    for (const reply of waits) {
      refused(reply, 429, 'TOO_MANY_REQUESTS')
      assert.equal(reply.headers.get('retry-after'), '60')
    }
    house.clock.turn(MINUTE)
    empty(await reset(house, email, token))
  })
})
