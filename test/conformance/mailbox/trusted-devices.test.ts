import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { sweepDevices } from '#src/domain/devices/devices.ts'
import { accountScope, changePolicy, type Policy } from '#src/domain/policy/policy.ts'
import { resetSecondStep } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  type Authenticator,
  addMail,
  type Client,
  cookieOf,
  empty,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

const DEVICES = `${SECURITY}/trusteddevices`
const DAY = 86_400_000
const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

onEveryEngine('mailbox: trusted devices', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  async function pass(client: Client, app: Authenticator): Promise<Client> {
    const passed = await client.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
    empty(passed)
    client.cookie = cookieOf(passed)
    return client
  }

  /** Somebody with 2-step verification, in a session that has just passed it. */
  async function stepped() {
    const made = await makeTwoStepAccount(house)
    const { app, account } = made
    return { ...made, ...account, passed: await pass(await signIn(house, account.email), app) }
  }

  /** The same, with a browser that is trusted: its cookie. */
  async function trusted(json: unknown = { name: 'Kitchen' }) {
    const somebody = await stepped()
    const reply = await somebody.passed.call('POST', DEVICES, { json })
    assert.equal(reply.status, 200, reply.text)
    return { ...somebody, reply, cookie: cookieOf(reply) }
  }

  const stepWith = async (email: string, cookie: string): Promise<string | null> =>
    (await signIn(house, email, PASSWORD, { Cookie: cookie })).step
  const list = async ({ call }: Client) => (await call('GET', DEVICES)).json.items

  const setPolicy = (id: string, changes: Partial<Policy>) =>
    changePolicy(house.ctx, { scope: accountScope({ id }), changes, account: id, actor: 'test', origin })

  it('the password is enough there, for the days of the policy, and nowhere else', async () => {
    const { email, cookie, reply } = await trusted()
    assert.deepEqual(Object.keys(reply.json), ['id', 'expiresDate'])
    assert.equal(reply.json.expiresDate, String(Math.floor((house.clock.now() + 30 * DAY) / 1000)))
    assert.match(
      reply.headers.get('set-cookie') ?? '',
      /^mailbox-device-[0-9a-f]{16}=[\w-]{43}; Path=\/api\/v1\/login; HttpOnly; SameSite=Strict; Max-Age=2592000$/,
    )
    const client = await signIn(house, email, PASSWORD, { Cookie: cookie })
    assert.equal(client.step, null)
    assert.equal((await client.call('GET', DEVICES)).status, 200)
    assert.equal((await signIn(house, email)).step, 'required')
    house.clock.turn(30 * DAY - 1)
    assert.equal(await stepWith(email, cookie), null)
    house.clock.turn(1)
    assert.equal(await stepWith(email, cookie), 'required')
  })

  it('is listed with where and when it was used', async () => {
    const { email, cookie, passed, reply } = await trusted({})
    const before = await list(passed)
    const created = String(Math.floor(house.clock.now() / 1000))
    assert.deepEqual(before, [
      {
        id: reply.json.id,
        name: 'node',
        address: '127.0.0.1',
        createdDate: created,
        lastUsedDate: '',
        expiresDate: reply.json.expiresDate,
      },
    ])
    house.clock.turn(90_000)
    await signIn(house, email, PASSWORD, { Cookie: cookie })
    const [{ lastUsedDate, ...rest }] = await list(passed)
    assert.equal(lastUsedDate, String(Math.floor(house.clock.now() / 1000)))
    assert.deepEqual({ ...rest, lastUsedDate: '' }, before[0])
  })

  it('its owner is told, and the record has it', async () => {
    const { email, id } = await trusted()
    // What came before was about the method and the second step.
    let mail = await house.inbox.next(email)
    while (!mail.text.includes('Kitchen')) mail = await house.inbox.next(email)
    assert.match(mail.text, /A browser was marked as trusted, until .+2026.*: Kitchen\./)
    const events = await house.ctx.db
      .selectFrom('audit')
      .select('detail')
      .where('account_id', '=', id)
      .where('event', '=', 'device.trusted')
      .execute()
    assert.deepEqual(
      events.map(({ detail }) => detail),
      ['{"name":"Kitchen"}'],
    )
  })

  it('what it holds is worth nothing without the password', async () => {
    const { email, cookie } = await trusted()
    const wrong = { json: { username: email, password: 'Wrong-Horse-9' }, headers: { Cookie: cookie } }
    refused(await plain(house, 'POST', '/login/cookie', wrong), 401, 'AUTH_FAILED')
    const [row] = await house.ctx.db.selectFrom('trusted_device').selectAll().execute()
    assert.ok(row && !JSON.stringify(row).includes(cookie.split('=')[1]!))
  })

  it('nor at another sign-in, nor for another account, nor as anything else', async () => {
    const { email, cookie } = await trusted()
    const other = await makeTwoStepAccount(house)
    assert.equal(await stepWith(other.account.email, cookie), 'required')
    // Under the other account's name, too.
    const value = cookie.split('=')[1]!
    const { cookie: foreign } = await trusted()
    const [name, foreignValue] = foreign.split('=') as [string, string]
    assert.equal(await stepWith(email, `${cookie.split('=')[0]}=${foreignValue}`), 'required')
    for (const wrong of ['', 'x', `${value}x`, value.slice(1), `${value}%00`, 'x'.repeat(5000)])
      assert.equal(await stepWith(email, `${cookie.split('=')[0]}=${wrong}; ${name}=${value}`), 'required')
    const basic = `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}`
    const headers = { Authorization: basic, Cookie: cookie }
    refused(await plain(house, 'POST', '/login', { headers }), 401, 'AUTH_FAILED')
    const json = { userId: email, password: PASSWORD }
    const openwifi = await house.call('POST', '/api/v1/oauth2', { json, headers: { Cookie: cookie } })
    assert.equal(openwifi.json.access_token, undefined)
    refused(await plain(house, 'GET', DEVICES, { headers: { Cookie: cookie } }), 401, 'AUTH_REQUIRED')
  })

  it('is for who has just passed the second step', async () => {
    const { email, client, cookie, app } = await trusted()
    const trust = ({ call }: Client): Promise<Reply> => call('POST', DEVICES, { json: {} })
    // The session that 2-step verification was turned on in has shown it then; by now that is too long ago.
    house.clock.turn(600_000)
    refused(await trust(client), 403, 'SECOND_STEP_REQUIRED')
    // Nor may one that left it out: a device does not make the next one.
    refused(await trust(await signIn(house, email, PASSWORD, { Cookie: cookie })), 403, 'SECOND_STEP_REQUIRED')
    const partial = await signIn(house, email)
    refused(await trust(partial), 403, 'TWO_FACTOR_REQUIRED')
    const passed = await pass(partial, app)
    house.clock.turn(599_999)
    assert.equal((await trust(passed)).status, 200)
    house.clock.turn(1)
    refused(await trust(passed), 403, 'SECOND_STEP_REQUIRED')
    const { call } = await signIn(house, (await makeAccount(house)).email)
    refused(await call('POST', DEVICES, { json: {} }), 403, 'SECOND_STEP_REQUIRED')
  })

  it('is off where the policy says so, from the next request on; and shorter where it says that', async () => {
    const { email, id, cookie, passed } = await trusted()
    await setPolicy(id, { trustedDeviceDays: 0 })
    refused(await passed.call('POST', DEVICES, { json: {} }), 403, 'NOT_ALLOWED_BY_POLICY')
    assert.equal(await stepWith(email, cookie), 'required')
    assert.deepEqual(await list(passed), [])
    await setPolicy(id, { trustedDeviceDays: 2 })
    assert.equal(await stepWith(email, cookie), null)
    house.clock.turn(2 * DAY)
    assert.equal(await stepWith(email, cookie), 'required')
  })

  it('is forgotten one by one, or all at once, by its owner alone', async () => {
    const { email, cookie, passed, app, reply } = await trusted()
    const second = await (await pass(await signIn(house, email), app)).call('POST', DEVICES, { json: {} })
    const stranger = await signIn(house, (await makeAccount(house)).email)
    for (const id of [reply.json.id, 'x', '%00', "'--"]) {
      const { status } = await stranger.call('DELETE', `${DEVICES}/${id}`)
      assert.ok(status === 404 || (id === '%00' && status === 400), `${id}: ${status}`)
    }
    empty(await stranger.call('DELETE', DEVICES))
    assert.equal(await stepWith(email, cookie), null)
    empty(await passed.call('DELETE', `${DEVICES}/${reply.json.id}`))
    refused(await passed.call('DELETE', `${DEVICES}/${reply.json.id}`), 404, 'NOT_FOUND')
    assert.equal(await stepWith(email, cookie), 'required')
    assert.equal(await stepWith(email, cookieOf(second)), null)
    empty(await passed.call('DELETE', DEVICES))
    assert.equal(await stepWith(email, cookieOf(second)), 'required')
    empty(await passed.call('DELETE', DEVICES))
  })

  it('ends with a new password, a sign-out everywhere, and 2-step verification', async () => {
    const everywhere = await trusted()
    empty(await everywhere.passed.call('POST', '/logout/everywhere'))
    assert.equal(await stepWith(everywhere.email, everywhere.cookie), 'required')

    const changed = await trusted()
    const json = { oldPassword: PASSWORD, newPassword: 'Another-Horse-10' }
    empty(await changed.passed.call('POST', '/account/password/reset', { json }))
    const headers = { Cookie: changed.cookie }
    assert.equal((await signIn(house, changed.email, 'Another-Horse-10', headers)).step, 'required')

    const off = await trusted()
    const proof = () => ({ json: { methodId: off.app.id, totpToken: off.app.next() } })
    empty(await off.client.secure('DELETE', `${SECURITY}/2fa`, proof()))
    // It has just been passed, and is off: there is nothing to be left out later.
    refused(await off.passed.call('POST', DEVICES, { json: {} }), 403, 'TWO_FACTOR_NOT_ACTIVE')
    off.client.renew()
    assert.equal((await off.client.secure('POST', `${SECURITY}/2fa`, proof())).status, 200)
    assert.equal(await stepWith(off.email, off.cookie), 'required')

    const reset = await trusted()
    const caller = await findAccount(house.ctx, reset.id)
    assert.ok(caller)
    await resetSecondStep(house.ctx, { caller, id: reset.id, note: 'lost', origin })
    const rows = await house.ctx.db
      .selectFrom('trusted_device')
      .select('id')
      .where('account_id', '=', reset.id)
      .execute()
    assert.deepEqual(rows, [])
  })

  it('goes on when a method is added or recovery codes are made', async () => {
    const { email, cookie, client } = await trusted()
    await addMail(house, client.secure, `more-${email}`)
    assert.equal((await client.secure('POST', `${SECURITY}/2fa/recoverycodes`)).status, 200)
    assert.equal(await stepWith(email, cookie), null)
  })

  it('there are twenty, and the oldest goes', async () => {
    const { email, cookie, passed } = await trusted()
    const cookies: string[] = []
    for (let n = 0; n < 20; n++) {
      house.clock.turn(1000)
      cookies.push(cookieOf(await passed.call('POST', DEVICES, { json: { name: `Browser ${n}` } })))
    }
    const names = (await list(passed)).map(({ name }: { name: string }) => name)
    assert.deepEqual(
      names,
      Array.from({ length: 20 }, (_, n) => `Browser ${19 - n}`),
    )
    assert.equal(await stepWith(email, cookie), 'required')
    assert.equal(await stepWith(email, cookies[0]!), null)
  })

  it('a name is short, and there is nothing else to say', async () => {
    const { passed } = await stepped()
    for (const json of [{ name: '' }, { name: '  ' }, { name: 'x'.repeat(101) }, { name: 7 }, { days: 90 }, []])
      refused(await passed.call('POST', DEVICES, { json }), 400, 'BAD_PARAMETER')
    assert.equal((await passed.call('POST', DEVICES)).status, 200)
    refused(await passed.call('GET', `${DEVICES}?all=1`), 400, 'BAD_PARAMETER')
    refused(await passed.call('DELETE', DEVICES, { json: { all: true } }), 400, 'BAD_PARAMETER')
    const odd = '<b>Küche</b> 🗝 %s'
    assert.equal((await passed.call('POST', DEVICES, { json: { name: odd } })).status, 200)
    assert.ok((await list(passed)).some(({ name }: { name: string }) => name === odd))
  })

  it('is swept when its time is over', async () => {
    const { id } = await trusted()
    const own = () => house.ctx.db.selectFrom('trusted_device').select('id').where('account_id', '=', id).execute()
    while ((await sweepDevices(house.ctx)) > 0);
    assert.equal((await own()).length, 1)
    house.clock.turn(30 * DAY + 1)
    while ((await sweepDevices(house.ctx)) > 0);
    assert.deepEqual(await own(), [])
  })
})
