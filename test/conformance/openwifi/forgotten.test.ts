import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sweepLinks } from '#src/domain/recovery/recovery.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { choose, DEAD, forgot, headingOf, linkTo, noticeTo, open, SAVED, settled } from './links.ts'
import {
  asRoot,
  authenticatorOf,
  bearer,
  change,
  complete,
  denied,
  login,
  me,
  newPerson,
  newSubscriber,
  PASSWORD,
  type Person,
  refused,
  send,
  subscriberLogin,
  withMethod,
} from './people.ts'

const NEXT = 'Another-Password-1'
const HOUR = 3_600_000

const ANSWER = {
  access_token: '',
  aclTemplate: { Delete: true, PortalLogin: true, Read: true, ReadWrite: true, ReadWriteCreate: true },
  created: 0,
  errorCode: 0,
  expires_in: 0,
  idle_timeout: 0,
  lastRefresh: 0,
  refresh_token: '',
  token_type: '',
  userMustChangePassword: true,
  username: '',
}

onEveryEngine('OpenWiFi: a forgotten password', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_PUBLIC_URL: 'https://sec.example.org/' } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const mailsTo = (address: string) => house.inbox.received.filter(({ to }) => to.includes(address)).length

  it('gets the same answer whoever asks, and a mail only for who is there', async () => {
    const someone = await newPerson(house, root)
    const suspended = await newPerson(house, root)
    await change(house, root, suspended.id, { suspended: true })
    const names = [someone.email.toUpperCase(), 'nobody@example.org', suspended.email, '', 'x'.repeat(900), undefined]
    for (const door of ['oauth2', 'suboauth2'])
      for (const name of names) {
        const reply = await forgot(house, name, door)
        assert.deepEqual([reply.status, reply.json], [200, ANSWER])
      }
    await linkTo(house, someone.email)
    await settled(house)
    assert.deepEqual([mailsTo(someone.email), mailsTo('nobody@example.org'), mailsTo(suspended.email)], [1, 0, 0])
  })

  it('is looked up only later, so that the time of the answer tells nothing', async () => {
    const ann = await newPerson(house, root)
    await settled(house)
    const { carriers } = house.ctx
    const { wake } = carriers
    let woken = 0
    carriers.wake = () => {
      woken++
    }
    for (const name of [ann.email, 'nobody-at-all@example.org']) await forgot(house, name)
    carriers.wake = wake
    assert.equal(woken, 0)
    await linkTo(house, ann.email)
  })

  it('is replaced by the link in the mail, and everybody who was signed in is out', async () => {
    const someone = await newPerson(house, root)
    await change(house, root, someone.id, { changePassword: true })
    await forgot(house, someone.email)
    const link = await linkTo(house, someone.email)
    assert.equal(link.url.href, `https://sec.example.org/api/v1/actionLink?action=password_reset&id=${link.id}`)
    assert.match(link.mail.html, /actionLink\?action=password_reset&#38;id=|actionLink\?action=password_reset&amp;id=/)
    assert.match(link.mail.text, /works once, and for 24 hours/)
    assert.equal((await me(house, someone)).status, 200)
    assert.equal(headingOf(await open(house, link)), 'Choose a new password')
    assert.equal(headingOf(await choose(house, link, NEXT)), SAVED)
    denied(await me(house, someone), 8)
    denied(await login(house, someone.email, PASSWORD), 2)
    const again = await login(house, someone.email, NEXT)
    assert.equal(again.status, 200, again.text)
    assert.match((await noticeTo(house, someone.email)).text, /new password was set by a link/)
    assert.equal(headingOf(await open(house, link)), DEAD)
    assert.equal(headingOf(await choose(house, link, 'Third-Password-3')), DEAD)
    assert.equal((await login(house, someone.email, NEXT)).status, 200)
  })

  it('is kept nowhere in the clear, and what happened is on record', async () => {
    const someone = await newPerson(house, root)
    await forgot(house, someone.email)
    const link = await linkTo(house, someone.email)
    await choose(house, link, NEXT)
    const { db } = house.ctx
    const rows = await db.selectFrom('action_link').selectAll().where('account_id', '=', someone.id).execute()
    assert.equal(rows.length, 1)
    assert.ok(!JSON.stringify(rows).includes(link.id))
    const events = await db
      .selectFrom('audit')
      .select(['event', 'network', 'protocol'])
      .where('account_id', '=', someone.id)
      .where('event', 'like', 'link.%')
      .execute()
    assert.deepEqual(new Set(events.map(({ event }) => event)), new Set(['link.asked', 'link.sent', 'link.used']))
    for (const { network, protocol } of events) assert.deepEqual([network, protocol], ['127.0.0.1', 'openwifi'])
  })

  it('is replaced once by two forms at the same instant', async () => {
    const someone = await newPerson(house, root)
    await forgot(house, someone.email)
    const link = await linkTo(house, someone.email)
    const passwords = ['First-Of-Two-1', 'Second-Of-Two-2', 'Third-Of-Two-3']
    const replies = await Promise.all(passwords.map((password) => choose(house, link, password)))
    assert.deepEqual(replies.map(headingOf).sort(), [DEAD, DEAD, SAVED].sort())
    const winner = passwords[replies.findIndex((reply) => headingOf(reply) === SAVED)]!
    for (const password of passwords)
      assert.equal((await login(house, someone.email, password)).status, password === winner ? 200 : 403)
  })

  it('has one link at a time, which a changed password or a suspension voids', async () => {
    const someone = await newPerson(house, root)
    const fresh = async () => {
      house.clock.turn(HOUR)
      await forgot(house, someone.email)
      return linkTo(house, someone.email)
    }
    const first = await fresh()
    const second = await fresh()
    assert.equal(headingOf(await choose(house, first, NEXT)), DEAD)
    await change(house, root, someone.id, { currentPassword: 'Set-By-Root-1' })
    assert.equal(headingOf(await choose(house, second, NEXT)), DEAD)
    const third = await fresh()
    await change(house, root, someone.id, { suspended: true })
    assert.equal(headingOf(await open(house, third)), DEAD)
    await change(house, root, someone.id, { suspended: false })
    assert.equal(headingOf(await choose(house, third, NEXT)), DEAD)
    const fourth = await fresh()
    await change(house, root, someone.id, { userRole: 'noc' })
    assert.equal(headingOf(await choose(house, fourth, NEXT)), DEAD)
    const fifth = await fresh()
    await house.call('DELETE', `/api/v1/user/${someone.id}`, { headers: bearer(root.token) })
    assert.equal(headingOf(await choose(house, fifth, NEXT)), DEAD)
  })

  it('has a link that lives for a day, to the second', async () => {
    const someone = await newPerson(house, root)
    await forgot(house, someone.email)
    const link = await linkTo(house, someone.email)
    house.clock.turn(24 * HOUR - 1000)
    assert.equal(headingOf(await open(house, link)), 'Choose a new password')
    house.clock.turn(1000)
    assert.equal(headingOf(await open(house, link)), DEAD)
    assert.equal(headingOf(await choose(house, link, NEXT)), DEAD)
    denied(await login(house, someone.email, NEXT), 2)
  })

  it('does not open what the second step protects', async () => {
    const someone = await newPerson(house, root)
    const code = await authenticatorOf(house, someone)
    await change(house, someone, someone.id, withMethod('authenticator'))
    await forgot(house, someone.email)
    assert.equal(headingOf(await choose(house, await linkTo(house, someone.email), NEXT)), SAVED)
    const { uuid, method, access_token } = (await login(house, someone.email, NEXT)).json
    assert.deepEqual([method, access_token], ['authenticator', undefined])
    assert.ok((await complete(house, uuid, code())).json.access_token)
  })

  it('ends the waiting that its owner’s own typing errors brought', async () => {
    const someone = await newPerson(house, root)
    for (let tries = 0; tries < 5; tries++) denied(await login(house, someone.email, 'wrong'), 2)
    denied(await login(house, someone.email, PASSWORD), 10)
    await forgot(house, someone.email)
    await choose(house, await linkTo(house, someone.email), NEXT)
    assert.equal((await login(house, someone.email, NEXT)).status, 200)
  })

  it('belongs to one door: subscribers have links of their own', async () => {
    const subscriber = await newSubscriber(house, root)
    const user = await newPerson(house, root)
    await forgot(house, user.email, 'suboauth2')
    await forgot(house, subscriber.email)
    await settled(house)
    assert.deepEqual([mailsTo(user.email), mailsTo(subscriber.email)], [0, 0])
    await forgot(house, subscriber.email, 'suboauth2')
    const link = await linkTo(house, subscriber.email)
    assert.equal(link.action, 'sub_password_reset')
    assert.equal(headingOf(await choose(house, link, NEXT)), SAVED)
    assert.equal((await subscriberLogin(house, subscriber.email, NEXT)).status, 200)
  })

  it('proves the mailbox of who had not confirmed it', async () => {
    const made = await house.call('POST', '/api/v1/user/0?email_verification=true', {
      json: { email: 'unproven@example.org', userRole: 'csr', currentPassword: PASSWORD },
      headers: bearer(root.token),
    })
    const first = await linkTo(house, 'unproven@example.org')
    await forgot(house, 'unproven@example.org')
    assert.equal(headingOf(await choose(house, await linkTo(house, 'unproven@example.org'), NEXT)), SAVED)
    const { validated, waitingForEmailCheck } = (
      await house.call('GET', `/api/v1/user/${made.json.id}`, { headers: bearer(root.token) })
    ).json
    assert.deepEqual([validated, waitingForEmailCheck], [true, false])
    assert.equal((await login(house, 'unproven@example.org', NEXT)).status, 200)
    assert.equal(headingOf(await open(house, first)), DEAD)
  })

  it('brings no more than five links an hour, without a word', async () => {
    const someone = await newPerson(house, root)
    for (let asked = 0; asked < 7; asked++) assert.deepEqual((await forgot(house, someone.email)).json, ANSWER)
    await settled(house)
    assert.equal(mailsTo(someone.email), 5)
    const put = await change(house, root, `${someone.id}?forgotPassword=true`, {})
    denied(put, 10)
    assert.equal(put.headers.get('retry-after'), '3600')
    house.clock.turn(HOUR)
    await forgot(house, someone.email)
    await settled(house)
    assert.equal(mailsTo(someone.email), 6)
  })

  it('has links that no Host header bends, and mails that no name breaks', async () => {
    const someone = await newPerson(house, root, { name: 'A <b>Name</b>\r\nBcc: evil@example.org' })
    await send(house.url, 'POST', '/api/v1/oauth2?forgotPassword=true', {
      headers: { Host: 'evil.example.org', 'X-Forwarded-Host': 'evil.example.org', 'Content-Type': 'application/json' },
      body: JSON.stringify({ userId: someone.email }),
    })
    const { url, mail } = await linkTo(house, someone.email)
    assert.equal(url.origin, 'https://sec.example.org')
    assert.ok(!mail.raw.includes('evil.example.org'))
    assert.deepEqual(mail.to, [someone.email])
    const injected = `${someone.email}\r\nBcc: evil@example.org`
    assert.deepEqual((await forgot(house, injected)).json, ANSWER)
    await settled(house)
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('evil@example.org')))
  })

  it('writes German to who wants it', async () => {
    const someone = await newPerson(house, root, { locale: 'de_CH' })
    await forgot(house, someone.email)
    const link = await linkTo(house, someone.email)
    assert.equal(link.mail.subject, 'Chatelaine: neues Passwort wählen')
    assert.match(link.mail.text, /gilt einmal, und 24 Stunden lang/)
    assert.match(link.mail.html, /Neues Passwort wählen<\/a>/)
    await choose(house, link, NEXT)
    assert.match((await noticeTo(house, someone.email)).text, /wurde ein neues Passwort gesetzt/)
  })

  it('leaves nothing behind after a month', async () => {
    const { db } = house.ctx
    const count = async () => (await db.selectFrom('action_link').select('digest').execute()).length
    assert.ok((await count()) > 0)
    house.clock.turn(24 * HOUR + 30 * 24 * HOUR + 1000)
    const someone = await newPerson(house, await asRoot(house))
    await forgot(house, someone.email)
    await linkTo(house, someone.email)
    while ((await sweepLinks(house.ctx)) > 0);
    assert.equal(await count(), 1)
    root = await asRoot(house)
  })

  it('is helped by whoever may change the account', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const someone = await newPerson(house, root)
    const other = await newPerson(house, root)
    const subscriber = await newSubscriber(house, root)
    const asked = await change(house, admin, `${someone.id}?forgotPassword=true`, {})
    assert.deepEqual(asked.json, { Code: 0, Details: 'Command completed.', Operation: 'PUT' })
    const link = await linkTo(house, someone.email)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
    assert.equal(headingOf(await choose(house, link, NEXT)), SAVED)
    denied(await change(house, other, `${someone.id}?forgotPassword=true`, {}), 7)
    denied(await change(house, admin, `${root.id}?forgotPassword=true`, {}), 7)
    refused(await change(house, admin, 'nobody?forgotPassword=true', {}), 404, 404)
    for (const flag of ['forgotPassword', 'resetPassword']) {
      const reply = await house.call('PUT', `/api/v1/subuser/${subscriber.id}?${flag}=true`, {
        json: {},
        headers: bearer(admin.token),
      })
      assert.deepEqual([reply.status, reply.json.Code], [200, 0])
      assert.equal((await linkTo(house, subscriber.email)).action, 'sub_password_reset')
    }
    const off = await change(house, admin, `${other.id}?forgotPassword=false&resetPassword=true`, { name: 'New' })
    assert.equal(off.json.name, 'New')
    await change(house, admin, other.id, { suspended: true })
    denied(await change(house, admin, `${other.id}?forgotPassword=true`, {}), 15)
    await settled(house)
    assert.equal(mailsTo(other.email), 0)
  })
})

onEveryEngine('OpenWiFi: many forgotten passwords from one network', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_LINKS_PER_HOUR: '1000', CHATELAINE_LOCALE: 'de' } })
  })
  after(() => house.stop())

  it('are dropped after a hundred, without a word', async () => {
    for (let asked = 0; asked < 104; asked++) assert.deepEqual((await forgot(house, 'nobody@example.org')).json, ANSWER)
    assert.deepEqual((await forgot(house, house.rootEmail)).json, ANSWER)
    await settled(house)
    assert.equal(house.inbox.received.length, 0)
    house.clock.turn(HOUR)
    await forgot(house, house.rootEmail)
    const { url, mail } = await linkTo(house, house.rootEmail)
    // Made from the listener's address; and the house's own language is for who has none.
    assert.equal(url.origin, house.url)
    assert.match(mail.subject, /neues Passwort/)
  })
})
