import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { choose, DEAD, forgot, headingOf, type Link, linkTo, open, SAVED, submit } from './links.ts'
import { asRoot, bearer, denied, login, newPerson, PASSWORD, type Person, withSiblings } from './people.ts'

const UI = 'https://ui.example.org/?a=1&b=2'

/** What every page promises: nothing is loaded, nothing runs, nobody frames it, nothing is kept or told. */
function assertHarmless({ headers, text }: Reply): void {
  const policy = headers.get('content-security-policy') ?? ''
  for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
    assert.ok(policy.includes(part), policy)
  assert.ok(!/unsafe|script-src|https?:|\*/.test(policy), policy)
  const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
  assert.ok(policy.includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`))
  assert.equal(headers.get('referrer-policy'), 'no-referrer')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.ok(!/<script|\son\w+=|\sstyle=|src=/i.test(text.replace(style, '')))
}

onEveryEngine('OpenWiFi: the pages of links', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { ...withSiblings, CHATELAINE_UI_URL: UI } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  async function fresh(): Promise<{ someone: Person; link: Link }> {
    house.clock.turn(3_600_000)
    const someone = await newPerson(house, root)
    await forgot(house, someone.email)
    return { someone, link: await linkTo(house, someone.email) }
  }

  it('are harmless, whatever they are', async () => {
    const { someone, link } = await fresh()
    const form = await open(house, link)
    assertHarmless(form)
    assert.match(form.text, /<form method="post" action="actionLink\?action=password_reset">/)
    assert.ok(form.text.includes(`value="${someone.email}"`))
    assertHarmless(await open(house, { action: 'nonsense', id: link.id }))
    assertHarmless(await submit(house, link, { password1: 'a', password2: 'b' }))
    const saved = await choose(house, link, 'Another-Password-1')
    assertHarmless(saved)
    assert.ok(saved.text.includes('href="https://ui.example.org/?a=1&#38;b=2"'))
    for (const name of ['access_policy', 'password_policy'])
      assertHarmless(await house.call('GET', `/wwwassets/${name}.html`))
  })

  it('tell what to do about a link that is none, and repeat nothing of it', async () => {
    const { link } = await fresh()
    const evil = '"><script>alert(1)</script>'
    const strange = [
      { action: 'password_reset', id: 'x' },
      { action: 'password_reset', id: encodeURIComponent(evil) },
      { action: encodeURIComponent(evil), id: link.id },
      { action: 'email_verification', id: link.id },
      { action: 'constructor', id: link.id },
      { action: '', id: '' },
    ]
    for (const one of strange) {
      const reply = await open(house, one)
      assert.equal(headingOf(reply), DEAD)
      assert.match(reply.text, /forgot password/)
      assert.ok(!reply.text.includes('alert'))
      assert.equal(headingOf(await choose(house, one, 'Another-Password-1')), DEAD)
    }
    for (const path of ['/api/v1/actionLink', '/api/v1/actionLink?action=password_reset'])
      for (const method of ['GET', 'POST']) assert.equal(headingOf(await house.call(method, path)), DEAD)
    assert.equal(headingOf(await choose(house, link, 'Another-Password-1')), SAVED)
  })

  it('say what is wrong with a password, and keep the link', async () => {
    const { someone, link } = await fresh()
    const wrong: [string, string, RegExp][] = [
      ['Another-Password-1', 'Another-Password-2', /two passwords are different/],
      ['', '', /too simple/],
      ['weakling', 'weakling', /too simple/],
      ['Password1!', 'Password1!'.toLowerCase(), /different/],
      ['no-capitals-1!', 'no-capitals-1!', /too simple/],
      [PASSWORD, PASSWORD, /had this password before/],
    ]
    for (const [password1, password2, text] of wrong) {
      const reply = await submit(house, link, { password1, password2 })
      assert.equal(headingOf(reply), 'Choose a new password')
      assert.match(reply.text, /role="alert"/)
      assert.match(reply.text, text)
      assert.ok(reply.text.includes(`value="${link.id}"`))
      if (password1 !== '') assert.ok(!reply.text.includes(password1))
    }
    assert.equal(headingOf(await choose(house, link, 'Another-Password-1')), SAVED)
    assert.equal((await login(house, someone.email, 'Another-Password-1')).status, 200)
  })

  it('do not let old passwords be guessed', async () => {
    const { link } = await fresh()
    const last = []
    for (let tries = 0; tries < 12; tries++) last.push(await choose(house, link, 'weak'))
    assert.match(last.at(-1)?.text ?? '', /Too many passwords/)
    house.clock.turn(3_600_000)
    assert.equal(headingOf(await choose(house, link, 'Another-Password-1')), SAVED)
  })

  it('take forms of both kinds', async () => {
    const { someone, link } = await fresh()
    const body = new FormData()
    for (const [name, value] of Object.entries({
      id: link.id,
      password1: 'Grüße-Straße-1',
      password2: 'Grüße-Straße-1',
    }))
      body.set(name, value)
    assert.equal(headingOf(await house.call('POST', `/api/v1/actionLink?action=${link.action}`, { body })), SAVED)
    assert.equal((await login(house, someone.email, 'Grüße-Straße-1')).status, 200)
    const huge = await submit(house, link, { password1: 'x'.repeat(20_000) })
    assert.equal(huge.status, 413)
  })

  it('escape what they show', async () => {
    const email = 'a&b{x}@example.org'
    const json = { email, userRole: 'csr', currentPassword: PASSWORD }
    await house.call('POST', '/api/v1/user/0', { json, headers: bearer(root.token) })
    await forgot(house, email)
    const link = await linkTo(house, email)
    const reply = await open(house, link)
    assert.ok(reply.text.includes('value="a&#38;b{x}@example.org"'))
    assert.ok(link.mail.html.includes('a&#38;b{x}@example.org'))
  })

  it('speak German to browsers that want it', async () => {
    const { link } = await fresh()
    const get = (language: string) =>
      house.call('GET', `/api/v1/actionLink?action=${link.action}&id=${link.id}`, {
        headers: { 'Accept-Language': language },
      })
    for (const language of ['de', 'de-CH,de;q=0.9,en;q=0.8', 'fr, DE;q=0.5, *;q=0.1']) {
      const reply = await get(language)
      assert.equal(headingOf(reply), 'Neues Passwort wählen')
      assert.equal(reply.headers.get('content-language'), 'de')
      assert.match(reply.text, /<html lang="de">/)
    }
    for (const language of ['en', 'en-GB,de;q=0.5', 'fr', '*', ';;q=x,', 'de;q=0'])
      assert.equal(headingOf(await get(language)), 'Choose a new password')
    const policy = await house.call('GET', '/wwwassets/password_policy.html', { headers: { 'Accept-Language': 'de' } })
    assert.equal(headingOf(policy), 'Passwörter')
    assert.match(policy.text, /8 bis 256 Zeichen/)
  })

  it('are there for sibling services too', async () => {
    const { link } = await fresh()
    const path = `/api/v1/actionLink?action=${link.action}&id=${link.id}`
    assert.equal(headingOf(await house.callInternal('GET', path)), 'Choose a new password')
  })

  it('stand beside pictures that clients show', async () => {
    for (const path of ['/wwwassets/logo.png', '/favicon.ico']) {
      const { status, headers, bytes } = await house.call('GET', path)
      assert.deepEqual([status, headers.get('content-type')], [200, 'image/png'])
      assert.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from('PNG')])
    }
    const missing = await house.call('GET', '/wwwassets/no-such.html')
    assert.deepEqual([missing.status, missing.json.ErrorCode, missing.json.ErrorDetails], [404, 404, 'GET'])
    assert.equal((await house.call('GET', '/somewhere')).text, 'endpoint.unknown\n')
  })
})

onEveryEngine('OpenWiFi: too many calls of the pages', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SIGN_IN_RATE: '3' } })
  })
  after(() => house.stop())

  it('are turned away for a second', async () => {
    const link = { action: 'password_reset', id: 'x' }
    for (let calls = 0; calls < 3; calls++) assert.equal(headingOf(await open(house, link)), DEAD)
    denied(await open(house, link), 10)
    denied(await submit(house, link), 10)
    house.clock.turn(1000)
    assert.equal(headingOf(await submit(house, link)), DEAD)
  })
})
