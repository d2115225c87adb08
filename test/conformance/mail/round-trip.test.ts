import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { bodyOf, mailOf, messageIn, PASSWORD, type Person, person, withPassword } from './people.ts'

onEveryEngine('a mail that is encrypted here and opened here', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
  })
  after(() => house.stop())

  it('is a PGP/MIME message that keeps its outer header, and nothing of its content', async () => {
    const header = {
      From: `"Ada, Countess" <${ada.email.toUpperCase()}>`,
      To: `Ben <${ben.email}>`,
      Subject: 'two\r\n folded lines',
      'Message-ID': '<1@example.org>',
      'MIME-Version': '1.0',
      'Content-Type': 'text/html; charset=utf-8',
    }
    const sealed = await ada.encrypt(mailOf(header, '<p>Secret</p>\r\n'))
    assert.equal(sealed.status, 200, sealed.text)
    assert.equal(sealed.headers.get('content-type'), 'message/rfc822')
    assert.equal(sealed.headers.get('cache-control'), 'no-store')
    assert.match(sealed.text, /^Subject: \[\.\.\.\]\r$/m)
    assert.match(sealed.text, /^Content-Type: multipart\/encrypted; protocol="application\/pgp-encrypted";\r$/m)
    assert.doesNotMatch(sealed.text, /Secret|folded|text\/html|[^\r]\n/)

    const opened = await ben.decrypt(sealed.bytes)
    const { message, signatures, verification, protectedHeaders, ...rest } = opened.json
    assert.deepEqual(rest, { encrypted: true, format: 'pgp-mime', hasMore: false, messageEncoding: 'utf-8' })
    assert.deepEqual(verification, { result: 'good', explanation: signatures[0].explanation })
    assert.deepEqual(
      protectedHeaders.map(({ name }: { name: string }) => name),
      ['from', 'to', 'subject', 'message-id'],
    )
    assert.match(message, /^Content-Type: text\/html; charset=utf-8\r$/m)
    assert.match(message, /^Subject: two\r\n folded lines\r$/m)
    assert.ok(message.endsWith('\r\n\r\n<p>Secret</p>\r\n'))
    const [signature] = signatures
    assert.equal(signatures.length, 1)
    assert.match(signature.keyId, /^[0-9A-F]{16}$/)
    assert.match(signature.fingerprint, /^[0-9A-F]{40}$/)
    assert.equal(signature.created, String(house.clock.now() / 1000))
    assert.match(signature.explanation, new RegExp(`^Signed by ${ada.email}, the sender`))
    assert.deepEqual([signature.status, signature.signer, signature.matchesSender], ['valid', ada.email, true])
  })

  it('can still be read by its author, and by those in Bcc, of whom no trace is left', async () => {
    const cyd = await person(house, 'cyd')
    const dan = await person(house, 'dan')
    const header = { From: ada.email, To: ben.email, Cc: dan.email, Bcc: `Cyd <${cyd.email}>` }
    const sealed = await ada.encrypt(mailOf(header, 'hi\r\n'))
    assert.doesNotMatch(sealed.text, /^bcc|cyd.*@/im)
    for (const reader of [ada, ben, cyd, dan]) {
      const opened = await reader.decrypt(sealed.bytes)
      assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n')
    }
  })

  it('may go to Bcc alone, from somebody without a key, unsigned', async () => {
    const eve = await person(house, 'eve', { hasKey: false })
    const sealed = await eve.encrypt(mailOf({ From: eve.email, Bcc: ben.email }, 'hi\r\n'), 'sign=false', {})
    const opened = await ben.decrypt(sealed.bytes)
    assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n')
    assert.deepEqual(opened.json.signatures, [])
  })

  it('comes with LF or CRLF; either way it travels with CRLF', async () => {
    for (const end of ['\n', '\r\n']) {
      const body = ['one', 'two ', '', '.', 'From here'].join(end)
      const header = { From: ada.email, To: ben.email, Subject: `folded${end}\tonce` }
      const sealed = await ada.encrypt(mailOf(header, body, end))
      assert.doesNotMatch(sealed.text, /[^\r]\n/)
      const opened = messageIn(await ben.decrypt(sealed.text.replaceAll('\r\n', end)))
      assert.equal(bodyOf(opened).toString(), 'one\r\ntwo \r\n\r\n.\r\nFrom here')
      assert.doesNotMatch(opened.toString(), /[^\r]\n/)
    }
  })

  it('keeps attachments, nested parts and 8-bit text that is no UTF-8 byte for byte', async () => {
    const latin = Buffer.from('Gr\xfc\xdfe \xa4\r\n', 'latin1')
    const binary = Buffer.concat([randomBytes(4000), Buffer.from('\n\r\0\r\n--inner'), randomBytes(100)])
    const body = Buffer.concat([
      Buffer.from('--outer\r\nContent-Type: multipart/alternative; boundary="inner"\r\n\r\n--inner\r\n'),
      Buffer.from('Content-Type: text/plain; charset=iso-8859-15\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'),
      latin,
      Buffer.from('--inner--\r\n--outer\r\nContent-Type: application/octet-stream\r\n'),
      Buffer.from('Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename=a\r\n\r\n'),
      binary,
      Buffer.from('\r\n--outer--\r\n'),
    ])
    const header = { From: ada.email, To: ben.email, 'Content-Type': 'multipart/mixed; boundary=outer' }
    const sealed = await ada.encrypt(mailOf(header, body))
    const opened = await ben.decrypt(sealed.bytes)
    assert.equal(opened.json.messageEncoding, 'base64')
    assert.ok(bodyOf(messageIn(opened)).equals(body))
    assert.equal(opened.json.signatures[0].status, 'valid')
  })

  it('may weigh ten megabytes', async () => {
    const body = randomBytes(7.5 * 1024 * 1024)
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n')
    const header = { From: ada.email, To: ben.email, Subject: 'Größe', 'Content-Transfer-Encoding': 'base64' }
    const sealed = await ada.encrypt(mailOf(header, body))
    assert.equal(sealed.status, 200)
    const opened = await ben.decrypt(sealed.bytes)
    assert.ok(bodyOf(messageIn(opened)).toString() === body)
    assert.match(opened.json.message.slice(0, 300), /Größe/)
  })

  it('may be binary, and large', async () => {
    const type = { 'Content-Type': 'application/octet-stream', 'Content-Transfer-Encoding': 'binary' }
    for (const size of [3_000_000, 3_000_001, 3_000_002]) {
      const body = randomBytes(size)
      const sealed = await ada.encrypt(mailOf({ From: ada.email, To: ben.email, ...type }, body))
      const opened = await ben.decrypt(sealed.bytes)
      assert.equal(opened.json.messageEncoding, 'base64')
      assert.ok(bodyOf(messageIn(opened)).equals(body))
    }
  })

  it('is opened by sessions of the other protocols too', async () => {
    const sealed = await ada.encrypt(mailOf({ From: ada.email, To: ben.email }, 'hi\r\n'))
    const token = await house.call('POST', '/api/v1/oauth2', {
      json: { userId: ben.email, password: PASSWORD },
    })
    const basic = `Basic ${Buffer.from(`${ben.email}:${PASSWORD}`).toString('base64')}`
    const login = await house.call('POST', '/api/v1/login', { headers: { Authorization: basic } })
    const ways: Record<string, string>[] = [
      { Authorization: `Bearer ${token.json.access_token}` },
      { Authorization: basic, 'X-Axigen-Session': login.json.sessid },
      { Cookie: ben.cookie, 'X-Axigen-Session': ben.sessid },
    ]
    for (const way of ways) {
      const headers = { 'Content-Type': 'message/rfc822', ...withPassword(), ...way }
      const opened = await house.call('POST', '/api/v1/mail/decrypt', { body: sealed.bytes, headers })
      assert.equal(bodyOf(messageIn(opened)).toString(), 'hi\r\n')
    }
  })
})
