import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, newSubscriber, PASSWORD, type Person, refused, subscriberLogin } from './people.ts'
import { openSmsProvider, type SmsProvider } from './sms-provider.ts'

let lines = 4000
const someNumber = () => `+4144668${++lines}`
const START = '?startValidation=true'
const finish = (code: string) => `?completeValidation=true&challengeCode=${code}`
const wrong = (code: string) => (code === '000000' ? '000001' : '000000')

onEveryEngine('OpenWiFi: the second step of subscribers', (engine) => {
  let house: House
  let root: Person
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: provider.settings })
    root = await asRoot(house)
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  const read = (by: Person) => house.call('GET', '/api/v1/submfa', { headers: bearer(by.token) })
  const write = (by: Person, json: unknown, query = '') =>
    house.call('PUT', `/api/v1/submfa${query}`, { json, headers: bearer(by.token) })
  const challenge = async ({ email }: Person) => (await subscriberLogin(house, email, PASSWORD)).json
  const answer = (uuid: string, code: string) =>
    house.call('POST', '/api/v1/suboauth2?completeMFAChallenge=true', { json: { uuid, answer: code } })

  it('is shown, and switched by mail', async () => {
    const someone = await newSubscriber(house, root)
    const { id, email } = someone
    const off = await read(someone)
    assert.deepEqual([off.status, off.json], [200, { email, id, sms: '', type: 'disabled' }])
    const on = await write(someone, { type: 'email' })
    assert.deepEqual([on.status, on.json], [200, { email, id, sms: '', type: 'email' }])
    assert.deepEqual((await read(someone)).json, on.json)
    assert.deepEqual((await write(someone, on.json)).json, on.json)
    const { uuid, method, access_token } = await challenge(someone)
    assert.deepEqual([method, access_token], ['email', undefined])
    assert.ok((await answer(uuid, await house.inbox.code(email))).json.access_token)
    assert.equal((await write(someone, { type: 'disabled' })).json.type, 'disabled')
    assert.ok((await challenge(someone)).access_token)
    assert.deepEqual((await write(someone, { type: 'disabled' })).json, off.json)
  })

  it('is switched to a number once its code has come back', async () => {
    const someone = await newSubscriber(house, root)
    const { id, email } = someone
    const sms = someNumber()
    const started = await write(someone, { type: 'sms', sms }, START)
    assert.equal(started.status, 200, started.text)
    assert.deepEqual(started.json, { Code: 0, Details: 'Command completed.', Operation: 'PUT' })
    assert.equal((await read(someone)).json.type, 'disabled')
    const code = await provider.code(sms)
    refused(await write(someone, { type: 'sms', sms }, finish(wrong(code))), 500, 1095)
    refused(await write(someone, { type: 'sms', sms: someNumber() }, finish(code)), 500, 1095)
    const done = await write(someone, { type: 'sms', sms }, finish(code))
    assert.deepEqual([done.status, done.json], [200, { email, id, sms, type: 'sms' }])
    assert.deepEqual((await read(someone)).json, done.json)
    refused(await write(someone, { type: 'sms', sms }, finish(code)), 500, 1095)
    const { uuid, method } = await challenge(someone)
    assert.equal(method, 'sms')
    assert.ok((await answer(uuid, await provider.code(sms))).json.access_token)
  })

  it('moves from one number to another', async () => {
    const someone = await newSubscriber(house, root)
    for (let n = 0; n < 2; n++) {
      const sms = someNumber()
      await write(someone, { type: 'sms', sms }, START)
      assert.equal((await write(someone, { type: 'sms', sms }, finish(await provider.code(sms)))).json.sms, sms)
      assert.equal((await read(someone)).json.sms, sms)
      const { uuid } = await challenge(someone)
      assert.ok((await answer(uuid, await provider.code(sms))).json.access_token)
    }
  })

  it('refuses in the words of the protocol', async () => {
    const someone = await newSubscriber(house, root)
    const sms = someNumber()
    for (const json of [{}, { type: '' }, { type: 'pigeon' }, { type: null }, { type: 'sms', sms }])
      refused(await write(someone, json), 400, 1018)
    refused(await write(someone, { type: 'sms' }, START), 400, 1094)
    refused(await write(someone, { type: 'sms' }, finish('123456')), 400, 1094)
    refused(await write(someone, { type: 'sms', sms: 'nobody' }, START), 400, 1018)
    refused(await write(someone, { type: 'sms', sms }, '?completeValidation=true'), 400, 1096)
    refused(await write(someone, { type: 'sms', sms }, finish('123456')), 500, 1095)
    refused(await write(someone, { type: 'authenticator' }), 400, 1055)
    refused(await house.call('PUT', '/api/v1/submfa', { headers: bearer(someone.token) }), 400, 1003)
    provider.mood.status = 400
    const unsent = await write(someone, { type: 'sms', sms }, START)
    provider.mood.status = 200
    refused(unsent, 500, 1095)
    for (let n = 1; n < 5; n++) assert.equal((await write(someone, { type: 'sms', sms }, START)).status, 200)
    denied(await write(someone, { type: 'sms', sms }, START), 10)
    assert.equal((await read(someone)).json.type, 'disabled')
  })

  it('is nobody else’s business', async () => {
    const someone = await newSubscriber(house, root)
    denied(await read(root), 8)
    denied(await write(root, { type: 'disabled' }), 8)
    denied(await house.call('GET', '/api/v1/submfa'), 8)
    const sms = someNumber()
    await write(someone, { type: 'sms', sms }, START)
    const code = await provider.code(sms)
    refused(await write(await newSubscriber(house, root), { type: 'sms', sms }, finish(code)), 500, 1095)
    await house.call('PUT', `/api/v1/subuser/${someone.id}`, { json: { suspended: true }, headers: bearer(root.token) })
    denied(await write(someone, { type: 'sms', sms }, finish(code)), 8)
  })

  it('cannot be switched to what nobody carries', async () => {
    const someone = await newSubscriber(house, root)
    const { carriers } = house.ctx as { carriers: Record<'mailer' | 'texter', unknown> }
    const { mailer, texter } = carriers
    Object.assign(carriers, { mailer: null, texter: null })
    const [mail, sms] = [
      await write(someone, { type: 'email' }),
      await write(someone, { type: 'sms', sms: someNumber() }, START),
    ]
    Object.assign(carriers, { mailer, texter })
    refused(mail, 400, 1085)
    refused(sms, 400, 1084)
    assert.equal((await read(someone)).json.type, 'disabled')
  })
})
