import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  asRoot,
  bearer,
  denied,
  newPerson,
  newSubscriber,
  type Person,
  refused,
  sibling,
  withSiblings,
} from './people.ts'

const letter = { from: 'ops@example.org', subject: 'Works tonight', text: 'The gateway\nwill be away.\n' }
const ok = { Code: 0, Details: 'Command completed.', Operation: 'POST' }
let sent = 0
const somebody = () => `reader-${++sent}@example.net`

onEveryEngine('OpenWiFi: mails written by hand', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: withSiblings })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const write = (by: Person, json: unknown) => house.call('POST', '/api/v1/email', { json, headers: bearer(by.token) })
  const queued = async () =>
    Number(
      (
        await house.ctx.db
          .selectFrom('message')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    )

  it('arrive, in the name of whoever is named as the sender', async () => {
    const to = somebody()
    const reply = await write(root, { ...letter, recipients: [to] })
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(reply.json, ok)
    const mail = await house.inbox.next(to)
    assert.deepEqual(mail.to, [to])
    assert.match(mail.raw, /^From: ops@example\.org\r$/m)
    assert.match(mail.raw, /^Subject: Works tonight\r$/m)
    assert.match(mail.text, /The gateway\r?\nwill be away\./)
    assert.equal(house.inbox.received.filter((one) => one.to.includes(to)).length, 1)
    const named = somebody()
    assert.equal((await write(root, { ...letter, from: 'Ops <ops@example.org>', recipients: [named] })).status, 200)
    assert.match((await house.inbox.next(named)).raw, /^From: Ops <ops@example\.org>\r$/m)
  })

  it('go to each recipient alone', async () => {
    const [one, two] = [somebody(), somebody()]
    assert.equal((await write(root, { ...letter, recipients: [one, two, one] })).status, 200)
    const mail = await house.inbox.next(one)
    assert.doesNotMatch(mail.raw, new RegExp(two))
    await house.inbox.next(two)
    assert.equal(house.inbox.received.filter(({ to }) => to.includes(one)).length, 1)
  })

  it('are for administrators, partners and sibling services', async () => {
    for (const role of ['admin', 'partner']) {
      const to = somebody()
      assert.equal((await write(await newPerson(house, root, { role }), { ...letter, recipients: [to] })).status, 200)
      await house.inbox.next(to)
    }
    const before = await queued()
    for (const role of ['csr', 'system', 'installer', 'noc', 'accounting', 'subscriber'])
      denied(await write(await newPerson(house, root, { role }), { ...letter, recipients: [somebody()] }), 7)
    denied(await write(await newSubscriber(house, root), { ...letter, recipients: [somebody()] }), 8)
    denied(await house.call('POST', '/api/v1/email', { json: letter }), 8)
    assert.equal(await queued(), before)
    const to = somebody()
    const json = { ...letter, recipients: [to] }
    const reply = await house.callInternal('POST', '/api/v1/email', { json, headers: sibling() })
    assert.equal(reply.status, 200, reply.text)
    await house.inbox.next(to)
  })

  it('need all four members', async () => {
    const whole = { ...letter, recipients: [somebody()] }
    const before = await queued()
    for (const name of ['from', 'subject', 'text', 'recipients'] as const) {
      const { [name]: _, ...rest } = whole
      refused(await write(root, rest), 400, 1018)
      refused(await write(root, { ...whole, [name]: name === 'recipients' ? [] : '' }), 400, 1018)
      refused(await write(root, { ...whole, [name]: name === 'recipients' ? [''] : '  ' }), 400, 1018)
      refused(await write(root, { ...whole, [name]: null }), 400, 1018)
    }
    refused(await house.call('POST', '/api/v1/email', { headers: bearer(root.token) }), 400, 1002)
    refused(await write(root, []), 400, 1003)
    refused(await write(root, { ...whole, recipients: {} }), 400, 1003)
    assert.equal(await queued(), before)
  })

  it('take no line break and no control character into a header', async () => {
    const whole = { ...letter, recipients: [somebody()] }
    const before = await queued()
    for (const bad of ['\r\nBcc: a@example.org', '\n', '\r', '\u0001', '\u0085', '\u2028', '\u007f', '\ud800']) {
      refused(await write(root, { ...whole, subject: `Hello${bad}` }), 400, 1018)
      refused(await write(root, { ...whole, from: `ops@example.org${bad}` }), 400, 1018)
      refused(await write(root, { ...whole, recipients: [`a@example.org${bad}`] }), 400, 1018)
    }
    refused(await write(root, { ...whole, subject: 'Hello\0' }), 400, 1002)
    assert.equal(await queued(), before)
  })

  it('go from one plain address to plain addresses', async () => {
    const whole = { ...letter, recipients: [somebody()] }
    const before = await queued()
    for (const bad of [
      'nobody',
      'a@b@example.org',
      '"a b"@example.org',
      'a@example.org, b@example.org',
      '@example.org',
    ]) {
      refused(await write(root, { ...whole, from: bad }), 400, 1040)
      refused(await write(root, { ...whole, recipients: [bad] }), 400, 1040)
    }
    for (const from of [
      'Ops <nobody>',
      'x: a@example.org;',
      'A <a@example.org> <b@example.org>',
      '"a@b.c" <a@example.org>',
    ])
      refused(await write(root, { ...whole, from }), 400, 1040)
    const eleven = Array.from({ length: 11 }, (_, n) => `many-${n}@example.net`)
    refused(await write(root, { ...whole, recipients: eleven }), 400, 1018)
    assert.equal(await queued(), before)
  })

  it('may be long, but not endless', async () => {
    const to = somebody()
    const long = { ...letter, subject: 's'.repeat(998), text: 'é'.repeat(51_200), recipients: [to] }
    assert.equal((await write(root, long)).status, 200)
    assert.match((await house.inbox.next(to)).text, /é{100}/)
    refused(await write(root, { ...long, subject: 's'.repeat(999) }), 400, 1018)
    refused(await write(root, { ...long, text: `${'é'.repeat(51_200)}x` }), 400, 1018)
  })

  it('are not taken where no mail is carried', async () => {
    const { carriers } = house.ctx as { carriers: { mailer: unknown } }
    const { mailer } = carriers
    carriers.mailer = null
    const before = await queued()
    const reply = await write(root, { ...letter, recipients: [somebody()] })
    carriers.mailer = mailer
    refused(reply, 503, 503)
    assert.match(reply.json.ErrorDescription, /email is not enabled/)
    assert.equal(await queued(), before)
  })
})

onEveryEngine('OpenWiFi: the bound on mails written by hand', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { ...withSiblings, CHATELAINE_MESSAGES_PER_HOUR: '5' } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const write = (by: Person, recipients: string[]) =>
    house.call('POST', '/api/v1/email', { json: { ...letter, recipients }, headers: bearer(by.token) })

  it('holds for calls at the same instant, over a restart, and says when the next may go', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const to = somebody()
    const replies = await Promise.all(Array.from({ length: 12 }, () => write(admin, [to])))
    const over = replies.filter(({ status }) => status !== 200)
    assert.equal(over.length, 7)
    for (const reply of over) {
      denied(reply, 10)
      assert.equal(reply.headers.get('retry-after'), '3600')
    }
    assert.equal(house.inbox.received.filter((mail) => mail.to.includes(to)).length, 5)
    house.clock.turn(600_000)
    await house.restart()
    const later = await write(admin, [to])
    denied(later, 10)
    assert.equal(later.headers.get('retry-after'), '3000')
    assert.equal((await write(await newPerson(house, root, { role: 'admin' }), [somebody()])).status, 200)
    house.clock.turn(3_000_000)
    assert.equal((await write(admin, [somebody()])).status, 200)
  })

  it('counts recipients, and the tokens of one person together', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    assert.equal((await write(admin, [somebody(), somebody(), somebody()])).status, 200)
    denied(await write(admin, [somebody(), somebody(), somebody()]), 10)
    assert.equal((await write(admin, [somebody(), somebody()])).status, 200)
    denied(await write(admin, [somebody()]), 10)
  })

  it('is one for all sibling services, whatever they call themselves', async () => {
    const call = (name: string) =>
      house.callInternal('POST', '/api/v1/email', {
        json: { ...letter, recipients: [somebody()] },
        headers: sibling(name),
      })
    for (let n = 0; n < 5; n++) assert.equal((await call(`https://service-${n}:1`)).status, 200)
    denied(await call('https://another:1'), 10)
  })
})
