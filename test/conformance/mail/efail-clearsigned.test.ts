import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { container, EVIL, mail, part, type Stage, stage, verdictOf } from './efail-samples.ts'
import { bodyOf, messageIn, withPassword } from './people.ts'

const TEXT = 'I agree.\r\n- to nothing else\r\n'

describe('signed text: only what lies under the signature is shown', () => {
  let on: Stage
  let fields: Record<string, string>
  /** From its first line to its last, CRLF. */
  let good: string
  before(async () => {
    on = await stage()
    fields = { From: on.ada.email, To: on.ben.email, Subject: 'x' }
    const made = await on.ada.post('/mail/sign?format=inline', mail(fields, part('text/plain', TEXT)), withPassword())
    good = bodyOf(made.bytes).toString()
    assert.match(good, /^-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA\d+\r\n\r\nI agree/)
  })
  after(() => on.house.stop())

  const verify = (content: string) => on.ben.post('/mail/verify', mail(fields, content))
  const text = (body: string, type = 'text/plain') => part(type, body)

  it('text around it, and in front of it in other parts', async () => {
    const evil = 'Pay to evil.test\r\n'
    const page = part('text/html', '<p>evil.test</p><!--')
    for (const [what, content] of Object.entries({
      'in front': text(evil + good),
      behind: text(good + evil),
      both: text(evil + good + evil),
      'a second signed text, by nobody': text(good + good.replace('agree', 'pay evil.test')),
      'behind a line that only looks like the beginning': text(`-----BEGIN PGP SIGNED MESSAGE-----x\r\n${evil}${good}`),
      'in a quotation': text(`> -----BEGIN PGP SIGNED MESSAGE-----\r\n> ${evil}${good}`),
      'beside a page': container('multipart/mixed', page, text(good)),
      'as another way to say it': container('multipart/alternative', text(good), page),
    })) {
      const reply = await verify(content)
      assert.equal(reply.status, 200, `${what}: ${reply.text}`)
      assert.deepEqual([reply.json.verification.result, reply.json.hasMore], ['partly', true], what)
      assert.ok(!reply.text.includes(EVIL), `${what}: ${reply.text}`)
      assert.equal(bodyOf(messageIn(reply)).toString().trimEnd(), TEXT.trimEnd(), what)
    }
    const alone = await verify(text(good))
    assert.deepEqual([alone.json.verification.result, alone.json.hasMore], ['good', false])
  })

  it('where nobody looks for it', async () => {
    for (const content of [
      text(`<pre>${good}</pre>`, 'text/html'),
      text(good, 'text/enriched'),
      part('text/plain', good, 'Content-Disposition: attachment\n'),
      part('message/rfc822', `From: ${on.ada.email}\r\n\r\n${good}`),
      text(good.replaceAll(/^/gm, '> ')),
    ])
      assert.equal((await verify(content)).json.errorCode, 'NOT_SIGNED')
  })

  it('lines that were put into the frame', async () => {
    const [head = '', rest = ''] = good.split(/(?<=SIGNED MESSAGE-----\r\n)/)
    const [, hash = ''] = /^(Hash: .*\r\n)/.exec(rest)!
    const frames = {
      'a foreign header': `${head}Comment: evil.test\r\n${rest}`,
      'one behind the hash': `${head}${hash}Subject: evil.test\r\n${rest.slice(hash.length)}`,
      'text in the hash': `${head}Hash: SHA256\tevil.test\r\n${rest.slice(hash.length)}`,
      'a hash that goes on in the next line': `${head}Hash: SHA256,\r\n evil.test\r\n${rest.slice(hash.length)}`,
      'a header with blanks in front': `${head} evil.test\r\n${rest}`,
      'a line of blanks, and text': `${head} \t\r\nevil.test\r\n${rest}`,
      'a line that only CR ends': `${head}Hash: SHA256\revil.test\r\n${rest.slice(hash.length)}`,
      'text under the signed one': good.replace('\r\n-----BEGIN PGP SIG', '\r\nevil.test\r\n-----BEGIN PGP SIG'),
      'text between it and the signature': good.replace(
        '\r\n-----BEGIN PGP SIGNATURE',
        '\r\n-----BEGIN PGP SIGNATURE-----x\r\nevil.test\r\n-----BEGIN PGP SIGNATURE',
      ),
      'a signature in front of the signature': good.replace(
        '\r\n-----BEGIN PGP SIGNATURE',
        '\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nevil.test\r\n-----BEGIN PGP SIGNATURE',
      ),
      'another kind of armor in its place': good.replaceAll('PGP SIGNATURE', 'PGP MESSAGE'),
      'a line escaped that was not': good.replace('I agree', '- evil.test I agree'),
      'a line no longer escaped': good.replace('- - to', '- evil.test to'),
    }
    for (const [what, body] of Object.entries(frames)) {
      const reply = await verify(text(body))
      if (reply.status !== 200) {
        assert.ok(
          ['MESSAGE_UNREADABLE', 'NOT_SIGNED', 'BAD_PARAMETER'].includes(reply.json.errorCode),
          `${what}: ${reply.text}`,
        )
        continue
      }
      const { result } = verdictOf(reply)
      assert.ok(!['good', 'partly'].includes(result), `${what}: ${reply.text}`)
    }
    // What no signature covers, and nobody is shown.
    const commented = await verify(
      text(good.replace('SIGNATURE-----\r\n\r\n', 'SIGNATURE-----\r\nComment: evil.test\r\n\r\n')),
    )
    assert.deepEqual([verdictOf(commented).result, commented.text.includes(EVIL)], ['good', false])
    const unescaped = await verify(text(good.replace('- - to', '- to')))
    assert.equal(verdictOf(unescaped).result, 'bad')
  })

  it('a charset outside that turns the text into another one', async () => {
    for (const charset of ['utf-16', 'utf-16be', 'utf-7', 'x-nobody-knows', 'evil.test'])
      assert.equal((await verify(text(good, `text/plain; charset=${charset}`))).text.includes(EVIL), false, charset)
  })
})
