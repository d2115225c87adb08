import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import PostalMime from 'postal-mime'
import { deleteAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { sweepBodies } from '#src/domain/bodies/bodies.ts'
import { upgradeGuest } from '#src/domain/supporting/supporting.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { DAY } from '../guard/friends.ts'
import { messageIn, origin, type Person, person, refused, withPassword } from '../mail/people.ts'
import { API, invitedItem, newReader, type Reader, send } from './reader.ts'

const FROM = 'no-reply@chatelaine.example'

onEveryEngine('The answer of a guest', (engine) => {
  let house: House
  let ada: Person
  let ann: Reader
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_MAIL_FROM: `Our Mail <${FROM}>` } })
    ada = await person(house, 'ada')
    ann = await newReader(house, ada, 'ann@stranger.example')
  })
  after(() => house.stop())

  const reply = (by: Reader, id: string, json: object) => {
    // What is newer stands before what is older.
    house.clock.turn(1000)
    return by.call('POST', `/items/${id}/reply`, { json })
  }
  const nextSealed = async (address: string) => {
    let mail = await house.inbox.next(address)
    while (!mail.raw.includes('-----BEGIN PGP MESSAGE-----')) mail = await house.inbox.next(address)
    return mail
  }
  const opened = async (by: Person, raw: string) => {
    const reply = await by.decrypt(raw)
    return { json: reply.json, mail: await PostalMime.parse(messageIn(reply)) }
  }

  it('goes to who wrote, encrypted, signed, in the name of the house, and is kept', async () => {
    const [id] = await ann.ids()
    const file = { name: '../bill.html', type: 'text/html', data: Buffer.from('<b>1</b>').toString('base64') }
    const sent = await reply(ann, id!, { text: 'Gern, größe\n.\nBcc: x@y.example', attachments: [file], all: true })
    assert.equal(sent.status, 200, sent.text)
    assert.deepEqual(sent.json.recipients, [{ address: ada.email, how: 'encrypted' }])
    const mail = await nextSealed(ada.email)
    assert.deepEqual(mail.to, [ada.email])
    assert.doesNotMatch(mail.raw, /Gern|bill|Lunch/)
    const { json, mail: inside } = await opened(ada, mail.raw)
    assert.deepEqual(inside.from, { name: `${ann.address} via Our Mail`, address: FROM })
    assert.deepEqual(inside.replyTo, [{ name: '', address: ann.address }])
    assert.equal(inside.subject, 'Re: Lunch at noon')
    assert.equal(inside.text?.trim(), 'Gern, größe\n.\nBcc: x@y.example')
    assert.deepEqual(
      inside.attachments.map(({ filename, mimeType, content }) => [
        filename,
        mimeType,
        Buffer.from(content as ArrayBuffer).toString(),
      ]),
      [['bill.html', 'text/html', '<b>1</b>']],
    )
    const { headers } = (await ann.call('GET', `/items/${id}/plain`)).text
      .split('\r\n\r\n')
      .slice(0, 1)
      .map((head) => ({ headers: /^Message-ID: (.*)$/im.exec(head) }))[0]!
    assert.equal(inside.inReplyTo, headers![1]!.trim())
    const [signature] = json.signatures
    assert.deepEqual([signature.status, signature.signer, signature.source], ['valid', ann.address, 'guest'])
    assert.equal(signature.matchesSender, false)
    assert.equal(json.verification.result, 'good')
    assert.match(json.verification.explanation, /^Signed by ann@stranger\.example, who answered through this server/)
    const [own] = await ann.ids()
    assert.equal(own, sent.json.item)
    const copy = (await ann.call('GET', `/items/${own}`)).json
    assert.deepEqual([copy.kind, copy.from.address, copy.headers.to[0].address], ['sent', ann.address, ada.email])
    assert.match(copy.text, /Gern, größe/)
    refused(await reply(ann, own!, { text: 'to myself' }), 400, 'BAD_PARAMETER')
  })

  it('goes to the others too where that is wished, and to nobody else', async () => {
    const ben = await person(house, 'ben')
    const bob = await newReader(house, ada, 'bob@stranger.example')
    const nobody = await person(house, 'keyless', { hasKey: false })
    const to = [ann.address, ben.email, bob.address].join(', ')
    house.clock.turn(1000)
    await send(ada, { To: to, Subject: 'All' })
    await nextSealed(ben.email)
    await house.inbox.next(bob.address)
    const [id] = await ann.ids()
    const alone = await reply(ann, id!, { text: 'only you' })
    assert.deepEqual(alone.json.recipients, [{ address: ada.email, how: 'encrypted' }])
    const all = await reply(ann, id!, { text: 'all of you', all: true })
    assert.deepEqual(
      new Set(all.json.recipients.map(({ address, how }: { address: string; how: string }) => `${address} ${how}`)),
      new Set([`${ada.email} encrypted`, `${ben.email} encrypted`, `${bob.address} guest`]),
    )
    const { mail } = await opened(ben, (await nextSealed(ben.email)).raw)
    assert.equal(mail.text?.trim(), 'all of you')
    // The other guest sees who wrote, and his answer finds him.
    const invitation = await house.inbox.next(bob.address)
    assert.match(invitation.raw, new RegExp(`^From: .*<${FROM}>`, 'm'))
    assert.match(invitation.raw, new RegExp(`^Reply-To: ${ann.address}`, 'm'))
    assert.match(invitation.text, new RegExp(ann.address))
    const [his] = await bob.ids()
    const item = (await bob.call('GET', `/items/${his}`)).json
    assert.deepEqual([item.from.address, item.text.trim()], [ann.address, 'all of you'])
    const back = await reply(bob, his!, { text: 'me too' })
    assert.deepEqual(back.json.recipients, [{ address: ann.address, how: 'guest' }])
    // Nothing names whom it goes to but the mail itself.
    for (const more of [{ to: nobody.email }, { cc: [nobody.email] }, { from: ada.email }])
      refused(await reply(ann, id!, { text: 'x', ...more }), 400, 'BAD_PARAMETER')
  })

  it('has the mail that it answers below it where that is wished', async () => {
    const [id] = await ann.ids()
    const attachments = [{ name: 'a.txt', data: 'no base64!' }]
    refused(await reply(ann, id!, { text: 'x', attachments }), 400, 'BAD_PARAMETER')
    const dee = await person(house, 'dee')
    const body = 'First\r\n> older\r\n\r\nLast\r\n'
    const eli = await newReader(house, dee, 'eli@stranger.example', body)
    const sent = await reply(eli, (await eli.ids())[0]!, { text: 'Yes', quote: true })
    assert.equal(sent.status, 200, sent.text)
    const { mail } = await opened(dee, (await nextSealed(dee.email)).raw)
    const date = 'Thu, 15 Jan 2026 12:00:\\d\\d GMT'
    assert.match(mail.text!, new RegExp(`^Yes\\n\\n${dee.email}, ${date}:\\n> First\\n>> older\\n> \\n> Last\\n$`))
  })

  it('is sent once for two that are the same, and so many times an hour', async () => {
    const [id] = await ann.ids()
    const both = await Promise.all([1, 2].map(() => reply(ann, id!, { text: 'once', once: 'form-1234' })))
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
    let last = both[0]!
    for (let time = 0; time < 25 && last.status !== 429; time++) last = await reply(ann, id!, { text: 'again' })
    refused(last, 429, 'TOO_MANY_REQUESTS')
    assert.ok(Number(last.headers.get('retry-after')) > 0)
  })

  it('reaches who had no key when he wrote: he gets one', async () => {
    const eve = await person(house, 'eve', { hasKey: false })
    const address = 'dan@stranger.example'
    await send(eve, { To: address, Subject: 'Unsigned' }, { query: 'sign=false' })
    const itemId = await invitedItem(house, address)
    const json = { new: 'long enough 1', address, itemId }
    const chosen = await house.call('POST', `${API}/password`, { json })
    const headers = { 'X-Guest-Auth': chosen.json.auth }
    assert.equal((await house.call('GET', `${API}/items/${itemId}`, { headers })).json.verification.result, 'none')
    const answer = await house.call('POST', `${API}/items/${itemId}/reply`, { json: { text: 'hi' }, headers })
    assert.deepEqual(answer.json.recipients, [{ address: eve.email, how: 'encrypted' }])
    let { text } = await house.inbox.next(eve.email)
    while (!text.includes('a key was made for you')) ({ text } = await house.inbox.next(eve.email))
    assert.match(text, /^dan@stranger\.example wanted to write to you encrypted/)
  })

  it('is read after the guest has become a user, and nobody else is one by it', async () => {
    const carl = await person(house, 'carl')
    const address = 'flo@stranger.example'
    const flo = await newReader(house, ada, address)
    const account = (await findByAddress(house.ctx, carl.email))!
    const [id] = await flo.ids()
    await upgradeGuest(house.ctx, {
      ...{ email: address, userId: account.id, cid: 1, actor: 'test' },
      origin,
    })
    refused(await flo.call('GET', `/items/${id}`), 401, 'AUTH_REQUIRED')
    const own = { Cookie: carl.cookie, ...withPassword() }
    refused(
      await house.call('GET', `${API}/items/${id}?_h=${carl.sessid}`, { headers: own }),
      403,
      'KEY_PASSWORD_WRONG',
    )
    const headers = { Cookie: carl.cookie, ...withPassword('guest password ö1') }
    const read = await house.call('GET', `${API}/items/${id}?_h=${carl.sessid}`, { headers })
    assert.deepEqual(
      [read.status, read.json.text, read.json.headers?.subject],
      [200, 'Hello', 'Lunch at noon'],
      read.text,
    )
    refused(
      await house.call('POST', `${API}/items/${id}/reply?_h=${carl.sessid}`, { headers, json: { text: 'x' } }),
      403,
      'ACCESS_DENIED',
    )
    // With the account its mails go: what was kept of them belongs to nobody, and is swept.
    const { query } = house.ctx.database
    const kept = await query.selectFrom('guest_item').select('body_id').where('id', '=', id!).executeTakeFirstOrThrow()
    const body = () => query.selectFrom('kept_body').select('claimed').where('id', '=', kept.body_id).executeTakeFirst()
    assert.equal((await body())?.claimed, 1)
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    await deleteAccount(house.ctx, { caller, id: account.id, population: 'user', origin })
    assert.equal((await body())?.claimed, 0)
    house.clock.turn(2 * DAY * 1000)
    await sweepBodies(house.ctx)
    assert.equal(await body(), undefined)
  })
})
