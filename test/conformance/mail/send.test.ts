import assert from 'node:assert/strict'
import { after, before, it, type TestContext } from 'node:test'
import { readMessage } from 'openpgp'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { learnFromMail, uploadExternal } from '#src/domain/correspondents/correspondents.ts'
import { guestAt } from '#src/domain/guests/guests.ts'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import { dispatchMail } from '#src/domain/outgoing/outgoing.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type GnuPg, gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, onEveryEngine, type Received, type Reply, startHouse } from '#src/testing.ts'
import { DAY, friendsKey, openWorld, type World } from '../guard/friends.ts'
import { mailOf, messageIn, origin, type Person, person, refused, withPassword } from './people.ts'

const PER_HOUR = 7

onEveryEngine('a mail that is encrypted and sent', (engine) => {
  let house: House
  let world: World
  let ada: Person
  before(async () => {
    world = await openWorld()
    house = await startHouse({
      engine,
      settings: { ...world.settings, CHATELAINE_MAILS_PER_HOUR: String(PER_HOUR) },
    })
    ada = await person(house, 'ada')
  })
  after(async () => {
    await house.stop()
    await world.close()
  })

  const now = () => house.clock.now()
  const account = async ({ email }: Person = ada) => (await findByAddress(house.ctx, email))!
  const upload = async (certificate: Uint8Array, by = ada) =>
    uploadExternal(house.ctx, { account: await account(by), file: certificate, origin })
  const friend = async (name: string, by = ada) => {
    const key = await friendsKey(`${name}@friend.example`, { now: now() })
    await upload(key.certificate, by)
    return { email: `${name}@friend.example`, ...key }
  }
  const send = (mail: Uint8Array, { by = ada, query = '', headers = {} as Record<string, string> } = {}) =>
    by.post(`/mail/send?${query}`, mail, headers)
  const sent = async (...asked: Parameters<typeof send>): Promise<Reply> => {
    const reply = await send(...asked)
    assert.equal(reply.status, 200, reply.text.slice(0, 300))
    return reply
  }
  const toNobodyElse = (mail: Received, ...addresses: string[]) => assert.deepEqual(mail.to.sort(), addresses.sort())
  const armorIn = (raw: string) => /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(raw)![0]
  const readersOf = async (raw: string) =>
    (await readMessage({ armoredMessage: armorIn(raw) })).getEncryptionKeyIDs().map((id) => id.toHex().toUpperCase())
  const field = (raw: string, name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(raw)?.[1]

  /** A key that GnuPG makes, and reads with. */
  const ofGnuPg = (gpg: GnuPg, email: string, author: Uint8Array): Uint8Array => {
    gpg.run(['--import'], author)
    gpg.run(['--quick-gen-key', email, 'future-default', 'default', 'never'])
    return gpg.run(['--export', email])
  }
  const gpgOf = (t: TestContext) => gnuPg(t, now())
  const readBy = (gpg: GnuPg, { raw }: Received) => gpg.run(['--decrypt'], armorIn(raw)).toString()

  it('can be read by everybody with his own means, by blind recipients and by guests', {
    skip: !hasGnuPg,
  }, async (t) => {
    const [wkd, uploaded, autocrypt, blind] = ['wkd', 'up', 'ac', 'blind'].map((name) => `${name}@friend.example`)
    const guest = 'stranger@nowhere.example'
    const ben = await person(house, 'ben')
    const readers = [wkd!, uploaded!, autocrypt!, blind!].map((email) => ({ email, gpg: gpgOf(t) }))
    const { certificate } = (await currentCertificate(house.ctx, ada.email))!
    const keys = readers.map(({ email, gpg }) => ofGnuPg(gpg, email, certificate))
    world.wkd(wkd!, keys[0]!)
    await upload(keys[1]!)
    const keydata = Buffer.from((await openpgp.minimal({ certificate: keys[2]!, address: autocrypt!, now: now() }))!)
    await learnFromMail(house.ctx, {
      ...{ account: await account(), origin, from: autocrypt!, named: [ada.email], sent: now(), gossip: [] },
      headers: [`addr=${autocrypt}; keydata=${keydata.toString('base64')}`],
    })
    world.wkd(blind!, keys[3]!)
    const mail = mailOf(
      {
        From: `"Ada" <${ada.email}>`,
        To: `Ben <${ben.email}>, ${wkd}, ${uploaded}`,
        Cc: `${autocrypt}, A Stranger <${guest}>`,
        Bcc: blind!,
        Subject: 'Geheimnis',
      },
      'Nur für euch\r\n',
    )
    const headers = { ...withPassword(), 'X-Guest-Greeting': encodeURIComponent('Grüße von Ada') }
    const { json } = await sent(mail, { query: 'sign=true&pin=true&language=de', headers })
    assert.deepEqual(
      json.recipients.map(({ address, how, source }: Record<string, string>) => [address, how, source]),
      [
        [ben.email, 'encrypted', 'tenant'],
        [wkd, 'encrypted', 'wkd'],
        [uploaded, 'encrypted', 'uploaded'],
        [autocrypt, 'encrypted', 'autocrypt'],
        [guest, 'guest', 'guest'],
        [blind, 'encrypted', 'wkd'],
      ],
    )

    const named = await house.inbox.next(wkd!)
    toNobodyElse(named, ben.email, wkd!, uploaded!, autocrypt!)
    assert.equal((await readersOf(named.raw)).length, 5, 'those four and their author')
    for (const { gpg } of readers.slice(0, 3)) assert.match(readBy(gpg, named), /Nur f.*r euch/)
    assert.throws(() => readBy(readers[3]!.gpg, named), /No secret key/)
    const read = await ben.decrypt(Buffer.from(named.raw))
    assert.match(messageIn(read).toString(), /^Subject: Geheimnis\r$[\s\S]*Nur für euch/m)
    assert.deepEqual(
      read.json.signatures.map((one: Record<string, unknown>) => one.matchesSender),
      [true],
    )

    const alone = await house.inbox.next(blind!)
    toNobodyElse(alone, blind!)
    assert.equal((await readersOf(alone.raw)).length, 1)
    assert.match(readBy(readers[3]!.gpg, alone), /Nur f.*r euch/)

    const told = await house.inbox.next(guest)
    toNobodyElse(told, guest)
    const id = field(told.raw, 'X-OxGuard-ID')!
    assert.equal(field(told.raw, 'X-OxGuard'), 'true')
    assert.match(told.text, new RegExp(`/guest\\?item=${id}`))
    assert.match(told.text, /Grüße von Ada/)
    const { pin } = json.recipients.find(({ how }: { how: string }) => how === 'guest')
    assert.match(pin, /^\d{4}$/)
    const all = [named, alone, told].map(({ raw }) => raw).join()
    for (const secret of ['Geheimnis', 'Nur f', 'X-OxGuard-PIN', 'Bcc:']) assert.ok(!all.includes(secret), secret)
    assert.ok(![named.raw, told.raw].join().includes(blind!), 'the blind one is named to nobody')
    // The ids in its links are random, and may have any four digits in them.
    assert.doesNotMatch(told.text.replace(/https?:\S+/g, ''), new RegExp(`\\b${pin}\\b`), 'the PIN goes another way')

    const item = await house.ctx.db.selectFrom('guest_item').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    assert.equal(item.account_id, (await guestAt(house.ctx, guest))!.account.id)
    assert.deepEqual([item.sender, item.sender_name], [ada.email, 'Ada'])
    assert.ok(!item.subject.includes('Geheimnis'))
    assert.ok(!JSON.stringify(json).includes(id), 'the sender could choose the password of the guest with it')

    const kept = json.message as string
    assert.equal(field(kept, 'X-OxGuard-PIN'), pin)
    assert.equal((await readersOf(kept)).length, 1)
    assert.equal(field(kept, 'Message-ID'), json.id)
    assert.equal(field(named.raw, 'Message-ID'), json.id)
    assert.ok(field(named.raw, 'Date'))
    const own = messageIn(await ada.decrypt(kept)).toString()
    assert.match(own, /Nur für euch/)
    assert.match(own, new RegExp(`^Bcc: ${blind}\r$`, 'm'), 'the author sees whom he wrote to')
  })

  it('shows the PIN again while the guest has no password, to whom he was invited by', async () => {
    const zoe = await person(house, 'zoe')
    const guests = ['one', 'two'].map((name) => `${name}-${engine}@nowhere.example`)
    const { json } = await sent(mailOf({ From: zoe.email, To: guests.join(', ') }, 'x'), { by: zoe, query: 'pin=true' })
    const pins = json.recipients.map(({ pin }: { pin: string }) => pin)
    assert.match(json.message, new RegExp(`^X-OxGuard-PIN: ${pins[0]} \\(${guests[0]}\\),\r\n ${pins[1]} `, 'm'))
    const list = async (query: string, { sessid, cookie } = zoe) =>
      (await house.call('GET', `/api/v1/mail/guests?_h=${sessid}${query}`, { headers: { Cookie: cookie } })).json
    const shown = await list('')
    assert.deepEqual(
      shown.guests.map(({ address, pin, hasPassword }: Record<string, unknown>) => [address, pin, hasPassword]).sort(),
      guests.map((address, index) => [address, pins[index], false]).sort(),
    )
    assert.equal(shown.hasMore, false)
    const [first, second] = [await list('&limit=1'), await list('&limit=1&offset=1')]
    assert.deepEqual([first.hasMore, second.hasMore], [true, false])
    assert.notEqual(first.guests[0].address, second.guests[0].address)
    assert.deepEqual((await list('', await person(house, 'other'))).guests, [])
  })

  it('is sent to nobody when one of them can have it in the clear only', async () => {
    const writer = await person(house, 'writer')
    const good = await friend('good', writer)
    const old = await friendsKey('old@friend.example', { now: now(), validSeconds: DAY })
    await upload(old.certificate, writer)
    const keyless = await person(house, 'keyless', { hasKey: false })
    house.clock.turn(2 * DAY * 1000)
    const again = await person(house, 'again')
    for (const { certificate } of [good, old]) await upload(certificate, again)
    const to = [good.email, 'old@friend.example', keyless.email, 'wants@nowhere.example']
    const reply = await send(mailOf({ From: again.email, To: to.join(', ') }, 'x'), { by: again })
    refused(reply, 400, 'RECIPIENT_WITHOUT_KEY')
    assert.deepEqual(reply.json.reasons, { 'old@friend.example': 'expired' })
    assert.equal(await currentCertificate(house.ctx, keyless.email), null, 'nobody was given a key for it')
    assert.equal(await guestAt(house.ctx, 'wants@nowhere.example'), null, 'nobody was made a guest for it')
    const off = await send(mailOf({ From: again.email, To: 'wants@nowhere.example' }, 'x'), {
      by: again,
      query: 'guests=false',
    })
    refused(off, 400, 'RECIPIENT_WITHOUT_KEY')
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('wants@nowhere.example')))
    ada = await person(house, 'ada-later')
  })

  it('is from its author, whatever the field says so', async () => {
    const { email } = await friend('any')
    const own = { From: ada.email, To: email }
    const foreign: Record<string, string>[] = [
      { From: 'root@example.org' },
      { From: `${ada.email}, root@example.org` },
      { From: `${ada.email}, Root` },
      { From: `root@example.org <${ada.email}>` },
      { Sender: `Group: ${ada.email};` },
      { From: `${ada.email} (${'x'.repeat(21_000)}), root@example.org` },
      { Sender: 'root@example.org' },
      { 'Return-Path': '<root@example.org>' },
      { 'Resent-From': 'root@example.org' },
    ]
    for (const more of foreign) refused(await send(mailOf({ ...own, ...more }, 'x')), 403, 'SENDER_FOREIGN')
    const reply = await sent(mailOf({ ...own, 'Reply-To': 'root@example.org', Sender: ada.email }, 'x'))
    assert.equal(field((await house.inbox.next(email)).raw, 'Reply-To'), 'root@example.org')
    assert.equal(reply.json.recipients.length, 1)
  })

  it('is sent once when it is sent twice at the same instant', async () => {
    const { email } = await friend('double')
    const mail = mailOf({ From: ada.email, To: email, 'Message-ID': '<twice@example.org>' }, 'x')
    const replies = await Promise.all([send(mail), send(mail)])
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409])
    refused(replies.find(({ status }) => status === 409)!, 409, 'ALREADY_SENT')
    await house.inbox.next(email)
    assert.equal(house.inbox.received.filter(({ to }) => to.includes(email)).length, 1)
    const { count } = await house.ctx.db
      .selectFrom('kept_body')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('claimed', '=', 0)
      .executeTakeFirstOrThrow()
    assert.equal(Number(count), 0, 'nothing of the second one is left')
  })

  it('says that there is no copy for an author without a key', async () => {
    const keyless = await person(house, 'no-key', { hasKey: false })
    const { email } = await friend('reader', keyless)
    const { json } = await sent(mailOf({ From: keyless.email, To: email }, 'x'), { by: keyless })
    assert.deepEqual([json.message, json.messageEncoding], [null, null])
    refused(
      await send(mailOf({ From: keyless.email, To: email }, 'x'), { by: keyless, query: 'sign=true' }),
      404,
      'NO_KEY',
    )
  })

  it('is not for guests to begin', async () => {
    const guest = await person(house, 'guest')
    await house.ctx.db.updateTable('account').set({ population: 'guest' }).where('email', '=', guest.email).execute()
    const { email } = await friend('from-guest')
    refused(await send(mailOf({ From: guest.email, To: email }, 'x'), { by: guest }), 403, 'ACCESS_DENIED')
    const json = { 'Content-Type': 'application/json' }
    refused(await guest.post('/mail/plan', JSON.stringify({ to: [email] }), json), 403, 'ACCESS_DENIED')
  })

  it('is for so many people an hour', async () => {
    const busy = await person(house, 'busy')
    const friends = await Promise.all(Array.from({ length: PER_HOUR }, (_, index) => friend(`busy${index}`, busy)))
    const emails = friends.map(({ email }) => email)
    await sent(mailOf({ From: busy.email, To: emails.slice(1).join(', ') }, 'x'), { by: busy })
    const reply = await send(mailOf({ From: busy.email, To: emails.slice(0, 2).join(', ') }, 'x'), { by: busy })
    refused(reply, 429, 'TOO_MANY_REQUESTS')
    assert.ok(Number(reply.headers.get('retry-after')) > 0)
    // Before a key is asked for: one that opens once is not used up.
    const early = await send(mailOf({ From: busy.email, To: emails.join(', ') }, 'x'), { by: busy, query: 'sign=true' })
    refused(early, 429, 'TOO_MANY_REQUESTS')
    await sent(mailOf({ From: busy.email, To: emails[0]! }, 'x'), { by: busy })
  })

  it('goes as it is when its writer has encrypted it already, and names no blind one', async () => {
    const { email } = await friend('sealed')
    const [blind] = [(await friend('sealed-blind')).email]
    const sealed = (await ada.encrypt(mailOf({ From: ada.email, To: email }, 'x'), '', {})).text
    const { json } = await sent(Buffer.from(`Bcc: ${blind}\r\n${sealed}`))
    assert.deepEqual(
      json.recipients.map(({ source }: { source: string }) => source),
      ['sender', 'sender'],
    )
    const mail = await house.inbox.next(blind!)
    assert.equal(armorIn(mail.raw), armorIn(sealed))
    assert.equal(armorIn(json.message), armorIn(sealed))
    assert.equal(field(json.message, 'Bcc'), blind)
    assert.ok(!mail.raw.includes(blind!))
  })

  it('makes nobody a guest for a mail that its author cannot sign', async () => {
    const stranger = 'never@nowhere.example'
    const headers = { 'X-Key-Password': 'no-password-of-hers' }
    const reply = await send(mailOf({ From: ada.email, To: stranger }, 'x'), { query: 'sign=true', headers })
    refused(reply, 403, 'KEY_PASSWORD_WRONG')
    const guest = await house.ctx.db.selectFrom('guest').select('address').where('address', '=', stranger).execute()
    assert.deepEqual(guest, [])
  })

  it('opens the key once', async () => {
    const opened = async () =>
      (await house.ctx.db.selectFrom('audit').select('id').where('event', '=', 'key.unlocked').execute()).length
    const { email } = await friend('once')
    const before = await opened()
    await sent(mailOf({ From: ada.email, To: email }, 'x'), { query: 'sign=true', headers: withPassword() })
    assert.equal(await opened(), before + 1)
  })

  it('takes a greeting as long as guests read it, and no longer', async () => {
    const mail = mailOf({ From: ada.email, To: 'nobody@nowhere.example' }, 'x')
    const greeting = (text: string) =>
      send(mail, { query: 'guests=false', headers: { 'X-Guest-Greeting': encodeURIComponent(text) } })
    const long = await greeting('ä'.repeat(501))
    refused(long, 400, 'BAD_PARAMETER')
    assert.match(long.json.errorMessage, /X-Guest-Greeting, which may have 500 characters/)
    refused(await greeting('😀'.repeat(500)), 400, 'RECIPIENT_WITHOUT_KEY')
  })

  it('brings a colleague without a key one of his own, where he may have one', async () => {
    const [writer, keyless, gone] = [
      await person(house, 'writer'),
      await person(house, 'keyless', { hasKey: false }),
      await person(house, 'gone', { hasKey: false }),
    ]
    await house.ctx.db.updateTable('account').set({ suspended: 1 }).where('email', '=', gone.email).execute()
    const to = (...addresses: string[]) => mailOf({ From: writer.email, To: addresses.join(', ') }, 'hello\r\n')
    const refusal = await send(to(keyless.email, gone.email), { by: writer })
    refused(refusal, 400, 'RECIPIENT_WITHOUT_KEY')
    assert.deepEqual(refusal.json.reasons, { [gone.email]: 'no-own-key' })
    assert.equal(await currentCertificate(house.ctx, keyless.email), null, 'a refusal makes no keys')
    const once = (to: string) => mailOf({ From: writer.email, To: to, 'Message-ID': '<once@example.org>' }, 'x\r\n')
    await sent(once(writer.email), { by: writer })
    refused(await send(once(keyless.email), { by: writer }), 409, 'ALREADY_SENT')
    assert.equal(await currentCertificate(house.ctx, keyless.email), null, 'nor does a mail that was sent before')
    const { json } = await sent(to(keyless.email), { by: writer, query: 'guests=false' })
    assert.deepEqual(json.recipients, [{ address: keyless.email, how: 'encrypted', source: 'tenant' }])
    assert.ok(await currentCertificate(house.ctx, keyless.email))
    // He is told of the key, and the mail came.
    const mails = [await house.inbox.next(keyless.email), await house.inbox.next(keyless.email)]
    const sealed = mails.find(({ raw }) => /BEGIN PGP MESSAGE/.test(raw))
    assert.equal((await readersOf(sealed!.raw)).length, 2, 'he and the author')
  })

  it('is encrypted, clear or refused for each as it is wished for him', async () => {
    const { email } = await friend('known')
    const wishes = new Map([
      [email, 'known'],
      ['open@nowhere.example', 'known'],
      ['off@nowhere.example', 'off'],
      ['never@nowhere.example', 'always'],
    ] as const)
    const fates = await dispatchMail(house.ctx, {
      account: await account(),
      sender: ada.email,
      message: mailOf({ From: ada.email, To: 'off@nowhere.example', Bcc: 'open@nowhere.example' }, 'hello\r\n'),
      recipients: [...wishes.keys()],
      wish: {
        encrypt: (address) => wishes.get(address as typeof email) ?? 'always',
        guests: false,
        newKeys: false,
        pin: false,
      },
      options: { autocrypt: false, protect: false, attachKey: false, format: 'mime' },
      origin,
    })
    assert.deepEqual(fates, [
      { address: email, how: 'encrypted', source: 'uploaded' },
      { address: 'open@nowhere.example', how: 'clear', reason: 'no-key' },
      { address: 'off@nowhere.example', how: 'clear', reason: 'off' },
      { address: 'never@nowhere.example', how: 'refused', reason: 'no-key' },
    ])
    const clear = await house.inbox.next('off@nowhere.example')
    toNobodyElse(clear, 'off@nowhere.example', 'open@nowhere.example')
    assert.match(clear.raw, /hello/)
    assert.ok(!/^bcc:/im.test(clear.raw))
    toNobodyElse(await house.inbox.next(email), email)
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('never@nowhere.example')))
  })
})
