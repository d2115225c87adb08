import assert from 'node:assert/strict'
import { constants, publicEncrypt } from 'node:crypto'
import { after, before, it } from 'node:test'
import { answerGuestRequests, guestAt } from '#src/domain/guests/guests.ts'
import { transportKey } from '#src/domain/keys/keys.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asGuest, fingerprintOf, GUEST_PASSWORD, guestAsks, guestLogin, inSession, invite, newGuest } from './guests.ts'
import { assertError, newPerson } from './person.ts'

const inviter = 'me@example.org'
const nobody = 'nobody-at-all@stranger.example'

onEveryEngine('A guest who forgot his password', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
    await newPerson(house, inviter)
  })
  after(() => house.stop())

  /** Asks for a link to start anew; what the house does about it at its next turn is done. */
  const askAnew = async (user: string) => {
    const { json } = await guestAsks(house, 'resetaccount', { user })
    while ((await answerGuestRequests(house.ctx)) > 0);
    return json
  }
  const rows = (table: 'guest_item' | 'guest_reset') => house.ctx.database.query.selectFrom(table).selectAll().execute()

  it('is asked his question, and who is no guest has none', async () => {
    await newGuest(house, { inviter, address: 'ann@stranger.example' })
    assert.equal((await guestAsks(house, 'getquestion', { email: 'Ann@stranger.example' })).text, 'Dog?')
    await invite(house, { inviter, address: 'without@stranger.example' })
    for (const email of [nobody, inviter, 'without@stranger.example', 'no address'])
      assert.equal((await guestAsks(house, 'getquestion', { email })).text, 'nf')
    assertError(await guestAsks(house, 'getquestion', {}), 'SVL-0002', 'ERROR')
  })

  it('gets a new password by mail for the right answer, however it is spelt', async () => {
    const email = 'bea@stranger.example'
    await newGuest(house, { inviter, address: email })
    const old = await guestLogin(house, { username: email, password: GUEST_PASSWORD })
    const wrong = await guestAsks(house, 'resetpassword', { email, answer: 'Bello' })
    assert.deepEqual([wrong.status, wrong.text], [200, 'No Match'])
    const right = await guestAsks(house, 'resetpassword', { email, answer: '  rEX ', language: 'de_DE' })
    assert.deepEqual([right.status, right.text], [200, 'OK'])
    const mail = await house.inbox.next(email)
    assert.match(mail.subject, /Ihr neues Passwort/)
    const [password] = /^[0-9a-z]{16}$/m.exec(mail.text)!
    assert.equal(mail.subject.includes(password!), false)
    assert.equal((await guestLogin(house, { username: email, password: GUEST_PASSWORD })).json.auth, 'Bad Password')
    assert.ok((await guestLogin(house, { username: email, password })).json.auth.length > 20)
    const stale = await inSession(house, old)('POST', '/oxguard/login?action=changepass', {
      json: { oldpass: GUEST_PASSWORD, newpass: 'new password 1' },
    })
    assertError(stale, 'SES-0203', 'TRY_AGAIN')
    // The next one so soon is too soon, and is said in the words of the API.
    const again = await guestAsks(house, 'resetpassword', { email, answer: 'Rex' })
    assert.deepEqual([again.status, again.text], [406, 'Failed to change'])
  })

  it('may send the answer encrypted like a password', async () => {
    const email = 'cleo@stranger.example'
    await newGuest(house, { inviter, address: email })
    const key = { key: await transportKey(house.ctx), padding: constants.RSA_PKCS1_PADDING }
    const answer = publicEncrypt(key, Buffer.from('Rex')).toString('base64')
    const noise = Buffer.alloc(256, 7).toString('base64')
    const bad = await guestAsks(house, 'resetpassword', { email, answer: noise })
    assert.deepEqual([bad.status, bad.text], [406, 'Error decoding answer'])
    const asked = new URLSearchParams({ action: 'resetpassword', email, answer: noise })
    const headers = { Accept: 'application/json' }
    const json = await house.call('GET', `/oxguard/guest?${asked}`, { headers })
    assert.deepEqual([json.status, json.json], [406, 'Error decoding answer'])
    assert.equal((await guestAsks(house, 'resetpassword', { email, answer })).text, 'OK')
    await house.inbox.next(email)
  })

  it('is answered like nobody while he has no question, and after too many wrong answers', async () => {
    const email = 'dora@stranger.example'
    await newGuest(house, { inviter, address: email })
    await invite(house, { inviter, address: 'unasked@stranger.example' })
    for (const [who, answer] of [
      [nobody, 'Rex'],
      ['unasked@stranger.example', ' '],
      ['unasked@stranger.example', 'x'],
    ])
      assert.match((await guestAsks(house, 'resetpassword', { email: who!, answer: answer! })).text, /^No Match$/)
    for (const who of [email, 'another-nobody@stranger.example']) {
      const answers: string[] = []
      for (let time = 0; time < 7; time++) {
        const { text, status } = await guestAsks(house, 'resetpassword', { email: who, answer: `guess ${time}` })
        answers.push(status === 429 ? 'wait' : text)
      }
      assert.deepEqual(answers, [...Array(5).fill('No Match'), 'wait', 'wait'], who)
    }
    assert.equal((await guestAsks(house, 'resetpassword', { email, answer: 'Rex' })).status, 429)
    house.clock.turn(3_600_000)
    assert.equal((await guestAsks(house, 'resetpassword', { email, answer: 'Rex' })).text, 'OK')
    await house.inbox.next(email)
  })

  it('starts anew by a link: the old mail is gone, and the link is used once', async () => {
    const email = 'eve@stranger.example'
    await newGuest(house, { inviter, address: email })
    const session = await guestLogin(house, { username: email, password: GUEST_PASSWORD })
    const before = await fingerprintOf(house, email)
    const { id } = (await guestAt(house.ctx, email))!.account
    for (const user of [nobody, email]) assert.deepEqual(await askAnew(user), { data: 'OK' })
    const mail = await house.inbox.next(email)
    assert.match(mail.text, /can never be read again/)
    assert.match(mail.html, /can never be read again/)
    const [, resetid] = /guest\?reset=([\w-]+)/.exec(mail.text)!
    assert.equal(mail.text.includes(`${resetid}@`) || mail.subject.includes(resetid!), false)
    assert.equal((await rows('guest_item')).filter(({ account_id }) => account_id === id).length, 1)
    const anew = (json: Record<string, unknown>) =>
      asGuest(house, 'doresetaccount', { resetid, email, password: 'anew password 1', ...json })
    assertError(await anew({ password: 'short' }), 'GRD-AUTH-0003', 'USER_INPUT')
    assertError(await anew({ email: 'ann@stranger.example' }), 'GRD-GUEST-0006', 'USER_INPUT')
    assertError(await anew({ resetid: 'x' }), 'GRD-GUEST-0006', 'USER_INPUT')
    const items = await rows('guest_item')
    const both = await Promise.all([anew({}), anew({ password: 'anew password 2' })])
    const done = both.findIndex(({ json }) => json.data === 'OK')
    assert.ok(done >= 0, both.map(({ text }) => text).join('\n'))
    assertError(both[1 - done]!, 'GRD-GUEST-0006', 'USER_INPUT')
    assertError(await anew({}), 'GRD-GUEST-0006', 'USER_INPUT')
    assert.notEqual(await fingerprintOf(house, email), before)
    const gone = items.filter(({ account_id }) => account_id === id)
    assert.equal(
      (await rows('guest_item')).some(({ account_id }) => account_id === id),
      false,
    )
    const kept = await house.ctx.database.query.selectFrom('kept_body').selectAll().where('claimed', '=', 1).execute()
    assert.equal(
      kept.some((body) => body.id === gone[0]!.body_id),
      false,
    )
    assert.equal((await guestLogin(house, { username: email, password: GUEST_PASSWORD })).json.auth, 'Bad Password')
    const password = `anew password ${done + 1}`
    assert.ok((await guestLogin(house, { username: email, password })).json.auth.length > 20)
    const out = await inSession(house, session)('POST', '/oxguard/guest?action=logout')
    assertError(out, 'SES-0203', 'TRY_AGAIN')
    // The question went with the account.
    assert.equal((await guestAsks(house, 'getquestion', { email })).text, 'nf')
  })

  it('is not mailed links without end, and old ones are over', async () => {
    const email = 'fay@stranger.example'
    await newGuest(house, { inviter, address: email })
    const links: string[] = []
    for (let time = 0; time < 3; time++) {
      await askAnew(email)
      links.push(/guest\?reset=([\w-]+)/.exec((await house.inbox.next(email)).text)![1]!)
    }
    await askAnew(email)
    const anew = (resetid: string) => asGuest(house, 'doresetaccount', { resetid, email, password: 'anew password 1' })
    assertError(await anew(links[0]!), 'GRD-GUEST-0006', 'USER_INPUT')
    house.clock.turn(172_801_000)
    assertError(await anew(links[2]!), 'GRD-GUEST-0006', 'USER_INPUT')
    assert.equal(house.inbox.received.filter(({ to }) => to.includes(email)).length, 3)
  })

  it('lets no network ask for one address after the other', async () => {
    const replies = []
    for (let time = 0; time < 101; time++)
      replies.push(await guestAsks(house, 'getquestion', { email: `x${time}@stranger.example` }))
    assert.equal(replies.at(-1)!.status, 429)
    assert.ok(Number(replies.at(-1)!.headers.get('Retry-After')) > 0)
    assert.equal((await guestAsks(house, 'resetaccount', { user: nobody })).status, 429)
  })
})
