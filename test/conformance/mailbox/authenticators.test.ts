import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  codeOf,
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

const AUTHENTICATORS = `${SECURITY}/authenticators`

onEveryEngine('mailbox: named authenticators', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const list = async ({ call }: Client) => (await call('GET', AUTHENTICATORS)).json.items
  const rename = ({ call }: Client, id: string, name: unknown) =>
    call('PUT', `${AUTHENTICATORS}/${id}`, { json: { name } })
  const now = () => String(Math.floor(house.clock.now() / 1000))

  it('are listed, oldest first, and given names at any time', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    assert.deepEqual(await list(client), [])
    const first = await addAuthenticator(house, client.secure)
    const created = now()
    await addMail(house, client.secure, `list-${client.email}`)
    house.clock.turn(60_000)
    // Before its first code is typed, while the person has it in his hand.
    const { id } = (await client.secure('POST', METHODS, { json: { method: 'authApp' } })).json
    empty(await rename(client, id, 'Tablet'))
    const { secret } = (await client.secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } }))
      .json
    assert.equal((await list(client)).length, 1)
    empty(await client.secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken: codeOf(house, secret) } }))
    empty(await rename(client, first.id, ' Télephone 📱 '))
    assert.deepEqual(await list(client), [
      { id: first.id, name: 'Télephone 📱', createdDate: created, lastUsedDate: '' },
      { id, name: 'Tablet', createdDate: now(), lastUsedDate: '' },
    ])
    empty(await rename(client, first.id, 'Phone'))
    assert.equal((await list(client))[0].name, 'Phone')
  })

  it('any of them passes the second step, and each has its own last use and its own used codes', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const second = await addAuthenticator(house, client.secure)
    const step = async (id: string, totpToken: string) => {
      const partial = await signIn(house, account.email)
      const reply = await partial.call('POST', '/login/2fa', { json: { methodId: id, totpToken } })
      if (reply.status === 200) partial.cookie = cookieOf(reply)
      return { reply, partial }
    }
    house.clock.turn(60_000)
    const [code, other] = [codeOf(house, app.secret), codeOf(house, second.secret)]
    empty((await step(second.id, other)).reply)
    // A code is good at its own authenticator, and there once.
    refused((await step(app.id, other)).reply, 401, 'AUTH_FAILED')
    refused((await step(second.id, other)).reply, 401, 'AUTH_FAILED')
    const { partial, reply } = await step(app.id, code)
    empty(reply)
    const used = now()
    assert.deepEqual(
      (await list(partial)).map(({ lastUsedDate }: { lastUsedDate: string }) => lastUsedDate),
      [used, used],
    )
    house.clock.turn(60_000)
    empty((await step(second.id, codeOf(house, second.secret))).reply)
    assert.deepEqual(
      (await list(partial)).map(({ lastUsedDate }: { lastUsedDate: string }) => lastUsedDate),
      [used, now()],
    )
    // One may go while the other stays, and then the other may not.
    empty(await client.secure('DELETE', `${METHODS}/${app.id}`))
    refused((await step(app.id, app.next())).reply, 401, 'AUTH_FAILED')
    refused(await client.secure('DELETE', `${METHODS}/${second.id}`), 403, 'METHOD_IN_USE')
    house.clock.turn(60_000)
    empty((await step(second.id, codeOf(house, second.secret))).reply)
  })

  it('only their owner names them, and only in the session that sets one up', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const stranger = await signIn(house, (await makeAccount(house)).email)
    const active = await addAuthenticator(house, one.secure)
    const { id: pending } = (await one.secure('POST', METHODS, { json: { method: 'authApp' } })).json
    const mail = await addMail(house, one.secure, `mine-${email}`)
    refused(await rename(stranger, active.id, 'Mine'), 404, 'NOT_FOUND')
    refused(await rename(stranger, pending, 'Mine'), 404, 'NOT_FOUND')
    refused(await rename(two, pending, 'Mine'), 404, 'NOT_FOUND')
    empty(await rename(two, active.id, 'Mine'))
    for (const id of [mail, 'x', "'--"]) refused(await rename(one, id, 'Mine'), 404, 'NOT_FOUND')
    house.clock.turn(3_500_000)
    await one.call('GET', METHODS)
    house.clock.turn(200_000)
    refused(await rename(one, pending, 'Late'), 404, 'NOT_FOUND')
  })

  it('a name has 1 to 100 characters, and comes alone', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const { id } = await addAuthenticator(house, client.secure)
    for (const name of ['', ' \t', 'x'.repeat(101), 7, null, ['Phone'], 'a\u0000b'])
      refused(await rename(client, id, name), 400, 'BAD_PARAMETER')
    const json = { name: 'Phone', kind: 'sms' }
    refused(await client.call('PUT', `${AUTHENTICATORS}/${id}`, { json }), 400, 'BAD_PARAMETER')
    refused(await client.call('PUT', `${AUTHENTICATORS}/${id}`), 400, 'BAD_PARAMETER')
    refused(await client.call('GET', `${AUTHENTICATORS}?scope=2fa`), 400, 'BAD_PARAMETER')
    empty(await rename(client, id, 'x'.repeat(100)))
  })

  it('are closed before the second step, and open where one must be set up', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    refused(await partial.call('GET', AUTHENTICATORS), 403, 'TWO_FACTOR_REQUIRED')
    refused(await rename(partial, app.id, 'Stolen'), 403, 'TWO_FACTOR_REQUIRED')
    const strict = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    try {
      const client = await signIn(strict, (await makeAccount(strict)).email)
      assert.equal(client.step, 'mandatory')
      const { id } = await addAuthenticator(strict, client.call)
      empty(await rename(client, id, 'Phone'))
      assert.equal((await list(client))[0].name, 'Phone')
    } finally {
      await strict.stop()
    }
  })
})
