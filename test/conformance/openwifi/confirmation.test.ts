import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { CONFIRMED, choose, DEAD, forgot, headingOf, linkTo, open, SAVED, settled, submit } from './links.ts'
import {
  asRoot,
  bearer,
  change,
  denied,
  login,
  me,
  newPerson,
  newSubscriber,
  PASSWORD,
  type Person,
  refused,
  subscriberLogin,
} from './people.ts'

const HOUR = 3_600_000

onEveryEngine('OpenWiFi: confirming an address', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  let made = 0
  async function create(json: Record<string, unknown> = {}, path = '/user/0') {
    made++
    const email = `unconfirmed-${made}@example.org`
    const reply = await house.call('POST', `/api/v1${path}?email_verification=true`, {
      json: { email, userRole: 'csr', currentPassword: PASSWORD, ...json },
      headers: bearer(root.token),
    })
    assert.equal(reply.status, 200, reply.text)
    const { validated, waitingForEmailCheck } = reply.json
    assert.deepEqual([validated, waitingForEmailCheck], [false, true])
    return { email, id: reply.json.id as string }
  }
  const read = async (id: string, kind = 'user') =>
    (await house.call('GET', `/api/v1/${kind}/${id}`, { headers: bearer(root.token) })).json

  it('is asked of a new user, who cannot sign in before (CLI createuser_v)', async () => {
    const { email, id } = await create()
    denied(await login(house, email, PASSWORD), 4)
    const link = await linkTo(house, email)
    assert.equal(link.action, 'email_verification')
    house.clock.turn(1000)
    assert.equal(headingOf(await submit(house, link)), CONFIRMED)
    const record = await read(id)
    const now = Math.floor(house.clock.now() / 1000)
    assert.deepEqual(
      [record.validated, record.waitingForEmailCheck, record.validationDate, record.lastEmailCheck],
      [true, false, now, now],
    )
    assert.equal((await login(house, email, PASSWORD)).status, 200)
    assert.equal(headingOf(await submit(house, link)), DEAD)
  })

  it('is not done by a program that opens every link of a mail', async () => {
    const { email, id } = await create()
    const link = await linkTo(house, email)
    for (let opened = 0; opened < 3; opened++) {
      const reply = await open(house, link)
      assert.equal(headingOf(reply), 'Confirm your address')
      assert.match(reply.text, /<button type="submit">/)
      assert.ok(!reply.text.includes('password1'))
    }
    await house.call('HEAD', `/api/v1/actionLink?action=${link.action}&id=${link.id}`)
    assert.equal((await read(id)).waitingForEmailCheck, true)
    assert.equal(headingOf(await submit(house, link)), CONFIRMED)
  })

  it('is done once by two clicks at the same instant, and not after a day', async () => {
    const { email } = await create()
    const link = await linkTo(house, email)
    const replies = await Promise.all([submit(house, link), submit(house, link)])
    assert.deepEqual(replies.map(headingOf).sort(), [DEAD, CONFIRMED].sort())
    const late = await create()
    const old = await linkTo(house, late.email)
    house.clock.turn(24 * HOUR)
    assert.equal(headingOf(await submit(house, old)), DEAD)
    denied(await login(house, late.email, PASSWORD), 4)
  })

  it('can be asked of somebody again, and signs him out', async () => {
    const someone = await newPerson(house, root)
    const asked = await change(house, root, `${someone.id}?email_verification=true`, { name: 'Changed as well' })
    assert.deepEqual(
      [asked.status, asked.json.name, asked.json.validated, asked.json.waitingForEmailCheck],
      [200, 'Changed as well', false, true],
    )
    denied(await me(house, someone), 8)
    denied(await login(house, someone.email, PASSWORD), 4)
    const first = await linkTo(house, someone.email)
    await change(house, root, `${someone.id}?email_verification=true`, {})
    const second = await linkTo(house, someone.email)
    assert.equal(headingOf(await submit(house, first)), DEAD)
    assert.equal(headingOf(await submit(house, second)), CONFIRMED)
    assert.equal((await login(house, someone.email, PASSWORD)).status, 200)
  })

  it('is asked by who may change the account, of nobody by himself, and five times an hour', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const someone = await newPerson(house, root)
    const other = await newPerson(house, root)
    const ask = (by: Person, of: Person, json: unknown = {}) =>
      change(house, by, `${of.id}?email_verification=true`, json)
    denied(await ask(other, someone), 7)
    denied(await ask(admin, root), 7)
    denied(await ask(admin, admin), 7)
    denied(await ask(root, root, { name: 'Not even this' }), 7)
    assert.notEqual((await read(root.id)).name, 'Not even this')
    for (let asked = 0; asked < 5; asked++) assert.equal((await ask(admin, someone)).status, 200)
    const sixth = await ask(admin, someone, { name: 'Not changed' })
    denied(sixth, 10)
    assert.ok(Number(sixth.headers.get('retry-after')) > 0)
    assert.notEqual((await read(someone.id)).name, 'Not changed')
    refused(await change(house, root, `${someone.id}?email_verification=true`, { currentPassword: 'weak' }), 400, 1047)
  })

  it('is an invitation for who has no password yet', async () => {
    const { email, id } = await create({ currentPassword: '', changePassword: true })
    const link = await linkTo(house, email)
    assert.equal(link.action, 'email_invitation')
    assert.match(link.mail.subject, /your new account/)
    assert.match((await open(house, link)).text, /name="password2"/)
    assert.equal(headingOf(await choose(house, link, PASSWORD)), SAVED)
    const record = await read(id)
    assert.deepEqual([record.validated, record.waitingForEmailCheck, record.changePassword], [true, false, false])
    assert.equal((await login(house, email, PASSWORD)).status, 200)
    assert.equal(headingOf(await choose(house, link, 'Another-Password-1')), DEAD)
  })

  it('works for subscribers at their own door', async () => {
    const made = await create({ userRole: 'subscriber' }, '/subuser/0')
    denied(await subscriberLogin(house, made.email, PASSWORD), 4)
    const link = await linkTo(house, made.email)
    assert.equal(link.action, 'sub_email_verification')
    assert.equal(headingOf(await submit(house, link)), CONFIRMED)
    assert.equal((await subscriberLogin(house, made.email, PASSWORD)).status, 200)
    const subscriber = await newSubscriber(house, root)
    const asked = await house.call('PUT', `/api/v1/subuser/${subscriber.id}?email_verification=true`, {
      json: {},
      headers: bearer(root.token),
    })
    assert.equal(asked.json.waitingForEmailCheck, true)
    denied(await subscriberLogin(house, subscriber.email, PASSWORD), 4)
  })

  it('makes nobody when something is wrong with the request', async () => {
    const post = (json: unknown) =>
      house.call('POST', '/api/v1/user/0?email_verification=true', { json, headers: bearer(root.token) })
    refused(await post({ email: root.email, userRole: 'csr' }), 400, 1061)
    refused(await post({ email: 'x@example.org', userRole: 'csr', currentPassword: 'weak' }), 400, 1047)
    await settled(house)
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('x@example.org')))
  })
})

onEveryEngine('OpenWiFi: a house that cannot send mail', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: '' } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  it('shuts nobody out to wait for a mail that does not come', async () => {
    const someone = await newPerson(house, root)
    refused(await change(house, root, `${someone.id}?email_verification=true`, {}), 503, 503)
    refused(await change(house, root, `${someone.id}?forgotPassword=true`, {}), 503, 503)
    assert.equal((await me(house, someone)).status, 200)
    const json = { email: 'new@example.org', userRole: 'csr', currentPassword: PASSWORD }
    const headers = bearer(root.token)
    refused(await house.call('POST', '/api/v1/user/0?email_verification=true', { json, headers }), 503, 503)
    refused(await house.call('GET', '/api/v1/user/new@example.org?byEmail=true', { headers }), 404, 404)
    assert.equal((await forgot(house, someone.email)).status, 200)
  })
})
