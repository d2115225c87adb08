import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, type Person } from './person.ts'

onEveryEngine('Guard says of a parameter', (engine) => {
  let house: House
  let anna: Person
  before(async () => {
    house = await startHouse({ engine })
    anna = await newKeyOwner(house, 'anna@example.org')
  })
  after(() => house.stop())

  const says = (reply: Reply, code: string, params: (string | number)[]) => {
    assertError(reply, code, 'ERROR')
    assert.deepEqual(reply.json.error_params, params, reply.text)
    for (const param of params) assert.ok(reply.json.error.includes(param), reply.text)
  }
  const login = (action: string, json: unknown) => anna.call('POST', `/oxguard/login?action=${action}`, { json })
  const keys = (method: string, query: string, options: CallOptions = {}) =>
    anna.call(method, `/oxguard/keys?action=${query}`, options)

  it('that it is missing, when it was not sent, or sent empty', async () => {
    for (const left of [{}, { email: null }]) {
      says(await login('changesecondary', { password: KEY_PASSWORD, ...left }), 'SVL-0002', ['email'])
    }
    says(await keys('PUT', 'putautocrypt', { json: { header: '', sent_date: 1 } }), 'SVL-0002', ['header'])
    says(await keys('PUT', 'putautocrypt', { json: { header: 'x' } }), 'SVL-0002', ['sent_date'])
    says(await keys('PUT', 'verifyAutoCryptKey&verified=true'), 'SVL-0002', ['keyids'])
  })

  it('that its value is not allowed, and what that was, when it was sent', async () => {
    const secondary = (email: unknown) => login('changesecondary', { password: KEY_PASSWORD, email })
    for (const [email, shown] of [
      [5, '5'],
      [false, 'false'],
      [['a@example.org'], '[…]'],
      [{ password: 'hidden' }, '{…}'],
    ] as const)
      says(await secondary(email), 'SVL-0010', ['email', shown])
    says(await keys('PUT', 'putautocrypt', { json: { header: 7, sent_date: 1 } }), 'SVL-0010', ['header', '7'])
    const long = await keys('PUT', `verifyAutoCryptKey&keyids=${'A'.repeat(40)}&verified=${'x'.repeat(5000)}`)
    says(long, 'SVL-0010', ['verified', 'x'.repeat(60)])
    const settings = await anna.call('PUT', '/oxguard/login?action=settings', { json: { pgpsign: [1] } })
    says(settings, 'SVL-0010', ['pgpsign', '[…]'])
  })

  it('of one after the other, when several are wrong', async () => {
    says(await keys('PUT', 'putautocrypt', { json: { header: 7 } }), 'SVL-0010', ['header', '7'])
    says(await keys('PUT', 'putautocrypt', { json: { sent_date: [] } }), 'SVL-0002', ['header'])
    says(await keys('PUT', 'putautocrypt', { json: {} }), 'SVL-0002', ['header'])
  })

  it('never what a password, token or code was', async () => {
    const number = 8_642_013_579
    const bodies: [action: string, field: string][] = [
      ['login', 'encr_password'],
      ['login', 'ox_password'],
      ['login', 'e_password'],
      ['changepass', 'oldpass'],
      ['changepass', 'newpass'],
      ['changepass', 'e_newpass'],
      ['deleterecovery', 'password'],
    ]
    for (const [action, field] of bodies) {
      const reply = await login(action, { [field]: number })
      says(reply, 'SVL-0010', [field, '***'])
      assert.ok(!reply.text.includes(String(number)), reply.text)
      const nested = await login(action, { [field]: { deep: String(number) } })
      says(nested, 'SVL-0010', [field, '***'])
    }
    const token = await anna.call('PUT', '/guard-json?action=auth-token', { json: { auth: number } })
    says(token, 'SVL-0010', ['auth', '***'])
    // Nor in a query, where it should not be at all.
    const twice = await keys('GET', `getKeys&password=${number}&password=${number}`)
    says(twice, 'SVL-0010', ['password', '***'])
    assert.ok(!twice.text.includes(String(number)))
    const form = await anna.call('POST', '/oxguard/login?action=login', {
      body: `ox_password=${number}&ox_password=${number}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })
    says(form, 'SVL-0010', ['ox_password', '***'])
    // Nor of a body that is nothing else.
    const bare = await anna.call('PUT', '/contacts?action=list', { json: String(number) })
    assert.ok(bare.json.code.startsWith('SVL-00') && !bare.text.includes(String(number)), bare.text)
  })
})
