import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { type SelfSigned, selfSignedCertificate } from '../lib/self-signed.ts'
import { type Mail, type Mailer, type SmtpSettings, smtpMailer } from './smtp.ts'

const mail: Mail = { id: 'msg.1', to: 'ann@example.org', subject: 'Grüße', text: 'Code 123456', html: '<b>Code</b>' }

describe('smtpMailer', () => {
  let peer: Peer
  before(async () => {
    peer = await startPeer({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] })
  })
  after(() => peer.stop())

  it('delivers text and html with a Message-ID made of the id and the sender’s domain', async () => {
    const outcome = await peer.mailer().send({ ...mail, headers: { 'Auto-Submitted': 'auto-generated' } })
    assert.equal(outcome.sent, true)
    assert.match(outcome.sent ? outcome.response : '', /^250 /)
    const got = await PostalMime.parse(peer.received.at(-1) ?? '')
    assert.equal(got.subject, 'Grüße')
    assert.equal(got.from?.name, 'The House')
    assert.equal(got.to?.[0]?.address, 'ann@example.org')
    assert.equal(got.text?.trim(), 'Code 123456')
    assert.equal(got.html?.trim(), '<b>Code</b>')
    assert.equal(got.messageId, '<msg.1@house.example>')
    assert.equal(got.headers.find(({ key }) => key === 'auto-submitted')?.value, 'auto-generated')
  })

  it('lets a mail name its own sender', async () => {
    const outcome = await peer.mailer().send({ ...mail, from: 'Bob <bob@bücher.example>' })
    assert.equal(outcome.sent, true)
    const got = await PostalMime.parse(peer.received.at(-1) ?? '')
    assert.equal(got.messageId, '<msg.1@xn--bcher-kva.example>')
    // The domain crosses the wire in ASCII; this peer shows it decoded.
    assert.equal(peer.senders.at(-1), 'bob@bücher.example')
  })

  it('keeps its connection for the next mail', async () => {
    const earlier = peer.connections()
    const mailer = peer.mailer()
    for (const id of ['a', 'b', 'c']) assert.equal((await mailer.send({ ...mail, id })).sent, true)
    assert.equal(peer.connections() - earlier, 1)
  })

  for (const [what, to, permanent] of [
    ['a recipient answered 550', 'nobody-550@example.org', true],
    ['a recipient answered 451', 'greylisted-451@example.org', false],
    ['a body answered 554', 'body-554@example.org', true],
    ['a body answered 452', 'body-452@example.org', false],
  ] as const) {
    it(`calls ${what} ${permanent ? 'permanent' : 'temporary'}`, async () => {
      const outcome = await peer.mailer().send({ ...mail, to })
      assert.equal(outcome.sent, false)
      assert.equal(!outcome.sent && outcome.permanent, permanent)
      assert.match(outcome.sent ? '' : outcome.reason, /\b(550|451|554|452) /)
    })
  }

  it('calls a sender answered 553 permanent', async () => {
    const outcome = await peer.mailer().send({ ...mail, from: 'sender-553@example.org' })
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, true])
  })

  it('delivers after a refusal on the same connection', async () => {
    const mailer = peer.mailer()
    assert.equal((await mailer.send({ ...mail, to: 'nobody-550@example.org' })).sent, false)
    assert.equal((await mailer.send(mail)).sent, true)
  })

  it('calls a connection dropped amid the body temporary, and does not try again by itself', async () => {
    const earlier = peer.connections()
    const outcome = await peer.mailer().send({ ...mail, to: 'drop@example.org' })
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, false])
    assert.equal(peer.connections() - earlier, 1)
  })

  it('keeps the Message-ID when a mail is sent again', async () => {
    const mailer = peer.mailer()
    await mailer.send({ ...mail, id: 'again' })
    await mailer.send({ ...mail, id: 'again' })
    const [first, second] = await Promise.all(peer.received.slice(-2).map((raw) => PostalMime.parse(raw)))
    assert.equal(first?.messageId, '<again@house.example>')
    assert.equal(second?.messageId, first?.messageId)
  })

  it('calls a server that falls silent temporary', async () => {
    const outcome = await peer.mailer({ timeoutMs: 150 }).send({ ...mail, to: 'slow@example.org' })
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, false])
    assert.match(outcome.sent ? '' : outcome.reason, /ETIMEDOUT/)
  })

  it('calls a refused connection temporary', async () => {
    const mailer = smtpMailer({ url: 'smtp://127.0.0.1:1', from: 'a@house.example', timeoutMs: 1000 })
    const outcome = await mailer.send(mail)
    mailer.close()
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, false])
    await assert.rejects(mailer.verify(), /not usable/)
  })

  it('verifies a server that is there', async () => {
    await peer.mailer().verify()
  })

  for (const [what, change] of Object.entries<Partial<Mail>>({
    'a line break in the subject': { subject: 'Hi\r\nBcc: eve@example.org' },
    'a bare line feed in the subject': { subject: 'Hi\nBcc: eve@example.org' },
    'a line break in the recipient': { to: 'ann@example.org\r\nRCPT TO:<eve@example.org>' },
    'a line break in the sender': { from: 'Bob\r\nBcc: eve@example.org <bob@example.org>' },
    'a line break in a header value': { headers: { 'X-A': 'b\r\nBcc: eve@example.org' } },
    'a line break in a header name': { headers: { 'X-A: b\r\nBcc': 'eve@example.org' } },
    'a header of the mailer’s own': { headers: { Bcc: 'eve@example.org' } },
    'two recipients': { to: 'ann@example.org, eve@example.org' },
    'a group of recipients': { to: 'all: ann@example.org, eve@example.org;' },
    'a quoted recipient': { to: '"ann@example.org eve"@example.org' },
    'no recipient': { to: '' },
    'an id with angle brackets': { id: 'a>b' },
  })) {
    it(`refuses ${what} for good, without asking the server`, async () => {
      const earlier = peer.received.length
      const outcome = await peer.mailer().send({ ...mail, ...change })
      assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, true])
      assert.equal(peer.received.length, earlier)
      assert.doesNotMatch(JSON.stringify(outcome), /[\r\n]|eve@/)
    })
  }

  it('refuses settings without repeating the url', () => {
    const broken = () => smtpMailer({ url: 'http://u:hunter22@x', from: 'a@house.example' })
    assert.throws(broken, (error: Error) => !error.message.includes('hunter22'))
    assert.throws(() => smtpMailer({ url: 'smtp://x', from: 'nobody' }), /one address/)
  })
})

describe('smtpMailer over TLS', () => {
  const password = 'p@ss/w:örd%1'
  const credentials = `ann:${encodeURIComponent(password)}@`
  let pair: SelfSigned
  const peers: Peer[] = []
  before(async () => {
    pair = await selfSignedCertificate({ names: ['127.0.0.1'], now: Date.now(), days: 1 })
  })
  after(() => Promise.all(peers.map((peer) => peer.stop())))
  const start = async (options: SMTPServerOptions = {}) => {
    const peer = await startPeer({
      ...pair,
      onAuth: (auth, _session, done) =>
        auth.password === password
          ? done(null, { user: auth.username })
          : done(Object.assign(new Error(`no such login: ${auth.password}`), { responseCode: 535 })),
      ...options,
    })
    peers.push(peer)
    return peer
  }

  it('upgrades with STARTTLS before it signs in', async () => {
    const peer = await start()
    const outcome = await peer.mailer({ tlsRejectUnauthorized: false }, credentials).send(mail)
    assert.equal(outcome.sent, true)
    assert.equal(peer.wasSecure.at(-1), true)
  })

  it('takes the certificate leniency from the url as well', async () => {
    const peer = await start()
    const mailer = peer.mailer({}, credentials, 'smtp', '?tls.rejectUnauthorized=false&requireTLS=true')
    assert.equal((await mailer.send(mail)).sent, true)
  })

  it('speaks TLS from the start with smtps://', async () => {
    const peer = await start({ secure: true })
    const mailer = peer.mailer({ tlsRejectUnauthorized: false }, credentials, 'smtps')
    assert.equal((await mailer.send(mail)).sent, true)
    assert.equal(peer.wasSecure.at(-1), true)
  })

  it('calls an untrusted certificate temporary and delivers nothing', async () => {
    const peer = await start()
    const outcome = await peer.mailer({}, credentials).send(mail)
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, false])
    assert.equal(peer.received.length, 0)
  })

  it('calls a refused login temporary and masks the password in every answer', async () => {
    const peer = await start()
    const wrong = 'Wr0ng+pass word'
    const mailer = peer.mailer({ tlsRejectUnauthorized: false }, `ann:${encodeURIComponent(wrong)}@`)
    const outcome = await mailer.send(mail)
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, false])
    assert.match(outcome.sent ? '' : outcome.reason, /535 no such login: \*\*\*/)
    await assert.rejects(
      mailer.verify(),
      (error: Error) => !error.message.includes(wrong) && /\*\*\*/.test(error.message),
    )
  })
})

describe('smtpMailer and a server that trickles', () => {
  let server: Server
  const sockets = new Set<Socket>()
  before(async () => {
    // Never silent, never done: each line says that another one follows.
    server = createServer((socket) => {
      sockets.add(socket)
      let drip: NodeJS.Timeout | undefined
      socket.on('error', () => {}).on('close', () => clearInterval(drip))
      socket.write('220 here\r\n')
      socket.on('data', (chunk) => {
        if (/^EHLO/i.test(chunk.toString())) socket.write('250 here\r\n')
        else drip ??= setInterval(() => socket.write('250-wait\r\n'), 20)
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('gives up after four times its patience', async () => {
    const { port } = server.address() as { port: number }
    const mailer = smtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'a@house.example', timeoutMs: 100 })
    const outcome = await mailer.send(mail)
    mailer.close()
    assert.deepEqual([outcome.sent, !outcome.sent && outcome.permanent], [false, false])
  })
})

type Peer = Awaited<ReturnType<typeof startPeer>>

/** An SMTP server that behaves as the address it is asked about says. */
async function startPeer(options: SMTPServerOptions) {
  const received: string[] = []
  const senders: string[] = []
  const wasSecure: boolean[] = []
  const mailers: Mailer[] = []
  let connections = 0
  const answer = (address: string) => {
    const code = Number(/-(\d{3})@/.exec(address)?.[1])
    return code ? Object.assign(new Error('as you wish'), { responseCode: code }) : null
  }
  const server = new SMTPServer({
    logger: false,
    ...options,
    onConnect: (_session, done) => {
      connections++
      done()
    },
    onMailFrom: (address, _session, done) => {
      senders.push(address.address)
      done(answer(address.address))
    },
    onRcptTo: (address, _session, done) => {
      if (address.address.startsWith('body-')) done()
      else setTimeout(() => done(answer(address.address)), address.address.startsWith('slow') ? 500 : 0)
    },
    onData: (stream, session, done) => {
      const to = session.envelope.rcptTo[0]?.address ?? ''
      let raw = ''
      stream.on('data', (chunk) => {
        raw += chunk
        if (to.startsWith('drop')) for (const socket of sockets) socket.destroy()
      })
      stream.on('end', () => {
        if (!answer(to)) received.push(raw)
        wasSecure.push(session.secure)
        done(answer(to))
      })
    },
  })
  const sockets = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as { port: number }

  return {
    received,
    senders,
    wasSecure,
    connections: () => connections,
    mailer(settings: Partial<SmtpSettings> = {}, credentials = '', scheme = 'smtp', query = ''): Mailer {
      const url = `${scheme}://${credentials}127.0.0.1:${port}${query}`
      const mailer = smtpMailer({ url, from: 'The House <no-reply@house.example>', timeoutMs: 5000, ...settings })
      mailers.push(mailer)
      return mailer
    },
    async stop() {
      for (const mailer of mailers) mailer.close()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
