import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { accountScope, changePolicy } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type Client, codeOf, cookieOf, empty, METHODS, makeAccount, refused, SECURITY, signIn } from './client.ts'

const ACTIVATE = `${SECURITY}/2fa/activate`

onEveryEngine('mailbox: 2-step verification by the first code of a method', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  /** An authenticator on its way. */
  async function begin(call: Client['call']): Promise<{ id: string; secret: string }> {
    const { id } = (await call('POST', METHODS, { json: { method: 'authApp' } })).json
    const headers = { Accept: 'application/json' }
    return { id, secret: (await call('GET', `${METHODS}/${id}/qr`, { headers })).json.secret }
  }

  const first = (call: Client['call'], methodId: string, totpToken: string) =>
    call('POST', ACTIVATE, { json: { methodId, totpToken } })

  async function under(policy: Parameters<typeof changePolicy>[1]['changes']): Promise<Client> {
    const account = await makeAccount(house)
    const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
    await changePolicy(house.ctx, { scope: accountScope(account), changes: policy, actor: 'test', origin })
    return signIn(house, account.email)
  }

  it('an authenticator is activated and asked for at once; its code is used up', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const other = await signIn(house, client.email)
    const { id, secret } = await begin(client.secure)
    const wrong = String((Number(codeOf(house, secret)) + 1) % 1_000_000).padStart(6, '0')
    refused(await first(client.secure, id, wrong), 400, 'INVALID_TOKEN')
    const code = codeOf(house, secret)
    const reply = await first(client.secure, id, code)
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual([Object.keys(reply.json), reply.json.recoveryCodes.length], [['recoveryCodes'], 10])
    assert.equal(reply.headers.get('x-other-sessions'), '1')
    assert.equal((await client.call('GET', METHODS)).json.items[0].id, id)
    // Others have not passed the second step; this session has.
    const check = { json: { password: 'Correct-Horse-9' } }
    refused(await other.call('POST', `${SECURITY}/check`, check), 403, 'SECOND_STEP_REQUIRED')
    client.renew()
    empty(await client.secure('PUT', `${SECURITY}/authenticators/${id}`, { json: { name: 'Phone' } }))
    const partial = await signIn(house, client.email)
    assert.equal(partial.step, 'required')
    refused(await partial.call('POST', '/login/2fa', { json: { methodId: id, totpToken: code } }), 401, 'AUTH_FAILED')
    refused(await first(client.secure, id, code), 404, 'NOT_FOUND')
  })

  it('a mail address needs one code instead of two', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const target = `first-${client.email}`
    const { id } = (await client.secure('POST', METHODS, { json: { method: 'email', target } })).json
    empty(await client.call('POST', `${METHODS}/${id}/sendtoken`))
    const reply = await first(client.secure, id, await house.inbox.code(target))
    assert.equal(reply.json.recoveryCodes.length, 10)
    assert.equal((await signIn(house, client.email)).step, 'required')
  })

  it('leads out of the state setup, with a new cookie', async () => {
    const client = await under({ twoStep: 'mandatory' })
    assert.equal(client.step, 'mandatory')
    const { id, secret } = await begin(client.call)
    const reply = await first(client.call, id, codeOf(house, secret))
    assert.equal(reply.status, 200, reply.text)
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    client.cookie = cookieOf(reply)
    assert.equal((await client.call('GET', `${SECURITY}/sessions`)).status, 200)
  })

  it('uses up no code where the policy has another wish', async () => {
    const client = await under({ twoStepMethods: ['authApp'] })
    const target = `wish-${client.email}`
    const { id } = (await client.secure('POST', METHODS, { json: { method: 'email', target } })).json
    empty(await client.call('POST', `${METHODS}/${id}/sendtoken`))
    const code = await house.inbox.code(target)
    refused(await first(client.secure, id, code), 403, 'NOT_ALLOWED_BY_POLICY')
    empty(await client.secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken: code } }))
  })

  it('is for the session that began the method', async () => {
    const one = await signIn(house, (await makeAccount(house)).email)
    const two = await signIn(house, one.email)
    const { id, secret } = await begin(one.secure)
    refused(await first(two.secure, id, codeOf(house, secret)), 404, 'NOT_FOUND')
    refused(await first(one.call, id, codeOf(house, secret)), 403, 'SECURITY_TOKEN_REQUIRED')
  })
})
