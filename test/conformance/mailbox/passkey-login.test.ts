import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { changePolicy } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import type { SoftPasskey, Twist } from './authenticator.ts'
import { cookieOf, empty, METHODS, plain, refused, signIn as withPassword } from './client.ts'
import {
  makePasskeyAccount,
  makePasskeyOnlyAccount,
  optionsOf,
  PASSKEYS,
  passStep,
  provenFor,
  signedFor,
} from './passkey-client.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

onEveryEngine('mailbox: signing in with a passkey', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const login = (response: unknown, more: Record<string, unknown> = {}) =>
    plain(house, 'POST', '/login/passkey', { json: { response, ...more } })
  const signIn = async (passkey: SoftPasskey, twist?: Twist) => login(await signedFor(house, passkey, twist))

  it('opens a full session, name and password unsaid', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house)
    const options = await optionsOf(plain(house, 'POST', '/login/passkey/options', { json: {} }))
    assert.deepEqual(
      { ...options, challenge: '' },
      { challenge: '', rpId: 'localhost', timeout: 300_000, userVerification: 'required' },
    )
    const reply = await login(passkey.get(options))
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(Object.keys(reply.json), ['sessid'])
    assert.equal(reply.headers.get('x-axigen-2fa'), null)
    assert.doesNotMatch(reply.headers.getSetCookie()[0]!, /Max-Age/)
    const call = (method: string, path: string) =>
      plain(house, method, `${path}?_h=${reply.json.sessid}`, { headers: { Cookie: cookieOf(reply) } })
    assert.equal((await call('GET', METHODS)).status, 200)
    const [item] = (await call('GET', PASSKEYS)).json.items
    assert.equal(item.lastUsedDate, String(Math.floor(house.clock.now() / 1000)))
    const events = await house.ctx.db
      .selectFrom('audit')
      .select('event')
      .where('account_id', '=', account.id)
      .where('event', '=', 'sign-in.done')
      .execute()
    assert.equal(events.length, 2)
    const session = await house.ctx.db
      .selectFrom('session')
      .select(['state', 'stepped'])
      .where('account_id', '=', account.id)
      .orderBy('stepped', 'desc')
      .executeTakeFirst()
    assert.deepEqual({ ...session }, { state: 'full', stepped: house.clock.now() })
  })

  it('takes Ed25519 and RSA as well', async () => {
    for (const kind of ['Ed25519', 'RSA'] as const) {
      const { passkey } = await makePasskeyAccount(house, { kind })
      const reply = await signIn(passkey)
      assert.equal(reply.status, 200, `${kind}: ${reply.text}`)
      refused(await signIn(passkey, { signature: Buffer.alloc(256, 1) }), 401, 'AUTH_FAILED')
    }
  })

  it('keeps a lasting cookie where one is wanted', async () => {
    const { passkey } = await makePasskeyAccount(house)
    const lasting = await login(await signedFor(house, passkey), { rememberLogin: true })
    assert.match(lasting.headers.getSetCookie()[0]!, /; Max-Age=86400$/)
    refused(await login(await signedFor(house, passkey), { rememberLogin: 'yes' }), 400, 'BAD_PARAMETER')
  })

  it('refuses everything wrong alike', async () => {
    const { passkey } = await makePasskeyAccount(house)
    const stranger = await makePasskeyAccount(house)
    const twists: Record<string, Twist> = {
      'nobody verified': { verified: false },
      'nobody there': { present: false, verified: false },
      'another page': { origin: 'https://evil.example' },
      'another domain': { rpId: 'evil.example' },
      'no challenge of ours': { challenge: Buffer.alloc(32).toString('base64url') },
      registering: { type: 'webauthn.create' },
      framed: { crossOrigin: true },
      'a bad signature': { signature: Buffer.alloc(70) },
      'nobody’s credential': { id: 'unknown' },
      'somebody else’s credential': { id: stranger.passkey.id },
      'somebody else’s name': { userHandle: stranger.passkey.userHandle },
      'no name': { userHandle: undefined },
      'a counter that stands still': { counter: 1 },
    }
    const texts = new Set<string>()
    for (const [what, twist] of Object.entries(twists)) {
      const reply = await signIn(passkey, twist)
      assert.equal(`${what}: ${reply.status}`, `${what}: 401`)
      refused(reply, 401, 'AUTH_FAILED')
      texts.add(reply.text)
    }
    assert.equal(texts.size, 1)
    const shapes = [undefined, null, {}, 'x', { id: passkey.id }]
    for (const response of shapes) refused(await login(response), 400, 'BAD_PARAMETER')
    assert.equal((await signIn(passkey, { counter: 30 })).status, 200)
  })

  it('takes an answer once, within five minutes, and none of a session', async () => {
    const { client, passkey } = await makePasskeyAccount(house)
    const response = await signedFor(house, passkey)
    assert.equal((await login(response)).status, 200)
    refused(await login(response), 401, 'AUTH_FAILED')
    const late = await signedFor(house, passkey)
    house.clock.turn(300_000)
    refused(await login(late), 401, 'AUTH_FAILED')
    refused(await login(await provenFor(client.call, passkey)), 401, 'AUTH_FAILED')
  })

  it('gives answers that pass no second step', async () => {
    const { account, passkey } = await makePasskeyOnlyAccount(house)
    const partial = await withPassword(house, account.email)
    refused(await passStep(partial, await signedFor(house, passkey)), 401, 'AUTH_FAILED')
    empty(await passStep(partial, await provenFor(partial.call, passkey)))
  })

  it('lets one of twenty uses of one answer in', async () => {
    const { account, passkey } = await makePasskeyAccount(house)
    const sessions = async () =>
      (await house.ctx.db.selectFrom('session').select('id').where('account_id', '=', account.id).execute()).length
    const before = await sessions()
    const response = await signedFor(house, passkey)
    const replies = await Promise.all(Array.from({ length: 20 }, () => login(response)))
    assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    assert.ok(replies.every(({ status }) => [200, 401, 429].includes(status)))
    assert.equal(await sessions(), before + 1)
  })

  it('lets nobody in who is shut out, awaited, or not meant to', async () => {
    const shutOut = [{ suspended: 1 }, { black_listed: 1 }, { awaiting_confirmation: 1 }]
    for (const changes of shutOut) {
      const { account, passkey } = await makePasskeyAccount(house)
      await house.ctx.db.updateTable('account').set(changes).where('id', '=', account.id).execute()
      refused(await signIn(passkey), 401, 'AUTH_FAILED')
    }
    const { account, passkey } = await makePasskeyAccount(house)
    const policy = (passkeySignIn: boolean) =>
      changePolicy(house.ctx, { scope: `account:${account.id}`, changes: { passkeySignIn }, actor: 'test', origin })
    await policy(false)
    refused(await signIn(passkey), 401, 'AUTH_FAILED')
    await policy(true)
    assert.equal((await signIn(passkey)).status, 200)
  })

  it('lets nobody in by a passkey that was removed', async () => {
    const { client, passkey, id } = await makePasskeyAccount(house)
    const response = await signedFor(house, passkey)
    empty(await client.secure('DELETE', `${PASSKEYS}/${id}`))
    refused(await login(response), 401, 'AUTH_FAILED')
  })

  it('still asks for a new password where one is due', async () => {
    const { account, passkey } = await makePasskeyAccount(house)
    await house.ctx.db.updateTable('account').set({ must_change_password: 1 }).where('id', '=', account.id).execute()
    const reply = await signIn(passkey)
    assert.equal(reply.status, 200, reply.text)
    const methods = await plain(house, 'GET', `${METHODS}?_h=${reply.json.sessid}`, {
      headers: { Cookie: cookieOf(reply) },
    })
    refused(methods, 403, 'PASSWORD_CHANGE_REQUIRED')
  })

  it('writes failures down where the account is known', async () => {
    const { account, passkey } = await makePasskeyAccount(house)
    await signIn(passkey, { verified: false })
    const rows = await house.ctx.db
      .selectFrom('audit')
      .select('detail')
      .where('account_id', '=', account.id)
      .where('event', '=', 'sign-in.failed')
      .execute()
    assert.deepEqual(
      rows.map(({ detail }) => JSON.parse(detail)),
      [{ with: 'passkey' }],
    )
  })
})

onEveryEngine('mailbox: many who sign in with a passkey', (engine) => {
  it('wait when too much fails from their network, and passwords with them', async () => {
    const house = await startHouse({ engine, settings: { CHATELAINE_ADDRESS_FAILURES_ALLOWED: '5' } })
    try {
      const { account, passkey } = await makePasskeyAccount(house)
      const login = async (twist?: Twist) =>
        plain(house, 'POST', '/login/passkey', { json: { response: await signedFor(house, passkey, twist) } })
      for (let i = 0; i < 5; i++) refused(await login({ verified: false }), 401, 'AUTH_FAILED')
      const delayed = await login()
      refused(delayed, 429, 'TOO_MANY_REQUESTS')
      const json = { username: account.email, password: 'Correct-Horse-9' }
      refused(await plain(house, 'POST', '/login/cookie', { json }), 429, 'TOO_MANY_REQUESTS')
      house.clock.turn(Number(delayed.headers.get('retry-after')) * 1000)
      assert.equal((await login()).status, 200)
      // A passkey of one's own does not make the guesses at others forgotten.
      refused(await login({ verified: false }), 401, 'AUTH_FAILED')
      refused(await login(), 429, 'TOO_MANY_REQUESTS')
    } finally {
      await house.stop()
    }
  })

  it('may ask so often a second', async () => {
    const house = await startHouse({ engine, settings: { CHATELAINE_SIGN_IN_RATE: '3' } })
    try {
      const ask = () => plain(house, 'POST', '/login/passkey/options')
      for (let i = 0; i < 3; i++) assert.equal((await ask()).status, 200)
      refused(await ask(), 429, 'TOO_MANY_REQUESTS')
      house.clock.turn(1000)
      assert.equal((await ask()).status, 200)
    } finally {
      await house.stop()
    }
  })
})
