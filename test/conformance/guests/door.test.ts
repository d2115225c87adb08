import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { bringsGuest, newGuestHold } from '#src/http/guest-proof.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { DAY } from '../guard/friends.ts'
import { type Person, person, refused } from '../mail/people.ts'
import { API, invitedItem, send } from './reader.ts'

const PASSWORD = 'long enough 1'

onEveryEngine('The way in of guests', (engine) => {
  let house: House
  let ada: Person
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
  })
  after(() => house.stop())

  const post = (path: string, json: object, headers: Record<string, string> = {}) => {
    // Nobody is so fast that he would be held up.
    house.clock.turn(1000)
    return house.call('POST', `${API}${path}`, { json, headers })
  }
  const cookieOf = (reply: Reply) => ({ Cookie: reply.headers.getSetCookie()[0]!.split(';')[0]! })
  const invited = async (address: string, query = 'sign=true') => {
    const sent = await send(ada, { To: address, Subject: 'Tea' }, { query })
    return { item: await invitedItem(house, address), pin: sent.json.recipients[0].pin as string }
  }
  const choose = (address: string, itemId: string, more: object = {}) =>
    post('/password', { address, itemId, new: PASSWORD, question: 'Dog?', answer: 'Rex', ...more })
  const entered = async (address: string) => {
    const { item } = await invited(address)
    const chosen = await choose(address, item)
    assert.equal(chosen.status, 200, chosen.text)
    return { item, headers: cookieOf(chosen) }
  }
  const resetLink = async (address: string): Promise<string> => {
    const { text } = await house.inbox.next(address)
    return /\/guest\?reset=([\w-]+)/.exec(text)?.[1] ?? resetLink(address)
  }

  it('tells whose server it is, and what it asks of a password', async () => {
    const { host } = new URL(house.url)
    const { json } = await house.call('GET', `${API}/house`)
    assert.deepEqual(json, { name: 'Chatelaine', host: json.host, passwordLength: 8 })
    assert.equal(json.host.split(':')[0], host.split(':')[0])
  })

  it('tells who holds a link where it leads, and no more than the mail around it does', async () => {
    const address = 'ann.example@stranger.example'
    const { item } = await invited(address)
    const first = await post('/link', { item })
    const { date, expires, ...known } = first.json
    assert.deepEqual(known, {
      door: 'first',
      pinNeeded: false,
      to: 'ann***@***ample',
      from: { address: ada.email, name: '' },
      language: '',
    })
    assert.ok(Number(expires) > Number(date))
    assert.doesNotMatch(first.text, /Tea|ann\.example/)
    await choose(address, item)
    assert.equal((await post('/link', { item })).json.door, 'password')
    const nothing = { pinNeeded: false, to: '', from: null, date: null, expires: null, language: '' }
    for (const wrong of ['there-is-no-such', 'x', ''])
      assert.deepEqual((await post('/link', { item: wrong })).json, { door: 'gone', ...nothing })
    for (const wrong of [
      {},
      { item: 'x'.repeat(65) },
      { item: '\u0000' },
      { item, reset: 'x' },
      { item: 1 },
      { reset: 'x'.repeat(201) },
    ])
      refused(await post('/link', wrong), 400, 'BAD_PARAMETER')
    assert.deepEqual((await post('/link', { reset: 'x' })).json, { door: 'over', ...nothing })
  })

  it('leads nowhere once the time of a mail is over, or it was removed', async () => {
    const { item, headers } = await entered('bea@stranger.example')
    const { item: other } = await invited('cat@stranger.example')
    assert.equal((await house.call('DELETE', `${API}/items/${item}`, { headers })).status, 204)
    assert.equal((await post('/link', { item })).json.door, 'gone')
    house.clock.turn((house.ctx.config.guestItemDays + 1) * DAY * 1000)
    assert.equal((await post('/link', { item: other })).json.door, 'gone')
    ada = await person(house, 'ada')
  })

  it('lets somebody in by his password, and tells strangers nothing', async () => {
    const address = 'dan@stranger.example'
    const { item } = await entered(address)
    const signedIn = await post('/login', { address: ` ${address.toUpperCase()} `, password: PASSWORD })
    assert.deepEqual([signedIn.status, signedIn.json.hasPassword], [200, true], signedIn.text)
    assert.match(signedIn.headers.getSetCookie()[0]!, /^guest-session=.*HttpOnly; SameSite=Strict$/)
    const own = { headers: cookieOf(signedIn) }
    assert.equal((await house.call('GET', `${API}/items/${item}`, own)).json.text, 'Hello')
    assert.equal((await house.call('GET', API, own)).json.question, 'Dog?')
    const wrong = await post('/login', { address, password: 'wrong one' })
    const nobody = await post('/login', { address: 'xyz@stranger.example', password: 'wrong one' })
    refused(wrong, 403, 'KEY_PASSWORD_WRONG')
    assert.equal(wrong.text, nobody.text)
    refused(await post('/login', { address, password: '' }), 403, 'KEY_PASSWORD_WRONG')
    refused(await post('/login', { address }), 400, 'BAD_PARAMETER')
  })

  it('delays guesses of one network at an address, be there a guest or not', async () => {
    await entered('eli@stranger.example')
    for (const address of ['eli@stranger.example', 'nobody@stranger.example']) {
      let last = await post('/login', { address, password: 'wrong one' })
      for (let time = 0; time < 12 && last.status === 403; time++)
        last = await post('/login', { address, password: 'wrong one' })
      refused(last, 429, 'TOO_MANY_REQUESTS')
      assert.ok(Number(last.headers.get('retry-after')) > 0)
    }
    house.clock.turn(DAY * 1000)
    ada = await person(house, 'ada')
  })

  it('asks for the PIN where there is one, until it is locked', async () => {
    const address = 'fay@stranger.example'
    const { item, pin } = await invited(address, 'sign=true&pin=true')
    assert.deepEqual((await post('/link', { item })).json.pinNeeded, true)
    refused(await choose(address, item), 403, 'PIN_REQUIRED')
    const wrong = pin === '0000' ? '0001' : '0000'
    refused(await choose(address, item, { pin: wrong }), 403, 'PIN_WRONG')
    assert.equal((await choose(address, item, { pin })).status, 200)
    const { item: locked } = await invited('gil@stranger.example', 'sign=true&pin=true')
    for (let time = 0; time < 5; time++) await choose('gil@stranger.example', locked, { pin: 'none' })
    refused(await choose('gil@stranger.example', locked, { pin: 'none' }), 403, 'PIN_LOCKED')
  })

  it('mails a new password to who answers his question, and asks nobody else anything', async () => {
    const address = 'hal@stranger.example'
    const { headers } = await entered(address)
    assert.deepEqual((await post('/forgotten', { address })).json, { question: 'Dog?' })
    assert.deepEqual((await post('/forgotten', { address: 'zoe@stranger.example' })).json, { question: null })
    const answer = (json: object) => post('/forgotten/answer', json)
    refused(await answer({ address, answer: 'Cat' }), 403, 'ANSWER_WRONG')
    refused(await answer({ address: 'zoe@stranger.example', answer: 'Rex' }), 403, 'ANSWER_WRONG')
    assert.equal((await answer({ address, answer: ' REX ', language: 'de' })).status, 204)
    refused(await answer({ address, answer: 'Rex' }), 429, 'TOO_MANY_REQUESTS')
    refused(await house.call('GET', API, { headers }), 401, 'AUTH_REQUIRED')
    const { text } = await house.inbox.next(address)
    assert.match(text, /Passwort/)
    const [, password = ''] = /^([0-9a-z]{16})$/m.exec(text) ?? []
    assert.equal((await post('/login', { address, password })).status, 200, text)
  })

  it('starts somebody anew by a link that works once, and is the same silence for everybody', async () => {
    const address = 'ida@stranger.example'
    const { item, headers } = await entered(address)
    const asked = await Promise.all([address, 'zoe@stranger.example'].map((address) => post('/anew', { address })))
    assert.deepEqual(
      asked.map(({ status, text }) => [status, text]),
      [
        [204, ''],
        [204, ''],
      ],
    )
    const reset = await resetLink(address)
    assert.equal((await post('/link', { reset })).json.door, 'anew')
    const confirm = (json: object = {}) => post('/anew/confirm', { reset, address, new: 'long enough 2', ...json })
    refused(await confirm({ address: 'zoe@stranger.example' }), 403, 'RESET_INVALID')
    refused(await confirm({ new: 'short' }), 400, 'PASSWORD_SHORT')
    assert.equal((await confirm()).status, 204)
    refused(await confirm(), 403, 'RESET_INVALID')
    assert.equal((await post('/link', { reset })).json.door, 'over')
    refused(await house.call('GET', API, { headers }), 401, 'AUTH_REQUIRED')
    const own = { headers: cookieOf(await post('/login', { address, password: 'long enough 2' })) }
    assert.deepEqual((await house.call('GET', `${API}/items`, own)).json.items, [])
    refused(await house.call('GET', `${API}/items/${item}`, own), 404, 'ITEM_UNKNOWN')
  })

  it('takes nothing from a page of somebody else', async () => {
    const address = 'jan@stranger.example'
    await entered(address)
    const calls: [string, object][] = [
      ['/login', { address, password: PASSWORD }],
      ['/forgotten', { address }],
      ['/forgotten/answer', { address, answer: 'Rex' }],
      ['/anew', { address }],
      ['/anew/confirm', { reset: 'x', address, new: PASSWORD }],
    ]
    const foreign: Record<string, string>[] = [
      { Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'null' },
    ]
    for (const headers of foreign)
      for (const [path, json] of calls) {
        const reply = await post(path, json, headers)
        refused(reply, 403, 'ACCESS_DENIED')
        assert.deepEqual(reply.headers.getSetCookie(), [])
      }
  })

  it('keeps the cookie to itself where people come by https', async () => {
    const ctx = { ...house.ctx, config: { ...house.ctx.config, publicUrl: 'https://mail.example' } }
    const { cookie } = newGuestHold(ctx)
    assert.match(cookie, /^__Host-guest-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
    const brings = (name: string) => bringsGuest(ctx, { headers: new Headers({ Cookie: `${name}=x` }) })
    assert.deepEqual([brings('__Host-guest-session'), brings('guest-session')], [true, false])
  })
})
