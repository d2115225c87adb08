import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { sweepPasskeys } from '#src/domain/passkeys/passkeys.ts'
import { changePolicy } from '#src/domain/policy/policy.ts'
import { firstJobsOver, type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { softPasskey, type Twist } from './authenticator.ts'
import { type Client, empty, METHODS, makeAccount, makeTwoStepAccount, refused, SECURITY, signIn } from './client.ts'
import { addPasskey, madeFor, makePasskeyAccount, optionsOf, PASSKEYS, pageOf, provenFor } from './passkey-client.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }
const listOf = async (client: Client) => (await client.call('GET', PASSKEYS)).json.items

onEveryEngine('mailbox: passkeys', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
    await firstJobsOver()
  })
  after(() => house.stop())

  const newPasskey = (options?: Parameters<typeof softPasskey>[1]) => softPasskey(pageOf(house), options)
  const register = (call: Client['call'], response: unknown, name?: unknown) =>
    call('POST', PASSKEYS, { json: { response, name } })

  it('are registered, listed, named and removed, and the mailbox is told', async () => {
    const account = await makeAccount(house, { name: 'Ada' })
    const client = await signIn(house, account.email)
    const passkey = newPasskey({ synced: true })
    const options = await optionsOf(client.secure('POST', `${PASSKEYS}/options`))
    assert.deepEqual(options.rp, { id: 'localhost', name: 'Chatelaine' })
    assert.deepEqual(options.user, {
      id: Buffer.from(account.id).toString('base64url'),
      name: account.email,
      displayName: 'Ada',
    })
    assert.equal(options.attestation, 'none')
    assert.equal(options.authenticatorSelection.residentKey, 'required')
    assert.equal(options.authenticatorSelection.userVerification, 'preferred')
    assert.equal(Buffer.from(options.challenge, 'base64url').length, 32)
    assert.deepEqual(options.excludeCredentials, [])

    const { id } = (await register(client.secure, passkey.create(options), '  Yubi  ')).json
    const created = String(Math.floor(house.clock.now() / 1000))
    assert.deepEqual(await listOf(client), [{ id, name: 'Yubi', createdDate: created, lastUsedDate: '', synced: true }])
    assert.match((await house.inbox.next(account.email)).text, /passkey named Yubi/)
    const again = await optionsOf(client.secure('POST', `${PASSKEYS}/options`))
    assert.deepEqual(again.excludeCredentials, [
      { id: passkey.id, transports: ['internal', 'hybrid'], type: 'public-key' },
    ])

    empty(await client.call('PUT', `${PASSKEYS}/${id}`, { json: { name: 'Key ring' } }))
    assert.deepEqual(
      (await listOf(client)).map(({ name }: { name: string }) => name),
      ['Key ring'],
    )
    refused(await client.call('DELETE', `${PASSKEYS}/${id}`), 403, 'SECURITY_TOKEN_REQUIRED')
    empty(await client.secure('DELETE', `${PASSKEYS}/${id}`))
    assert.deepEqual(await listOf(client), [])
    assert.match((await house.inbox.next(account.email)).text, /passkey named Key ring was removed/)
    const events = await house.ctx.db
      .selectFrom('audit')
      .select('event')
      .where('account_id', '=', account.id)
      .where('event', 'like', 'passkey%')
      .orderBy('event')
      .execute()
    assert.deepEqual(
      events.map(({ event }) => event),
      ['passkey.added', 'passkey.removed'],
    )
  })

  it('have names of their own when nobody gives them one', async () => {
    const { client, id } = await makePasskeyAccount(house)
    await addPasskey(client.secure, newPasskey())
    empty(await client.secure('DELETE', `${PASSKEYS}/${id}`))
    await addPasskey(client.secure, newPasskey())
    const names = (await listOf(client)).map(({ name }: { name: string }) => name)
    assert.deepEqual(names.sort(), ['Passkey 2', 'Passkey 3'])
    const response = await madeFor(client.secure, newPasskey())
    for (const name of ['', '   ', 'x'.repeat(101), 7])
      refused(await register(client.secure, response, name), 400, 'BAD_PARAMETER')
  })

  it('are no methods', async () => {
    const { client } = await makePasskeyAccount(house)
    assert.deepEqual((await client.call('GET', METHODS)).json, { items: [] })
  })

  it('ask for a securityToken and a session', async () => {
    const { call } = await signIn(house, (await makeAccount(house)).email)
    refused(await call('POST', `${PASSKEYS}/options`), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await register(call, {}), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await house.call('GET', `/api/v1${PASSKEYS}`), 401, 'AUTH_REQUIRED')
    refused(await house.call('POST', `/api/v1${PASSKEYS}/proof`), 401, 'AUTH_REQUIRED')
    refused(await call('POST', `${PASSKEYS}/proof`), 404, 'NOT_FOUND')
  })

  it('take no answer that was not signed for this place', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const twists: Record<string, Twist> = {
      'another page': { origin: 'https://evil.example' },
      'another port': { origin: 'http://localhost:1' },
      'another domain': { rpId: 'evil.example' },
      'a challenge of its own': { challenge: Buffer.alloc(32).toString('base64url') },
      'a challenge that is none': { challenge: '\0' },
      'the use of a passkey': { type: 'webauthn.get' },
      "a frame in somebody else's page": { crossOrigin: true },
      nobody: { present: false },
      'another id': { id: Buffer.alloc(32).toString('base64url') },
    }
    for (const [what, twist] of Object.entries(twists)) {
      const reply = await register(client.secure, await madeFor(client.secure, newPasskey(), twist))
      assert.equal(`${what}: ${reply.json.errorCode}`, `${what}: INVALID_PASSKEY`)
    }
    assert.deepEqual(await listOf(client), [])
  })

  it('take no answer that is none', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const shapes = [undefined, null, 'x', [], {}, { id: 'x', rawId: 'x', type: 'public-key', response: {} }]
    for (const response of shapes) refused(await register(client.secure, response), 400, 'BAD_PARAMETER')
    const right = () => madeFor(client.secure, newPasskey())
    const spoilt = [
      { attestationObject: '' },
      { attestationObject: 'AAAA' },
      { attestationObject: Buffer.alloc(3000, 0x81).toString('base64url') },
      { attestationObject: '💥' },
      { clientDataJSON: '' },
      { clientDataJSON: Buffer.from('null').toString('base64url') },
      { clientDataJSON: Buffer.from('"x"').toString('base64url') },
    ]
    for (const part of spoilt) {
      const answer = await right()
      const response = { ...answer, response: { ...(answer.response as object), ...part } }
      refused(await register(client.secure, response), 400, 'INVALID_PASSKEY')
    }
    const large = { ...(await right()), more: 'x'.repeat(70_000) }
    refused(await register(client.secure, large), 413, 'PAYLOAD_TOO_LARGE')
    assert.deepEqual(await listOf(client), [])
  })

  it('do not care who says that he built them', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const statement: Twist['statement'] = ['android-safetynet', new Map([['response', new Uint8Array([1])]])]
    const reply = await register(client.secure, await madeFor(client.secure, newPasskey(), { statement }))
    assert.equal(reply.status, 200, reply.text)
  })

  it('take an answer once, in its own session, within five minutes, and only to the last question', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const response = await madeFor(one.secure, newPasskey())
    refused(await register(two.secure, response), 400, 'INVALID_PASSKEY')
    assert.equal((await register(one.secure, response)).status, 200)
    refused(await register(one.secure, response), 400, 'INVALID_PASSKEY')

    const late = await madeFor(one.secure, newPasskey())
    house.clock.turn(300_000)
    refused(await register(one.secure, late), 400, 'INVALID_PASSKEY')
    const first = await madeFor(one.secure, newPasskey())
    const second = await madeFor(one.secure, newPasskey())
    refused(await register(one.secure, first), 400, 'INVALID_PASSKEY')
    assert.equal((await register(one.secure, second)).status, 200)

    const passkey = newPasskey()
    await addPasskey(one.secure, passkey)
    const proof = await optionsOf(one.call('POST', `${PASSKEYS}/proof`))
    const crossed = await madeFor(one.secure, newPasskey(), { challenge: proof.challenge })
    refused(await register(one.secure, crossed), 400, 'INVALID_PASSKEY')
  })

  it('are kept once of twenty answers at the same instant', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const response = await madeFor(client.secure, newPasskey())
    const replies = await Promise.all(Array.from({ length: 20 }, () => register(client.secure, response)))
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, ...Array(19).fill(400)])
    assert.equal((await listOf(client)).length, 1)
  })

  it('belong to one account once, whoever brings them', async () => {
    const { client, passkey } = await makePasskeyAccount(house)
    const stranger = await signIn(house, (await makeAccount(house)).email)
    for (const { secure } of [client, stranger])
      refused(await register(secure, await madeFor(secure, passkey)), 400, 'PASSKEY_EXISTS')
  })

  it('are twenty at most', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    for (let i = 0; i < 19; i++) await addPasskey(client.secure, newPasskey())
    const sessions = [client, await signIn(house, client.email)]
    const answers: unknown[] = []
    for (const { secure } of sessions) answers.push(await madeFor(secure, newPasskey()))
    const last = await Promise.all(sessions.map(({ secure }, index) => register(secure, answers[index])))
    assert.deepEqual(last.map(({ status }) => status).sort(), [200, 403])
    refused(last.find(({ status }) => status === 403)!, 403, 'TOO_MANY_PASSKEYS')
    refused(await client.secure('POST', `${PASSKEYS}/options`), 403, 'TOO_MANY_PASSKEYS')
    assert.equal((await listOf(client)).length, 20)
  })

  it('of somebody else are not there', async () => {
    const { client, id } = await makePasskeyAccount(house)
    const stranger = await signIn(house, (await makeAccount(house)).email)
    for (const foreign of [id, 'unknown', '%00', 'options']) {
      const path = `${PASSKEYS}/${foreign}`
      const status = { '%00': 400, options: 405 }[foreign] ?? 404
      assert.equal((await stranger.call('PUT', path, { json: { name: 'mine' } })).status, status)
      assert.equal((await stranger.secure('DELETE', path)).status, status)
    }
    assert.equal((await listOf(client))[0].name, 'Passkey 1')
    assert.deepEqual(await listOf(stranger), [])
  })

  it('void neither sessions nor securityTokens when they come and go', async () => {
    const { account, client } = await makePasskeyAccount(house)
    const other = await signIn(house, account.email)
    const token = await other.token()
    const id = await addPasskey(client.secure, newPasskey())
    empty(await client.secure('DELETE', `${PASSKEYS}/${id}`))
    const still = await other.call('POST', `${PASSKEYS}/options`, { headers: { 'X-Axigen-Security-Token': token } })
    assert.equal(still.status, 200, still.text)
  })

  it('are not made where they would be good for nothing', async () => {
    const account = await makeAccount(house)
    const client = await signIn(house, account.email)
    const response = await madeFor(client.secure, newPasskey())
    const changes = { twoStep: 'disabled', passkeySignIn: false } as const
    const scope = `account:${account.id}`
    await changePolicy(house.ctx, { scope, changes, actor: 'test', origin })
    refused(await client.secure('POST', `${PASSKEYS}/options`), 403, 'NOT_ALLOWED_BY_POLICY')
    refused(await register(client.secure, response), 403, 'NOT_ALLOWED_BY_POLICY')
  })

  it('go with all other second factors when an administrator resets them', async () => {
    const { account, client, passkey } = await makePasskeyAccount(house)
    const root = await house.call('POST', '/api/v1/oauth2', {
      json: { userId: house.rootEmail, password: house.rootPassword, newPassword: 'Second-Password-2' },
    })
    const headers = { Authorization: `Bearer ${root.json.access_token}` }
    const reset = await house.call('PUT', `/api/v1/user/${account.id}?resetMFA=true`, { headers, json: {} })
    assert.equal(reset.status, 200, reset.text)
    refused(await client.call('GET', PASSKEYS), 401, 'AUTH_REQUIRED')
    const again = await signIn(house, account.email)
    assert.deepEqual(await listOf(again), [])
    refused(await again.call('POST', `${PASSKEYS}/proof`), 404, 'NOT_FOUND')
    await addPasskey(again.secure, passkey)
  })

  it('leave no challenges behind that nobody answers', async () => {
    const rows = async () => (await house.ctx.db.selectFrom('passkey_challenge').select('challenge').execute()).length
    house.clock.turn(300_000)
    while ((await sweepPasskeys(house.ctx)) > 0);
    assert.equal(await rows(), 0)
    const { client, passkey } = await makePasskeyAccount(house)
    const early = await provenFor(client.call, passkey)
    await client.secure('POST', `${PASSKEYS}/options`)
    for (let i = 0; i < 3; i++) await house.call('POST', '/api/v1/login/passkey/options', { json: {} })
    assert.equal(await rows(), 5)
    house.clock.turn(299_999)
    assert.equal(await sweepPasskeys(house.ctx), 0)
    house.clock.turn(1)
    assert.equal(await sweepPasskeys(house.ctx), 5)
    const late = await client.secure('POST', `${SECURITY}/2fa/passkey`, { json: { response: early } })
    refused(late, 400, 'INVALID_PASSKEY')
  })
})

onEveryEngine('mailbox: where passkeys are good', (engine) => {
  it('is nowhere at a bare address: the operator is told once', async () => {
    const house = await startHouse({
      engine,
      settings: { CHATELAINE_PUBLIC_URL: 'https://192.0.2.7:8443', CHATELAINE_LOG_LEVEL: 'warn' },
    })
    try {
      const told: string[] = []
      house.ctx.log.watch(({ event }) => told.push(event))
      const client = await signIn(house, (await makeAccount(house)).email)
      refused(await client.secure('POST', `${PASSKEYS}/options`), 403, 'NOT_ALLOWED_BY_POLICY')
      refused(await client.call('POST', `${PASSKEYS}/proof`), 403, 'NOT_ALLOWED_BY_POLICY')
      refused(await house.call('POST', '/api/v1/login/passkey/options'), 403, 'NOT_ALLOWED_BY_POLICY')
      const options = { challenge: Buffer.alloc(32).toString('base64url'), rpId: '192.0.2.7' }
      const response = softPasskey('https://192.0.2.7:8443').get(options)
      refused(await house.call('POST', '/api/v1/login/passkey', { json: { response } }), 401, 'AUTH_FAILED')
      assert.deepEqual(told, ['passkey.off'])
      assert.deepEqual((await client.call('GET', PASSKEYS)).json, { items: [] })
      // One that was made when the house had a name passes no second step: a method has to stay.
      const { account, client: other } = await makeTwoStepAccount(house)
      await house.ctx.db
        .insertInto('passkey')
        .values({
          id: 'old',
          account_id: account.id,
          credential: 'old',
          public_key: Buffer.alloc(1),
          name: 'old',
          created: 1,
          counter: 0,
          transports: '',
          synced: 0,
          last_used: null,
        })
        .execute()
      refused(await other.secure('DELETE', METHODS), 403, 'METHOD_IN_USE')
      empty(await other.secure('DELETE', `${PASSKEYS}/old`))
    } finally {
      await house.stop()
    }
  })

  it('is what the operator says: a domain, and the pages of it', async () => {
    const house = await startHouse({
      engine,
      settings: {
        CHATELAINE_PUBLIC_URL: 'https://accounts.example.org:8443/',
        CHATELAINE_UI_URL: 'https://ui.example.org/app',
        CHATELAINE_CORS_ORIGIN: 'https://mail.example.org',
        CHATELAINE_PASSKEY_DOMAIN: 'Example.org',
        CHATELAINE_PASSKEY_ORIGINS: 'https://other.example.org/, android:apk-key-hash:abc',
      },
    })
    try {
      const client = await signIn(house, (await makeAccount(house)).email)
      const welcome = [
        'https://accounts.example.org:8443',
        'https://ui.example.org',
        'https://mail.example.org',
        'https://other.example.org',
        'android:apk-key-hash:abc',
      ]
      for (const page of welcome) await addPasskey(client.secure, softPasskey(page))
      for (const page of [
        'https://example.org',
        'https://accounts.example.org',
        'http://localhost:8443',
        '*',
        'none',
      ]) {
        const response = await madeFor(client.secure, softPasskey(page))
        refused(await client.secure('POST', PASSKEYS, { json: { response } }), 400, 'INVALID_PASSKEY')
      }
      const { rp } = await optionsOf(client.secure('POST', `${PASSKEYS}/options`))
      assert.equal(rp.id, 'example.org')
    } finally {
      await house.stop()
    }
  })
})
