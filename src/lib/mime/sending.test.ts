import assert from 'node:assert/strict'
import { test } from 'node:test'
import PostalMime from 'postal-mime'
import { isEncryptedAlready } from './already-encrypted.ts'
import { composedMessage, dateField } from './compose.ts'
import { mailboxesOf, readableText } from './mailboxes.ts'
import { rewrittenHeader } from './rewritten.ts'

const bytes = (...lines: string[]) => Buffer.from(lines.join('\r\n'))
const armor = ['-----BEGIN PGP MESSAGE-----', '', 'wV4D', '=abcd', '-----END PGP MESSAGE-----', '']

test('a header is rewritten, and the body stays as it is', async () => {
  const mail = Buffer.concat([bytes('A: 1', 'Bcc: x@y', ' , z@y', 'B: 2', '', ''), Buffer.from([0, 10, 13, 255])])
  const written = await rewrittenHeader(mail, { without: ['bcc'], added: 'N: 3\r\n' })
  assert.deepEqual(written, Buffer.concat([bytes('N: 3', 'A: 1', 'B: 2', '', ''), Buffer.from([0, 10, 13, 255])]))
  assert.equal(await rewrittenHeader(mail, { without: ['cc'] }), mail, 'not copied for nothing')
  const withLf = await rewrittenHeader(Buffer.from('A: 1\nBcc: x@y\n\nbody\n'), { without: ['bcc'] })
  assert.equal(Buffer.from(withLf).toString(), 'A: 1\n\nbody\n')
})

test('people are read, and who cannot be read is somebody unknown', () => {
  assert.deepEqual(mailboxesOf(['=?utf-8?q?=C3=84nne?= <A@B.example>', 'Group: c@d.example;']), [
    { name: 'Änne', address: 'a@b.example' },
    { name: '', address: 'c@d.example' },
  ])
  assert.deepEqual(mailboxesOf(['a@b.example, Boss'])[1], { name: 'Boss', address: '' })
  assert.deepEqual(mailboxesOf([`a@b.example (${'x'.repeat(30_000)})`]), [{ name: '', address: '' }])
  assert.equal(readableText('=?utf-8?b?R3LDvMOfZQ==?=\r\n  from =?utf-8?q?here=0A?='), 'Grüße from here')
})

test('what is encrypted already is told from what only holds armor', () => {
  const mail = (type: string, ...body: string[]) => bytes(`Content-Type: ${type}`, '', ...body)
  const version = ['--b', 'Content-Type: application/pgp-encrypted', '', 'Version: 1']
  const pgpMime = (...data: string[]) => [...version, '--b', 'Content-Type: application/octet-stream', ...data, '--b--']
  const sealed = 'multipart/encrypted; boundary=b'
  assert.ok(isEncryptedAlready(mail(sealed, ...pgpMime('', ...armor))))
  assert.ok(isEncryptedAlready(mail(sealed, 'This is an OpenPGP/MIME encrypted message', ...pgpMime('', ...armor))))
  const encoded = Buffer.from(armor.join('\r\n')).toString('base64')
  assert.ok(isEncryptedAlready(mail(sealed, ...pgpMime('Content-Transfer-Encoding: base64', '', encoded))))
  assert.ok(isEncryptedAlready(mail('text/plain', ...armor)))
  assert.ok(isEncryptedAlready(mail('text/plain', armor[0]!, 'Version: 1', 'Comment: a b', ...armor.slice(1))))
  const smime = (oid: string) => [
    'Content-Type: application/pkcs7-mime',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(`3080${oid}a080`, 'hex').toString('base64'),
  ]
  assert.ok(isEncryptedAlready(bytes(...smime('06092a864886f70d010703'))), 'enveloped')
  assert.ok(isEncryptedAlready(bytes(...smime('060b2a864886f70d0109100117'))), 'enveloped and authenticated')
  assert.ok(!isEncryptedAlready(bytes(...smime('06092a864886f70d010702'))), 'signed')
  // What only says so.
  assert.ok(!isEncryptedAlready(mail('application/pkcs7-mime; smime-type=enveloped-data', 'My password is 1234.')))
  assert.ok(!isEncryptedAlready(mail(sealed, '--b--')))
  assert.ok(!isEncryptedAlready(mail(sealed, '--b', 'Content-Type: text/plain', '', 'My password', '--b--')))
  assert.ok(!isEncryptedAlready(mail(sealed, ...pgpMime('', ...armor, 'My password is 1234.'))))
  assert.ok(!isEncryptedAlready(mail(sealed, ...pgpMime('', ...armor).slice(0, -1), '--b', '', 'And this', '--b--')))
  assert.ok(!isEncryptedAlready(mail(sealed, 'x'.repeat(2000), ...pgpMime('', ...armor))))
  assert.ok(!isEncryptedAlready(mail('text/plain', ...armor, 'My password is 1234.', ...armor)))
  assert.ok(!isEncryptedAlready(mail('text/plain', ...armor.slice(0, 3), 'My password is 1234.', ...armor.slice(3))))
  // As `gpg --sign --armor` makes it: compressed and signed, and readable for everybody.
  assert.ok(!isEncryptedAlready(mail('text/plain', ...armor.map((line) => line.replace('wV4D', 'owEB')))))
  assert.ok(!isEncryptedAlready(mail('text/plain', 'See below:', ...armor)))
  assert.ok(!isEncryptedAlready(mail('text/plain', ...armor, 'My password is 1234.')))
  assert.ok(!isEncryptedAlready(mail('multipart/mixed; boundary=b', '--b', '', ...armor, '--b--')))
})

test('a mail is composed, and nothing in it begins a new field', async () => {
  const mail = await composedMessage({
    from: { name: 'Änne\r\nBcc: evil@x.example', address: 'a@b.example' },
    to: { name: '', address: 'c@d.example' },
    subject: 'Grüße\r\nX-Evil: 1',
    text: 'Zeile\nnoch eine\n.\n',
    html: '<p>ä</p>',
    headers: { 'X-OxGuard': 'true', 'X-OxGuard-ID': 'i' },
    messageId: 'm@b.example',
    date: 1_795_371_415_000,
  })
  const raw = mail.toString()
  assert.ok(!/(?<!\r)\n/.test(raw), 'every line ends with CRLF')
  assert.match(raw, /^X-OxGuard-ID: i\r$/m)
  const { headers, from, text, messageId, date } = await PostalMime.parse(mail)
  assert.ok(!headers.some(({ key }) => key === 'bcc' || key === 'x-evil'))
  assert.equal(from?.address, 'a@b.example')
  assert.deepEqual([messageId, date], ['<m@b.example>', '2026-11-22T18:16:55.000Z'])
  assert.match(text!, /^Zeile\r?\nnoch eine/)
  assert.equal(dateField(1_795_371_415_000), 'Sun, 22 Nov 2026 18:16:55 +0000')
})
