import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { after, before, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Resvg } from '@resvg/resvg-js'
import readQr from 'jsqr'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  addAuthenticator,
  addMail,
  codeOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

/** What a phone's camera would read from the drawing. */
function scan(svg: string): string | undefined {
  const image = new Resvg(svg, { background: 'white', fitTo: { mode: 'width', value: 600 } }).render()
  return readQr.default(new Uint8ClampedArray(image.pixels), image.width, image.height)?.data
}

const wrongOf = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

let targets = 0
const freshTarget = (): string => `target-${++targets}@elsewhere.example`

onEveryEngine('mailbox: security methods', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const person = async () => signIn(house, (await makeAccount(house)).email)

  it('an authenticator: begun, scanned, activated, listed, revoked', async () => {
    const { email, call, secure } = await person()
    const created = await secure('POST', METHODS, { json: { method: 'authApp' } })
    assert.deepEqual(Object.keys(created.json), ['id'])
    const { id } = created.json
    assert.match(id, /^[\w-]{22}$/)
    assert.deepEqual((await call('GET', METHODS)).json, { items: [] })

    const drawn = await secure('GET', `${METHODS}/${id}/qr`)
    assert.equal(drawn.headers.get('content-type'), 'image/svg+xml')
    assert.equal(drawn.headers.get('cache-control'), 'no-store')
    const typed = await secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } })
    assert.deepEqual(Object.keys(typed.json), ['secret', 'otpauthUri'])
    assert.equal(scan(drawn.text), typed.json.otpauthUri)
    const uri = new URL(scan(drawn.text)!)
    assert.equal(uri.protocol + uri.host, 'otpauth:totp')
    assert.equal(decodeURIComponent(uri.pathname), `/Chatelaine:${email}`)
    const { secret, ...rest } = Object.fromEntries(uri.searchParams)
    assert.deepEqual(rest, { issuer: 'Chatelaine', algorithm: 'SHA1', digits: '6', period: '30' })
    assert.match(secret!, /^[A-Z2-7]{32}$/)
    assert.equal(secret, typed.json.secret)

    refused(await secure('POST', `${METHODS}/${id}/sendtoken`), 400, 'BAD_PARAMETER')
    const wrong = { totpToken: wrongOf(codeOf(house, secret!)) }
    refused(await secure('POST', `${METHODS}/${id}/activate`, { json: wrong }), 400, 'INVALID_TOKEN')
    empty(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken: codeOf(house, secret!) } }))
    const items = [{ id, method: 'authApp', target: '', lastUsedDate: '' }]
    assert.deepEqual((await call('GET', METHODS)).json, { items })
    assert.deepEqual((await call('GET', `${METHODS}?scope=2fa`)).json, { items })
    assert.deepEqual((await call('GET', `${METHODS}?scope=passwordRecovery`)).json, { items: [] })
    // A secret that works is never shown again.
    refused(await secure('GET', `${METHODS}/${id}/qr`), 404, 'NOT_FOUND')
    refused(await secure('POST', `${METHODS}/${id}/activate`, { json: wrong }), 404, 'NOT_FOUND')

    empty(await secure('DELETE', `${METHODS}/${id}`))
    assert.deepEqual((await call('GET', METHODS)).json, { items: [] })
    refused(await secure('DELETE', `${METHODS}/${id}`), 404, 'NOT_FOUND')
  })

  it('an authenticator may be half a minute off, and not a whole one', async () => {
    const { secure } = await person()
    for (const [steps, status] of [
      [-2, 400],
      [-1, 200],
      [1, 200],
      [2, 400],
    ]) {
      const { id } = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json
      const { secret } = (await secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } })).json
      const json = { totpToken: codeOf(house, secret, steps) }
      assert.equal((await secure('POST', `${METHODS}/${id}/activate`, { json })).status, status)
    }
  })

  it('a pending authenticator takes five tries', async () => {
    const { secure } = await person()
    const { id } = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json
    const { secret } = (await secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } })).json
    const right = { totpToken: codeOf(house, secret) }
    for (const totpToken of ['', 'abcdef', '12345', wrongOf(right.totpToken), wrongOf(right.totpToken)])
      refused(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } }), 400, 'INVALID_TOKEN')
    refused(await secure('POST', `${METHODS}/${id}/activate`, { json: right }), 400, 'INVALID_TOKEN')
    empty(await secure('DELETE', `${METHODS}/${id}`))
  })

  it('a mail method: begun, sent a token, activated, listed masked, used for 2-step verification, revoked', async () => {
    const { email, call, secure } = await person()
    const { id } = (
      await secure('POST', METHODS, { json: { method: 'email', target: ' Anna.Long@Elsewhere.Example ' } })
    ).json
    refused(await secure('GET', `${METHODS}/${id}/qr`), 400, 'BAD_PARAMETER')
    // Sending needs no securityToken: it is a step of the sign-in too.
    empty(await call('POST', `${METHODS}/${id}/sendtoken`))
    const totpToken = await house.inbox.code('anna.long@elsewhere.example')
    empty(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } }))
    const item = { id, method: 'email', target: 'ann***@***ample', lastUsedDate: '' }
    for (const scope of ['general', '2fa', 'usernameRecovery', 'passwordRecovery'])
      assert.deepEqual((await call('GET', `${METHODS}?scope=${scope}`)).json, { items: [item] })
    refused(await secure('GET', `${METHODS}/${id}/qr`), 400, 'BAD_PARAMETER')

    house.clock.turn(60_000)
    empty(await call('POST', `${METHODS}/${id}/sendtoken`))
    const json = { methodId: id, totpToken: await house.inbox.code('anna.long@elsewhere.example') }
    assert.equal((await secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
    const used = String(Math.floor(house.clock.now() / 1000))
    assert.deepEqual((await call('GET', METHODS)).json, { items: [{ ...item, lastUsedDate: used }] })

    const partial = await signIn(house, email)
    empty(await partial.call('POST', `${METHODS}/${id}/sendtoken`))
    const step = { methodId: id, totpToken: await house.inbox.code('anna.long@elsewhere.example') }
    empty(await partial.call('POST', '/login/2fa', { json: step }))
  })

  it('a target must fit its method', async () => {
    const account = await makeAccount(house)
    const { secure } = await signIn(house, account.email)
    const bad = [
      { method: 'email' },
      { method: 'email', target: '' },
      { method: 'email', target: 'nobody' },
      { method: 'email', target: account.email },
      { method: 'email', target: account.email.toUpperCase() },
      { method: 'sms' },
      { method: 'sms', target: '12345' },
      { method: 'authApp', target: 'me@elsewhere.example' },
      { method: 'pigeon' },
      { method: 'email', target: 7 },
      { method: 'email', target: freshTarget(), color: 'red' },
      {},
    ]
    for (const json of bad) refused(await secure('POST', METHODS, { json }), 400, 'BAD_PARAMETER')
    // No SMS carrier is set up here.
    const sms = { method: 'sms', target: '+40 721 234 567' }
    refused(await secure('POST', METHODS, { json: sms }), 403, 'NOT_ALLOWED_BY_POLICY')
  })

  it('a target is there once, and methods are few', async () => {
    const { secure } = await person()
    const target = freshTarget()
    await addMail(house, secure, target)
    refused(await secure('POST', METHODS, { json: { method: 'email', target } }), 400, 'METHOD_EXISTS')
    const ids = []
    for (let i = 0; i < 5; i++) ids.push((await secure('POST', METHODS, { json: { method: 'authApp' } })).json.id)
    refused(await secure('POST', METHODS, { json: { method: 'authApp' } }), 403, 'TOO_MANY_METHODS')
    for (const id of ids) empty(await secure('DELETE', `${METHODS}/${id}`))
    for (let i = 0; i < 9; i++) await addAuthenticator(house, secure)
    refused(await secure('POST', METHODS, { json: { method: 'authApp' } }), 403, 'TOO_MANY_METHODS')
  })

  it('a pending method belongs to the session that began it, a method to its account', async () => {
    const { email } = await makeAccount(house)
    const [one, two, stranger] = [await signIn(house, email), await signIn(house, email), await person()]
    const { id } = (await one.secure('POST', METHODS, { json: { method: 'email', target: freshTarget() } })).json
    for (const { secure } of [two, stranger]) {
      refused(await secure('GET', `${METHODS}/${id}/qr`), 404, 'NOT_FOUND')
      refused(await secure('POST', `${METHODS}/${id}/sendtoken`), 404, 'NOT_FOUND')
      refused(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken: '1' } }), 404, 'NOT_FOUND')
      refused(await secure('DELETE', `${METHODS}/${id}`), 404, 'NOT_FOUND')
    }
    const mail = await addMail(house, one.secure, freshTarget())
    refused(await stranger.call('POST', `${METHODS}/${mail}/sendtoken`), 404, 'NOT_FOUND')
    refused(await stranger.secure('DELETE', `${METHODS}/${mail}`), 404, 'NOT_FOUND')
    const json = { methodId: mail, totpToken: '000000' }
    refused(await stranger.secure('POST', `${SECURITY}/2fa`, { json }), 404, 'NOT_FOUND')
    empty(await two.secure('DELETE', `${METHODS}/${mail}`))
  })

  it('a token is good for its method and session only', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const [first, second] = [freshTarget(), freshTarget()]
    const mail = await addMail(house, one.secure, first)
    const { id } = (await one.secure('POST', METHODS, { json: { method: 'email', target: second } })).json
    house.clock.turn(60_000)
    empty(await one.call('POST', `${METHODS}/${mail}/sendtoken`))
    const totpToken = await house.inbox.code(first)
    refused(await one.secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } }), 400, 'INVALID_TOKEN')
    const json = { methodId: mail, totpToken }
    refused(await two.secure('POST', `${SECURITY}/2fa`, { json }), 400, 'INVALID_TOKEN')
    assert.equal((await one.secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
  })

  it('a token lives ten minutes, works once, and ends with the next', async () => {
    const { call, secure, renew } = await person()
    const target = freshTarget()
    const id = await addMail(house, secure, target)
    const turnOn = (totpToken: string) => secure('POST', `${SECURITY}/2fa`, { json: { methodId: id, totpToken } })
    const send = async () => {
      house.clock.turn(60_000)
      empty(await call('POST', `${METHODS}/${id}/sendtoken`))
      return house.inbox.code(target)
    }
    const first = await send()
    const second = await send()
    if (first !== second) refused(await turnOn(first), 400, 'INVALID_TOKEN')
    assert.equal((await turnOn(second)).status, 200)
    renew()
    refused(await turnOn(second), 400, 'INVALID_TOKEN')
    const third = await send()
    house.clock.turn(601_000)
    renew()
    refused(await turnOn(third), 400, 'INVALID_TOKEN')
  })

  it('a token takes five tries; a new one can be sent then', async () => {
    const { call, secure } = await person()
    const target = freshTarget()
    const { id } = (await secure('POST', METHODS, { json: { method: 'email', target } })).json
    const activate = (totpToken: string) => secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } })
    empty(await call('POST', `${METHODS}/${id}/sendtoken`))
    const code = await house.inbox.code(target)
    for (let i = 0; i < 5; i++) refused(await activate(wrongOf(code)), 400, 'INVALID_TOKEN')
    refused(await activate(code), 400, 'INVALID_TOKEN')
    house.clock.turn(60_000)
    empty(await call('POST', `${METHODS}/${id}/sendtoken`))
    empty(await activate(await house.inbox.code(target)))
  })

  it('tokens are sent a minute apart, and five in an hour', async () => {
    const { call, secure } = await person()
    const target = freshTarget()
    const { id } = (await secure('POST', METHODS, { json: { method: 'email', target } })).json
    const send = () => call('POST', `${METHODS}/${id}/sendtoken`)
    empty(await send())
    const soon = await send()
    refused(soon, 429, 'TOO_MANY_REQUESTS')
    assert.equal(soon.headers.get('retry-after'), '60')
    for (let i = 0; i < 4; i++) {
      house.clock.turn(60_000)
      empty(await send())
    }
    house.clock.turn(60_000)
    const many = await send()
    refused(many, 429, 'TOO_MANY_REQUESTS')
    assert.equal(many.headers.get('retry-after'), String(3600 - 300))
    // The hour counts for the target, whoever asks.
    const other = await person()
    const same = (await other.secure('POST', METHODS, { json: { method: 'email', target } })).json.id
    refused(await other.call('POST', `${METHODS}/${same}/sendtoken`), 429, 'TOO_MANY_REQUESTS')
    house.clock.turn(3_300_000)
    other.renew()
    const later = (await other.secure('POST', METHODS, { json: { method: 'email', target } })).json.id
    empty(await other.call('POST', `${METHODS}/${later}/sendtoken`))
  })

  it('while 2-step verification is active, the last method for it stays', async () => {
    const { client, app } = await makeTwoStepAccount(house)
    refused(await client.secure('DELETE', `${METHODS}/${app.id}`), 403, 'METHOD_IN_USE')
    refused(await client.secure('DELETE', METHODS), 403, 'METHOD_IN_USE')
    const mail = await addMail(house, client.secure, freshTarget())
    empty(await client.secure('DELETE', `${METHODS}/${app.id}`))
    refused(await client.secure('DELETE', `${METHODS}/${mail}`), 403, 'METHOD_IN_USE')
  })

  it('all methods go at once', async () => {
    const { call, secure } = await person()
    await addAuthenticator(house, secure)
    await addMail(house, secure, freshTarget())
    empty(await secure('DELETE', METHODS))
    assert.deepEqual((await call('GET', METHODS)).json, { items: [] })
    empty(await secure('DELETE', METHODS))
  })

  it('the owner is told by mail', async () => {
    const { email, secure } = await person()
    await addAuthenticator(house, secure)
    assert.match((await house.inbox.next(email)).text, /an authenticator app, was added/)
    empty(await secure('DELETE', METHODS))
    assert.match((await house.inbox.next(email)).text, /removed/)
  })
})

onEveryEngine('mailbox: security methods, as the operator wants them', (engine) => {
  it('a kind that the policy leaves out cannot be begun', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP_METHODS: 'email' } })
    t.after(() => house.stop())
    const { secure } = await signIn(house, (await makeAccount(house)).email)
    refused(await secure('POST', METHODS, { json: { method: 'authApp' } }), 403, 'NOT_ALLOWED_BY_POLICY')
  })

  it('without a mail server, a mail method cannot be begun', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: '' } })
    t.after(() => house.stop())
    const { secure } = await signIn(house, (await makeAccount(house)).email)
    const json = { method: 'email', target: freshTarget() }
    refused(await secure('POST', METHODS, { json }), 403, 'NOT_ALLOWED_BY_POLICY')
  })

  it('an SMS method goes by the operator’s gateway', async (t) => {
    const texts: { to: string; body: string }[] = []
    const gateway = createServer(async (request, response) => {
      texts.push((await json(request)) as (typeof texts)[0])
      response.end('{}')
    })
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    t.after(() => gateway.close())
    const { port } = gateway.address() as AddressInfo
    const house = await startHouse({ engine, settings: { CHATELAINE_SMS_URL: `http://127.0.0.1:${port}/` } })
    t.after(() => house.stop())
    const { call, secure } = await signIn(house, (await makeAccount(house)).email)
    const { id } = (await secure('POST', METHODS, { json: { method: 'sms', target: '+40 721 234 567' } })).json
    refused(await secure('GET', `${METHODS}/${id}/qr`), 400, 'BAD_PARAMETER')
    empty(await call('POST', `${METHODS}/${id}/sendtoken`))
    while (texts.length === 0) await setTimeout(10)
    assert.equal(texts[0]!.to, '+40721234567')
    const totpToken = /\b\d{6}\b/.exec(texts[0]!.body)![0]
    empty(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } }))
    const { items } = (await call('GET', `${METHODS}?scope=2fa`)).json
    assert.deepEqual(items, [{ id, method: 'sms', target: '***567', lastUsedDate: '' }])
  })

  it('a token that cannot be carried any more is not promised', async (t) => {
    const house = await startHouse({ engine })
    t.after(() => house.stop())
    const { call, secure } = await signIn(house, (await makeAccount(house)).email)
    const id = await addMail(house, secure, freshTarget())
    const { carriers } = house.ctx
    const { mailer } = carriers
    carriers.mailer = null
    refused(await call('POST', `${METHODS}/${id}/sendtoken`), 503, 'DELIVERY_UNAVAILABLE')
    const proof = { methodId: id, totpToken: '000000' }
    refused(await secure('POST', `${SECURITY}/2fa`, { json: proof }), 403, 'NOT_ALLOWED_BY_POLICY')
    carriers.mailer = mailer
  })
})
