import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { endedTokens } from '#src/domain/services/services.ts'
import { sha256 } from '#src/lib/digests.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { keptAnswer } from '../openwifi/keys.ts'
import { asRoot, bearer, login, type Person } from '../openwifi/people.ts'
import { softPasskey } from './authenticator.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  cookieOf,
  empty,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { madeFor, PASSKEYS, pageOf } from './passkey-client.ts'

const SESSIONS = `${SECURITY}/sessions`

interface Item {
  id: string
  protocol: string
  device: string
  address: string
  state: string
  createdDate: string
  lastSeenDate: string
  expiresDate: string
  current: boolean
  secondStep: boolean
}

onEveryEngine('mailbox: the sessions of an account', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const list = async ({ call }: Client): Promise<Item[]> => {
    const reply = await call('GET', SESSIONS)
    assert.equal(reply.status, 200, reply.text)
    return reply.json.items
  }
  const seconds = (ms: number): string => String(Math.floor(ms / 1000))
  const ended = async ({ call }: Client): Promise<boolean> => (await call('GET', METHODS)).status === 401
  const others = (reply: Reply): string | null => {
    assert.equal(reply.status, 200, reply.text)
    return reply.headers.get('x-other-sessions')
  }

  it('are listed newest first, with where they came from and what they are', async () => {
    const { email } = await makeAccount(house)
    const created = house.clock.now()
    const first = await signIn(house, email, PASSWORD, { 'User-Agent': 'Old browser' })
    house.clock.turn(120_000)
    const second = await signIn(house, email)
    assert.deepEqual(await list(second), [
      {
        id: (await list(second))[0]!.id,
        protocol: 'mailbox',
        device: 'node',
        address: '127.0.0.1',
        state: 'full',
        createdDate: seconds(created + 120_000),
        lastSeenDate: seconds(created + 120_000),
        expiresDate: seconds(created + 120_000 + 86_400_000),
        current: true,
        secondStep: false,
      },
      {
        id: (await list(second))[1]!.id,
        protocol: 'mailbox',
        device: 'Old browser',
        address: '127.0.0.1',
        state: 'full',
        createdDate: seconds(created),
        lastSeenDate: seconds(created),
        expiresDate: seconds(created + 86_400_000),
        current: false,
        secondStep: false,
      },
    ])
    await first.call('GET', METHODS)
    const [, seen] = await list(first)
    assert.deepEqual([seen?.current, seen?.lastSeenDate], [true, seconds(created + 120_000)])
    const text = JSON.stringify(await list(second))
    for (const secret of [first.sessid, first.cookie.split('=')[1]!, second.sessid]) assert.ok(!text.includes(secret))
  })

  it('of every protocol are there, and only those that are open', async () => {
    const { account, client, app } = await makeTwoStepAccount(house)
    const json = { userId: account.email, password: PASSWORD }
    const challenge = (await house.call('POST', '/api/v1/oauth2', { json })).json
    const answer = { uuid: challenge.uuid, answer: app.next() }
    const met = await house.call('POST', '/api/v1/oauth2?completeMFAChallenge=true', { json: answer })
    assert.equal(met.status, 200, met.text)
    await signIn(house, account.email)
    const stepped = await signIn(house, account.email)
    const passed = await stepped.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
    stepped.cookie = cookieOf(passed)
    const shown = (items: Item[]) => items.map(({ protocol, state, secondStep }) => [protocol, state, secondStep])
    const open = [
      ['mailbox', 'full', true],
      ['mailbox', 'full', true],
      ['mailbox', 'required', false],
      ['openwifi', 'full', true],
    ]
    assert.deepEqual(shown(await list(client)).sort(), open)
    // One that waits ends after ten minutes, one that nobody uses after an hour; tokens can be renewed for months.
    house.clock.turn(601_000)
    await client.call('GET', METHODS)
    assert.deepEqual(shown(await list(stepped)).sort(), [open[0], open[1], open[3]])
    for (let n = 0; n < 3; n++) {
      house.clock.turn(1_800_000)
      await client.call('GET', METHODS)
    }
    const left = await list(client)
    assert.deepEqual(shown(left).sort(), [open[0], open[3]])
    assert.equal(
      left.find(({ protocol }) => protocol === 'openwifi')?.expiresDate,
      seconds(metAt(met) + 90 * 86_400_000),
    )
    // A token lives on when it can no longer be renewed; so it is shown until then.
    await house.ctx.db
      .updateTable('session')
      .set({ refresh_expires: house.clock.now() - 1 })
      .where('account_id', '=', account.id)
      .where('protocol', '=', 'openwifi')
      .execute()
    assert.equal((await list(client)).length, 2)
  })

  const metAt = ({ json }: Reply): number => json.created * 1000

  it('one that waits for a set-up is none once somebody else has made it', async () => {
    const strict = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    try {
      const { email } = await makeAccount(strict)
      const [one, two] = [await signIn(strict, email), await signIn(strict, email)]
      assert.equal(two.step, 'mandatory')
      refused(await one.call('GET', SESSIONS), 403, 'TWO_FACTOR_SETUP_REQUIRED')
      const app = await addAuthenticator(strict, one.call)
      const json = { methodId: app.id, totpToken: app.next() }
      const done = await one.call('POST', `${SECURITY}/2fa`, { json })
      assert.equal(done.status, 200, done.text)
      assert.equal(done.headers.get('x-other-sessions'), null)
      one.cookie = cookieOf(done)
      assert.deepEqual(
        (await list(one)).map(({ current, secondStep }) => [current, secondStep]),
        [[true, true]],
      )
      assert.ok(await ended(two))
    } finally {
      await strict.stop()
    }
  })

  it('are ended one by one', async () => {
    const { email } = await makeAccount(house)
    const [one, two, three] = [await signIn(house, email), await signIn(house, email), await signIn(house, email)]
    const id = (await list(two)).find(({ current }) => current)!.id
    empty(await one.call('DELETE', `${SESSIONS}/${id}`))
    assert.deepEqual([await ended(one), await ended(two), await ended(three)], [false, true, false])
    refused(await one.call('DELETE', `${SESSIONS}/${id}`), 404, 'NOT_FOUND')
    const events = await house.ctx.db
      .selectFrom('audit')
      .select(['event', 'detail'])
      .where('event', '=', 'session.ended')
      .execute()
    assert.deepEqual(
      events.map(({ detail }) => detail),
      ['{"of":"mailbox"}'],
    )
  })

  it('to end this one is to sign out', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const [{ id } = { id: '' }] = await list(client)
    const reply = await client.call('DELETE', `${SESSIONS}/${id}`)
    empty(reply)
    assert.match(reply.headers.get('set-cookie') ?? '', new RegExp(`^${client.cookie.split('=')[0]}=; .*Max-Age=0`))
    assert.ok(await ended(client))
  })

  it('nobody ends those of somebody else, nor without a full session', async () => {
    const victim = await signIn(house, (await makeAccount(house)).email)
    const { account, client } = await makeTwoStepAccount(house)
    const id = (await list(victim))[0]!.id
    for (const wrong of [id, 'x', "'--", 'x'.repeat(3000)])
      refused(await client.call('DELETE', `${SESSIONS}/${wrong}`), 404, 'NOT_FOUND')
    refused(await client.call('DELETE', `${SESSIONS}/%00`), 400, 'BAD_PARAMETER')
    empty(await client.call('DELETE', SESSIONS))
    assert.equal(await ended(victim), false)
    const partial = await signIn(house, account.email)
    const own = (await list(client))[0]!.id
    refused(await partial.call('GET', SESSIONS), 403, 'TWO_FACTOR_REQUIRED')
    refused(await partial.call('DELETE', SESSIONS), 403, 'TWO_FACTOR_REQUIRED')
    refused(await partial.call('DELETE', `${SESSIONS}/${own}`), 403, 'TWO_FACTOR_REQUIRED')
    refused(await plain(house, 'GET', SESSIONS), 401, 'AUTH_REQUIRED')
    refused(await client.call('GET', `${SESSIONS}?all=1`), 400, 'BAD_PARAMETER')
    refused(await client.call('DELETE', SESSIONS, { json: { but: own } }), 400, 'BAD_PARAMETER')
    assert.equal(await ended(client), false)
  })

  it('all others are ended at once, in every protocol, and this one stays', async () => {
    const { email } = await makeAccount(house, { role: 'csr' })
    const here = await signIn(house, email)
    const there = await signIn(house, email)
    const tokens = (await login(house, email, PASSWORD)).json
    empty(await here.call('DELETE', SESSIONS))
    assert.equal((await list(here)).length, 1)
    assert.ok(await ended(there))
    const me = await house.call('GET', '/api/v1/oauth2?me=true', { headers: bearer(tokens.access_token) })
    assert.equal(me.status, 403, me.text)
    const renewed = await house.call('POST', '/api/v1/oauth2?grant_type=refresh_token', {
      json: { refreshToken: tokens.refresh_token },
      headers: bearer(tokens.access_token),
    })
    assert.notEqual(renewed.status, 200)
    // Again, with nothing to end; and all of them at the same instant.
    empty(await here.call('DELETE', SESSIONS))
    for (let n = 0; n < 3; n++) await signIn(house, email)
    const replies = await Promise.all(Array.from({ length: 10 }, () => here.call('DELETE', SESSIONS)))
    for (const reply of replies) empty(reply)
    assert.equal((await list(here)).length, 1)
    const events = await house.ctx.db
      .selectFrom('audit')
      .select(['detail'])
      .where('event', '=', 'sessions.ended')
      .execute()
    // The clock stands still: nothing says which of them came first.
    assert.deepEqual(events.map(({ detail }) => detail).toSorted(), ['{"count":2}', '{"count":3}'])
  })

  it('whose token it is, siblings are told no more', async () => {
    const account = await makeAccount(house, { role: 'csr' })
    const { email } = account
    const here = await signIn(house, email)
    const { access_token: token } = (await login(house, email, PASSWORD)).json
    const ask = (): Promise<Reply> =>
      house.call('GET', `/api/v1/validateToken?token=${token}`, { headers: bearer(root.token) })
    assert.equal((await ask()).status, 200)
    // As it is written down where Kafka tells siblings to forget what they believe in.
    const { ctx } = house
    const digest = sha256(token)
    const sealed = ctx.secrets.sealer.seal(token, `announced-token:${digest}`)
    await ctx.db
      .insertInto('announced_token')
      .values({ digest, account_id: account.id, sealed, expires: house.clock.now() + 60_000 })
      .execute()
    assert.deepEqual(await endedTokens(ctx), [])
    await keptAnswer(house, ask)
    const { id } = (await list(here)).find(({ protocol }) => protocol === 'openwifi')!
    empty(await here.call('DELETE', `${SESSIONS}/${id}`))
    assert.equal((await ask()).status, 404)
    assert.deepEqual(await endedTokens(ctx), [{ digest, token }])
  })

  it('what an elevated session was given ends with it', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    const token = await two.token()
    const { id } = (await list(two)).find(({ current }) => current)!
    const elevations = () =>
      house.ctx.db.selectFrom('elevation').select('handle').where('session_id', '=', id).execute()
    assert.equal((await elevations()).length, 1)
    empty(await one.call('DELETE', SESSIONS))
    const headers = { 'X-Axigen-Security-Token': token }
    refused(await one.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
    assert.deepEqual(await elevations(), [])
  })

  it('after each change of factors a client is told how many others there are', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const { id } = (await client.secure('POST', METHODS, { json: { method: 'email', target: 'a@elsewhere.example' } }))
      .json
    empty(await client.secure('POST', `${METHODS}/${id}/sendtoken`))
    const json = { totpToken: await house.inbox.code('a@elsewhere.example') }
    const alone = await client.secure('POST', `${METHODS}/${id}/activate`, { json })
    assert.equal(others(alone), null)
    for (let n = 0; n < 2; n++) await signIn(house, email)
    const app = await addAuthenticator(house, client.secure)
    const proof = () => ({ json: { methodId: app.id, totpToken: app.next() } })
    assert.equal(others(await client.secure('POST', `${SECURITY}/2fa`, proof())), '2')
    client.renew()
    assert.equal(others(await client.secure('POST', `${SECURITY}/2fa/recoverycodes`)), '2')
    assert.equal(others(await client.secure('DELETE', `${METHODS}/${id}`)), '2')
    // Not with a refusal, and not with an answer that changes nothing.
    const refusal = await client.secure('DELETE', METHODS)
    refused(refusal, 403, 'METHOD_IN_USE')
    assert.equal(refusal.headers.get('x-other-sessions'), null)
    assert.equal(others(await client.call('GET', METHODS)), null)
    assert.equal(others(await client.secure('DELETE', `${SECURITY}/2fa`, proof())), '2')
    client.renew()
    assert.equal(others(await client.secure('DELETE', METHODS)), '2')
    const passkey = { response: await madeFor(client.secure, softPasskey(pageOf(house))) }
    assert.equal(others(await client.secure('POST', PASSKEYS, { json: passkey })), '2')
    empty(await client.call('DELETE', SESSIONS))
    assert.equal(others(await client.secure('DELETE', METHODS)), null)
  })

  it('pages of another origin may read that number', async () => {
    const open = await startHouse({ engine, settings: { CHATELAINE_CORS_ORIGIN: 'https://mail.example.org' } })
    try {
      const client = await signIn(open, (await makeAccount(open)).email)
      const { headers } = await client.call('GET', METHODS, { headers: { Origin: 'https://mail.example.org' } })
      const exposed = headers.get('access-control-expose-headers')?.split(', ') ?? []
      for (const name of ['X-Other-Sessions', 'X-Captcha-Id', 'X-Axigen-2FA']) assert.ok(exposed.includes(name))
    } finally {
      await open.stop()
    }
  })

  it('a new password ends all others by itself', async () => {
    const { email } = await makeAccount(house)
    const [one, two] = [await signIn(house, email), await signIn(house, email)]
    await addMail(house, one.secure, `b-${email}`)
    const json = { oldPassword: PASSWORD, newPassword: 'Another-Horse-10' }
    const reply = await one.call('POST', '/account/password/reset', { json })
    assert.equal(others(reply), null)
    one.cookie = cookieOf(reply)
    assert.equal((await list(one)).length, 1)
    assert.ok(await ended(two))
  })
})
