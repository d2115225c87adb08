import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { effort } from '../effort-testing.ts'
import { readCleartext } from '../openpgp/cleartext.ts'
import { findEncrypted } from './find-encrypted.ts'
import { decryptedMessage, inlineMessage } from './opened-message.ts'
import { recipientsOf } from './recipients.ts'

const bytes = (text: string) => Buffer.from(text, 'utf8')
const armored = '-----BEGIN PGP MESSAGE-----\n\nwV4D\n=abcd\n-----END PGP MESSAGE-----\n'

test('hostile structures cost little', () => {
  const nested = Array.from({ length: 2000 }, () => 'Content-Type: multipart/mixed; boundary=b\n\n--b\n').join('')
  const many = `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(100_000)}`
  const dashes = `Content-Type: multipart/mixed; boundary="-"\n\n${'-'.repeat(3_000_000)}`
  const begins = `A: b\n\n${'-----BEGIN PGP MESSAGE-----\n'.repeat(100_000)}`
  const inOneLine = `A: b\n\n${'-----BEGIN PGP MESSAGE----- '.repeat(400_000)}`
  const equals = `Content-Transfer-Encoding: quoted-printable\n\n${'=   '.repeat(500_000)}`
  const fields = `${'X: y\n'.repeat(200_000)}\n`
  for (const message of [nested, many, dashes, begins, inOneLine, equals, fields]) {
    const spent = effort()
    findEncrypted(bytes(message))
    assert.ok(spent() < 2000, message.slice(0, 40))
  }
  for (const value of [
    '('.repeat(300_000),
    ':'.repeat(300_000),
    '<'.repeat(300_000),
    'a@b,'.repeat(100_000),
    '"'.repeat(300_001),
  ]) {
    const spent = effort()
    recipientsOf(bytes(`To: ${value}\n\n`))
    assert.ok(spent() < 400, value.slice(0, 1))
  }
})

test('any bytes can be searched and rebuilt without a fault', () => {
  const piece = fc.constantFrom(
    'Content-Type: multipart/signed; boundary=b\n',
    'Content-Type: multipart/encrypted; boundary="b"\r\n',
    'Content-Type: application/pgp-signature\n',
    'Content-Type: application/pgp-encrypted\n',
    'Content-Transfer-Encoding: base64\n',
    '--b\n',
    '--b--\r\n',
    '\n',
    armored,
    '-----BEGIN PGP SIGNED MESSAGE-----\n',
    'x',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const message = bytes(pieces.join(''))
      findEncrypted(message)
      recipientsOf(message)
      inlineMessage(Buffer.concat(decryptedMessage(message, message).message), 'x')
    }),
    { numRuns: 500 },
  )
})

test('ten million empty lines are a text like any other', () => {
  const lines = '\n'.repeat(10_000_000)
  const opened = inlineMessage(bytes('A: b\n\nx'), lines)
  assert.ok(
    Buffer.concat(opened)
      .toString('latin1')
      .endsWith(`8bit\r\n\r\n${'\r\n'.repeat(10_000_000)}`),
  )
  const text = bytes(`-----BEGIN PGP SIGNED MESSAGE-----\n\n- -${lines}x \t\n-----BEGIN PGP SIGNATURE-----\n`)
  const { signed } = readCleartext(text)
  assert.deepEqual([signed.length, signed[0], signed.at(-1)], [20_000_002, 0x2d, 0x78])
})
