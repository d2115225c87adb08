import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { mailOf, messageIn, type Person, person, refused, withPassword } from './people.ts'

const DAY = 86_400_000

onEveryEngine('what the mail endpoints refuse', (engine) => {
  let house: House
  let ada: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_MAIL_LIMIT: '4194304' } })
    ada = await person(house, 'ada')
    ben = await person(house, 'ben')
  })
  after(() => house.stop())

  const to = (recipient: string, more: Record<string, string> = {}, body = 'x') =>
    mailOf({ From: ada.email, To: recipient, ...more }, body)

  it('names every recipient without a key, and none with one', async () => {
    const cyd = await person(house, 'cyd', { hasKey: false })
    const mail = to(`${cyd.email}, ${ben.email}`, { Cc: 'Stranger <out@elsewhere.test>', Bcc: 'blind@elsewhere.test' })
    const reply = await ada.encrypt(mail)
    refused(reply, 400, 'RECIPIENT_WITHOUT_KEY')
    assert.deepEqual(reply.json.recipients, [cyd.email, 'out@elsewhere.test', 'blind@elsewhere.test'])
    for (const address of reply.json.recipients) assert.ok(reply.json.errorMessage.includes(address))
    assert.ok(!reply.json.errorMessage.includes(ben.email))
  })

  it('counts an expired key as none', async () => {
    const brief = await startHouse({ engine, settings: { CHATELAINE_KEY_VALID_DAYS: '1' } })
    try {
      const old = await person(brief, 'old')
      brief.clock.turn(2 * DAY)
      const eve = await person(brief, 'eve')
      const reply = await eve.encrypt(mailOf({ From: eve.email, To: old.email }, 'x'))
      refused(reply, 400, 'RECIPIENT_WITHOUT_KEY')
      assert.deepEqual(reply.json.recipients, [old.email])
    } finally {
      await brief.stop()
    }
  })

  it('a mail to nobody, by somebody else, or that programs could read in two ways', async () => {
    refused(await ada.encrypt(mailOf({ From: ada.email }, 'x')), 400, 'NO_RECIPIENT')
    refused(await ada.encrypt(to('undisclosed-recipients:;')), 400, 'NO_RECIPIENT')
    const foreign = [
      ben.email,
      `${ada.email}, ${ben.email}`,
      `"${ada.email}" <${ben.email}>`,
      `Group: ${ada.email}, ${ben.email};`,
    ]
    for (const From of foreign) refused(await ada.encrypt(mailOf({ From, To: ben.email }, 'x')), 403, 'SENDER_FOREIGN')
    assert.equal((await ada.encrypt(mailOf({ From: foreign[0]!, To: ben.email }, 'x'), '', {})).status, 200)
    const unreadable = [
      '',
      '\r\nno header',
      'no header at all',
      `To: ${ben.email}\r\n\r\nx`,
      `From: nobody\r\nTo: ${ben.email}\r\n\r\nx`,
      `From: ${ada.email}\r\nFrom: ${ben.email}\r\nTo: ${ben.email}\r\n\r\nx`,
      `From: ${ada.email}\r\nTo: ${ben.email}\r\nno field\r\nBcc: ${ben.email}\r\n\r\nx`,
      `From: ${ada.email}\r\nTo: ${ben.email}\r\nSubject: x\rBcc: out@elsewhere.test\r\n\r\nx`,
      `From: ${ada.email}\r\nTo: ${ben.email}\r\nSubject: x\0y\r\n\r\nx`,
      `From: ${ada.email}\r\nTo: ${ben.email}\r\nX-Long: ${'y'.repeat(300_000)}\r\n\r\nx`,
    ]
    for (const mail of unreadable) refused(await ada.encrypt(mail), 400, 'MESSAGE_UNREADABLE')
  })

  it('folded fields and odd boundaries smuggle nothing into the outer message', async () => {
    const mail = to(
      ben.email,
      {
        Subject: 'x\r\n\tBcc: out@elsewhere.test\r\n Content-Type: text/html',
        'Content-Type': 'multipart/mixed;\r\n boundary="a\r\n b"; x="\r\n --a"',
      },
      '--a\r\n\r\nX-Inner: 1\r\n--=_00\r\n-----END PGP MESSAGE-----\r\n\r\n.\r\n',
    )
    const sealed = await ada.encrypt(mail)
    const head = sealed.text.slice(0, sealed.text.indexOf('\r\n\r\n'))
    assert.deepEqual(
      head.split(/\r\n(?![ \t])/).map((field) => field.split(':')[0]),
      ['From', 'To', 'Subject', 'Autocrypt', 'MIME-Version', 'Content-Type'],
    )
    assert.equal(sealed.text.match(/^-----END PGP MESSAGE-----/gm)?.length, 1)
    assert.ok(
      messageIn(await ben.decrypt(sealed.bytes))
        .toString()
        .endsWith('\r\n.\r\n'),
    )
  })

  it('a second layer of encryption, and more recipients than a mail may have', async () => {
    const sealed = await ada.encrypt(to(ben.email))
    const again = await ada.encrypt(sealed.bytes)
    refused(again, 400, 'BAD_PARAMETER')
    assert.match(again.json.errorMessage, /encrypted already/)
    const many = Array.from({ length: 501 }, (_, index) => `a${index}@elsewhere.test`).join(',\r\n ')
    refused(await ada.encrypt(to(many)), 400, 'BAD_PARAMETER')
  })

  it('a mail that is for others, changed on its way, or neither encrypted nor signed', async () => {
    const cyd = await person(house, 'cyd')
    const sealed = (await ada.encrypt(to(ben.email, {}, 'secret text'))).text
    refused(await cyd.decrypt(sealed), 403, 'NOT_FOR_YOU')
    const blind = (await ada.encrypt(to(ben.email, { Bcc: ada.email }))).text
    refused(await cyd.decrypt(blind), 403, 'NOT_FOR_YOU')
    const lines = sealed.split('\r\n')
    const middle = lines.findIndex((line) => line.startsWith('-----BEGIN')) + 7
    lines[middle] = lines[middle]!.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
    const changed = await ben.decrypt(lines.join('\r\n'))
    refused(changed, 400, 'MESSAGE_TAMPERED')
    assert.doesNotMatch(changed.text, /secret/)
    refused(await ben.decrypt(to(ben.email, {}, 'plain text')), 400, 'NOT_ENCRYPTED')
    const cut = await ben.decrypt(sealed.replace(/(\r\n[A-Za-z0-9+/=]+){3}\r\n(?=-----END)/, '\r\n'))
    assert.match(cut.json.errorCode, /^MESSAGE_(TAMPERED|UNREADABLE)$/)
    refused(await ben.decrypt('-----BEGIN PGP MESSAGE-----\n\nwV4D\n'), 400, 'MESSAGE_UNREADABLE')
  })

  it('junk, in every size that fits, and what does not fit', async () => {
    const junk = [
      JSON.stringify({ From: ada.email, To: ben.email, deep: '['.repeat(2_097_152) }),
      randomBytes(2_097_152),
      Buffer.alloc(2_097_152, 'a: b\r\n'),
      Buffer.alloc(2_097_152, '\r\n'),
      Buffer.alloc(200_000, `To: ${'<'.repeat(900)}\r\n`),
    ]
    for (const body of junk) {
      refused(await ada.encrypt(body), 400, 'MESSAGE_UNREADABLE')
      assert.match(
        (await ada.decrypt(body)).json.errorCode,
        /^(MESSAGE_UNREADABLE|NOT_ENCRYPTED)$/,
        Buffer.from(body as string).toString('latin1', 0, 20),
      )
    }
    refused(await ada.encrypt(Buffer.alloc(4_194_305, 'a')), 413, 'PAYLOAD_TOO_LARGE')
    refused(await ada.decrypt(Buffer.alloc(6_291_457, 'a')), 413, 'PAYLOAD_TOO_LARGE')
  })

  it('unknown parameters, other types, other methods', async () => {
    const mail = to(ben.email)
    for (const query of ['sign=yes', 'sign=', 'sign=true&more=1'])
      refused(await ada.encrypt(mail, query), 400, 'BAD_PARAMETER')
    refused(await ada.post('/mail/decrypt?sign=true', mail, withPassword()), 400, 'BAD_PARAMETER')
    refused(await ada.post('/mail/encrypt', mail, { 'Content-Type': 'text/plain' }), 400, 'BAD_PARAMETER')
    const global = await ada.encrypt(mail, '', { ...withPassword(), 'Content-Type': 'message/global; charset=utf-8' })
    assert.equal(global.status, 200)
    const get = await house.call('GET', '/api/v1/mail/encrypt')
    refused(get, 405, 'METHOD_NOT_ALLOWED')
    assert.equal(get.headers.get('allow'), 'POST')
  })

  it('whoever has no session, half of one, or two', async () => {
    const body = to(ben.email)
    const type = { 'Content-Type': 'message/rfc822', ...withPassword() }
    const send = (query: string, headers: Record<string, string>) =>
      house.call('POST', `/api/v1/mail/encrypt${query}`, { body, headers: { ...type, ...headers } })
    const none: [string, Record<string, string>][] = [
      ['', {}],
      ['', { Cookie: ada.cookie }],
      [`?_h=${ada.sessid}`, {}],
      [`?_h=${ada.sessid}`, { Cookie: ben.cookie }],
      [`?session=${ada.sessid}`, {}],
      ['', { Authorization: `Bearer ${ada.sessid}` }],
      ['?_h=x', { Authorization: 'Basic eDp5' }],
      ['', { Authorization: 'Basic eDp5' }],
    ]
    for (const [query, headers] of none) refused(await send(query, headers), 401, 'AUTH_REQUIRED')
    refused(await send(`?_h=${ada.sessid}&session=x`, { Cookie: ada.cookie }), 400, 'BAD_PARAMETER')
  })

  it('a session whose second step is still to come', async () => {
    const strict = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    try {
      const eve = await person(strict, 'eve')
      const mail = mailOf({ From: eve.email, To: eve.email }, 'x')
      refused(await eve.encrypt(mail), 403, 'TWO_FACTOR_SETUP_REQUIRED')
      await strict.ctx.db.updateTable('session').set({ state: 'required' }).execute()
      refused(await eve.decrypt(mail), 403, 'TWO_FACTOR_REQUIRED')
    } finally {
      await strict.stop()
    }
  })

  it('an account that was shut out in the meantime', async () => {
    const fay = await person(house, 'fay')
    await house.ctx.db.updateTable('account').set({ suspended: 1 }).where('email', '=', fay.email).execute()
    refused(await fay.encrypt(mailOf({ From: fay.email, To: ben.email }, 'x')), 401, 'AUTH_REQUIRED')
  })
})
