import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, describe, it } from 'node:test'
import { type House, startHouse } from '../src/testing.ts'
import { handOver, mailFrom, speak } from './gateway-client.ts'

describe('the listener of the gateway', () => {
  let house: House
  let port = 0
  before(async () => {
    house = await startHouse({
      settings: {
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_INCOMING_LISTEN: '0.0.0.0:0',
        CHATELAINE_MAIL_LIMIT: '200000',
        CHATELAINE_KEY_SOURCES: 'none',
      },
    })
    port = house.ctx.config.gatewayListen!.port
  })
  after(() => house.stop())

  const give = (mail: string, recipients = ['x@far.test']) =>
    handOver(port, { sender: 'a@here.test', recipients, mail })
  const raw = (content: string) =>
    speak(port, ['EHLO me\r\n', 'MAIL FROM:<a@here.test>\r\n', 'RCPT TO:<x@far.test>\r\n', 'DATA\r\n', content])
  const kept = async () => (await house.ctx.database.query.selectFrom('gateway_mail').select('id').execute()).length

  it('offers what mail servers need, and no sign-in', async () => {
    const [, offer = ''] = await speak(port, ['EHLO me\r\n'])
    for (const word of ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 200000']) assert.match(offer, new RegExp(word))
    assert.doesNotMatch(offer, /AUTH|STARTTLS|XCLIENT/)
  })

  it('turns away everybody but its peers', async (t) => {
    const foreign = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)
    if (!foreign) return t.skip('there is no other address')
    const open = house.ctx.config.gatewayIncomingListen!.port
    const [greeting = ''] = await speak(open, ['EHLO me\r\n'], foreign.address)
    assert.match(greeting, /^554 5\.7\.1 /)
    const [welcome = ''] = await speak(open, ['QUIT\r\n'])
    assert.match(welcome, /^220 /)
  })

  it('refuses what is too large, before and after it came', async () => {
    const large = mailFrom('a@here.test', 'x@far.test', { text: 'x'.repeat(70).concat('\r\n').repeat(3000) })
    const answers = await speak(port, ['EHLO me\r\n', 'MAIL FROM:<a@here.test> SIZE=200001\r\n'])
    assert.match(answers.at(-1)!, /^552 /)
    assert.match((await raw(`${large}\r\n.\r\n`)).at(-1)!, /^552 5\.3\.4 /)
  })

  it('ends a mail with CR LF . CR LF only, and refuses what others could split in two', async () => {
    const before = await kept()
    const head = 'From: <a@here.test>\r\nTo: x@far.test\r\nMessage-ID: <smuggled@here.test>\r\n\r\nfirst'
    const second = 'MAIL FROM:<boss@here.test>\r\nRCPT TO:<x@far.test>\r\nDATA\r\nFrom: boss@here.test\r\n\r\nsecond'
    for (const end of ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\r\n.\n', '\n\r.\n']) {
      const answers = await raw(`${head}${end}${second}\r\n.\r\n`)
      assert.match(answers.at(-1)!, /^554 5\.6\.0 /, JSON.stringify(end))
    }
    assert.equal(await kept(), before)
    assert.match((await raw(`${head}\r\n..\r\nstill the first\r\n.\r\n`)).at(-1)!, /^250 2\.0\.0 /)
    assert.match((await house.inbox.next('x@far.test')).raw, /first\r\n\.\r\nstill the first\r\n$/)
  })

  it('takes long lines and NULs as they are', async () => {
    const text = `${'y'.repeat(5000)}\r\n\0`
    assert.equal((await give(mailFrom('a@here.test', 'x@far.test', { text }))).code, 250)
    assert.ok((await house.inbox.next('x@far.test')).raw.includes(text))
  })

  it('refuses a header without end', async () => {
    const { code, words } = await give(mailFrom('a@here.test', 'x@far.test', { fields: `X: ${'z '.repeat(70_000)}` }))
    assert.deepEqual([code, words.slice(4, 9)], [554, '5.6.0'])
  })

  it('overlooks no field at the end of the largest header', async () => {
    const wish = 'X-Chatelaine-Encrypt: yes'
    const upTo = (end: number) => {
      const mail = mailFrom('a@here.test', 'x@far.test', { fields: `X: \r\n${wish}` })
      const missing = end - mail.indexOf(wish)
      return mail.replace('X: ', `X: ${'y'.repeat(missing)}`)
    }
    // Cut in the middle of its name it would be taken for the text.
    const { words } = await give(upTo(122_880 - 6))
    assert.match(words, /^554 5\.6\.0 /)
    await give(upTo(122_880 - wish.length - 4))
    assert.match((await house.inbox.next('a@here.test')).text, /x@far\.test: No key/)
  })

  it('breaks circles, by servers passed and by its own stamps', async () => {
    const passed = (times: number) => Array.from({ length: times }, () => 'Received: from a by b').join('\r\n')
    const through = await give(mailFrom('a@here.test', 'x@far.test', { fields: passed(50) }))
    assert.equal(through.code, 250)
    const { code, words } = await give(mailFrom('a@here.test', 'x@far.test', { fields: passed(51) }))
    assert.deepEqual([code, words.slice(4, 9)], [554, '5.4.6'])
    await house.inbox.next('x@far.test')
    let mail = mailFrom('a@here.test', 'x@far.test', { id: 'circling' })
    const rounds: number[] = []
    for (let round = 0; round < 6; round++) {
      const answer = await give(mail)
      rounds.push(answer.code)
      if (answer.code === 250) mail = (await house.inbox.next('x@far.test')).raw
    }
    assert.deepEqual(rounds, [250, 250, 250, 250, 250, 554])
    // The stamps of another mail count for nothing, and neither do made-up ones.
    const stamps = mail.match(/^X-Chatelaine-Gateway: .*$/gm)!.map((line) => line.trim())
    const other = mailFrom('a@here.test', 'x@far.test', { id: 'another', fields: stamps.join('\r\n') })
    assert.equal((await give(other)).code, 250)
  })

  it('knows a mail again that is handed over twice, also at the same instant', async () => {
    const mail = mailFrom('a@here.test', 'twice@far.test', { id: 'twice' })
    const answers = await Promise.all(Array.from({ length: 5 }, () => give(mail, ['twice@far.test'])))
    assert.equal(new Set(answers.map(({ words }) => words)).size, 1, JSON.stringify(answers))
    const others = await Promise.all([give(mail, ['else@far.test']), give(`${mail}.`, ['twice@far.test'])])
    assert.equal(new Set([...answers, ...others].map(({ words }) => words)).size, 3)
    await house.inbox.next('else@far.test')
    await house.inbox.next('twice@far.test')
    await house.inbox.next('twice@far.test')
    assert.equal(house.inbox.received.filter(({ to }) => to.includes('twice@far.test')).length, 2)
  })
})
