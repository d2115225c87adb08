import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { effort } from '../effort-testing.ts'
import { partOfMail, viewOfMail } from './view.ts'
import { vectors } from './view-testing.ts'

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const mail = (header: string, body: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${header}\r\n\r\n`), Buffer.from(body as string)])
const ofHtml = (html: string) => viewOfMail(mail('Content-Type: text/html; charset=utf-8', html))
const cleaned = (html: string): string => textOf(ofHtml(html).html)

const TAGS =
  'a|abbr|address|article|aside|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|dfn|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|img|ins|kbd|li|main|mark|nav|ol|p|pre|q|s|samp|section|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr'
const NAMES =
  'style|dir|lang|title|href|target|rel|src|alt|width|height|align|valign|bgcolor|border|cellpadding|cellspacing|colspan|rowspan|nowrap|span|color|face|size|start|type'
// Whatever browser reads this sees these elements and attributes, and nothing else: no quote or bracket is left to chance.
const HARMLESS = new RegExp(`^(?:[^<>]|<(?:${TAGS})(?: (?:${NAMES})(?:="[^"<>]*")?)*(?: /)?>|</(?:${TAGS})>)*$`)

function assertHarmless(html: string): void {
  assert.match(html, HARMLESS)
  for (const [, name, value = ''] of html.matchAll(/ (href|src|style)="([^"]*)"/g)) {
    if (name === 'href') assert.match(value, /^(https?:\/\/|mailto:)/)
    if (name === 'src') assert.match(value, /^data:image\/(png|jpeg|gif|webp);base64,/)
    if (name === 'style') assert.doesNotMatch(value, /url|expression|position|\\|@|\/\*|[\s:]-[\d.]/i)
  }
}

const withoutParagraphs = (html: string): string => html.replace(/<\/?p( [^<>]*)?>/g, '')

it('nothing that acts or asks survives, whatever stands around it', () => {
  for (const vector of vectors) assertHarmless(cleaned(vector))
  const pieces = fc.constantFrom(
    ...vectors,
    '<p>',
    '</p>',
    '<table><tr><td>',
    '"',
    "'",
    '>',
    '<',
    '<!--',
    '-->',
    '`',
    '&#60;',
    '\0',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 8 }), (parts) => {
      const once = cleaned(parts.join(''))
      assertHarmless(once)
      // What is clean stays as it is: there is no second reading of it. Only where a paragraph ends may be read in two
      // ways, because some tags end it unsaid and what was left out may have been one of them.
      assertHarmless(cleaned(once))
      assert.equal(withoutParagraphs(cleaned(once)), withoutParagraphs(once))
    }),
    { numRuns: 400 },
  )
})

it('no link has a name before its host, to be taken for the host', () => {
  assert.equal(
    cleaned('<a href="https://bank.example@evil.example/">a</a><a href="https://x:y@evil.example">b</a>'),
    '<a>a</a><a>b</a>',
  )
  const view = viewOfMail(mail('Content-Type: text/plain', 'https://bank.example@evil.example/ https://ok.example/a@b'))
  assert.deepEqual(textOf(view.html).match(/href="[^"]*"/g), ['href="https://ok.example/a@b"'])
})

it('text that looks like HTML stays text', () => {
  const plain = (text: string) => viewOfMail(mail('Content-Type: text/plain; charset=utf-8', text))
  for (const vector of vectors) {
    const { html, text } = plain(vector)
    assertHarmless(textOf(html))
    assert.equal(textOf(text), vector)
  }
  assert.match(
    textOf(plain('see (https://a.example/b?c=d&e=f).').html),
    /see \(<a href="https:\/\/a\.example\/b\?c=d&#38;e=f" target="_blank" rel="noopener noreferrer nofollow">https:.*<\/a>\)\./,
  )
  assert.doesNotMatch(textOf(plain('javascript:alert(1) data:text/html,x').html), /<a/)
})

it('what a mail wanted from elsewhere is told, and what it brings itself is not', () => {
  const remote = [
    '<img src="http://a.example/x">',
    '<img src="x.gif">',
    '<p style="background:url(//a.example)">',
    '<style>p{background:url( "https://a.example")}</style>',
    '<table background=x>',
    '<link href=x>',
    '<svg><use href="x#a"/></svg>',
  ]
  for (const html of remote) assert.equal(ofHtml(html).isRemoteLeftOut, true, html)
  for (const html of [
    '<p>x',
    '<a href="https://a.example">',
    '<img src="cid:x">',
    '<p style="background:url(data:image/png;base64,AA)">',
  ])
    assert.equal(ofHtml(html).isRemoteLeftOut, false, html)
})

it('keeps how a letter looks: tables, colours, links, and says the same as text', () => {
  const html =
    '<table width="600" bgcolor="#eee"><tr><td style="color: #c00; padding: 4px 8px; position: absolute">Tea &amp; cake<br>at <a href="HTTPS://Tea.example/ü">five</a></td></tr></table>'
  const view = ofHtml(html)
  assert.equal(
    textOf(view.html),
    '<table width="600" bgcolor="#eee"><tr><td style="color:#c00;padding:4px 8px">Tea &amp; cake<br />at <a href="https://tea.example/%C3%BC" target="_blank" rel="noopener noreferrer nofollow">five</a></td></tr></table>',
  )
  assert.equal(textOf(view.text), 'Tea & cake\nat five')
})

it('reads charsets and names as programs write them', () => {
  const latin = viewOfMail(mail('Content-Type: text/plain; charset=windows-1252', Buffer.from([0x80, 0xfc])))
  assert.equal(textOf(latin.text), '€ü')
  const japanese = viewOfMail(mail('Content-Type: text/html; charset=iso-2022-jp', '<p>\x1b$B$"\x1b(B</p>'))
  assert.equal(textOf(japanese.html), '<p>あ</p>')
  const named = (field: string) =>
    viewOfMail(mail(`Content-Type: application/x; ${field}\r\nContent-Disposition: attachment`, 'x')).attachments[0]!
      .name
  assert.equal(named("name*0*=iso-8859-1''%FC; name*1=b.pdf"), 'üb.pdf')
  assert.equal(named('name="=?utf-8?q?=C3=BC.pdf?="'), 'ü.pdf')
  assert.equal(named("name*=no-such''%41"), '%41')
})

it('finds files by their numbers, and tells their size without decoding them', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, at) => at & 255))
  const base64 = bytes.toString('base64').replace(/.{76}/g, '$&\r\n')
  const body = `--b\r\n\r\nHi\r\n--b\r\nContent-Type: A/B\r\nContent-Transfer-Encoding: BASE64\r\n\r\n${base64}\r\n--b\r\nContent-Type: x/y; name="a\r\n b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\nb=C3=BC\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b--`
  const message = mail('Content-Type: multipart/mixed; boundary=b', body)
  const { attachments, text } = viewOfMail(message)
  assert.equal(textOf(text), 'Hi')
  assert.deepEqual(
    attachments.map(({ type, bytes }) => [type, bytes]),
    [
      ['a/b', 1000],
      ['x/y', 4],
      ['message/rfc822', 15],
    ],
  )
  for (const { index, bytes } of attachments) assert.equal(partOfMail(message, index)!.data.length, bytes)
  assert.deepEqual(Buffer.from(partOfMail(message, 0)!.data), bytes)
  for (const index of [-1, 3, 0.5]) assert.equal(partOfMail(message, index), null)
})

// Four times what it takes on a slow machine that has nothing else to do; each would take minutes without its bound.
const MILLISECONDS = 4000

it('no mail takes long, however it was made', () => {
  const parts = (count: number, header: string, body: string) =>
    mail('Content-Type: multipart/mixed; boundary=b', `${`--b\r\n${header}\r\n\r\n${body}\r\n`.repeat(count)}--b--`)
  const html = (text: string) => mail('Content-Type: text/html', text)
  const hostile: Record<string, Buffer> = {
    nested: html('<div>'.repeat(10_000)),
    'never closed': html('<a>'.repeat(500_000) + '</b>'.repeat(500_000)),
    'closed in vain': html(`${'<i>'.repeat(15_000)}${'</b>'.repeat(15_000)}`),
    attributes: html(`<p ${Array.from({ length: 100_000 }, (_, at) => `a${at}=1`).join(' ')}>`),
    styles: html(`<style>${`url(${' '.repeat(1000)}`.repeat(4000)}</style>`),
    entities: html('&amp'.repeat(1_000_000)),
    parts: parts(20_000, 'Content-Type: text/html', '<p>x'),
    boundaries: mail('Content-Type: multipart/mixed; boundary=b', '\r\n--bx'.repeat(2_000_000)),
    pictures: Buffer.concat([
      mail(
        'Content-Type: multipart/related; boundary=b',
        `--b\r\nContent-Type: text/html\r\n\r\n${'<img src="cid:x">'.repeat(29_000)}\r\n`,
      ),
      Buffer.from(
        `--b\r\nContent-ID: <x>\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${'A'.repeat(2_000_000)}\r\n--b--`,
      ),
    ]),
    'sixty megabytes': mail(
      'Content-Type: multipart/mixed; boundary=b',
      Buffer.concat([
        Buffer.from('--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'),
        Buffer.alloc(60_000_000, '=41'),
      ]),
    ),
  }
  for (const [name, message] of Object.entries(hostile)) {
    const spent = effort()
    const view = viewOfMail(message)
    const took = spent()
    assert.ok(took < MILLISECONDS, `${name}: ${took} ms`)
    assert.ok(view.html.length < 16_000_000, name)
    assertHarmless(
      textOf(view.html)
        .slice(0, 100_000)
        .replace(/<[^>]*$/, ''),
    )
  }
  assert.equal(viewOfMail(hostile.parts!).isWhole, false)
})
