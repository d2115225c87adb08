import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { KeyFinder } from '../src/drivers/key-finder.ts'
import { type House, onEveryEngine, startHouse } from '../src/testing.ts'
import { type Person, person, withPassword } from './conformance/mail/people.ts'
import { arrivals, handOver, mailFrom } from './gateway-client.ts'

const SEALED = /multipart\/encrypted/

onEveryEngine('mail on its way out through the gateway', (engine) => {
  let house: House
  let anna: Person
  let bob: Person
  let arrival: ReturnType<typeof arrivals>
  const tarpit = Promise.withResolvers<void>()
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_INCOMING_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_RULES: 'strict.test=always, open.test=off, asked.test=asked',
        CHATELAINE_GUEST_PIN: 'on',
        CHATELAINE_KEY_SOURCES: 'tenant,uploaded,wkd',
        CHATELAINE_KEY_LOOKUP_TIMEOUT: '30',
      },
    })
    const finders = house.ctx.carriers.finders as Map<string, KeyFinder>
    finders.set('wkd', {
      async byAddress(address) {
        if (address.endsWith('@tarpit.test')) await tarpit.promise
        return []
      },
    })
    arrival = arrivals(house.inbox)
    anna = await person(house, 'anna')
    bob = await person(house, 'bob')
  })
  after(() => house.stop())

  const out = (recipients: string[], mail: string, sender = anna.email) =>
    handOver(house.ctx.config.gatewayListen!.port, { sender, recipients, mail })
  const comesIn = (recipients: string[], mail: string, sender = 'far@away.test') =>
    handOver(house.ctx.config.gatewayIncomingListen!.port, { sender, recipients, mail })
  const settings = (who: Person, json: object, headers = {}) =>
    house.call('PUT', `/api/v1/mail/gateway?_h=${who.sessid}`, { json, headers: { Cookie: who.cookie, ...headers } })

  it('is encrypted for whoever has a key, and goes as it is to who has none', async () => {
    const both = `<${bob.email}>, <zoe@nokey.test>`
    const { code, words } = await out([bob.email, 'zoe@nokey.test'], mailFrom(anna.email, both, { subject: 'Lunch' }))
    assert.equal(code, 250, words)
    const sealed = await arrival(bob.email, SEALED)
    assert.doesNotMatch(sealed.raw, /Lunch|may read/)

    const { json } = await bob.decrypt(sealed.raw)
    assert.match(json.message, /Subject: Lunch/)
    assert.deepEqual(json.signatures, [])
    const open = await house.inbox.next('zoe@nokey.test')
    assert.match(open.raw, /What only they may read/)
    assert.deepEqual(open.to, ['zoe@nokey.test'])
  })

  it('is signed for who lets the gateway do so, and for nobody else', async () => {
    const missing = await settings(anna, { sign: true })
    assert.deepEqual([missing.status, missing.json.errorCode], [403, 'KEY_PASSWORD_REQUIRED'])
    assert.match(missing.json.errorMessage, /X-Key-Password: nothing but the password itself/)
    assert.doesNotMatch(missing.json.errorMessage, /token/)
    const wrong = await settings(anna, { sign: true }, withPassword('not this one'))
    assert.deepEqual([wrong.status, wrong.json.errorCode], [403, 'KEY_PASSWORD_WRONG'])
    const allowed = await settings(anna, { sign: true }, withPassword())
    assert.equal(allowed.json.sign, true, allowed.text)
    assert.equal(allowed.json.since, String(Math.floor(house.clock.now() / 1000)))
    await arrival(anna.email, /gateway was allowed to sign/)
    await out([bob.email], mailFrom(anna.email, bob.email))
    const { signatures } = (await bob.decrypt((await arrival(bob.email, SEALED)).raw)).json
    assert.deepEqual([signatures[0].status, signatures[0].matchesSender], ['valid', true])
    // Under her envelope, but in somebody else's name.
    await out([bob.email], mailFrom(bob.email, bob.email))
    assert.deepEqual((await bob.decrypt((await arrival(bob.email, SEALED)).raw)).json.signatures, [])
    await out([bob.email], mailFrom(anna.email, bob.email, { fields: 'X-Chatelaine-Sign: no' }))
    const unsigned = await arrival(bob.email, SEALED)
    assert.doesNotMatch(unsigned.raw, /X-Chatelaine-Sign/)
    assert.deepEqual((await bob.decrypt(unsigned.raw)).json.signatures, [])
    assert.equal((await settings(anna, { sign: false })).json.sign, false)
    await out([bob.email], mailFrom(anna.email, bob.email))
    assert.deepEqual((await bob.decrypt((await arrival(bob.email, SEALED)).raw)).json.signatures, [])
  })

  it('comes back where it must be encrypted and cannot be, without a word of what was in it', async () => {
    const mail = mailFrom('nobody@here.test', 'x@strict.test', { subject: 'Our secret', text: 'The secret itself' })
    assert.equal((await out(['x@strict.test', bob.email], mail, 'nobody@here.test')).code, 250)
    const report = await house.inbox.next('nobody@here.test')
    assert.match(report.raw, /report-type=delivery-status/)
    assert.match(report.raw, /Final-Recipient: rfc822; x@strict\.test\r\nAction: failed\r\nStatus: 5\.7\.4/)
    assert.doesNotMatch(report.raw, /Final-Recipient: rfc822; bob/)
    assert.match(report.text, /x@strict\.test: No key of this address is known/)
    assert.doesNotMatch(report.raw, /secret/i)
    await arrival(bob.email, SEALED)
    assert.equal(
      house.inbox.received.some(({ to }) => to.includes('x@strict.test')),
      false,
    )
  })

  it('waits for slow keys without holding up others', async () => {
    const to = (address: string) => out([address], mailFrom(anna.email, address))
    await to('slow@tarpit.test')
    for (let n = 0; n < 10; n++) await to(`quick-${n}@nokey.test`)
    for (let n = 0; n < 10; n++) await arrival(`quick-${n}@nokey.test`, /may read/)
    const isThere = () => house.inbox.received.some((mail) => mail.to.includes('slow@tarpit.test'))
    assert.equal(isThere(), false)
    tarpit.resolve()
    await arrival('slow@tarpit.test', /may read/)
  })

  it('makes a guest of a stranger where encryption is demanded, and tells the author the PIN', async () => {
    const mail = mailFrom(anna.email, 'guest@asked.test', { subject: '=?utf-8?Q?Caf=C3=A9_[Encrypt]_today?=' })
    assert.equal((await out(['guest@asked.test'], mail)).code, 250)
    const invitation = await house.inbox.next('guest@asked.test')
    assert.match(invitation.raw, /guest\?item=/)
    assert.doesNotMatch(invitation.raw, /What only they may read|Encrypt\]/)
    const told = await arrival(anna.email, /PIN/)
    assert.match(told.text, /guest@asked\.test[\s\S]*\b\d{4}\b/)
    assert.doesNotMatch(told.subject, /\d/)
    // Unasked, the same domain gets it in the clear; the tag is gone where it was not needed.
    await out(['guest@asked.test'], mailFrom(anna.email, 'guest@asked.test', { subject: 'Plain' }))
    assert.match((await house.inbox.next('guest@asked.test')).raw, /Subject: Plain/)
  })

  it('brings a colleague a key where encryption is demanded by a person', async () => {
    const carl = await person(house, 'carl', { hasKey: false })
    const asked = 'X-Chatelaine-Encrypt: yes'
    const byMachine = `${asked}\r\nAuto-Submitted: auto-generated`
    await out([carl.email], mailFrom(anna.email, carl.email, { fields: byMachine }))
    await arrival(anna.email, /The recipient has an account here and no key yet/)
    await out([carl.email], mailFrom(anna.email, carl.email, { fields: asked }))
    await arrival(carl.email, SEALED)
  })

  it('is not sent in the clear where encryption is demanded and the house does none', async () => {
    await out(['x@open.test'], mailFrom(anna.email, 'x@open.test', { fields: 'X-Chatelaine-Encrypt: yes' }))
    await arrival(anna.email, /x@open\.test: You asked for encryption/)
    assert.equal(
      house.inbox.received.some(({ to }) => to.includes('x@open.test')),
      false,
    )
    await out(['y@open.test'], mailFrom(anna.email, 'y@open.test'))
    assert.match((await house.inbox.next('y@open.test')).raw, /What only they may read/)
  })

  it('makes no guests for machines and lists', async () => {
    await out(['m@strict.test'], mailFrom(anna.email, 'm@strict.test', { fields: 'Auto-Submitted: auto-generated' }))
    await arrival(anna.email, /m@strict\.test: No key/)
  })

  it('goes as it is when it comes encrypted', async () => {
    const sealed = (await anna.encrypt(mailFrom(anna.email, bob.email), 'sign=false')).bytes.toString()
    await out([bob.email], sealed)
    const { raw } = await arrival(bob.email, SEALED)
    assert.match(raw, /^X-Chatelaine-Gateway: out [0-9a-f]{32}\r\n/)
    assert.equal(raw.slice(raw.indexOf('\r\n') + 2), sealed)
  })

  it('comes in encrypted for who wants that, and for nobody else', async () => {
    const mail = mailFrom('far@away.test', bob.email, { subject: 'From afar' })
    await comesIn([bob.email], mail)
    await arrival(bob.email, /Subject: From afar/)
    const chosen = await settings(bob, { incoming: true })
    assert.equal(chosen.json.incoming, true, chosen.text)
    await arrival(bob.email, /encrypted with your own key when it comes in/)
    await comesIn([bob.email, anna.email], mailFrom('far@away.test', bob.email, { subject: 'From afar' }))
    const sealed = await arrival(bob.email, SEALED)
    assert.doesNotMatch(sealed.raw, /From afar|may read/)
    assert.deepEqual(sealed.to, [bob.email])
    assert.match((await bob.decrypt(sealed.raw)).json.message, /What only they may read/)
    const open = await arrival(anna.email, /What only they may read/)
    assert.deepEqual(open.to, [anna.email])
    assert.equal((await settings(bob, { incoming: false })).json.incoming, false)
  })

  it('is done with, and forgotten after some days', async () => {
    const mail = mailFrom(anna.email, 'z@open.test', { id: 'the-same' })
    await out(['z@open.test'], mail)
    await house.inbox.next('z@open.test')
    const first = await out(['z@open.test'], mail)
    const again = await out(['z@open.test'], mail)
    assert.equal(first.words, again.words)
    const done = async () =>
      (await house.ctx.database.query.selectFrom('gateway_mail').select(['state', 'body_id']).execute()).every(
        ({ state, body_id }) => state === 'done' && body_id === null,
      )
    for (let waited = 0; waited < 5000 && !(await done()); waited += 20) await new Promise((r) => setTimeout(r, 20))
    assert.ok(await done())
    assert.equal(house.inbox.received.filter(({ to }) => to.includes('z@open.test')).length, 1)
    const bodies = await house.ctx.database.query
      .selectFrom('kept_body')
      .select('id')
      .where('claimed', '=', 1)
      .execute()
    const items = await house.ctx.database.query.selectFrom('guest_item').select('id').execute()
    assert.equal(bodies.length, items.length)
  })
})
