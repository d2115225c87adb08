import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { currentCertificate, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { bodyOf, KEY_PASSWORD, mailOf, messageIn, origin, type Person, person } from './people.ts'

onEveryEngine('the header of a mail, protected', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  let eve: Person
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
    eve = await person(house, 'eve')
  })
  after(() => house.stop())

  const secretOf = async ({ sessid }: Person): Promise<Uint8Array> => {
    const signed = await findSession(house.ctx, sessid, 'mailbox')
    return (await unlockedSecrets(house.ctx, { signed, proof: { password: KEY_PASSWORD }, origin })).current!
  }
  const certificateOf = async ({ email }: Person) => (await currentCertificate(house.ctx, email))!.certificate
  /** What the inside looks like to a program that decrypts and knows nothing else. */
  const insideOf = async (sealed: Reply, reader: Person): Promise<string> => {
    const asked = { message: sealed.bytes, secrets: [await secretOf(reader)], verifyWith: [], now: house.clock.now() }
    return Buffer.from((await house.ctx.workers.openpgp.decrypt(asked)).data).toString()
  }
  /** A mail whose outer header and inside are both of our making. */
  const handMade = async (outer: Record<string, string>, inside: string, signer?: Person) => {
    const armored = await house.ctx.workers.openpgp.encrypt({
      data: Buffer.from(inside.replaceAll('\n', '\r\n')),
      recipients: [await certificateOf(ben)],
      ...(signer && { signWith: await secretOf(signer) }),
      now: house.clock.now(),
    })
    const body = `--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n${armored}\n--b--\n`
    const type = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'
    return mailOf({ ...outer, 'MIME-Version': '1.0', 'Content-Type': type }, body.replaceAll('\n', '\r\n'))
  }
  const fieldIn = (reply: Reply, name: string) =>
    [...reply.json.message.split('\r\n\r\n')[0].matchAll(new RegExp(`^${name}: (.*)$`, 'gm'))].map(([, value]) =>
      value.trim(),
    )
  const protectionOf = ({ json }: Reply, name: string) =>
    json.protectedHeaders.find((header: { name: string }) => header.name === name)

  it('hides the subject, and nothing that brings the mail to where it goes', async () => {
    const header = {
      From: ada.email,
      To: ben.email,
      Bcc: eve.email,
      Subject: '=?utf-8?Q?K=C3=BCndigung?=',
      Keywords: 'lawyer',
      'Reply-To': ada.email,
      Date: 'Mon, 23 Nov 2026 05:00:00 +0000',
    }
    const sealed = await ada.encrypt(mailOf(header, 'hi\r\n'), 'sign=true&autocrypt=false')
    const outside = sealed.text.split('\r\n\r\n')[0]!
    assert.match(outside, /^Subject: \[\.\.\.\]\r$/m)
    assert.match(outside, /^Reply-To: ada/m)
    assert.doesNotMatch(outside, /K=C3|lawyer|Keywords|^Bcc|HP-Outer|hp=/im)
    const inside = await insideOf(sealed, ben)
    assert.match(inside, /^Content-Type: text\/plain; hp="cipher"; hp-legacy-display="1"/)
    assert.match(inside, /^HP-Outer: Subject: \[\.\.\.\]\r$/m)
    assert.match(inside, /^HP-Outer: Date: Mon, 23 Nov/m)
    assert.doesNotMatch(inside, /HP-Outer: Keywords|Bcc|eve/i)
    // For programs that do not look for it.
    assert.match(inside, /\r\n\r\nSubject: Kündigung\r\n\r\nhi\r\n$/)

    const opened = await ben.decrypt(sealed.bytes)
    assert.deepEqual(fieldIn(opened, 'Subject'), ['=?utf-8?Q?K=C3=BCndigung?='])
    assert.deepEqual(fieldIn(opened, 'Keywords'), ['lawyer'])
    assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n')
    assert.doesNotMatch(opened.json.message, /HP-Outer|hp=|hp-legacy/)
    const both = { protection: 'signed-and-encrypted', changed: false }
    assert.deepEqual(protectionOf(opened, 'subject'), { name: 'subject', ...both })
    assert.deepEqual(protectionOf(opened, 'to'), { name: 'to', protection: 'signed', changed: false })
  })

  it('may be left alone', async () => {
    const mail = mailOf({ From: ada.email, To: ben.email, Subject: 'open' }, 'hi\r\n')
    const sealed = await ada.encrypt(mail, 'sign=true&protect=false')
    assert.match(sealed.text, /^Subject: open\r$/m)
    assert.doesNotMatch(await insideOf(sealed, ben), /Subject|hp=/)
    const opened = await ben.decrypt(sealed.bytes)
    assert.deepEqual([opened.json.protectedHeaders, fieldIn(opened, 'Subject')], [[], ['open']])
  })

  it('wins over what somebody writes outside, who is found out', async () => {
    const sealed = await ada.encrypt(mailOf({ From: ada.email, To: ben.email, Subject: 'real' }, 'hi\r\n'))
    const changed = sealed.text
      .replace('Subject: [...]', 'Subject: pay at once')
      .replace(/^To: /m, 'Reply-To: thief@elsewhere.test\r\nTo: ')
    const opened = await ben.decrypt(changed)
    assert.deepEqual([fieldIn(opened, 'Subject'), fieldIn(opened, 'Reply-To')], [['real'], []])
    assert.deepEqual(protectionOf(opened, 'subject').changed, true)
    assert.deepEqual([opened.json.verification.result, protectionOf(opened, 'to').changed], ['good', false])
    assert.match(opened.json.verification.explanation, /changed outside: subject\./)
  })

  it('a From inside counts, and one outside never does', async () => {
    const inside = (author: string) => `Content-Type: text/plain; hp="cipher"\nFrom: ${author}\nSubject: s\n\nhi\n`
    const open = async (outer: string, inner: string, signer?: Person) => {
      const opened = await ben.decrypt(await handMade({ From: outer, To: ben.email }, inside(inner), signer))
      const { matchesSender } = opened.json.signatures[0] ?? { matchesSender: null }
      return [fieldIn(opened, 'From')[0], matchesSender, opened.json.verification.result]
    }
    assert.deepEqual(await open(ada.email, ada.email, ada), [ada.email, true, 'good'])
    // A list put itself there, but the signature is that of the author.
    assert.deepEqual(await open('list@elsewhere.test', ada.email, ada), [ada.email, true, 'good'])
    // Eve wants to be taken for Ada: by the inside, or by the outside.
    assert.deepEqual(await open(eve.email, ada.email, eve), [eve.email, false, 'other'])
    assert.deepEqual(await open(ada.email, eve.email, ada), [ada.email, false, 'other'])
    assert.deepEqual(await open(eve.email, ada.email), [eve.email, null, 'none'])
  })

  it('is understood as Thunderbird and Enigmail wrote it before there was a standard', async () => {
    const outer = { From: ada.email, To: ben.email, Subject: '...' }
    const display =
      '--m\nContent-Type: text/plain; protected-headers="v1"\nContent-Disposition: inline\n\nSubject: real\n\n'
    const inside = `Content-Type: multipart/mixed; boundary=m;\n protected-headers="v1"\nFrom: ${ada.email}\nSubject: real\n\n`
    const text = '--m\nContent-Type: text/plain\n\nhi\n--m--\n'
    const opened = await ben.decrypt(await handMade(outer, `${inside}${display}${text}`, ada))
    assert.deepEqual([fieldIn(opened, 'Subject'), fieldIn(opened, 'To')], [['real'], [ben.email]])
    assert.equal(bodyOf(messageIn(opened)).toString(), text.replaceAll('\n', '\r\n'))
    assert.deepEqual(protectionOf(opened, 'subject').protection, 'signed-and-encrypted')
  })

  it('takes out only what was put in for old programs', async () => {
    const outer = { From: ada.email, To: ben.email, Subject: '[...]' }
    const about = (more: string) =>
      `Content-Type: text/plain; hp="cipher"${more}\nSubject: s\nHP-Outer: Subject: [...]\n\n`
    const bodies = async (more: string, body: string) =>
      bodyOf(messageIn(await ben.decrypt(await handMade(outer, about(more) + body)))).toString()
    assert.equal(await bodies('; hp-legacy-display="1"', 'Subject: s\n\nhi\n'), 'hi\r\n')
    assert.equal(await bodies('', 'Subject: s\n\nhi\n'), 'Subject: s\r\n\r\nhi\r\n')
    assert.equal(await bodies('; hp-legacy-display="1"', 'Dear Ben\n\nhi\n'), 'Dear Ben\r\n\r\nhi\r\n')
    const html =
      'Content-Type: text/html; hp="cipher"; hp-legacy-display="1"\nSubject: s\n\n<body><div class="header-protection-legacy-display"><pre>Subject: s</pre></div>hi</body>'
    assert.equal(bodyOf(messageIn(await ben.decrypt(await handMade(outer, html)))).toString(), '<body>hi</body>')
  })

  it('a draft is for its author alone, with whom it is to go to in blind copy', async () => {
    const draft = mailOf({ From: ada.email, To: 'nobody-yet', Bcc: 'x@elsewhere.test', Subject: 'idea' }, 'hi\r\n')
    const kept = await ada.encrypt(draft, 'for=self', {})
    assert.equal(kept.status, 200, kept.text)
    assert.doesNotMatch(kept.text, /elsewhere|: idea/)
    const opened = await ada.decrypt(kept.bytes)
    assert.deepEqual([fieldIn(opened, 'Bcc'), fieldIn(opened, 'Subject')], [['x@elsewhere.test'], ['idea']])
    const toBen = mailOf({ From: ada.email, To: ben.email }, 'hi\r\n')
    const sent = await ada.encrypt(toBen, 'for=self', {})
    assert.equal((await ben.decrypt(sent.bytes)).json.errorCode, 'NOT_FOR_YOU')
    const dan = await person(house, 'dan', { hasKey: false })
    assert.equal((await dan.encrypt(toBen, 'for=self', {})).json.errorCode, 'NO_KEY')
  })

  it('the public key comes along inside, if wished for', async () => {
    const mail = mailOf({ From: ada.email, To: ben.email, Subject: 's' }, 'hi\r\n')
    const sealed = await ada.encrypt(mail, 'attachKey=true', {})
    const opened = await ben.decrypt(sealed.bytes)
    assert.match(opened.json.message, /Content-Type: application\/pgp-keys; name="public.asc"/)
    const armored = /-----BEGIN PGP PUBLIC[\s\S]*END PGP PUBLIC KEY BLOCK-----/.exec(opened.json.message)![0]
    const asked = { bytes: Buffer.from(armored), now: house.clock.now() }
    const { rings } = await house.ctx.workers.openpgp.inspect(asked)
    const { fingerprint } = (await currentCertificate(house.ctx, ada.email))!
    assert.deepEqual([rings.length, rings[0]!.info.fingerprint], [1, fingerprint])
    const dan = await person(house, 'dan', { hasKey: false })
    const keyless = await dan.encrypt(mailOf({ From: dan.email, To: ben.email }, 'x'), 'attachKey=true', {})
    assert.equal(keyless.json.errorCode, 'NO_KEY')
  })
})
