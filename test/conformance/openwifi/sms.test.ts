import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  asRoot,
  bearer,
  change,
  complete,
  denied,
  login,
  newPerson,
  PASSWORD,
  type Person,
  refused,
  sibling,
  signedIn,
  withSiblings,
} from './people.ts'
import { openSmsProvider, type SmsProvider } from './sms-provider.ts'

const ok = { Code: 0, Details: 'Command completed.', Operation: 'POST' }
let lines = 1000
const someNumber = () => `+4144668${++lines}`
const wish = (number?: string) => ({
  userTypeProprietaryInfo: { mfa: { enabled: true, method: 'sms' }, ...(number ? { mobiles: [{ number }] } : {}) },
})

onEveryEngine('OpenWiFi: SMS', (engine) => {
  let house: House
  let root: Person
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: { ...withSiblings, ...provider.settings } })
    root = await asRoot(house)
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  const post = (by: Person, query: string, json: unknown) =>
    house.call('POST', `/api/v1/sms${query}`, { json, headers: bearer(by.token) })
  const validate = (by: Person, to: unknown) => post(by, '?validateNumber=true', { to })
  const finish = (by: Person, to: unknown, code: string) =>
    post(by, `?completeValidation=true&validationCode=${code}`, { to })
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000')

  /** A number of somebody's that was proven. */
  async function proven(by: Person, to = someNumber()): Promise<string> {
    assert.equal((await validate(by, to)).status, 200)
    assert.equal((await finish(by, to, await provider.code(to))).status, 200)
    return to
  }

  it('written by hand arrives', async () => {
    const to = someNumber()
    const reply = await post(root, '', { to: ` ${to.replace('4144', '41 44 ')} `, text: 'Works tonight\nat ten' })
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(reply.json, ok)
    assert.deepEqual(
      provider.texts.filter((text) => text.to === to).map(({ body }) => body),
      ['Works tonight\nat ten'],
    )
  })

  it('written by hand is for administrators, partners and sibling services', async () => {
    for (const role of ['admin', 'partner'])
      assert.equal(
        (await post(await newPerson(house, root, { role }), '', { to: someNumber(), text: 'x' })).status,
        200,
      )
    const headers = sibling()
    const json = { to: someNumber(), text: 'x' }
    assert.equal((await house.callInternal('POST', '/api/v1/sms', { json, headers })).status, 200)
    const before = provider.texts.length
    for (const role of ['csr', 'system', 'installer', 'noc', 'accounting', 'subscriber'])
      denied(await post(await newPerson(house, root, { role }), '', { to: someNumber(), text: 'x' }), 7)
    denied(await house.call('POST', '/api/v1/sms', { json }), 8)
    const enrol = '/api/v1/sms?validateNumber=true'
    denied(await house.callInternal('POST', enrol, { json: { to: someNumber() }, headers }), 7)
    assert.equal(provider.texts.length, before)
  })

  it('written by hand needs a number and a text', async () => {
    const before = provider.texts.length
    for (const to of [undefined, null, '', '12', 'nobody', '0446681800', `call ${someNumber()} now`, '+41446681800\n1'])
      refused(await post(root, '', { to, text: 'x' }), 400, 1018)
    for (const text of [undefined, null, '', ' ', 'x'.repeat(1601)])
      refused(await post(root, '', { to: someNumber(), text }), 400, 1018)
    refused(await house.call('POST', '/api/v1/sms', { headers: bearer(root.token) }), 400, 1002)
    assert.equal(provider.texts.length, before)
    assert.equal((await post(root, '', { to: someNumber(), text: 'x'.repeat(1600) })).status, 200)
  })

  it('that the provider refuses is told; one that it may take later is in the outbox', async () => {
    provider.mood.status = 400
    provider.mood.says = '{"error":"no such number"}'
    const never = await post(root, '', { to: someNumber(), text: 'never' })
    refused(never, 500, 1056)
    assert.match(never.json.ErrorDescription, /HTTP 400 .*no such number/)
    provider.mood.status = 503
    const to = someNumber()
    assert.equal((await post(root, '', { to, text: 'later' })).status, 200)
    provider.mood.status = 200
    house.clock.turn(60_000)
    await house.restart()
    for (let n = 0; n < 300 && provider.texts.filter((text) => text.to === to).length < 2; n++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(provider.texts.filter((text) => text.to === to).length, 2)
    assert.equal(provider.texts.filter(({ body }) => body === 'never').length, 1)
  })

  it('proves a number, and PUT /user may use it then', async () => {
    const someone = await newPerson(house, root)
    const to = someNumber()
    refused(await change(house, someone, someone.id, wish(to)), 400, 1044)
    const sent = await validate(someone, to)
    assert.equal(sent.status, 200, sent.text)
    assert.deepEqual(sent.json, ok)
    refused(await change(house, someone, someone.id, wish(to)), 400, 1044)
    const code = await provider.code(to)
    refused(await finish(someone, to, wrong(code)), 400, 1057)
    const done = await finish(someone, to, code)
    assert.equal(done.status, 200, done.text)
    assert.deepEqual(done.json, ok)
    const on = await change(house, someone, someone.id, wish(to))
    assert.deepEqual(on.json.userTypeProprietaryInfo, {
      authenticatorSecret: '',
      mfa: { enabled: true, method: 'sms' },
      mobiles: [{ number: to, primary: true, verified: true }],
    })
    const { uuid, method } = (await login(house, someone.email, PASSWORD)).json
    assert.equal(method, 'sms')
    assert.ok((await complete(house, uuid, await provider.code(to))).json.access_token)
  })

  it('sends a new code when asked twice; the last one counts', async () => {
    const someone = await newPerson(house, root)
    const to = someNumber()
    assert.equal((await validate(someone, to)).status, 200)
    const old = await provider.code(to)
    assert.equal((await validate(someone, to)).status, 200)
    const code = await provider.code(to)
    if (old !== code) refused(await finish(someone, to, old), 400, 1057)
    assert.equal((await finish(someone, to, code)).status, 200)
    refused(await finish(someone, to, code), 400, 1057)
    assert.equal((await change(house, someone, someone.id, wish(to))).status, 200)
  })

  it('proves a number again that is proven already', async () => {
    const someone = await newPerson(house, root)
    const to = await proven(someone)
    await proven(someone, to)
    const [mobile, ...more] = (await change(house, someone, someone.id, wish(to))).json.userTypeProprietaryInfo.mobiles
    assert.deepEqual([mobile.number, more.length], [to, 0])
  })

  it('keeps each code to its session and its number', async () => {
    const someone = await newPerson(house, root)
    const again = await signedIn(house, someone.email, PASSWORD)
    const other = await newPerson(house, root)
    const to = someNumber()
    await validate(someone, to)
    const code = await provider.code(to)
    refused(await finish(again, to, code), 400, 1057)
    refused(await finish(other, to, code), 400, 1057)
    refused(await finish(someone, someNumber(), code), 400, 1057)
    refused(await finish(someone, 'nobody', code), 400, 1057)
    refused(await finish(someone, undefined, code), 400, 1018)
    refused(await post(someone, '?completeValidation=true', { to }), 400, 1057)
    assert.equal((await finish(someone, to, code)).status, 200)
  })

  it('gives a code five tries and ten minutes', async () => {
    const someone = await newPerson(house, root)
    const to = someNumber()
    await validate(someone, to)
    const code = await provider.code(to)
    for (let n = 0; n < 5; n++) refused(await finish(someone, to, wrong(code)), 400, 1057)
    refused(await finish(someone, to, code), 400, 1057)
    await validate(someone, to)
    const late = await provider.code(to)
    house.clock.turn(600_001)
    refused(await finish(someone, to, late), 400, 1057)
    await proven(someone, to)
  })

  it('lets one of several right answers at the same instant in', async () => {
    const someone = await newPerson(house, root)
    const to = someNumber()
    await validate(someone, to)
    const code = await provider.code(to)
    const replies = await Promise.all(Array.from({ length: 4 }, () => finish(someone, to, code)))
    assert.deepEqual(replies.map(({ status }) => status).toSorted(), [200, 400, 400, 400])
  })

  it('sends five codes an hour to a number, and twenty for an account', async () => {
    const someone = await newPerson(house, root)
    for (let number = 0; number < 4; number++) {
      const to = someNumber()
      for (let n = 0; n < 5; n++) assert.equal((await validate(someone, to)).status, 200)
      const over = await validate(someone, to)
      denied(over, 10)
      assert.ok(Number(over.headers.get('retry-after')) > 0)
    }
    denied(await validate(someone, someNumber()), 10)
    house.clock.turn(3_600_001)
    await proven(someone)
  })

  it('says when the provider does not take the number', async () => {
    const someone = await newPerson(house, root)
    const to = someNumber()
    provider.mood.status = 400
    refused(await validate(someone, to), 400, 1056)
    provider.mood.status = 500
    assert.equal((await validate(someone, to)).status, 200)
    provider.mood.status = 200
    for (const bad of [undefined, '', 'nobody', '0446681800']) refused(await validate(someone, bad), 400, 1018)
    await proven(someone, to)
  })

  it('keeps no more than ten methods', async () => {
    const someone = await newPerson(house, root)
    for (let n = 0; n < 10; n++) await proven(someone)
    refused(await validate(someone, someNumber()), 400, 1018)
  })

  it('bounds what one caller writes by hand', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    Object.assign(house.ctx, { config: { ...house.ctx.config, messagesPerHour: 3 } })
    const replies = await Promise.all(Array.from({ length: 6 }, () => post(admin, '', { to: someNumber(), text: 'x' })))
    assert.deepEqual(replies.map(({ status }) => status).toSorted(), [200, 200, 200, 403, 403, 403])
    const over = await post(admin, '', { to: someNumber(), text: 'x' })
    denied(over, 10)
    assert.equal(over.headers.get('retry-after'), '3600')
  })
})

onEveryEngine('OpenWiFi: SMS where nobody carries it', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('is off for everything', async () => {
    const root = await asRoot(house)
    const someone = await newPerson(house, root)
    for (const by of [root, someone])
      for (const query of ['', '?validateNumber=true', '?completeValidation=true&validationCode=123456'])
        refused(
          await house.call('POST', `/api/v1/sms${query}`, { json: { to: someNumber() }, headers: bearer(by.token) }),
          400,
          1084,
        )
    refused(await house.call('POST', '/api/v1/sms', { headers: bearer(root.token) }), 400, 1084)
  })
})
