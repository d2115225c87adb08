import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { captchaGate, sweepCaptchas } from '#src/domain/throttles/captchas.ts'
import { forgiveEverything } from '#src/domain/throttles/throttles.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { makeAccount, makeTwoStepAccount, PASSWORD, plain, readCaptcha, refused } from './client.ts'

const WRONG = 'Wrong-Horse-9'
const asked = (path: string, username: string) => `${path}?username=${encodeURIComponent(username)}`
const basic = (name: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

let names = 0
const stranger = (): string => `captcha-stranger-${++names}@example.org`

onEveryEngine('mailbox: the captcha', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const login = (username: string, more: Record<string, unknown> = {}, password = PASSWORD): Promise<Reply> =>
    plain(house, 'POST', '/login/cookie', { json: { username, password, ...more } })
  const isRequired = async (username: string): Promise<boolean> => {
    const reply = await plain(house, 'GET', asked('/captha/status', username))
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(Object.keys(reply.json), ['isRequired'])
    return reply.json.isRequired
  }
  async function fail(username: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) refused(await login(username, {}, WRONG), 401, 'AUTH_FAILED')
  }
  /** Somebody of whom a captcha is asked. */
  async function suspect(): Promise<string> {
    const { email } = await makeAccount(house)
    await fail(email, 3)
    return email
  }
  const leftOf = async (id: string) =>
    (await house.ctx.db.selectFrom('captcha').select('id').where('id', '=', id).execute()).length

  it('is asked for after three failures of a name, anybody’s or nobody’s', async () => {
    for (const username of [(await makeAccount(house)).email, stranger(), 'no address', '']) {
      assert.equal(await isRequired(username), false)
      await fail(username, 2)
      assert.equal(await isRequired(username), false)
      await fail(username, 1)
      assert.equal(await isRequired(username), true)
      assert.equal(await isRequired(` ${username.toUpperCase()} `), true)
    }
  })

  it('has both spellings of its path, and strict queries', async () => {
    const username = stranger()
    await fail(username, 3)
    for (const path of ['/captha', '/captcha']) {
      assert.deepEqual((await plain(house, 'GET', asked(`${path}/status`, username))).json, { isRequired: true })
      const picture = await plain(house, 'GET', `${asked(path, username)}&t=1744407421`)
      assert.equal(picture.status, 200)
      house.clock.turn(1000)
      for (const query of ['', '?username=a&color=red', '?username=a&username=b', '?name=a', '?username=%00'])
        refused(await plain(house, 'GET', `${path}${query}`), 400, 'BAD_PARAMETER')
      for (const query of ['', '?username=a&t=1', '?username=a&username=b'])
        refused(await plain(house, 'GET', `${path}/status${query}`), 400, 'BAD_PARAMETER')
    }
  })

  it('is a picture that nobody keeps, with its id beside it, another one each time', async () => {
    house.clock.turn(1000)
    const username = stranger()
    const pictures = [
      await plain(house, 'GET', asked('/captha', username)),
      await plain(house, 'GET', asked('/captha', username)),
    ]
    for (const { headers, bytes } of pictures) {
      assert.equal(headers.get('content-type'), 'image/png')
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.match(headers.get('x-captcha-id') ?? '', /^[\w-]{22}$/)
      assert.equal(bytes.subarray(1, 4).toString(), 'PNG')
    }
    assert.notEqual(pictures[0]!.headers.get('x-captcha-id'), pictures[1]!.headers.get('x-captcha-id'))
    assert.notDeepEqual(pictures[0]!.bytes, pictures[1]!.bytes)
  })

  it('read well, lets the right password in, and is not asked for afterwards', async () => {
    const email = await suspect()
    assert.equal((await login(email, await readCaptcha(house, email))).status, 200)
    assert.equal(await isRequired(email), false)
    assert.equal((await login(email)).status, 200)
  })

  it('may be typed in either case, and with blanks', async () => {
    const email = await suspect()
    const { captchaId, captchaText } = await readCaptcha(house, email)
    const typed = ` ${captchaText.slice(0, 3).toLowerCase()} ${captchaText.slice(3)}`
    assert.equal((await login(email, { captchaId, captchaText: typed })).status, 200)
  })

  it('missing, wrong, of another name or too old, is refused like a wrong password', async () => {
    const [email, other] = [await suspect(), await suspect()]
    const shown = (reply: Reply) => ({
      status: reply.status,
      text: reply.text,
      headers: [...reply.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
    })
    const wrongPassword = shown(await login(stranger(), {}, WRONG))
    const own = await readCaptcha(house, email)
    const foreign = await readCaptcha(house, other)
    const old = await readCaptcha(house, email)
    const tries = [
      {},
      { captchaId: own.captchaId, captchaText: own.captchaText.slice(1) },
      { captchaId: foreign.captchaId, captchaText: foreign.captchaText },
      { captchaId: 'unknown', captchaText: own.captchaText },
      { captchaText: own.captchaText },
      { captchaId: (await readCaptcha(house, email)).captchaId },
      { captchaId: (await readCaptcha(house, email)).captchaId, captchaText: 'x'.repeat(100_000) },
    ]
    for (const one of tries) {
      await forgiveWaits(house, email)
      assert.deepEqual(shown(await login(email, one)), wrongPassword)
    }
    await forgiveWaits(house, email)
    house.clock.turn(600_000)
    assert.equal(await isRequired(email), true)
    assert.deepEqual(shown(await login(email, { ...old })), wrongPassword)
  })

  it('lives for ten minutes', async () => {
    const email = await suspect()
    const read = await readCaptcha(house, email)
    house.clock.turn(599_000)
    assert.equal((await login(email, read)).status, 200)
  })

  it('is good for one try, right or wrong, also of twenty at the same instant', async () => {
    const email = await suspect()
    const misread = await readCaptcha(house, email)
    refused(await login(email, { ...misread, captchaText: 'AAAAAAA' }), 401, 'AUTH_FAILED')
    refused(await login(email, misread), 401, 'AUTH_FAILED')
    await forgiveWaits(house, email)
    const read = await readCaptcha(house, email)
    refused(await login(email, read, WRONG), 401, 'AUTH_FAILED')
    refused(await login(email, read), 401, 'AUTH_FAILED')
    await forgiveWaits(house, email)
    const race = await readCaptcha(house, email)
    const replies = await Promise.all(Array.from({ length: 20 }, () => login(email, race, WRONG)))
    assert.ok(replies.every(({ status }) => status === 401 || status === 429))
    assert.equal(await leftOf(race.captchaId), 0)
  })

  it('opens the way to the password for one of twenty at the same instant', async () => {
    const email = await suspect()
    const { captchaId: id, captchaText: text } = await readCaptcha(house, email)
    const gates = Array.from({ length: 20 }, () => captchaGate(email, { id, text }))
    const passed = await Promise.all(gates.map((gate) => gate.isPassed(house.ctx, email)))
    assert.equal(passed.filter(Boolean).length, 1)
  })

  it('refused, is a failed try like any other: the waits grow, and come first', async () => {
    const email = await suspect()
    for (let i = 0; i < 2; i++) refused(await login(email), 401, 'AUTH_FAILED')
    const read = await readCaptcha(house, email)
    const delayed = await login(email, read)
    refused(delayed, 429, 'TOO_MANY_REQUESTS')
    assert.equal(delayed.headers.get('retry-after'), '59')
    // What had to wait was not looked at.
    assert.equal(await leftOf(read.captchaId), 1)
    house.clock.turn(59_000)
    assert.equal((await login(email, read)).status, 200)
  })

  it('is not asked of the Authorization header, whose failures count all the same', async () => {
    const { email } = await makeAccount(house)
    for (let i = 0; i < 3; i++)
      refused(await plain(house, 'POST', '/login', { headers: basic(email, WRONG) }), 401, 'AUTH_FAILED')
    assert.equal(await isRequired(email), true)
    refused(await login(email), 401, 'AUTH_FAILED')
    assert.equal((await plain(house, 'POST', '/login', { headers: basic(email, PASSWORD) })).status, 200)
    assert.equal(await isRequired(email), false)
  })

  it('has nothing to do with failures of other sign-ins, nor of the password check', async () => {
    const { email } = await makeAccount(house)
    const { client } = await makeTwoStepAccount(house)
    for (let i = 0; i < 3; i++) {
      await house.call('POST', '/api/v1/suboauth2', { json: { userId: email, password: WRONG } })
      refused(
        await client.call('POST', '/account/security/check', { json: { password: WRONG } }),
        403,
        'INVALID_PASSWORD',
      )
    }
    assert.equal(await isRequired(email), false)
    assert.equal(await isRequired(client.email), false)
  })

  it('is not asked for any more after a quarter of an hour', async () => {
    const email = await suspect()
    house.clock.turn(900_000)
    assert.equal(await isRequired(email), true)
    house.clock.turn(1_000)
    assert.equal(await isRequired(email), false)
    assert.equal((await login(email)).status, 200)
    await fail(email, 2)
    assert.equal(await isRequired(email), false)
  })

  it('is forgotten with everything else that the support desk forgives an address', async () => {
    const email = await suspect()
    assert.ok((await forgiveEverything(house.ctx, email)) > 0)
    assert.equal(await isRequired(email), false)
  })

  it('is drawn a few times a second for one address, and swept when it is old', async () => {
    house.clock.turn(1000)
    const draw = () => plain(house, 'GET', asked('/captcha', 'flood@example.org'))
    for (let i = 0; i < 5; i++) assert.equal((await draw()).status, 200)
    const many = await draw()
    refused(many, 429, 'TOO_MANY_REQUESTS')
    assert.equal(many.headers.get('retry-after'), '1')
    house.clock.turn(600_000)
    const young = (await draw()).headers.get('x-captcha-id')!
    while ((await sweepCaptchas(house.ctx)) > 0);
    const left = await house.ctx.db.selectFrom('captcha').select('id').execute()
    assert.deepEqual(
      left.map(({ id }) => id),
      [young],
    )
  })

  it('is in the database neither as it reads nor under the name that it is for', async () => {
    const email = await suspect()
    const { captchaText } = await readCaptcha(house, email)
    const rows = JSON.stringify([
      await house.ctx.db.selectFrom('captcha').selectAll().execute(),
      await house.ctx.db.selectFrom('throttle').selectAll().execute(),
    ])
    for (const secret of [captchaText, email]) assert.ok(!rows.includes(secret))
  })
})

/** Takes the waits of earlier failures away, and leaves the count that asks for a captcha. */
async function forgiveWaits(house: House, email: string): Promise<void> {
  const { db } = house.ctx
  assert.ok(email)
  await db.deleteFrom('throttle').where('key', 'not like', 'captcha:%').execute()
}

onEveryEngine('mailbox: the captcha, as the operator wants it', (engine) => {
  it('is never asked for, and comes when it is asked for all the same', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_CAPTCHA_AFTER: '0' } })
    t.after(() => house.stop())
    const { email } = await makeAccount(house)
    const json = { username: email, password: WRONG }
    for (let i = 0; i < 4; i++) refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
    assert.deepEqual((await plain(house, 'GET', asked('/captcha/status', email))).json, { isRequired: false })
    assert.equal((await plain(house, 'GET', asked('/captcha', email))).status, 200)
    assert.equal((await plain(house, 'POST', '/login/cookie', { json: { ...json, password: PASSWORD } })).status, 200)
  })

  it('is asked for from the first failure on', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_CAPTCHA_AFTER: '1' } })
    t.after(() => house.stop())
    const { email } = await makeAccount(house)
    const json = { username: email, password: PASSWORD }
    const wrong = { json: { ...json, password: WRONG } }
    refused(await plain(house, 'POST', '/login/cookie', wrong), 401, 'AUTH_FAILED')
    refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
    const solved = { ...json, ...(await readCaptcha(house, email)) }
    assert.equal((await plain(house, 'POST', '/login/cookie', { json: solved })).status, 200)
  })
})
