import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseContentType } from './content-type.ts'
import { findEncrypted } from './find-encrypted.ts'
import { headerValue, headerValues, splitMessage, textOf, toCrlf } from './message.ts'
import { entityOf, partsOf } from './multipart.ts'
import { inlineMessage as madeInline, decryptedMessage as openedMessage } from './opened-message.ts'
import { encryptedParts, signedMessage } from './pgp-mime.ts'
import { recipientsOf } from './recipients.ts'
import { decodeTransfer, encodeQuotedPrintable } from './transfer-encoding.ts'

const decryptedMessage = (outer: Uint8Array, inner: Uint8Array) => Buffer.concat(openedMessage(outer, inner).message)
const inlineMessage = (outer: Uint8Array, text: string) => Buffer.concat(madeInline(outer, text))
const bytes = (text: string) => Buffer.from(text, 'utf8')
const crlf = (...lines: string[]) => bytes(lines.join('\r\n'))
const text = (data: Uint8Array) => Buffer.from(data).toString('utf8')
const random = (length: number) => new Uint8Array(length).fill(7)
const armored = '-----BEGIN PGP MESSAGE-----\n\nwV4D\n=abcd\n-----END PGP MESSAGE-----\n'

test('the header is split byte for byte, order and folding kept, for LF and CRLF', () => {
  for (const end of ['\n', '\r\n']) {
    const raw = ['Received: a', ' b', 'Subject:  x ', 'received: c', '', 'body'].join(end)
    const { fields, bodyOffset } = splitMessage(bytes(raw))
    assert.deepEqual(
      fields.map(({ name }) => name),
      ['received', 'subject', 'received'],
    )
    assert.equal(raw.slice(bodyOffset), 'body')
    assert.equal(Buffer.concat(fields.map((field) => field.raw)).toString() + end, raw.slice(0, bodyOffset))
    assert.equal(headerValue({ fields, bodyOffset }, 'Subject'), 'x')
    assert.deepEqual(headerValues({ fields, bodyOffset }, 'RECEIVED'), ['a b', 'c'])
  }
})

test('odd headers: none, no body, a mailbox line, a line that is no field', () => {
  assert.deepEqual(splitMessage(bytes('')), { fields: [], bodyOffset: 0 })
  assert.equal(splitMessage(bytes('\nbody')).bodyOffset, 1)
  assert.equal(splitMessage(bytes('A: b')).bodyOffset, 4)
  assert.equal(splitMessage(bytes('From x Mon\nA: b\n\nc')).fields.length, 1)
  assert.equal(splitMessage(bytes('A: b\nnonsense\n\nc')).bodyOffset, 5)
})

test('raw header text is UTF-8 when it can be, else Latin-1', () => {
  assert.equal(headerValue(splitMessage(bytes('Subject: Grüße\n\n')), 'subject'), 'Grüße')
  assert.equal(headerValue(splitMessage(Buffer.from('Subject: Gr\xfc\xdfe\n\n', 'latin1')), 'subject'), 'Grüße')
  assert.equal(textOf(Buffer.from([0xa4]), 'iso-8859-15'), '€')
  assert.equal(textOf(Buffer.from([0xe9]), 'no-such-charset'), 'é')
})

test('line ends become CRLF once, and only where they are not', () => {
  assert.equal(text(toCrlf(bytes('a\nb\r\nc\rd\n'))), 'a\r\nb\r\nc\rd\r\n')
  const same = bytes('a\r\n')
  assert.equal(toCrlf(same), same)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
      const once = toCrlf(data)
      assert.deepEqual(toCrlf(once), once)
      assert.equal(Buffer.from(once).toString('latin1'), Buffer.from(data).toString('latin1').replace(/\r?\n/g, '\r\n'))
    }),
  )
})

test('content types: quotes, comments, blanks and split parameters', () => {
  const type = parseContentType(
    'Multipart/Encrypted (c); Protocol="application/pgp-encrypted"; boundary="a;\\"b" ; x=y',
  )
  assert.equal(type.type, 'multipart/encrypted')
  assert.equal(type.parameters.get('protocol'), 'application/pgp-encrypted')
  assert.equal(type.parameters.get('boundary'), 'a;"b')
  assert.equal(type.parameters.get('x'), 'y')
  assert.equal(parseContentType('a/b; boundary*0="x"; boundary*1=y').parameters.get('boundary'), 'xy')
  assert.equal(parseContentType(null).type, '')
})

test('recipients: names, quotes, groups, encoded words, doubles', () => {
  const { from, to } = recipientsOf(
    crlf(
      'From: =?utf-8?Q?=22evil=40x=2Etest=22?= <Ada@Example.TEST>',
      'To: "Last, First" <first@example.test>, Team: a@example.test,',
      ' "B" <b@example.test>;, undisclosed-recipients:;',
      'Cc: FIRST@example.test, =?utf-8?B?TcO8bGxlcg==?= <mueller@example.test>',
      'Bcc: secret@example.test, nonsense',
      '',
      'To: body@example.test',
    ),
  )
  assert.equal(from, 'ada@example.test')
  assert.deepEqual(to, [
    'first@example.test',
    'a@example.test',
    'b@example.test',
    'mueller@example.test',
    'secret@example.test',
  ])
  assert.deepEqual(recipientsOf(bytes('Subject: x\n\n')), { from: null, to: [] })
})

test('quoted-printable and base64 come back, also with broken input', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (raw) => {
      const line = raw.replace(/[\r\n]/g, '').toWellFormed()
      const encoded = encodeQuotedPrintable(`${line}\n${line}`)
      assert.ok(encoded.split('\r\n').every((each) => each.length <= 76 && /^[\t -~]*$/.test(each)))
      assert.equal(text(decodeTransfer(bytes(encoded), 'Quoted-Printable')), `${line}\r\n${line}`)
    }),
  )
  assert.equal(text(decodeTransfer(bytes('a=\r\nb=zz=3'), 'quoted-printable')), 'ab=zz=3')
  assert.equal(text(decodeTransfer(bytes('aGk\r\n='), 'BASE64')), 'hi')
})

const mail = crlf(
  'Received: x',
  'From: a@x.test',
  'To: b@x.test',
  'Bcc: c@x.test',
  'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
  'Message-ID: <1@x.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/html;',
  ' charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  '<p>ä</p>',
)

/** What would be sealed, and the message around some armor. */
function encrypted(message: Uint8Array): { inner: Buffer; sealed: Buffer } {
  const { before, inner, after } = encryptedParts(message, random)
  return { inner: Buffer.concat(inner), sealed: Buffer.concat([before, crlf(...armored.split('\n')), after]) }
}

test('an encrypted message keeps its outer header, moves Content fields inside and can be found again', () => {
  const { inner, sealed } = encrypted(mail)
  assert.equal(
    text(inner),
    'Content-Type: text/html;\r\n charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>ä</p>',
  )
  const { fields } = splitMessage(sealed)
  assert.deepEqual(
    fields.map(({ name }) => name),
    ['received', 'from', 'to', 'subject', 'message-id', 'mime-version', 'content-type'],
  )
  assert.match(text(sealed), /multipart\/encrypted; protocol="application\/pgp-encrypted"/)
  assert.doesNotMatch(text(sealed), /[^\r]\n|c@x\.test/)
  const parts = partsOf(entityOf(sealed), 10).map((part) => entityOf(part))
  assert.deepEqual(
    parts.map(({ contentType }) => contentType.type),
    ['application/pgp-encrypted', 'application/octet-stream'],
  )
  assert.equal(text(parts[0]!.body).trim(), 'Version: 1')
  const found = findEncrypted(sealed)
  assert.equal(found?.kind, 'pgp-mime')
  assert.equal(
    text(found.kind === 'pgp-mime' ? found.armored : inner)
      .replaceAll('\r', '')
      .trim(),
    armored.trim(),
  )

  const opened = decryptedMessage(sealed, inner)
  assert.match(text(opened), /Subject: =\?utf-8\?Q\?Gr=C3=BC=C3=9Fe\?=\r\n/)
  assert.equal(headerValue(splitMessage(opened), 'content-type'), 'text/html; charset=utf-8')
  assert.ok(text(opened).endsWith('\r\n\r\n<p>ä</p>'))
})

test('a mail without Content fields gets a plain part; a bare inner text is plain text', () => {
  const { inner, sealed } = encrypted(bytes('From: a@x.test\n\nhi\n'))
  assert.match(text(inner), /^Content-Type: text\/plain; charset=us-ascii\r\n.*\r\n\r\nhi\r\n$/s)
  for (const bare of ['just text: here\nand more', 'Hello: you\n\nbye', '\nempty line first']) {
    const opened = text(decryptedMessage(sealed, bytes(bare)))
    assert.match(opened, /Content-Type: text\/plain; charset=us-ascii/)
    assert.ok(opened.endsWith(`\r\n\r\n${bare.trimStart()}`))
  }
})

test('a protected subject takes the place of the outer one', () => {
  const inner = crlf('Content-Type: text/plain; protected-headers="v1"', 'Subject: the real one', '', 'x')
  const opened = splitMessage(decryptedMessage(bytes('Subject: ...\nFrom: a@x.test\n\n'), inner))
  assert.deepEqual(headerValues(opened, 'subject'), ['the real one'])
  const plain = crlf('Content-Type: text/plain', 'Subject: not protected', '', 'x')
  assert.equal(headerValue(splitMessage(decryptedMessage(bytes('Subject: outer\n\n'), plain)), 'subject'), 'outer')
})

test('encrypted parts are found inside lists, behind Exchange and under transfer encodings', () => {
  const part = [
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(armored).toString('base64'),
  ]
  const version = ['Content-Type: application/pgp-encrypted', '', 'Version: 1']
  const exchange = crlf(
    'Content-Type: multipart/mixed; boundary=e',
    '',
    '--e',
    'Content-Type: text/plain',
    '',
    '',
    '--e',
    ...version,
    '--e',
    ...part,
    '--e--',
  )
  const list = crlf(
    'Content-Type: multipart/mixed; boundary="l"',
    '',
    '--l',
    'Content-Type: multipart/encrypted; boundary="l2"',
    '',
    '--l2',
    ...version,
    '--l2',
    ...part,
    '--l2--',
    '--l',
    'Content-Type: text/plain',
    '',
    'footer',
    '--l--',
  )
  for (const message of [exchange, list]) {
    const found = findEncrypted(message)
    assert.equal(found?.kind, 'pgp-mime')
    assert.equal(found.kind === 'pgp-mime' && text(found.armored), armored)
  }
})

test('signed bytes are exactly the first part, with CRLF, without the last line end', async () => {
  const lines = ['Content-Type: multipart/signed; boundary="s"', '', '--s', 'Content-Type: text/plain', '', 'hi ']
  const tail = ['--s', 'Content-Type: application/pgp-signature', '', 'SIG', '--s--', '']
  for (const end of ['\n', '\r\n']) {
    const found = findEncrypted(bytes([...lines, ...tail].join(end)))
    assert.equal(found?.kind, 'signed')
    if (found?.kind !== 'signed') return
    assert.equal(text(found.signedBytes), 'Content-Type: text/plain\r\n\r\nhi ')
    assert.equal(text(found.signature), 'SIG')
  }
  let signedPart = Buffer.alloc(0)
  const made = await signedMessage(
    mail,
    async (part) => {
      signedPart = Buffer.from(part)
      return { signature: 'SIG\n', hash: 'sha256' }
    },
    random,
  )
  const again = findEncrypted(made)
  assert.equal(again?.kind, 'signed')
  assert.ok(again.kind === 'signed' && signedPart.equals(again.signedBytes))
})

test('armor in the text is found with what stands around it, and the readable message can be rebuilt', () => {
  const message = bytes(`From: a@x.test\nContent-Type: text/plain; charset=utf-8\n\nvör\n${armored}nach\n`)
  const found = findEncrypted(message)
  assert.equal(found?.kind, 'pgp-inline')
  if (found?.kind !== 'pgp-inline') return
  assert.equal(text(found.armored), armored)
  assert.deepEqual([found.before, found.after], ['vör\n', 'nach\n'])
  const rebuilt = inlineMessage(message, 'grüß\ndich')
  assert.equal(text(rebuilt).split('\r\n\r\n')[1], 'grüß\r\ndich')
  assert.equal(headerValue(splitMessage(rebuilt), 'content-transfer-encoding'), '8bit')
  const long = inlineMessage(message, 'ä'.repeat(600))
  assert.equal(headerValue(splitMessage(long), 'content-transfer-encoding'), 'quoted-printable')
  assert.equal(text(decodeTransfer(entityOf(long).body, 'quoted-printable')), 'ä'.repeat(600))

  const clear =
    '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n'
  const signed = findEncrypted(bytes(`A: b\n\n${clear}footer`))
  assert.equal(signed?.kind, 'clearsigned')
  assert.ok(signed.kind === 'clearsigned' && text(signed.text) === clear && signed.after === 'footer')
})

test('nothing is found in plain mail, quoted armor, attachments or HTML', () => {
  const quoted = armored.replaceAll(/^/gm, '> ')
  assert.equal(findEncrypted(mail), null)
  assert.equal(findEncrypted(bytes(`A: b\n\n${quoted}`)), null)
  assert.equal(findEncrypted(bytes(`Content-Type: text/html\n\n${armored}`)), null)
  assert.equal(findEncrypted(bytes(`Content-Disposition: attachment\n\n${armored}`)), null)
  assert.equal(findEncrypted(bytes('Content-Type: multipart/mixed\n\nno boundary')), null)
})
