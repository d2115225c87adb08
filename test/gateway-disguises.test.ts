import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { dispatchMails, everythingDispatched, returnMails, takeMail } from '../src/domain/gateway/gateway.ts'
import { type House, startHouse } from '../src/testing.ts'
import { type Person, person, withPassword } from './conformance/mail/people.ts'
import { arrivals, handOver, mailFrom } from './gateway-client.ts'

const SECRET = 'My password is 1234.'
const ARMOR = ['-----BEGIN PGP MESSAGE-----', '', 'wV4D', '=abcd', '-----END PGP MESSAGE-----']

describe('what wants to get past the gateway', () => {
  let house: House
  let anna: Person
  let bob: Person
  let arrival: ReturnType<typeof arrivals>
  before(async () => {
    house = await startHouse({
      settings: {
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_RULES: 'strict.test=always, open.test=off',
        CHATELAINE_GUESTS: 'off',
        CHATELAINE_KEY_SOURCES: 'tenant',
        CHATELAINE_MAIL_FROM: 'Schlüsselhaus <keys@here.test>',
      },
    })
    arrival = arrivals(house.inbox)
    anna = await person(house, 'anna')
    bob = await person(house, 'bob')
  })
  after(() => house.stop())

  const out = async (to: string, mail: string, sender = anna.email) => {
    const { code, words } = await handOver(house.ctx.config.gatewayListen!.port, { sender, recipients: [to], mail })
    assert.equal(code, 250, words)
  }

  it('does not by only looking encrypted', async () => {
    const sealed = 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'
    const data = ['--b', 'Content-Type: application/pgp-encrypted', '', 'Version: 1', '--b', '', ...ARMOR, '--b--']
    const disguised: [string, string[]][] = [
      ['', [...ARMOR.slice(0, 2), SECRET, ARMOR.at(-1)!]],
      ['', [...ARMOR, SECRET, ...ARMOR]],
      [sealed, ['--b', 'Content-Type: text/plain', '', SECRET, '--b--']],
      [sealed, [...data.slice(0, -1), '--b', 'Content-Type: text/plain', '', SECRET, '--b--']],
      ['Content-Type: application/pkcs7-mime; smime-type=enveloped-data', [SECRET]],
    ]
    for (const [fields, lines] of disguised) {
      await out('x@strict.test', mailFrom(anna.email, 'x@strict.test', { fields, text: lines.join('\r\n') }))
      const report = await arrival(anna.email, /x@strict\.test: No key/)
      assert.doesNotMatch(report.raw, /password/)
    }
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('x@strict.test')))
  })

  it('does not by another way to write an address', async () => {
    const [name, domain] = bob.email.split('@')
    for (const to of [`${bob.email}.`, `"${name}"@${domain}`, `${name}@${domain!.toUpperCase()}`]) {
      await out(to, mailFrom(anna.email, to, { text: SECRET }))
      const got = await arrival(bob.email, /multipart\/encrypted/)
      assert.doesNotMatch(got.raw, /password/)
    }
    for (const to of ['x@strict.test.', 'x@STRICT.test', 'x@\uff53trict.test', 'x@str\u00adict.test']) {
      await out(to, mailFrom(anna.email, to, { text: SECRET }))
      const report = await arrival(anna.email, /No key/)
      assert.match(report.raw, /^From: =\?UTF-8\?B\?[\w+/=]+\?= <keys@here\.test>\r$/m)
    }
  })

  it('tells nobody of blind recipients, and of the subject only inside', async () => {
    const fields = ['bCC :', ' blind@x.test', 'RESENT-BCC: blind@x.test', 'Thread-Topic: Lunch'].join('\r\n')
    for (const to of ['y@open.test', 'y@nokey.test', bob.email]) {
      await out(to, mailFrom(anna.email, to, { fields, subject: 'Lunch' }))
      const { raw } = await arrival(to, to === bob.email ? /encrypted/ : /Lunch/)
      assert.doesNotMatch(raw, to === bob.email ? /blind@|Lunch/ : /blind@/)
    }
  })

  it('is not signed where another program could read another author', async () => {
    const json = { sign: true }
    const headers = { Cookie: anna.cookie, ...withPassword() }
    const allowed = await house.call('PUT', `/api/v1/mail/gateway?_h=${anna.sessid}`, { json, headers })
    assert.equal(allowed.json.sign, true, allowed.text)
    const signaturesFor = async (from: string) => {
      await out(bob.email, mailFrom(anna.email, bob.email).replace(/^From: .*/, `From: ${from}`))
      const { raw } = await arrival(bob.email, /multipart\/encrypted/)
      return (await bob.decrypt(raw)).json.signatures.length
    }
    assert.equal(await signaturesFor(`Anna <${anna.email}>`), 1)
    for (const from of [
      `${anna.email}, "Boss"`,
      `${anna.email}, boss@here.test (x`,
      `Boss: ${anna.email};`,
      `boss@here.test <${anna.email}>`,
    ])
      assert.equal(await signaturesFor(from), 0, from)
  })

  it('comes back when what was kept of it is gone', async () => {
    const { ctx } = house
    const mail = mailFrom(anna.email, 'z@open.test', { subject: 'Lost' })
    const given = { direction: 'out' as const, sender: anna.email, recipients: ['z@open.test'] }
    const taken = await takeMail(ctx, { ...given, chunks: [Buffer.from(mail)] })
    assert.ok('id' in taken)
    const { query } = ctx.database
    await query.deleteFrom('kept_piece').execute()
    await dispatchMails(ctx)
    await everythingDispatched(ctx)
    house.clock.turn(6 * 86_400_000)
    await dispatchMails(ctx)
    await everythingDispatched(ctx)
    await returnMails(ctx)
    await arrival(anna.email, /z@open\.test: It could not be delivered for several days/)
    const { state } = await query
      .selectFrom('gateway_mail')
      .select('state')
      .where('id', '=', taken.id)
      .executeTakeFirstOrThrow()
    assert.equal(state, 'done')
  })
})
