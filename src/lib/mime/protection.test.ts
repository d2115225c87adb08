import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { effort } from '../effort-testing.ts'
import { findEncrypted } from './find-encrypted.ts'
import { decodedBody, entityOf, partsOf } from './multipart.ts'
import { decryptedMessage } from './opened-message.ts'
import { partOf } from './parts.ts'
import { encryptedParts, signedMessage } from './pgp-mime.ts'
import { isSafe, signablePart } from './seven-bit.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const random = (length: number) => new Uint8Array(length).fill(7)
const header = (subject: string) => `From: a@x.test\r\nTo: b@x.test\r\nSubject: ${subject}\r\nDate: x\r\n`
const umlaut = '=?utf-8?Q?Gr=C3=BC=C3=9Fe?='

/** What is inside, and what comes out of it again. */
function thereAndBack(message: Uint8Array, key?: string) {
  const { before, inner } = encryptedParts(message, random, { protect: true, key })
  const inside = Buffer.concat(inner)
  const opened = decryptedMessage(before, inside)
  return { ...opened, before: Buffer.from(before).toString(), inside, message: Buffer.concat(opened.message) }
}

test('the subject stands in the text for old programs, in any encoding, and is gone when it is opened', () => {
  const kinds: [type: string, encoding: string, body: string, shown: RegExp][] = [
    ['text/plain; charset=utf-8', '8bit', 'hi\r\n', /^Subject: Grüße\r\n\r\nhi/],
    ['text/plain', '7bit', 'hi\r\n', /^Subject: Grüße\r\n\r\nhi/],
    ['text/plain; charset=iso-8859-1', '8bit', 'h\xfc\r\n', /^Subject: Gr.+e\r\n\r\nh/],
    ['text/plain; charset=utf-8', 'base64', 'aGkgdGhlcmU=\r\n', /^Subject: {1,3}Grüße\r\n\r\nhi there/],
    ['text/plain; charset=utf-8', 'Quoted-Printable', 'h=C3=BC=\r\nxyz\r\n', /^Subject: Grüße\r\n\r\nhüxyz/],
    ['text/plain; charset=koi8-r', '8bit', '\xc1\r\n', /^[^S]/],
  ]
  for (const [type, encoding, body, shown] of kinds) {
    const about = `Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
    const { inside, message, protection } = thereAndBack(bytes(header(umlaut) + about + body))
    assert.match(Buffer.from(decodedBody(entityOf(inside))).toString(), shown)
    assert.equal(Buffer.from(entityOf(message).body).toString('latin1'), body, type)
    assert.deepEqual(protection?.fields[2], { name: 'subject', hidden: true, changed: false })
  }
})

test('a page shows the subject too, wherever its body begins', () => {
  const pages = ['<html><head></head><body class="x">hi</body></html>', '<!DOCTYPE html><p>hi', 'hi', '<html>hi']
  for (const page of pages) {
    const about = 'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: '
    for (const [encoding, body] of [
      ['8bit', page],
      ['base64', Buffer.from(page).toString('base64')],
    ]) {
      const { inside, message } = thereAndBack(bytes(`${header('1 < 2')}${about}${encoding}\r\n\r\n${body}`))
      const shown = Buffer.from(decodedBody(entityOf(inside))).toString()
      assert.match(shown, /<div class="header-protection-legacy-display"><pre>Subject: 1 &#60; 2<\/pre><\/div>(<p>)?hi/)
      assert.equal(Buffer.from(decodedBody(entityOf(message))).toString(), page)
    }
  }
})

test('attachments, and what others have signed, are left alone', () => {
  const signed =
    'Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\nhi \r\n--s\r\n\r\nx\r\n--s--'
  const file = '--m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nfile\r\n'
  const body = `--m\r\n${signed}\r\n${file}--m--\r\n`
  const { inside } = thereAndBack(bytes(`${header('s')}Content-Type: multipart/mixed; boundary=m\r\n\r\n${body}`))
  assert.equal(Buffer.from(entityOf(inside).body).toString(), body)
  const whole = thereAndBack(bytes(header('s') + signed))
  assert.match(whole.before, /^Subject: s\r$/m)
  assert.ok(whole.inside.toString().endsWith(signed))
})

test('a forged mark or HP-Outer of the writer does not survive', () => {
  const mail = `${header('s')}HP-Outer: Subject: s\r\nContent-Type: text/plain; HP=clear; x="1;2"; hp-legacy-display=1\r\n\r\nA: b\r\n\r\nc`
  const { inside, message } = thereAndBack(bytes(mail), 'KEY')
  assert.doesNotMatch(inside.toString(), /hp=clear|HP-Outer: Subject: s/i)
  assert.match(Buffer.from(message).toString(), /x="1;2"[\s\S]*\r\n\r\nA: b\r\n\r\nc\r\n--/)
})

test('what is signed is safe for any way, and says the same', () => {
  const types = ['text/plain', 'application/x', 'text/html; charset=utf-8']
  const body = fc.string({
    unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '\r\n', 'From ', '=', '\xff', '\0', '--b'),
  })
  fc.assert(
    fc.property(body, fc.constantFrom(...types), fc.boolean(), (text, type, isInside) => {
      const leaf = `Content-Type: ${type}\r\nContent-Transfer-Encoding: binary\r\n\r\n${text}`
      const whole = isInside ? `Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n${leaf}\r\n--q--\r\n` : leaf
      const made = signablePart(partOf(bytes(whole)))
      assert.ok(isSafe(Buffer.from(made)), JSON.stringify(Buffer.from(made).toString('latin1')))
      const entity = entityOf(made)
      const inner = isInside ? entityOf(partsOf(entity, 2)[0]!) : entity
      assert.equal(Buffer.from(decodedBody(inner)).toString('latin1'), text)
    }),
  )
})

test('lines keep their ends, whatever they are, where nothing is binary', () => {
  const sign = (text: string) => Buffer.from(signablePart(partOf(bytes(text)))).toString('latin1')
  const head = 'Content-Type: application/x\r\n\r\n'
  assert.equal(sign(`${head}a\nb\r\n`), `${head}a\r\nb\r\n`)
  assert.equal(Buffer.from(decodedBody(entityOf(bytes(sign(`${head}a\nb\xff`))))).toString('latin1'), 'a\nb\xff')
  assert.match(sign('Content-Type: text/plain\r\n\r\na \nb'), /quoted-printable\r\n\r\na=20\r\nb$/)
})

test('the signed part is found as it was signed', async () => {
  let signed = Buffer.alloc(0)
  const mail = bytes(`${header('s')}Content-Type: text/plain\r\n\r\nFrom here \r\n\r\n`)
  const sign = async (part: Uint8Array) => {
    signed = Buffer.from(part)
    return { signature: 'SIG', hash: 'sha256' }
  }
  const found = findEncrypted(await signedMessage(mail, sign, random, { protect: true, key: 'KEY' }))
  assert.ok(found?.kind === 'signed' && signed.equals(found.signedBytes))
  assert.match(signed.toString(), /hp="clear"[\s\S]*Subject: s[\s\S]*=46rom here=20/)
})

test('hostile insides cost little', () => {
  const many = (text: string) => text.repeat(Math.ceil(2_000_000 / text.length))
  const heads = [many('HP-Outer: a: b\r\n'), many('A: b\r\n'), `Content-Disposition: ${many(';hp="')}\r\n`]
  const type = 'Content-Type: multipart/alternative; boundary=b; hp="cipher"\r\n'
  const texts = many('--b\r\nContent-Type: text/plain; hp-legacy-display=1\r\n\r\n\r\n\r\n')
  const pages = many('--b\r\nContent-Type: text/html; hp-legacy-display=1\r\n\r\n<body <body <body\r\n')
  const long = `Content-Type: text/plain; hp="cipher"${many(';hp="')}\r\n`
  const spent = effort()
  for (const inside of [...heads.map((head) => type + head), `${type}\r\n${texts}`, `${type}\r\n${pages}`, long])
    decryptedMessage(bytes(header('s')), bytes(`${inside}\r\nx`))
  const took = spent()
  assert.ok(took < 8000, `${took} ms`)
})
