import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount, setPassword } from '#src/domain/accounts/accounts.ts'
import { finishRecoveries, waitingRecovery } from '#src/domain/recovery/recovery.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { DEAD, headingOf, open, submit } from '../openwifi/links.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import {
  addMail,
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
import { addPhone, decide, mailedToken, mailsTo, reset, seenOf, settled, validate } from './recovery.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const WAIT = 3 * DAY
const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }
const ANNOUNCED = /says that all its second factors are lost/
const STOPPED = 'Your second factors stay as they are'

onEveryEngine('mailbox: lost second factors', (engine) => {
  let house: House
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({
      engine,
      settings: { ...provider.settings, CHATELAINE_PUBLIC_URL: 'https://sec.example.org' },
    })
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  /** An account with 2-step verification on, and a mail method. */
  async function protectedAccount() {
    const made = await makeTwoStepAccount(house)
    const target = `rescue-${made.account.id}@elsewhere.example`
    const mail = await addMail(house, made.client.secure, target)
    return { ...made, email: made.account.email, target, mail }
  }

  type Protected = Awaited<ReturnType<typeof protectedAccount>>

  const lose = (username: string, recoveryToken: string, password = PASSWORD) =>
    plain(house, 'POST', '/recover/secondfactor', { json: { username, password, recoveryToken } })

  /** Begins the wait; returns when it is over, as the answer says. */
  async function begin({ email, target }: Protected): Promise<string> {
    house.clock.turn(MINUTE)
    const reply = await lose(email, await mailedToken(house, email, target))
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(Object.keys(reply.json), ['date'])
    return reply.json.date
  }

  /** Does what the server does every minute. */
  async function finish(): Promise<void> {
    while ((await finishRecoveries(house.ctx)) > 0);
  }

  /** The link that stops it, as it was mailed to an address. */
  async function stopLink(address: string): Promise<{ action: string; id: string }> {
    await settled(house)
    const mail = mailsTo(house, address, ANNOUNCED).at(-1)
    const url = new URL(/^https:\S+$/m.exec(mail?.text ?? '')?.[0] ?? '')
    assert.equal(url.origin, 'https://sec.example.org')
    return { action: url.searchParams.get('action') ?? '', id: url.searchParams.get('id') ?? '' }
  }

  const isWaiting = async ({ account }: Protected) => (await waitingRecovery(house.ctx, account.id)) !== null

  it('are removed after three days, and everybody who ought to know hears of it', async () => {
    const someone = await protectedAccount()
    const { account, email, target, client } = someone
    await addPhone(provider, client.secure, '+41446681820')
    const began = house.clock.now() + MINUTE
    assert.equal(await begin(someone), String(Math.floor((began + WAIT) / 1000)))
    assert.deepEqual({ ...(await waitingRecovery(house.ctx, account.id)) }, { created: began, due: began + WAIT })
    await settled(house)
    for (const address of [email, target]) {
      const [mail] = mailsTo(house, address, ANNOUNCED)
      assert.match(mail?.text ?? '', /removed on Sunday, January 18, 2026/)
      assert.match(mail?.html ?? '', /This was not me/)
    }
    const text = provider.texts.findLast(({ to }) => to === '+41446681820')
    assert.match(text?.body ?? '', /removed on .*https:\/\/sec\.example\.org\/api\/v1\/actionLink/)

    house.clock.turn(WAIT - 1)
    await finish()
    assert.equal((await signIn(house, email)).step, 'required')
    const session = await signIn(house, email)
    house.clock.turn(1)
    await finish()
    refused(await session.call('GET', `${METHODS}?scope=2fa`), 401, 'AUTH_REQUIRED')
    const free = await signIn(house, email)
    assert.equal(free.step, null)
    assert.deepEqual((await free.call('GET', METHODS)).json.items, [])
    await settled(house)
    for (const address of [email, target])
      assert.equal(mailsTo(house, address, /second factors were removed, as was asked/).length, 1)
    assert.ok(provider.texts.some(({ to, body }) => to === '+41446681820' && /were removed/.test(body)))
    const events = await house.ctx.db.selectFrom('audit').select('event').where('account_id', '=', account.id).execute()
    for (const event of ['recovery.waiting', 'recovery.done'])
      assert.equal(events.filter((one) => one.event === event).length, 1)
  })

  it('stay when the link says that this was not the owner, who is not the program that looked into the mail', async () => {
    const someone = await protectedAccount()
    const { email, target, client } = someone
    await begin(someone)
    const link = await stopLink(target)
    assert.deepEqual(await stopLink(email), link)
    for (let i = 0; i < 3; i++) assert.equal(headingOf(await open(house, link)), 'Keep the second factors')
    assert.match(
      (
        await house.call('GET', `/api/v1/actionLink?action=${link.action}&id=${link.id}`, {
          headers: { 'Accept-Language': 'de' },
        })
      ).text,
      /Das war ich nicht: anhalten/,
    )
    assert.ok(!(await open(house, link)).text.includes('type="password"'))
    assert.ok(await isWaiting(someone))
    assert.equal((await client.call('GET', METHODS)).status, 200)

    assert.equal(headingOf(await submit(house, link)), STOPPED)
    assert.ok(!(await isWaiting(someone)))
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    assert.equal(headingOf(await submit(house, link)), DEAD)
    assert.equal(headingOf(await open(house, link)), DEAD)
    await settled(house)
    for (const address of [email, target])
      assert.equal(mailsTo(house, address, /removal of your second factors was stopped/).length, 1)
    house.clock.turn(WAIT)
    await finish()
    assert.equal((await signIn(house, email)).step, 'required')
  })

  it('are not kept by a link for something else, and no other thing is done by this one', async () => {
    const someone = await protectedAccount()
    await begin(someone)
    const { id } = await stopLink(someone.target)
    for (const action of ['password_reset', 'email_verification', 'stop-recovery', 'signup_completion'])
      assert.equal(headingOf(await submit(house, { action, id }, { password1: 'x', password2: 'x' })), DEAD)
    assert.ok(await isWaiting(someone))
    house.clock.turn(WAIT)
    const late = await stopLink(someone.target)
    assert.equal(headingOf(await submit(house, late)), DEAD)
    await finish()
    assert.equal((await signIn(house, someone.email)).step, null)
  })

  it('are found again by whoever passes the second step', async () => {
    const byApp = await protectedAccount()
    await begin(byApp)
    const session = await signIn(house, byApp.email)
    assert.ok(await isWaiting(byApp))
    const json = { methodId: byApp.app.id, totpToken: byApp.app.next() }
    empty(await session.call('POST', '/login/2fa', { json }))
    assert.ok(!(await isWaiting(byApp)))
    await settled(house)
    assert.equal(mailsTo(house, byApp.target, /stopped by somebody who signed in with one of them/).length, 1)
    // Its link has nothing to stop, and signs nobody out.
    const dead = await submit(house, await stopLink(byApp.target))
    assert.equal(headingOf(dead), DEAD)
    assert.match(dead.text, /change your password now/)
    assert.doesNotMatch(dead.text, /forgot password/)
    assert.equal((await byApp.client.call('GET', METHODS)).status, 200)

    const byCode = await protectedAccount()
    await begin(byCode)
    const other = await signIn(house, byCode.email)
    empty(await other.call('POST', '/login/2fa', { json: { recoveryCode: byCode.recoveryCodes[0] } }))
    house.clock.turn(WAIT)
    await finish()
    assert.equal((await signIn(house, byCode.email)).step, 'required')
  })

  it('stay when the owner says so, signed in', async () => {
    const someone = await protectedAccount()
    const { client } = someone
    await begin(someone)
    refused(await client.call('DELETE', `${SECURITY}/recovery`), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await client.secure('DELETE', `${SECURITY}/recovery`, { json: { all: true } }), 400, 'BAD_PARAMETER')
    assert.ok(await isWaiting(someone))
    for (let i = 0; i < 2; i++) empty(await client.secure('DELETE', `${SECURITY}/recovery`))
    assert.ok(!(await isWaiting(someone)))
    await settled(house)
    assert.equal(mailsTo(house, someone.email, /They stay as they are/).length, 1)
    // Half a session is not the owner.
    await begin(someone)
    const partial = await signIn(house, someone.email)
    refused(await partial.call('DELETE', `${SECURITY}/recovery`), 403, 'TWO_FACTOR_REQUIRED')
    refused(await plain(house, 'DELETE', `${SECURITY}/recovery`), 401, 'AUTH_REQUIRED')
    assert.ok(await isWaiting(someone))
  })

  it('stay when the password changes, or everybody is signed out', async () => {
    const ways = [
      async ({ account: { id } }: Protected) => {
        const account = await findAccount(house.ctx, id)
        const hash = await house.ctx.workers.passwords.hash(PASSWORD)
        await setPassword(house.ctx, { account: account!, hash, origin, mustChange: false })
      },
      async ({ client }: Protected) => empty(await client.call('POST', '/logout/everywhere')),
      async ({ email, target }: Protected) => {
        house.clock.turn(MINUTE)
        empty(await reset(house, email, await mailedToken(house, email, target), 'Wholly-New-Horse'))
      },
    ]
    for (const way of ways) {
      const someone = await protectedAccount()
      await begin(someone)
      await way(someone)
      assert.ok(!(await isWaiting(someone)))
      house.clock.turn(WAIT)
      await finish()
      const left = await house.ctx.db
        .selectFrom('factor')
        .select('id')
        .where('account_id', '=', someone.account.id)
        .execute()
      assert.equal(left.length, 2)
    }
  })

  it('wait no longer because somebody asks again', async () => {
    const someone = await protectedAccount()
    const first = await begin(someone)
    house.clock.turn(DAY)
    assert.equal(await begin(someone), first)
    await settled(house)
    assert.equal(mailsTo(house, someone.target, ANNOUNCED).length, 1)
    assert.equal(headingOf(await submit(house, await stopLink(someone.email))), STOPPED)
    // After a stop it begins anew.
    assert.notEqual(await begin(someone), first)
  })

  it('are asked about by a token that works once, under twenty at the same instant', async () => {
    const someone = await protectedAccount()
    const { email, target } = someone
    house.clock.turn(MINUTE)
    const token = await mailedToken(house, email, target)
    const replies = await Promise.all(Array.from({ length: 20 }, () => lose(email, token)))
    assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    for (const reply of replies) if (reply.status !== 200) refused(reply, 400, 'INVALID_RECOVERY_TOKEN')
    refused(await reset(house, email, token), 400, 'INVALID_RECOVERY_TOKEN')
    await settled(house)
    assert.equal(mailsTo(house, email, ANNOUNCED).length, 1)
  })

  it('are refused alike, whatever is wrong', async () => {
    const someone = await protectedAccount()
    const { email, target } = someone
    house.clock.turn(MINUTE)
    const token = await mailedToken(house, email, target)
    const wrong = token.replace(/.$/, token.endsWith('A') ? 'B' : 'A')
    const bare = await makeAccount(house)
    const seen = [
      await lose(email, wrong),
      await lose(email, token, 'Wrong-Horse-9'),
      await lose(email, wrong, 'Wrong-Horse-9'),
      await lose(bare.email, token),
      await lose('nobody@example.org', token),
      await lose('', ''),
    ].map(seenOf)
    for (const one of seen) assert.deepEqual(one, seen[0])
    refused(await lose(email, wrong), 400, 'INVALID_RECOVERY_TOKEN')
    assert.ok(!(await isWaiting(someone)))
    const shapes = [
      {},
      { username: email, recoveryToken: token },
      { username: email, password: PASSWORD },
      { userName: email, password: PASSWORD, recoveryToken: token },
      { username: email, password: PASSWORD, recoveryToken: token, date: '1' },
      { username: email, password: 1, recoveryToken: token },
    ]
    for (const json of shapes)
      refused(await plain(house, 'POST', '/recover/secondfactor', { json }), 400, 'BAD_PARAMETER')
    assert.equal((await lose(email, token)).status, 200)
  })

  it('are no place to guess passwords: without a token none is tried, and with one as few as at the sign-in', async () => {
    const { email, target } = await protectedAccount()
    house.clock.turn(MINUTE)
    for (let i = 0; i < 8; i++) refused(await lose(email, 'WRONG', 'Wrong-Horse-9'), 400, 'INVALID_RECOVERY_TOKEN')
    assert.equal((await signIn(house, email)).step, 'required')
    const token = await mailedToken(house, email, target)
    for (let i = 0; i < 5; i++) refused(await lose(email, token, 'Wrong-Horse-9'), 400, 'INVALID_RECOVERY_TOKEN')
    refused(await lose(email, token), 429, 'TOO_MANY_REQUESTS')
    assert.equal((await validate(house, email, token)).status, 200)
    house.clock.turn(MINUTE)
    assert.equal((await lose(email, token)).status, 200)
  })

  it('are not lost to whoever has one method and nothing else', async () => {
    const { email, target, client } = await protectedAccount()
    const other = `other-${target}`
    await addMail(house, client.secure, other)
    const password = 'Wholly-New-Horse'
    house.clock.turn(MINUTE)
    empty(await reset(house, email, await mailedToken(house, email, target), password))
    house.clock.turn(MINUTE)
    // The password came by it: it is no second thing beside the password.
    refused(await lose(email, await mailedToken(house, email, target), password), 403, 'NOT_ALLOWED_BY_POLICY')
    house.clock.turn(MINUTE)
    assert.equal((await lose(email, await mailedToken(house, email, other), password)).status, 200)
  })

  it('are not lost where there are none', async () => {
    const { email } = await makeAccount(house)
    const target = 'none-to-lose@elsewhere.example'
    await addMail(house, (await signIn(house, email)).secure, target)
    const token = await mailedToken(house, email, target)
    refused(await lose(email, token), 403, 'TWO_FACTOR_NOT_ACTIVE')
    assert.equal((await validate(house, email, token)).status, 200)
    const off = await protectedAccount()
    await decide(house, `account:${off.account.id}`, { twoStep: 'disabled' })
    house.clock.turn(MINUTE)
    refused(await lose(off.email, await mailedToken(house, off.email, off.target)), 403, 'TWO_FACTOR_NOT_ACTIVE')
  })
})
