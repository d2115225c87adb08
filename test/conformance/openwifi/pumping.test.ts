import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { sweepHourly } from '#src/domain/throttles/hourly.ts'
import { sweepThrottles } from '#src/domain/throttles/throttles.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { keysOf, newKey } from './keys.ts'
import { forgot, settled } from './links.ts'
import {
  asRoot,
  bearer,
  change,
  denied,
  newPerson,
  PASSWORD,
  type Person,
  sibling,
  withMethod,
  withSiblings,
} from './people.ts'
import { openSmsProvider, type SmsProvider } from './sms-provider.ts'

const HOUR = 3_600_000

onEveryEngine('OpenWiFi: nobody is a pump of mails and SMS', (engine) => {
  let house: House
  let root: Person
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: { ...withSiblings, ...provider.settings } })
    root = await asRoot(house)
  })
  beforeEach(() => house.clock.turn(HOUR))
  after(async () => {
    await house.stop()
    provider.close()
  })

  let made = 0
  const stranger = () => `stranger-${++made}@example.net`
  const mailsTo = (address: string) => house.inbox.received.filter(({ to }) => to.includes(address)).length
  const invite = (by: Person, email: string, more: Record<string, unknown> = {}) =>
    house.call('POST', '/api/v1/user/0?email_verification=true', {
      json: { email, userRole: 'csr', ...more },
      headers: bearer(by.token),
    })
  const remove = async (id: string) =>
    assert.equal((await house.call('DELETE', `/api/v1/user/${id}`, { headers: bearer(root.token) })).status, 200)
  const signUp = (email: string) =>
    `/api/v1/signup?${new URLSearchParams({ email, signupUUID: 'a', owner: 'b', operatorName: 'c' })}`
  const isThere = async (email: string) => {
    const { db } = house.ctx
    return (await db.selectFrom('account').select('id').where('email', '=', email).execute()).length > 0
  }
  const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status).toSorted()
  function setting(wanted: Partial<House['ctx']['config']>): () => void {
    const { config } = house.ctx
    Object.assign(house.ctx, { config: { ...config, ...wanted } })
    return () => Object.assign(house.ctx, { config })
  }

  it('by making, deleting and making an account again', async () => {
    const victim = stranger()
    for (let round = 0; round < 5; round++) {
      const reply = await invite(root, victim)
      assert.equal(reply.status, 200, reply.text)
      await remove(reply.json.id)
    }
    const over = await invite(root, victim)
    denied(over, 10)
    assert.equal(over.headers.get('retry-after'), '3600')
    assert.equal(await isThere(victim), false)
    denied(await house.callInternal('POST', signUp(victim), { headers: sibling() }), 10)
    await settled(house)
    assert.equal(mailsTo(victim), 5)
    house.clock.turn(HOUR)
    assert.equal((await invite(root, victim)).status, 200)
  })

  it('by making and deleting it at the same instant', async () => {
    const victim = stranger()
    const one = async (): Promise<void> => {
      const reply = await invite(root, victim)
      if (reply.status === 200) await remove(reply.json.id)
    }
    for (let round = 0; round < 4; round++) await Promise.all([one(), one(), one(), one()])
    await settled(house)
    assert.ok(mailsTo(victim) <= 5, `${mailsTo(victim)} mails`)
  })

  it('by a forgotten password, which stays silent', async () => {
    const someone = await newPerson(house, root)
    for (let asked = 0; asked < 3; asked++) await forgot(house, someone.email)
    await settled(house)
    await remove(someone.id)
    const again = await invite(root, someone.email, { currentPassword: PASSWORD })
    assert.equal(again.status, 200, again.text)
    for (let asked = 0; asked < 4; asked++) assert.equal((await forgot(house, someone.email)).status, 200)
    await settled(house)
    assert.equal(mailsTo(someone.email), 5)
  })

  it('by inviting many strangers at once', async () => {
    const back = setting({ messagesPerHour: 3 })
    try {
      const csr = await newPerson(house, root)
      const strangers = Array.from({ length: 8 }, stranger)
      const replies = await Promise.all(strangers.map((email) => invite(csr, email)))
      assert.deepEqual(statuses(replies), [200, 200, 200, 403, 403, 403, 403, 403])
      for (const [index, reply] of replies.entries()) {
        if (reply.status !== 200) denied(reply, 10)
        assert.equal(await isThere(strangers[index]!), reply.status === 200)
      }
      assert.equal(replies.find(({ status }) => status === 403)?.headers.get('retry-after'), '3600')
      await settled(house)
      assert.equal(
        strangers.reduce((sum, email) => sum + mailsTo(email), 0),
        3,
      )
      // Without a mail he goes on.
      const plain = await house.call('POST', '/api/v1/user/0', {
        json: { email: stranger(), userRole: 'csr' },
        headers: bearer(csr.token),
      })
      assert.equal(plain.status, 200, plain.text)
      house.clock.turn(HOUR)
      assert.equal((await invite(csr, stranger())).status, 200)
    } finally {
      back()
    }
  })

  it('by links of every kind and what is written by hand, together', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const target = await newPerson(house, root)
    const back = setting({ messagesPerHour: 4 })
    try {
      assert.equal((await invite(admin, stranger())).status, 200)
      assert.equal((await change(house, admin, `${target.id}?forgotPassword=true`, {})).status, 200)
      assert.equal((await house.call('POST', signUp(stranger()), { headers: bearer(admin.token) })).status, 200)
      const mail = { from: 'us@example.org', subject: 'Works', text: 'x' }
      const write = (recipients: string[]) =>
        house.call('POST', '/api/v1/email', { json: { ...mail, recipients }, headers: bearer(admin.token) })
      denied(await write([stranger(), stranger()]), 10)
      assert.equal((await write([stranger()])).status, 200)
      denied(await write([stranger()]), 10)
      denied(await invite(admin, stranger()), 10)
      denied(await change(house, admin, `${target.id}?forgotPassword=true`, {}), 10)
      denied(await house.call('POST', signUp(stranger()), { headers: bearer(admin.token) }), 10)
      denied(await change(house, admin, `${target.id}?email_verification=true`, { name: 'Changed' }), 10)
      // Refused is refused: neither renamed nor signed out, and it can still be asked for by its owner.
      const record = await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(target.token) })
      assert.deepEqual([record.status, record.json.name], [200, target.email])
      await forgot(house, target.email)
      await settled(house)
      assert.equal(mailsTo(target.email), 2)
      assert.equal((await change(house, root, `${target.id}?email_verification=true`, {})).status, 200)
    } finally {
      back()
    }
  })

  it('though a provisioning service signs up as many as come', async () => {
    const back = setting({ messagesPerHour: 2 })
    try {
      const strangers = Array.from({ length: 6 }, stranger)
      const replies = await Promise.all(
        strangers.map((email) => house.callInternal('POST', signUp(email), { headers: sibling() })),
      )
      assert.deepEqual(statuses(replies), [200, 200, 200, 200, 200, 200])
    } finally {
      back()
    }
  })

  it('by codes to one number from accounts that come and go', async () => {
    const number = '+41446681234'
    const validate = (by: Person) =>
      house.call('POST', '/api/v1/sms?validateNumber=true', { json: { to: number }, headers: bearer(by.token) })
    let csr = await newPerson(house, root)
    for (let sent = 0; sent < 3; sent++) assert.equal((await validate(csr)).status, 200)
    await remove(csr.id)
    csr = await newPerson(house, root)
    const other = await newPerson(house, root)
    const replies = await Promise.all([csr, other, csr, other, csr].map(validate))
    assert.deepEqual(statuses(replies), [200, 200, 403, 403, 403])
    for (const reply of replies) if (reply.status === 403) assert.equal(reply.headers.get('retry-after'), '3600')
    assert.equal(provider.texts.filter(({ to }) => to === number).length, 5)
    house.clock.turn(HOUR)
    assert.equal((await validate(csr)).status, 200)
  })

  it('by notices: thirty an hour, the rest is on record once', async () => {
    const someone = await newPerson(house, root)
    const makeAndRemove = async (): Promise<void> => {
      const { id } = await newKey(house, someone)
      assert.equal((await keysOf(house, someone, 'DELETE', `${someone.id}?keyUuid=${id}`)).status, 200)
    }
    for (let times = 0; times < 10; times++) await Promise.all(Array.from({ length: 4 }, makeAndRemove))
    await settled(house)
    assert.equal(mailsTo(someone.email), 30)
    const withheld = async () => {
      const { db } = house.ctx
      const rows = db.selectFrom('audit').select('id').where('event', '=', 'notice.withheld')
      return (await rows.where('account_id', '=', someone.id).execute()).length
    }
    assert.equal(await withheld(), 1)
    // By whatever change, and the change itself is made.
    const changed = await change(house, someone, someone.id, withMethod('email'))
    assert.equal(changed.json.userTypeProprietaryInfo.mfa.enabled, true)
    await settled(house)
    assert.equal(mailsTo(someone.email), 30)
    house.clock.turn(HOUR)
    await newKey(house, someone)
    await settled(house)
    assert.equal(mailsTo(someone.email), 31)
    assert.equal(await withheld(), 1)
  })

  it('by waiting for the sweep, which takes only what counts no more', async () => {
    const victim = stranger()
    const first = await invite(root, victim)
    await remove(first.json.id)
    house.clock.turn(HOUR - 1000)
    const counts = async () => (await house.ctx.db.selectFrom('occurrence').select('at').execute()).length
    while ((await sweepHourly(house.ctx)) + (await sweepThrottles(house.ctx)) > 0);
    for (let round = 0; round < 4; round++) await remove((await invite(root, victim)).json.id)
    const over = await invite(root, victim)
    denied(over, 10)
    assert.equal(over.headers.get('retry-after'), '1')
    house.clock.turn(1000)
    while ((await sweepHourly(house.ctx)) > 0);
    await remove((await invite(root, victim)).json.id)
    denied(await invite(root, victim), 10)
    house.clock.turn(HOUR)
    while ((await sweepHourly(house.ctx)) > 0);
    assert.equal(await counts(), 0)
    const rows = await house.ctx.db.selectFrom('throttle').select('key').execute()
    assert.ok(rows.some(({ key }) => key.startsWith('hourly-link:')))
    assert.ok(!rows.some(({ key }) => key.includes('@')))
    while ((await sweepThrottles(house.ctx)) > 0);
    const left = await house.ctx.db.selectFrom('throttle').select('key').execute()
    assert.ok(!left.some(({ key }) => key.startsWith('hourly-')))
  })
})
