import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { bringsGuest, newGuestHold } from '#src/http/guest-proof.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { type Person, person } from '../mail/people.ts'
import { invitedItem, send } from './reader.ts'

const PASSWORD = 'long enough 1'

onEveryEngine('The pages of guests', (engine) => {
  let house: House
  let ada: Person
  before(async () => {
    house = await startHouse({ engine })
    ada = await person(house, 'ada')
  })
  after(() => house.stop())

  // Nobody clicks so fast that he would be held up.
  const get = (path: string, headers: Record<string, string> = {}) => {
    house.clock.turn(1000)
    return house.call('GET', path, { headers })
  }
  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    house.call('POST', path, { form, headers: { Origin: house.url, ...headers } })
  const cookieOf = (reply: Reply) => ({ Cookie: reply.headers.getSetCookie()[0]!.split(';')[0]! })
  const leadsTo = (reply: Reply, path: string) =>
    assert.deepEqual([reply.status, reply.headers.get('location')], [303, path], reply.text)
  const says = (reply: Reply, status: number, words: RegExp) => {
    assert.equal(reply.status, status, reply.text)
    assert.match(reply.text, words)
    const policy = reply.headers.get('content-security-policy')!
    assert.match(policy, /default-src 'none'; style-src 'sha256-[^']+'; frame-src 'self'; form-action 'self'/)
    assert.doesNotMatch(reply.text, /<script|style="|onclick|https?:\/\//)
    assert.equal(reply.headers.get('cache-control'), 'no-store')
  }
  const invited = async (address: string, query = 'sign=true') => {
    await send(ada, { To: address, Subject: 'Tea & <b>cake</b>' }, { query })
    return invitedItem(house, address)
  }
  const first = (item: string, email: string, more: object = {}) =>
    post('/guest/first', { item, email, password: PASSWORD, again: PASSWORD, question: 'Dog?', answer: 'Rex', ...more })
  const entered = async (address: string) => {
    const item = await invited(address)
    return { item, headers: cookieOf(await first(item, address)) }
  }
  /** A form with files, as a browser sends it. */
  const answer = (fields: Record<string, string | File>, headers: Record<string, string>) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return house.call('POST', '/guest/reply', { body, headers: { Origin: house.url, ...headers } })
  }

  it('let somebody in for the first time, read, answer, remove and leave', async () => {
    const address = 'ann@stranger.example'
    const item = await invited(address)
    says(await get(`/guest?item=${item}`), 200, /action="\/guest\/first"[\s\S]*name="email"[\s\S]*name="again"/)
    says(await first(item, address, { again: 'another' }), 403, /two passwords are not the same/)
    says(await first(item, address, { password: 'x', again: 'x' }), 403, /too short: it needs 8 characters at least/)
    says(await first(item, 'eve@stranger.example'), 403, /not here any more/)
    const chosen = await first(item, address)
    leadsTo(chosen, `/guest/mail?id=${item}`)
    const headers = cookieOf(chosen)
    const mail = await get(`/guest/mail?id=${item}`, headers)
    says(mail, 200, /<h1>Tea &#38; &#60;b&#62;cake&#60;\/b&#62;<\/h1>/)
    assert.match(mail.text, /Signed by the sender/)
    assert.match(
      mail.text,
      new RegExp(
        `<iframe src="/api/v1/guest/items/${item}/view" sandbox="allow-popups allow-popups-to-escape-sandbox"`,
      ),
    )
    says(await get('/guest', headers), 200, new RegExp(`href="/guest/mail\\?id=${item}">Tea`))
    leadsTo(await get(`/guest?item=${item}`, headers), `/guest/mail?id=${item}`)
    const [, once = ''] = /name="once" value="([^"]+)"/.exec(mail.text) ?? []
    const fields = { id: item, once, text: 'Gern', file1: new File(['<b>1</b>'], 'a.html'), file2: new File([], '') }
    leadsTo(await answer(fields, headers), `/guest/mail?id=${item}&sent=1`)
    says(await answer(fields, headers), 403, /This answer was sent already[\s\S]*Gern/)
    says(await get(`/guest/mail?id=${item}&sent=1`, headers), 200, /Your answer is on its way/)
    leadsTo(await post('/guest/remove', { id: item }, headers), '/guest')
    says(await get(`/guest/mail?id=${item}`, headers), 404, /not here any more/)
    const out = await post('/guest/sign-out', {}, headers)
    leadsTo(out, '/guest')
    assert.match(out.headers.getSetCookie()[0]!, /Max-Age=0/)
    says(await get('/guest', headers), 200, /action="\/guest\/sign-in"/)
    leadsTo(await get(`/guest/mail?id=${item}`, headers), `/guest?item=${item}`)
  })

  it('sign in by the password, and tell strangers nothing', async () => {
    const address = 'bea@stranger.example'
    const { item } = await entered(address)
    says(await get(`/guest?item=${item}`), 200, /action="\/guest\/sign-in"/)
    const wrong = await post('/guest/sign-in', { email: address, password: 'wrong one', item })
    const nobody = await post('/guest/sign-in', { email: 'xyz@stranger.example', password: 'wrong one', item })
    says(wrong, 403, /Address or password is wrong/)
    assert.equal(wrong.text.replaceAll(address, ''), nobody.text.replaceAll('xyz@stranger.example', ''))
    leadsTo(await post('/guest/sign-in', { email: address, password: PASSWORD, item }), `/guest/mail?id=${item}`)
    says(await get('/guest?item=there-is-no-such'), 404, /not here any more/)
  })

  it('ask for the PIN where there is one', async () => {
    const address = 'cleo@stranger.example'
    const mail = await send(ada, { To: address, Subject: 'x' }, { query: 'sign=true&pin=true' })
    const [{ pin }] = mail.json.recipients
    const item = await invitedItem(house, address)
    says(await get(`/guest?item=${item}`), 200, /name="pin"[^>]*inputmode="numeric"/)
    says(await first(item, address), 403, /Enter the PIN too/)
    says(await first(item, address, { pin: pin === '0000' ? '0001' : '0000' }), 403, /The PIN is wrong/)
    leadsTo(await first(item, address, { pin }), `/guest/mail?id=${item}`)
  })

  it('help who has forgotten his password, and say beforehand what starting anew costs', async () => {
    const address = 'dora@stranger.example'
    const { item } = await entered(address)
    says(await get('/guest/forgotten'), 200, /action="\/guest\/forgotten"/)
    says(await post('/guest/forgotten', { email: 'zoe@stranger.example' }), 200, /no question that you could answer/)
    says(await post('/guest/forgotten', { email: address }), 200, /Dog\?[\s\S]*cannot be read by anybody any more/)
    says(await post('/guest/forgotten', { email: address, answer: 'Cat' }), 403, /The answer is wrong/)
    says(await post('/guest/forgotten', { email: address, answer: 'rex' }), 200, /on its way to your mailbox/)
    const words = /If encrypted mail is kept here/
    for (const email of [address, 'zoe@stranger.example']) says(await post('/guest/anew', { email }), 200, words)
    let link = ''
    while (link === '') link = /\/guest(\?reset=[\w-]+)/.exec((await house.inbox.next(address)).text)?.[1] ?? ''
    says(await get(`/guest${link}`), 200, /cannot be read by anybody any more[\s\S]*action="\/guest\/reset"/)
    const anew = { reset: link.slice('?reset='.length), email: address, password: PASSWORD, again: PASSWORD }
    says(await post('/guest/reset', { ...anew, email: 'zoe@stranger.example' }), 403, /does not work any more/)
    says(
      await post('/guest/reset', anew),
      200,
      /<h1>You have started anew[\s\S]*You have a new key[\s\S]*href="\/guest">Sign in/,
    )
    says(await get(`/guest${link}`), 404, /does not work any more[\s\S]*action="\/guest\/forgotten"/)
    says(await post('/guest/reset', anew), 403, /does not work any more/)
    const headers = cookieOf(await post('/guest/sign-in', { email: address, password: PASSWORD }))
    says(await get('/guest', headers), 200, /There are no mails/)
    says(await get(`/guest/mail?id=${item}`, headers), 404, /not here any more/)
  })

  it('change a password', async () => {
    const { headers } = await entered('eve@stranger.example')
    says(await get('/guest/password', headers), 200, /name="old"[\s\S]*value="Dog\?"/)
    const change = { old: PASSWORD, password: 'long enough 2', again: 'long enough 2', question: 'Dog?', answer: '' }
    says(await post('/guest/password', { ...change, old: 'wrong one' }, headers), 403, /password so far is another one/)
    says(await post('/guest/password', change, headers), 200, /Your password is changed/)
    leadsTo(await get('/guest/password'), '/guest')
  })

  it('say whose they are, and are pages where something is not there either', async () => {
    const { host } = new URL(house.url)
    for (const [path, status] of [
      ['/guest', 200],
      ['/guest/forgotten', 200],
      ['/guest/anew', 405],
      ['/guest/nothing', 404],
      [`/guest?item=${'a'.repeat(100)}`, 400],
      ['/guest/unsubscribe?token=x', 404],
      [`/guest/unsubscribe?token=${'a'.repeat(1000)}`, 400],
    ] as const)
      says(await get(path), status, new RegExp(`<p class="house">Chatelaine · ${host}</p>\\n<h1>`))
  })

  it('take no form from a page of somebody else', async () => {
    const address = 'fay@stranger.example'
    const { item, headers } = await entered(address)
    const foreign = { ...headers, Origin: 'https://evil.example' }
    says(await post('/guest/remove', { id: item }, foreign), 403, /did not come from our page/)
    says(await answer({ id: item, once: 'abcdefgh', text: 'x' }, foreign), 403, /did not come from our page/)
    const signedIn = await post('/guest/sign-in', { email: address, password: PASSWORD }, { Origin: 'null' })
    assert.deepEqual([signedIn.status, signedIn.headers.getSetCookie()], [403, []])
    assert.equal((await post('/guest/sign-out', {}, foreign)).status, 403)
    says(await get('/guest', headers), 200, new RegExp(item))
  })

  it('say in words what a broken link is, and what is too large', async () => {
    const { headers } = await entered('gil@stranger.example')
    for (const path of ['/guest/mail', `/guest?item=${'x'.repeat(65)}`, '/guest?item=%00'])
      says(await get(path), 400, /link is not whole/)
    says(await get('/guest/'), 404, /link is not whole/)
    says(await get('/guest/sign-in'), 405, /link is not whole/)
    const file1 = new File([new Uint8Array(8.5e6)], 'a.bin')
    says(await answer({ id: 'x', once: 'abcdefgh', text: 'x', file1 }, headers), 413, /too large/)
  })

  it('let nobody hide his address behind a name that turns the writing about', async () => {
    const address = 'hal@stranger.example'
    const { headers } = await entered(address)
    const name = `=?utf-8?b?${Buffer.from('Bank\u202e <x@y.example>').toString('base64')}?=`
    house.clock.turn(1000)
    await send(ada, { From: `${name} <${ada.email}>`, To: address, Subject: 'x' })
    const shown = `<bdi>Bank\u202e &#60;x@y.example&#62;</bdi> <bdi>&#60;${ada.email}&#62;</bdi>`
    const list = await get('/guest', headers)
    assert.ok(list.text.includes(shown), list.text)
    const [, id] = /\/guest\/mail\?id=([\w-]+)/.exec(list.text)!
    assert.ok((await get(`/guest/mail?id=${id}`, headers)).text.includes(shown))
  })

  it('keep the cookie to themselves where people come by https', async () => {
    const ctx = { ...house.ctx, config: { ...house.ctx.config, publicUrl: 'https://mail.example' } }
    const { cookie } = newGuestHold(ctx)
    assert.match(cookie, /^__Host-guest-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
    const brings = (name: string) => bringsGuest(ctx, { headers: new Headers({ Cookie: `${name}=x` }) })
    assert.deepEqual([brings('__Host-guest-session'), brings('guest-session')], [true, false])
  })

  it('speak German to who reads it', async () => {
    const german = { 'Accept-Language': 'de-AT,de;q=0.9,en;q=0.8' }
    const page = await get('/guest', german)
    says(page, 200, /<html lang="de">[\s\S]*Ihre Mailadresse/)
    assert.equal(page.headers.get('content-language'), 'de')
    const languages = {
      'en,de': 'en',
      'fr,de;q=0.8,en;q=0.5': 'de',
      'de;q=0.2, en;q=0.9': 'en',
      'nds, sv': 'en',
      'en;q=0,de': 'de',
    }
    for (const [wanted, language] of Object.entries(languages))
      assert.match((await get('/guest', { 'Accept-Language': wanted })).text, new RegExp(`<html lang="${language}">`))
  })
})
