import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { softPasskey, type Twist } from './authenticator.ts'
import {
  addAuthenticator,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import {
  addPasskey,
  makePasskeyAccount,
  makePasskeyOnlyAccount,
  optionsOf,
  PASSKEYS,
  pageOf,
  passStep,
  provenFor,
} from './passkey-client.ts'

onEveryEngine('mailbox: a passkey as the second step', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  it('is all that an account needs: turned on, passed, and turned off by it', async () => {
    const { account, client, passkey, recoveryCodes } = await makePasskeyOnlyAccount(house)
    assert.equal(recoveryCodes.length, 10)
    const partial = await signIn(house, account.email)
    assert.equal(partial.step, 'required')
    assert.deepEqual((await partial.call('GET', `${METHODS}?scope=2fa`)).json, { items: [] })
    refused(await partial.call('GET', PASSKEYS), 403, 'TWO_FACTOR_REQUIRED')
    const options = await optionsOf(partial.call('POST', `${PASSKEYS}/proof`))
    assert.equal(options.rpId, 'localhost')
    assert.equal(options.userVerification, 'preferred')
    assert.deepEqual(options.allowCredentials, [
      { id: passkey.id, transports: ['internal', 'hybrid'], type: 'public-key' },
    ])
    const former = partial.cookie
    // As a second factor it need not make sure of the person: the password has.
    empty(await passStep(partial, passkey.get(options, { verified: false })))
    assert.equal(partial.cookie.split('=')[0], former.split('=')[0])
    assert.notEqual(partial.cookie, former)
    const { items } = (await partial.call('GET', PASSKEYS)).json
    assert.equal(items[0].lastUsedDate, String(Math.floor(house.clock.now() / 1000)))

    const off = async (twist?: Twist) =>
      client.secure('DELETE', `${SECURITY}/2fa/passkey`, {
        json: { response: await provenFor(client.call, passkey, twist) },
      })
    refused(await off({ signature: Buffer.alloc(70) }), 400, 'INVALID_PASSKEY')
    assert.equal((await signIn(house, account.email)).step, 'required')
    empty(await off())
    client.renew()
    assert.equal((await signIn(house, account.email)).step, null)
    assert.equal((await client.call('GET', PASSKEYS)).json.items.length, 1)
    refused(await off(), 403, 'TWO_FACTOR_NOT_ACTIVE')
  })

  it('refuses everything wrong alike', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house)
    const stranger = await makePasskeyOnlyAccount(house)
    const twists: Twist[] = [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { challenge: Buffer.alloc(32).toString('base64url') },
      { type: 'webauthn.create' },
      { crossOrigin: true },
      { present: false },
      { signature: Buffer.alloc(70) },
      { id: 'unknown' },
      { id: '💥"' },
      { id: stranger.passkey.id },
      { userHandle: stranger.passkey.userHandle },
    ]
    const texts = new Set<string>()
    for (const twist of twists) {
      const client = await signIn(house, account.email)
      const reply = await passStep(client, await provenFor(client.call, passkey, twist))
      refused(reply, 401, 'AUTH_FAILED')
      texts.add(reply.text)
      // One failure less to wait for.
      empty(await passStep(client, await provenFor(client.call, passkey)))
    }
    const client = await signIn(house, account.email)
    const options = await optionsOf(client.call('POST', `${PASSKEYS}/proof`))
    const foreign = await passStep(client, stranger.passkey.get(options))
    refused(foreign, 401, 'AUTH_FAILED')
    texts.add(foreign.text)
    assert.equal(texts.size, 1)
    for (const json of [{}, { response: {} }, { response: 'x' }, { response: passkey.get(options), code: '1' }])
      refused(await client.call('POST', '/login/2fa/passkey', { json }), 400, 'BAD_PARAMETER')
  })

  it('takes an answer once, in its own session, within five minutes', async () => {
    const { account, client, passkey } = await makePasskeyOnlyAccount(house)
    const [one, two] = [await signIn(house, account.email), await signIn(house, account.email)]
    const response = await provenFor(one.call, passkey)
    refused(await passStep(two, response), 401, 'AUTH_FAILED')
    empty(await passStep(one, response))
    refused(await passStep(two, response), 401, 'AUTH_FAILED')
    const off = await one.secure('DELETE', `${SECURITY}/2fa/passkey`, { json: { response } })
    refused(off, 400, 'INVALID_PASSKEY')
    const late = await provenFor(two.call, passkey)
    house.clock.turn(300_000)
    refused(await passStep(two, late), 401, 'AUTH_FAILED')
    const elsewhere = await provenFor(client.call, passkey)
    refused(await passStep(two, elsewhere), 401, 'AUTH_FAILED')
  })

  it('refuses a passkey whose counter does not move on: there are two of it', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house)
    const answers = async (counter: number) => {
      const client = await signIn(house, account.email)
      return passStep(client, await provenFor(client.call, passkey, { counter }))
    }
    empty(await answers(10))
    for (const counter of [10, 9, 0]) refused(await answers(counter), 401, 'AUTH_FAILED')
    empty(await answers(11))
  })

  it('lets one of two of them in that answer at the same instant', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house)
    for (let round = 1; round <= 5; round++) {
      const clients = [await signIn(house, account.email), await signIn(house, account.email)]
      const answers: unknown[] = []
      for (const { call } of clients) answers.push(await provenFor(call, passkey, { counter: round * 10 }))
      const replies = await Promise.all(clients.map((client, index) => passStep(client, answers[index])))
      assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 401])
    }
  })

  it('takes one that never counts', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house, { counts: false, synced: true })
    for (let i = 0; i < 2; i++) {
      const client = await signIn(house, account.email)
      empty(await passStep(client, await provenFor(client.call, passkey)))
    }
    assert.equal(passkey.counter, 0)
  })

  it('ends a session that waits for it after five tries', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house)
    const client = await signIn(house, account.email)
    for (let i = 0; i < 5; i++) {
      const response = await provenFor(client.call, passkey, { verified: false, present: false })
      refused(await passStep(client, response), 401, 'AUTH_FAILED')
    }
    refused(await client.call('POST', `${PASSKEYS}/proof`), 401, 'AUTH_REQUIRED')
  })

  it('makes an account wait after ten failures, as codes do', async () => {
    const { account, passkey, recoveryCodes } = await makePasskeyOnlyAccount(house)
    for (let i = 0; i < 10; i++) {
      const client = await signIn(house, account.email)
      refused(
        await passStep(client, await provenFor(client.call, passkey, { rpId: 'evil.example' })),
        401,
        'AUTH_FAILED',
      )
    }
    const client = await signIn(house, account.email)
    refused(await passStep(client, await provenFor(client.call, passkey)), 429, 'TOO_MANY_REQUESTS')
    const json = { recoveryCode: recoveryCodes[0] }
    const delayed = await client.call('POST', '/login/2fa', { json })
    refused(delayed, 429, 'TOO_MANY_REQUESTS')
    house.clock.turn(Number(delayed.headers.get('retry-after')) * 1000)
    empty(await passStep(client, await provenFor(client.call, passkey)))
  })

  it('is for sessions that wait for it', async () => {
    const { client, passkey } = await makePasskeyAccount(house)
    refused(await passStep(client, await provenFor(client.call, passkey)), 403, 'NO_SECOND_STEP')
  })

  it('keeps the last factor while it is on, passkey or method', async () => {
    const { account, client, passkey, id } = await makePasskeyOnlyAccount(house)
    refused(await client.secure('DELETE', `${PASSKEYS}/${id}`), 403, 'METHOD_IN_USE')
    const app = await addAuthenticator(house, client.secure)
    // A passkey is enough to do without any method, and the other way round.
    empty(await client.secure('DELETE', METHODS))
    refused(await client.secure('DELETE', `${PASSKEYS}/${id}`), 403, 'METHOD_IN_USE')
    const next = await addAuthenticator(house, client.secure)
    assert.notEqual(next.id, app.id)
    empty(await client.secure('DELETE', `${PASSKEYS}/${id}`))
    refused(await client.secure('DELETE', `${METHODS}/${next.id}`), 403, 'METHOD_IN_USE')
    refused(await client.secure('DELETE', METHODS), 403, 'METHOD_IN_USE')
    const partial = await signIn(house, account.email)
    refused(await partial.call('POST', `${PASSKEYS}/proof`), 404, 'NOT_FOUND')
    empty(await partial.call('POST', '/login/2fa', { json: { methodId: next.id, totpToken: next.next() } }))
    refused(
      await client.secure('POST', `${SECURITY}/2fa/passkey`, {
        json: { response: passkey.get({ challenge: 'x', rpId: 'localhost' }) },
      }),
      400,
      'INVALID_PASSKEY',
    )
  })

  it('keeps one of two that are removed at the same instant', async () => {
    for (let round = 0; round < 5; round++) {
      const { client, app } = await makeTwoStepAccount(house)
      const id = await addPasskey(client.secure, softPasskey(pageOf(house)))
      const replies = await Promise.all([
        client.secure('DELETE', `${METHODS}/${app.id}`),
        client.secure('DELETE', `${PASSKEYS}/${id}`),
      ])
      assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 403])
    }
  })

  it('is not turned on with a passkey that goes at the same instant', async () => {
    for (let round = 0; round < 12; round++) {
      const { client, passkey, id } = await makePasskeyAccount(house)
      const json = { response: await provenFor(client.call, passkey) }
      const [on, gone] = await Promise.all([
        client.secure('POST', `${SECURITY}/2fa/passkey`, { json }),
        // Somewhere between the proof and what follows from it.
        setTimeout(round).then(() => client.secure('DELETE', `${PASSKEYS}/${id}`)),
      ])
      assert.notDeepEqual([on.status, gone.status], [200, 200])
    }
  })

  it('stands beside methods: either passes', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(client.secure, passkey)
    const [one, two] = [await signIn(house, account.email), await signIn(house, account.email)]
    empty(await passStep(one, await provenFor(one.call, passkey)))
    empty(await two.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } }))
    const json = { response: await provenFor(client.call, passkey) }
    empty(await client.secure('DELETE', `${SECURITY}/2fa/passkey`, { json }))
  })

  it('is passed in a protocol that knows no passkeys with a recovery code, and nothing else', async () => {
    const { account, recoveryCodes } = await makePasskeyOnlyAccount(house)
    const oauth2 = (query: string, json: unknown) => house.call('POST', `/api/v1/oauth2${query}`, { json })
    const begin = async () => {
      const { status, json } = await oauth2('', { userId: account.email, password: 'Correct-Horse-9' })
      assert.deepEqual([status, Object.keys(json).includes('access_token')], [200, false])
      return json.uuid as string
    }
    const uuid = await begin()
    for (const answer of ['123456', 'AAAA-BBBB-CCCC-DDDD', ''])
      assert.equal((await oauth2('?completeMFAChallenge=true', { uuid, answer })).status, 403)
    assert.equal((await oauth2('?resendMFACode=true', { uuid })).status, 403)
    const passed = await oauth2('?completeMFAChallenge=true', { uuid, answer: recoveryCodes[0] })
    assert.equal(passed.status, 200, passed.text)
    assert.ok(passed.json.access_token)
    const again = { uuid: await begin(), answer: recoveryCodes[0] }
    assert.equal((await oauth2('?completeMFAChallenge=true', again)).status, 403)

    // Nothing that could be asked for, no recovery code either: there is nothing to begin.
    const bare = await makePasskeyAccount(house)
    await house.ctx.db.updateTable('account').set({ two_step: 1 }).where('id', '=', bare.account.id).execute()
    const wish = { userId: bare.account.email, password: 'Correct-Horse-9' }
    assert.equal((await oauth2('', wish)).status, 403)
  })
})

onEveryEngine('mailbox: a passkey where 2-step verification is mandatory', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory', CHATELAINE_TRIES: '30' } })
  })
  after(() => house.stop())

  it('is set up before anything else, without a securityToken', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    assert.equal(client.step, 'mandatory')
    const passkey = softPasskey(pageOf(house))
    await addPasskey(client.call, passkey)
    const json = { response: await provenFor(client.call, passkey) }
    refused(await passStep(client, json.response), 403, 'TWO_FACTOR_SETUP_REQUIRED')
    refused(await client.call('PUT', `${PASSKEYS}/x`, { json: { name: 'x' } }), 403, 'TWO_FACTOR_SETUP_REQUIRED')
    const on = await client.call('POST', `${SECURITY}/2fa/passkey`, { json })
    assert.equal(on.status, 200, on.text)
    assert.equal(on.json.recoveryCodes.length, 10)
    refused(await client.call('GET', PASSKEYS), 401, 'AUTH_REQUIRED')
    client.cookie = on.headers.getSetCookie()[0]!.split(';')[0]!
    assert.equal((await client.call('GET', PASSKEYS)).json.items.length, 1)
    const off = { json: { response: await provenFor(client.call, passkey) } }
    refused(await client.secure('DELETE', `${SECURITY}/2fa/passkey`, off), 403, 'TWO_FACTOR_MANDATORY')
  })

  it('lets one of twenty uses of one answer in', async () => {
    const { email } = await makeAccount(house)
    const first = await signIn(house, email)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(first.call, passkey)
    const json = { response: await provenFor(first.call, passkey) }
    assert.equal((await first.call('POST', `${SECURITY}/2fa/passkey`, { json })).status, 200)
    const client = await signIn(house, email)
    const response = await provenFor(client.call, passkey)
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => client.call('POST', '/login/2fa/passkey', { json: { response } })),
    )
    assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    assert.ok(replies.every(({ status }) => [200, 401, 403, 429].includes(status)))
  })
})
