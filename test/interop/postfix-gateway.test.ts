import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import nodemailer from 'nodemailer'
import { type House, startHouse } from '#src/testing.ts'
import { freePort } from '../../demo/server-process.ts'
import { PASSWORD, type Person, person } from '../conformance/mail/people.ts'
import { MAIL_SERVER_KEY, mailServer } from '../conformance/mailbox/mail-server.ts'
import { arrivals, handOver, mailFrom } from '../gateway-client.ts'
import { type Dovecot, noDovecot, startDovecot } from './dovecot-server.ts'
import { noPostfix, type Postfix, startPostfix } from './postfix-server.ts'

const shipped = readFileSync(
  fileURLToPath(new URL('../../docs/mail-servers/postfix-gateway-master.cf', import.meta.url)),
  'utf8',
)

const SEALED = /multipart\/encrypted/

describe('mail through Postfix and the gateway, set up as docs/gateway.md says', {
  skip: noPostfix || noDovecot,
}, () => {
  let house: House
  let dovecot: Dovecot
  let postfix: Postfix
  let arrival: ReturnType<typeof arrivals>
  const ports = { world: 0, submission: 0, out: 0, in: 0, back: 0 }
  before(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort()
    house = await startHouse({
      settings: {
        ...mailServer,
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: `127.0.0.1:${ports.out}`,
        CHATELAINE_GATEWAY_INCOMING_LISTEN: `127.0.0.1:${ports.in}`,
        CHATELAINE_GATEWAY_NEXT_HOP: `smtp://127.0.0.1:${ports.back}`,
        CHATELAINE_GATEWAY_RULES: 'strict.test=always',
        CHATELAINE_GATEWAY_INCOMING: 'all',
        CHATELAINE_GUESTS: 'off',
        CHATELAINE_KEY_SOURCES: 'tenant',
      },
    })
    arrival = arrivals(house.inbox)
    dovecot = await startDovecot({ url: house.url, key: MAIL_SERVER_KEY })
    // As written, but for the ports, chroot, and the certificate that submission would need.
    const master = shipped
      .replace(/^smtp( +inet)/m, `127.0.0.1:${ports.world}$1`)
      .replace(/^submission( +inet)/m, `127.0.0.1:${ports.submission}$1`)
      .replace('smtpd_tls_security_level=encrypt', 'smtpd_tls_security_level=none')
      .replace(/^(\S+ +(?:inet|unix) +\S+ +- +)y/gm, '$1n')
      .replaceAll('10025', String(ports.out))
      .replaceAll('10026', String(ports.back))
      .replaceAll('10027', String(ports.in))
    postfix = await startPostfix({
      authSocket: dovecot.authSocket,
      relay: house.inbox.url,
      port: ports.submission,
      further: { main: 'relay_domains = example.org\nmessage_size_limit = 104857600\n', master },
    })
  })
  after(async () => {
    await postfix?.stop()
    await dovecot?.stop()
    await house?.stop()
  })

  async function submit(author: Person, to: string[], mail: string): Promise<string> {
    const auth = { user: author.email, pass: PASSWORD }
    const port = ports.submission
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true, auth })
    const { response } = await transport.sendMail({ envelope: { from: author.email, to }, raw: mail })
    transport.close()
    return response
  }

  it('goes out encrypted for whoever has a key, and once', async () => {
    const [anna, bob] = [await person(house, 'anna'), await person(house, 'bob')]
    const to = [bob.email, 'zoe@nokey.test']
    assert.match(await submit(anna, to, mailFrom(anna.email, to.join(', '), { subject: 'Plans' })), /^250/)
    const sealed = await arrival(bob.email, SEALED)
    assert.doesNotMatch(sealed.raw, /Plans|only they may read/)
    // Postfix writes who took it, and from whom: in by submission, out of the gateway.
    assert.equal(sealed.raw.match(/^Received: /gm)?.length, 2)
    assert.match((await bob.decrypt(sealed.raw)).json.message, /Subject: Plans/)
    await arrival('zoe@nokey.test', /What only they may read/)
    assert.equal(house.inbox.received.filter(({ to }) => to.includes('zoe@nokey.test')).length, 1)
  })

  it('comes back when it must be encrypted and cannot be', async () => {
    const anna = await person(house, 'anna')
    await submit(anna, ['x@strict.test'], mailFrom(anna.email, 'x@strict.test', { subject: 'Secret' }))
    const report = await arrival(anna.email, /x@strict\.test: No key/)
    assert.doesNotMatch(report.raw, /Secret/)
  })

  it('comes in from the world, encrypted for its reader', async () => {
    const bob = await person(house, 'bob')
    const mail = mailFrom('far@away.test', bob.email, { subject: 'From afar' })
    const { code } = await handOver(ports.world, { sender: 'far@away.test', recipients: [bob.email], mail })
    assert.equal(code, 250)
    const sealed = await arrival(bob.email, SEALED)
    assert.doesNotMatch(sealed.raw, /From afar|only they may read/)
    assert.match((await bob.decrypt(sealed.raw)).json.message, /From afar[\s\S]*What only they may read/)
  })

  it('is no way to send under somebody else’s address, or for strangers', async () => {
    const [anna, bob] = [await person(house, 'anna'), await person(house, 'bob')]
    const asBob = { ...anna, email: anna.email }
    const port = ports.submission
    const auth = { user: asBob.email, pass: PASSWORD }
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true, auth })
    const envelope = { from: bob.email, to: ['x@far.test'] }
    await assert.rejects(transport.sendMail({ envelope, raw: mailFrom(bob.email, 'x@far.test') }), /553/)
    transport.close()
    const stranger = { sender: 'a@far.test', recipients: ['b@far.test'], mail: mailFrom('a@far.test', 'b@far.test') }
    assert.ok((await handOver(ports.world, stranger)).code >= 400)
  })
})
