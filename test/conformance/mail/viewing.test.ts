import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { mailOf, type Person, person, refused, withPassword } from './people.ts'

const file = Buffer.from(Array.from({ length: 100_001 }, (_, at) => (at * 7) % 256))

const rich = [
  '--out',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p style="color:red;position:fixed" onclick="alert(1)">Grüße<script>alert(2)</script>',
  '<img src="https://track.example/1.gif" alt="gone"></p><form action="https://evil.example"><input name="pin"></form>',
  '--out',
  'Content-Type: application/octet-stream; name="../plan.bin"',
  'Content-Disposition: attachment',
  'Content-Transfer-Encoding: base64',
  '',
  file.toString('base64').replace(/(.{76})/g, '$1\r\n'),
  '--out',
  'Content-Type: text/plain',
  'Content-Disposition: attachment; filename=empty.txt',
  '',
  '',
  '--out--',
  '',
].join('\r\n')

onEveryEngine('a mail as people are shown it', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
  })
  after(() => house.stop())

  const sealed = async (header: Record<string, string>, body: string) => {
    const all = { From: `Ada <${ada.email}>`, To: `Ben <${ben.email}>`, Date: 'Thu, 15 Jan 2026 11:00:00 +0000' }
    return (await ada.encrypt(mailOf({ ...all, ...header }, body))).bytes
  }

  it('has the protected header, harmless HTML, the verdict, and each attachment byte for byte', async () => {
    const mail = await sealed({ Subject: 'Plan', 'Content-Type': 'multipart/mixed; boundary=out' }, rich)
    const reply = await ben.post('/mail/view', mail, withPassword())
    assert.equal(reply.status, 200, reply.text.slice(0, 300))
    const { headers, verification, html, text, isHtml, isWhole, blockedRemoteContent, attachments } = reply.json
    assert.deepEqual(headers, {
      from: [{ address: ada.email, name: 'Ada' }],
      to: [{ address: ben.email, name: 'Ben' }],
      cc: [],
      date: String(Date.UTC(2026, 0, 15, 11) / 1000),
      subject: 'Plan',
    })
    assert.equal(verification.result, 'good')
    assert.deepEqual([isHtml, isWhole, blockedRemoteContent], [true, true, true])
    assert.match(html, /<p style="color:red">Grüße/)
    assert.doesNotMatch(html, /script|onclick|track|form|input|position/)
    assert.match(text, /Grüße/)
    assert.deepEqual(
      attachments.map(({ index, name, bytes }: Record<string, unknown>) => [index, name, bytes]),
      [
        [0, 'plan.bin', file.length],
        [1, 'empty.txt', 0],
      ],
    )
    assert.deepEqual(Buffer.from(attachments[0].data, 'base64'), file)
    assert.equal(attachments[1].data, '')
    assert.equal('message' in reply.json, false)
  })

  it('says of a mail of text that its HTML was made of it, and opens armor that stands alone', async () => {
    const mail = await sealed({ Subject: 'Text' }, 'Nothing <b>bold</b>\r\n')
    const { json } = await ben.post('/mail/view', mail, withPassword())
    assert.deepEqual([json.isHtml, json.attachments], [false, []])
    assert.match(json.html, /&#60;b&#62;bold/)
    const [armor] = /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----\r\n/.exec(mail.toString())!
    const alone = mailOf({ 'Content-Type': 'text/plain; charset=utf-8' }, armor)
    const inline = await ben.post('/mail/view', alone, withPassword())
    assert.equal(inline.status, 200, inline.text)
    assert.deepEqual(inline.json.headers.from, [])
  })

  it('refuses as opening does', async () => {
    const mail = await sealed({ Subject: 'No' }, 'Hello\r\n')
    refused(await ben.post('/mail/view', mail), 403, 'KEY_PASSWORD_REQUIRED')
    refused(await ben.post('/mail/view', mail, withPassword('wrong')), 403, 'KEY_PASSWORD_WRONG')
    refused(await ben.post('/mail/view', mailOf({ From: 'x@y.test' }, 'Hello\r\n')), 400, 'NOT_ENCRYPTED')
    refused(await ben.post('/mail/view', mail, { 'Content-Type': 'text/plain' }), 400, 'BAD_PARAMETER')
    refused(await ben.post('/mail/view?extra=1', mail, withPassword()), 400, 'BAD_PARAMETER')
    const eve = await person(house, 'eve')
    refused(await eve.post('/mail/view', mail, withPassword()), 403, 'NOT_FOR_YOU')
  })
})
