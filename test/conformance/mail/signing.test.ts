import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { entityOf, partsOf } from '#src/lib/mime/multipart.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { bodyOf, mailOf, messageIn, type Person, person, refused, withPassword } from './people.ts'

const DAY = 86_400_000

onEveryEngine('a mail that is signed, and readable for everybody', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_KEY_VALID_DAYS: '20' } })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben', { hasKey: false })
  })
  after(() => house.stop())

  const sign = (mail: Uint8Array, query = '') => ada.post(`/mail/sign?${query}`, mail, withPassword())
  const verify = (mail: string | Uint8Array) => ben.post('/mail/verify', mail)
  const header = (more: Record<string, string> = {}) => ({ From: ada.email, To: ben.email, Subject: 's', ...more })
  const resultOf = ({ json }: Reply) => json.verification?.result ?? json.errorCode

  it('is multipart/signed, safe for any way, and verifies as it comes', async () => {
    const type = { 'Content-Type': 'text/plain; charset=utf-8' }
    const mail = mailOf(header(type), `From here €\r\nblank at the end \r\n${'x'.repeat(2000)}\r\n`)
    const signed = await sign(mail)
    assert.equal(signed.headers.get('content-type'), 'message/rfc822')
    assert.match(signed.text, /micalg=pgp-sha(256|512); protocol="application\/pgp-signature"/)
    const [part] = partsOf(entityOf(signed.bytes), 2)
    assert.match(Buffer.from(part!).toString(), /^Content-Type: text\/plain; hp="clear"; charset=utf-8\r\n/)
    const lines = Buffer.from(part!).toString('latin1').split('\r\n')
    assert.ok(lines.every((line) => /^[\t -~]*$/.test(line) && !/[ \t]$|^From /.test(line) && line.length <= 998))
    assert.match(signed.text, /^Autocrypt: addr=ada/m)

    const verified = await verify(signed.bytes)
    const { encrypted, format, hasMore, verification } = verified.json
    assert.deepEqual([encrypted, format, hasMore, verification.result], [false, 'signed', false, 'good'])
    assert.match(verification.explanation, new RegExp(`^Signed by ${ada.email}, the sender`))
    assert.equal((await ben.decrypt(signed.bytes, {})).text, verified.text)
    const subject = verified.json.protectedHeaders.find(({ name }: { name: string }) => name === 'subject')
    assert.deepEqual(subject, { name: 'subject', protection: 'signed', changed: false })
  })

  it('stays byte for byte where it is safe, parts and all; others are encoded one by one', async () => {
    const parts = (text: string) =>
      `--b\r\nContent-Type: text/plain\r\n\r\nfine\r\n--b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\n${text}\r\n--b--\r\n`
    const type = { 'Content-Type': 'multipart/mixed; boundary=b' }
    const safe = await sign(mailOf(header(type), parts('abc')), 'protect=false')
    assert.equal(bodyOf(messageIn(await verify(safe.bytes))).toString(), parts('abc'))
    const binary = await sign(mailOf(header(type), Buffer.from(parts('\x00\x01\n\xff'), 'latin1')))
    const opened = bodyOf(messageIn(await verify(binary.bytes))).toString()
    const encoded = 'Content-Transfer-Encoding: base64\r\n\r\nAAEK/w==\r\n'
    assert.ok(opened.includes(encoded) && opened.includes('\r\n\r\nfine\r\n--b'), opened)
  })

  it('tells what was changed, added, or never signed', async () => {
    const signed = (await sign(mailOf(header(), 'pay 10\r\n'))).text
    assert.equal(resultOf(await verify(signed)), 'good')
    const tampered = await verify(signed.replace('pay 10', 'pay 99'))
    assert.equal(resultOf(tampered), 'bad')
    assert.match(tampered.json.verification.explanation, /not good: the message was changed/)
    assert.equal(tampered.json.protectedHeaders[0].protection, 'none')
    const at = signed.indexOf('Content-Type: multipart/signed')
    const footer = `Content-Type: multipart/mixed; boundary=l\r\n\r\n--l\r\n${signed.slice(at)}\r\n--l\r\n\r\nfooter\r\n--l--\r\n`
    const listed = await verify(signed.slice(0, at) + footer)
    assert.deepEqual([resultOf(listed), listed.json.hasMore], ['partly', true])
    assert.doesNotMatch(listed.json.message, /footer/)
    refused(await verify(mailOf(header(), 'hi')), 400, 'NOT_SIGNED')
    const sealed = await ada.encrypt(mailOf({ From: ada.email, Bcc: ada.email }, 'hi'))
    const encrypted = await verify(sealed.bytes)
    refused(encrypted, 400, 'BAD_PARAMETER')
    assert.match(encrypted.json.errorMessage, /encrypted/)
  })

  it('is a clear text for whom that is enough', async () => {
    const text = 'Grüße\r\n- a dash\r\nFrom here \r\n'
    const mail = mailOf(header({ 'Content-Type': 'text/plain; charset=utf-8' }), text)
    const signed = await sign(mail, 'format=inline')
    assert.match(signed.text, /^Subject: s\r$/m)
    assert.match(signed.text, /^-----BEGIN PGP SIGNED MESSAGE-----\r$/m)
    assert.doesNotMatch(signed.text, /^From here/m)
    const verified = await verify(signed.bytes)
    assert.deepEqual([resultOf(verified), verified.json.format, verified.json.hasMore], ['good', 'clearsigned', false])
    assert.equal(bodyOf(messageIn(verified)).toString(), 'Grüße\r\n- a dash\r\nFrom here\r\n')
    const plain = await sign(mailOf(header(), 'hi\r\n'), 'format=inline')
    assert.equal(resultOf(await verify(plain.text.replace('\r\nhi\r\n', '\r\nho\r\n'))), 'bad')
  })

  it('inline, encrypted: one text and nothing else', async () => {
    const eve = await person(house, 'eve')
    const latin = mailOf(
      { From: ada.email, To: eve.email, Subject: 's', 'Content-Type': 'text/plain; charset=iso-8859-1' },
      Buffer.from('Gr\xfc\xdfe\r\n', 'latin1'),
    )
    const sealed = await ada.encrypt(latin, 'sign=true&format=inline')
    assert.match(sealed.text, /Content-Type: text\/plain; charset=utf-8\r\n[\s\S]*\r\n\r\n-----BEGIN PGP MESSAGE-----/)
    const opened = await eve.decrypt(sealed.bytes)
    assert.deepEqual([opened.json.format, resultOf(opened)], ['pgp-inline', 'good'])
    assert.equal(bodyOf(messageIn(opened)).toString(), 'Grüße\r\n')
    const html = mailOf(header({ 'Content-Type': 'text/html' }), '<p>')
    for (const path of ['sign?format=inline', 'encrypt?format=inline']) {
      const to = path.startsWith('sign')
        ? html
        : mailOf({ From: ada.email, To: eve.email, 'Content-Type': 'text/html' }, 'x')
      refused(await ada.post(`/mail/${path}`, to, withPassword()), 400, 'BAD_PARAMETER')
    }
    for (const more of ['protect=true', 'attachKey=true'])
      refused(await sign(mailOf(header(), 'x'), `format=inline&${more}`), 400, 'BAD_PARAMETER')
  })

  it('is from its author, and not signed twice', async () => {
    refused(await sign(mailOf({ From: ben.email, To: ada.email }, 'x')), 403, 'SENDER_FOREIGN')
    refused(await sign((await sign(mailOf(header(), 'x'))).bytes), 400, 'BAD_PARAMETER')
    refused(await ada.post('/mail/sign', mailOf(header(), 'x')), 403, 'KEY_PASSWORD_REQUIRED')
    refused(await ben.post('/mail/sign', mailOf({ From: ben.email }, 'x'), withPassword()), 404, 'NO_KEY')
    const attached = await sign(mailOf(header(), 'hi\r\n'), 'attachKey=true')
    assert.equal(resultOf(await verify(attached.bytes)), 'good')
    assert.match(attached.text, /name="public.asc"[\s\S]*BEGIN PGP PUBLIC KEY BLOCK/)
  })

  it('inline: no text at all, one that is too long, and one that is none, which costs no token', async () => {
    const nothing = await sign(mailOf(header(), ''), 'format=inline')
    assert.equal(nothing.status, 200, nothing.text)
    assert.equal(resultOf(await verify(nothing.bytes)), 'good')
    await ada.remember(-1)
    const inline = (mail: Uint8Array) => ada.post('/mail/sign?format=inline', mail)
    refused(await inline(mailOf(header(), '\n'.repeat(5 * 1024 * 1024))), 413, 'PAYLOAD_TOO_LARGE')
    const page = mailOf(header({ 'Content-Type': 'text/html' }), 'x')
    refused(await inline(page), 400, 'BAD_PARAMETER')
    refused(await ada.encrypt(page, 'format=inline&sign=true', {}), 400, 'BAD_PARAMETER')
    assert.equal((await inline(mailOf(header(), 'x'))).status, 200)
    refused(await inline(mailOf(header(), 'x')), 403, 'KEY_PASSWORD_REQUIRED')
  })

  it('is good for ever when it was good, and says so when the key has expired since', async () => {
    const { bytes } = await sign(mailOf(header(), 'hi\r\n'))
    assert.equal((await verify(bytes)).json.signatures[0].keyExpired, null)
    house.clock.turn(30 * DAY)
    const again = await person(house, 'cyd', { hasKey: false })
    const later = await again.post('/mail/verify', bytes)
    assert.deepEqual([resultOf(later), later.json.signatures[0].status], ['good', 'valid'])
    assert.ok(Number(later.json.signatures[0].keyExpired) < house.clock.now() / 1000)
    assert.match(later.json.verification.explanation, /the sender .* Its key has expired since; it was good when/)
  })
})
