import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { Resvg } from '@resvg/resvg-js'
import readQr from 'jsqr'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { accountScope } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import {
  addAuthenticator,
  type Client,
  codeOf,
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
import { decide } from './recovery.ts'

const OPAQUE = /^[\w-]{22,}$/
const SCOPES = ['general', '2fa', 'usernameRecovery', 'passwordRecovery'] as const

/** What a person has at hand to test one statement with. */
interface Desk {
  house: House
  sms: SmsProvider
  person(): Promise<Client>
}

type Statement = readonly [says: string, holds: (desk: Desk) => Promise<void>]

/** Adds and activates a method whose tokens are sent; returns its id. */
async function add({ house, sms }: Desk, { call, secure }: Client, method: 'email' | 'sms', target: string) {
  const { id } = (await secure('POST', METHODS, { json: { method, target } })).json
  empty(await call('POST', `${METHODS}/${id}/sendtoken`))
  const totpToken = await (method === 'sms' ? sms : house.inbox).code(target)
  empty(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } }))
  return id as string
}

const items = (reply: Reply): Record<string, string>[] => reply.json.items

const scan = (svg: string): string | undefined => {
  const image = new Resvg(svg, { background: 'white', fitTo: { mode: 'width', value: 600 } }).render()
  return readQr.default(new Uint8ClampedArray(image.pixels), image.width, image.height)?.data
}

const masks: Record<string, string> = {
  'a@elsewhere.example': 'a***@***ample',
  'ab@elsewhere.example': 'a***@***ample',
  'abc@elsewhere.example': 'a***@***ample',
  'abcd@elsewhere.example': 'abc***@***ample',
  'abcdefghijklmnop@elsewhere.example': 'abc***@***ample',
  'person@a.de': 'per***@***a.de',
}

const conventions: readonly Statement[] = [
  [
    '§2 ids, session ids and securityTokens are opaque, and of 128 bits at least',
    async (desk) => {
      const client = await desk.person()
      const { json } = await client.secure('POST', METHODS, { json: { method: 'authApp' } })
      for (const text of [json.id, client.sessid, await client.token()]) assert.match(text, OPAQUE)
      const other = await desk.person()
      assert.notEqual(other.sessid, client.sessid)
    },
  ],
  [
    '§2 a cookie session needs the cookie and _h; X-Axigen-Session does for _h',
    async (desk) => {
      const { cookie, sessid } = await desk.person()
      const get = (path: string, headers: Record<string, string>) => plain(desk.house, 'GET', path, { headers })
      refused(await get(METHODS, { Cookie: cookie }), 401, 'AUTH_REQUIRED')
      refused(await get(`${METHODS}?_h=${sessid}`, {}), 401, 'AUTH_REQUIRED')
      refused(await get(`${METHODS}?_h=${sessid}&_h=${sessid}`, { Cookie: cookie }), 400, 'BAD_PARAMETER')
      assert.equal((await get(`${METHODS}?_h=${sessid}`, { Cookie: cookie })).status, 200)
      assert.equal((await get(METHODS, { Cookie: cookie, 'X-Axigen-Session': sessid })).status, 200)
      // The header counts: what the query says besides cannot open another session.
      refused(await get(`${METHODS}?_h=${sessid}`, { Cookie: cookie, 'X-Axigen-Session': 'x' }), 401, 'AUTH_REQUIRED')
    },
  ],
  [
    '§2 a securityToken is read from its header only',
    async (desk) => {
      const client = await desk.person()
      const token = await client.token()
      const asQuery = await client.call('DELETE', `${METHODS}?securityToken=${token}`)
      refused(asQuery, 403, 'SECURITY_TOKEN_REQUIRED')
      const asCookie = { Cookie: `${client.cookie}; X-Axigen-Security-Token=${token}` }
      refused(await client.call('DELETE', METHODS, { headers: asCookie }), 403, 'SECURITY_TOKEN_REQUIRED')
    },
  ],
  [
    '§2 lastUsedDate is decimal seconds in a string, and "" before the first use',
    async (desk) => {
      const { account, client, app } = await makeTwoStepAccount(desk.house)
      const mail = await add(desk, client, 'email', `dates-${account.id}@elsewhere.example`)
      const dates = Object.fromEntries(
        items(await client.call('GET', METHODS)).map(({ id, lastUsedDate }) => [id, lastUsedDate]),
      )
      assert.deepEqual(dates, { [app.id]: String(Math.floor(desk.house.clock.now() / 1000)), [mail]: '' })
    },
  ],
  [
    '§1 the version lies above the base, as numbers of semantic versions',
    async ({ house }) => {
      for (const path of ['/api/', '/api']) {
        const { status, json } = await house.call('GET', path)
        assert.equal(status, 200)
        assert.deepEqual(Object.keys(json), ['apiVersion', 'serverVersion'])
        for (const number of Object.values(json)) assert.match(String(number), /^\d+\.\d+\.\d+/)
      }
    },
  ],
  [
    '§2 a method is made with 200, not 201',
    async (desk) => {
      const { secure } = await desk.person()
      assert.equal((await secure('POST', METHODS, { json: { method: 'authApp' } })).status, 200)
    },
  ],
]

const methods: readonly Statement[] = [
  [
    '§5.1 /check gives a new securityToken each time, and the one before stays good',
    async (desk) => {
      const client = await desk.person()
      const [one, two] = [await client.token(), await client.token()]
      assert.notEqual(one, two)
      for (const token of [one, two])
        empty(await client.call('DELETE', METHODS, { headers: { 'X-Axigen-Security-Token': token } }))
    },
  ],
  [
    '§5.2 addresses are masked: three characters and five, one of short local parts; the width tells nothing',
    async (desk) => {
      for (const [target, mask] of Object.entries(masks)) {
        const client = await desk.person()
        await add(desk, client, 'email', target)
        assert.deepEqual(
          items(await client.call('GET', METHODS)).map(({ target }) => target),
          [mask],
          target,
        )
      }
    },
  ],
  [
    '§5.2 numbers are masked to three digits, however long they are',
    async (desk) => {
      for (const target of ['+41446681811', '+4930901820', '+8613800138000']) {
        const client = await desk.person()
        await add(desk, client, 'sms', target)
        assert.equal(items(await client.call('GET', METHODS))[0]!.target, `***${target.slice(-3)}`)
      }
    },
  ],
  [
    '§5.2 a scope lists what serves it; no scope is general; pending methods are in none',
    async (desk) => {
      const client = await desk.person()
      const app = await addAuthenticator(desk.house, client.secure)
      desk.house.clock.turn(1000)
      const mail = await add(desk, client, 'email', 'scopes@elsewhere.example')
      desk.house.clock.turn(1000)
      const phone = await add(desk, client, 'sms', '+41446681812')
      await client.secure('POST', METHODS, { json: { method: 'authApp' } })
      const ids = async (path: string) => items(await client.call('GET', path)).map(({ id }) => id)
      const listed = Object.fromEntries(
        await Promise.all(SCOPES.map(async (scope) => [scope, await ids(`${METHODS}?scope=${scope}`)])),
      )
      assert.deepEqual(listed, {
        general: [app.id, mail, phone],
        '2fa': [app.id, mail, phone],
        usernameRecovery: [mail, phone],
        passwordRecovery: [mail, phone],
      })
      assert.deepEqual(await ids(METHODS), listed.general)
    },
  ],
  [
    '§5.2 a scope is cut by the policy: what the list has left serves',
    async (desk) => {
      const client = await desk.person()
      const mail = await add(desk, client, 'email', 'policy@elsewhere.example')
      const phone = await add(desk, client, 'sms', '+41446681815')
      const account = await findByAddress(desk.house.ctx, client.email)
      await decide(desk.house, accountScope(account!), {
        twoStepMethods: ['sms'],
        usernameRecoveryMethods: ['email'],
        passwordRecoveryMethods: [],
      })
      const listed = async (scope: string) =>
        items(await client.call('GET', `${METHODS}?scope=${scope}`))
          .map(({ id }) => id)
          .sort()
      assert.deepEqual(await listed('general'), [mail, phone].sort())
      assert.deepEqual(await listed('2fa'), [phone])
      assert.deepEqual(await listed('usernameRecovery'), [mail])
      assert.deepEqual(await listed('passwordRecovery'), [])
    },
  ],
  [
    '§5.3 a kind that the policy leaves out cannot be begun: NOT_ALLOWED_BY_POLICY',
    async (desk) => {
      const client = await desk.person()
      const account = await findByAddress(desk.house.ctx, client.email)
      const begin = (json: unknown) => client.secure('POST', METHODS, { json })
      const changes = { alternateEmailAddress: false, phoneNumber: false, twoStepMethods: [] }
      await decide(desk.house, accountScope(account!), changes)
      for (const json of [
        { method: 'email', target: 'left-out@elsewhere.example' },
        { method: 'sms', target: '+41446681816' },
        { method: 'authApp' },
      ])
        refused(await begin(json), 403, 'NOT_ALLOWED_BY_POLICY')
    },
  ],
  [
    '§5.3 a number is kept in E.164, however it is spelt, and so is there once',
    async (desk) => {
      const client = await desk.person()
      await add(desk, client, 'sms', '+41446681813')
      for (const target of ['+41446681813', '+41 44 668 18 13', ' +41-44-668-1813 ', '+41 (44) 668 18 13'])
        refused(await client.secure('POST', METHODS, { json: { method: 'sms', target } }), 400, 'METHOD_EXISTS')
    },
  ],
  [
    '§5.3 another account may have the same target',
    async (desk) => {
      const target = 'family@elsewhere.example'
      for (const client of [await desk.person(), await desk.person()]) {
        desk.house.clock.turn(61_000)
        await add(desk, client, 'email', target)
      }
    },
  ],
  [
    '§5.4 the drawing is the otpauth URI, and is shown while the method is pending only',
    async (desk) => {
      const { email, secure } = await desk.person()
      const { id } = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json
      const drawn = await secure('GET', `${METHODS}/${id}/qr`)
      assert.equal(drawn.headers.get('content-type'), 'image/svg+xml')
      assert.equal(drawn.headers.get('cache-control'), 'no-store')
      const uri = new URL(scan(drawn.text) ?? '')
      assert.equal(decodeURIComponent(uri.pathname), `/Chatelaine:${email}`)
      const totpToken = codeOf(desk.house, uri.searchParams.get('secret')!)
      empty(await secure('POST', `${METHODS}/${id}/activate`, { json: { totpToken } }))
      for (const Accept of ['*/*', 'application/json'])
        refused(await secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept } }), 404, 'NOT_FOUND')
    },
  ],
  [
    '§5.5 a token is sent to pending and active methods, without a securityToken',
    async (desk) => {
      const client = await desk.person()
      const target = 'sending@elsewhere.example'
      const id = await add(desk, client, 'email', target)
      desk.house.clock.turn(61_000)
      empty(await client.call('POST', `${METHODS}/${id}/sendtoken`))
      assert.match(await desk.house.inbox.code(target), /^\d{6}$/)
    },
  ],
  [
    '§5.6 a method keeps its id when it is activated, and is activated once',
    async (desk) => {
      const { call, secure } = await desk.person()
      const { id } = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json
      const qr = await secure('GET', `${METHODS}/${id}/qr`, { headers: { Accept: 'application/json' } })
      const json = { totpToken: codeOf(desk.house, qr.json.secret) }
      const both = [1, 2].map(() => secure('POST', `${METHODS}/${id}/activate`, { json }))
      const statuses = (await Promise.all(both)).map(({ status }) => status)
      assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join())
      assert.deepEqual(
        items(await call('GET', METHODS)).map((item) => item.id),
        [id],
      )
    },
  ],
  [
    '§5.7 DELETE of a pending method forgets it, and of an active one removes it',
    async (desk) => {
      const { secure } = await desk.person()
      const pending = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json.id
      const { id } = await addAuthenticator(desk.house, secure)
      for (const one of [pending, id]) {
        empty(await secure('DELETE', `${METHODS}/${one}`))
        refused(await secure('DELETE', `${METHODS}/${one}`), 404, 'NOT_FOUND')
      }
    },
  ],
]

const twoStep: readonly Statement[] = [
  [
    '§5.8 any one method turns it on, and any of scope 2fa passes the sign-in',
    async (desk) => {
      const { account, client } = await makeTwoStepAccount(desk.house)
      const target = `any-${account.id}@elsewhere.example`
      const mail = await add(desk, client, 'email', target)
      const partial = await signIn(desk.house, account.email)
      empty(await partial.call('POST', `${METHODS}/${mail}/sendtoken`))
      const json = { methodId: mail, totpToken: await desk.house.inbox.code(target) }
      empty(await partial.call('POST', '/login/2fa', { json }))
    },
  ],
  [
    '§5.8 a code that activated the method does not turn it on: TOKEN_ALREADY_USED, with the time of the next',
    async (desk) => {
      const { secure } = await desk.person()
      const app = await addAuthenticator(desk.house, secure)
      const json = { methodId: app.id, totpToken: codeOf(desk.house, app.secret) }
      const used = await secure('POST', `${SECURITY}/2fa`, { json })
      refused(used, 400, 'TOKEN_ALREADY_USED')
      const wait = Number(used.headers.get('retry-after'))
      assert.ok(wait >= 1 && wait <= 30, String(wait))
      desk.house.clock.turn(wait * 1000)
      const next = { methodId: app.id, totpToken: codeOf(desk.house, app.secret) }
      assert.equal((await secure('POST', `${SECURITY}/2fa`, { json: next })).status, 200)
    },
  ],
  [
    '§5.8 a pending method does not turn it on',
    async (desk) => {
      const { secure } = await desk.person()
      const { id } = (await secure('POST', METHODS, { json: { method: 'authApp' } })).json
      const json = { methodId: id, totpToken: '000000' }
      refused(await secure('POST', `${SECURITY}/2fa`, { json }), 404, 'NOT_FOUND')
    },
  ],
  [
    '§5.9 DELETE reads its body, turns it off, and leaves the methods',
    async (desk) => {
      const { account, client, app } = await makeTwoStepAccount(desk.house)
      refused(await client.secure('DELETE', `${SECURITY}/2fa`), 400, 'BAD_PARAMETER')
      const json = { methodId: app.id, totpToken: app.next() }
      empty(await client.secure('DELETE', `${SECURITY}/2fa`, { json }))
      assert.equal(items(await client.call('GET', METHODS)).length, 1)
      const again = await signIn(desk.house, account.email)
      assert.equal(again.step, null)
      refused(await again.secure('DELETE', `${SECURITY}/2fa`, { json }), 403, 'TWO_FACTOR_NOT_ACTIVE')
      empty(await again.secure('DELETE', `${METHODS}/${app.id}`))
    },
  ],
  [
    '§5.9 while the policy is mandatory it stays on',
    async ({ house }) => {
      const { account, client, app } = await makeTwoStepAccount(house)
      await decide(house, accountScope(account), { twoStep: 'mandatory' })
      const json = { methodId: app.id, totpToken: app.next() }
      const reply = await client.secure('DELETE', `${SECURITY}/2fa`, { json })
      refused(reply, 403, 'TWO_FACTOR_MANDATORY')
    },
  ],
  [
    '§4 X-Axigen-2FA is there when a second step is due, and not otherwise',
    async ({ house }) => {
      const { account } = await makeTwoStepAccount(house)
      assert.equal((await signIn(house, account.email)).step, 'required')
      const json = { username: account.email, password: 'x' }
      assert.equal((await plain(house, 'POST', '/login/cookie', { json })).headers.get('x-axigen-2fa'), null)
      assert.equal((await signIn(house, (await makeAccount(house)).email)).step, null)
    },
  ],
  [
    '§4 the second step answers nothing, and keeps the session id',
    async ({ house }) => {
      const { account, app } = await makeTwoStepAccount(house)
      const partial = await signIn(house, account.email)
      const passed = await partial.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
      empty(passed)
      partial.cookie = (passed.headers.getSetCookie()[0] ?? '').split(';')[0]!
      assert.equal((await partial.call('GET', METHODS)).status, 200)
      refused(await partial.call('POST', '/login/2fa', { json: { recoveryCode: 'x' } }), 403, 'NO_SECOND_STEP')
    },
  ],
  [
    '§4 Basic does not walk around it',
    async ({ house }) => {
      const { account } = await makeTwoStepAccount(house)
      const authorization = `Basic ${Buffer.from(`${account.email}:${PASSWORD}`).toString('base64')}`
      const reply = await plain(house, 'POST', '/login', { headers: { Authorization: authorization } })
      refused(reply, 401, 'AUTH_FAILED')
    },
  ],
]

onEveryEngine('mailbox: the contract in detail', (engine) => {
  let desk: Desk
  before(async () => {
    const sms = await openSmsProvider()
    const house = await startHouse({ engine, settings: sms.settings })
    desk = { house, sms, person: async () => signIn(house, (await makeAccount(house)).email) }
  })
  after(async () => {
    await desk.house.stop()
    desk.sms.close()
  })
  for (const [says, holds] of [...conventions, ...methods, ...twoStep]) it(says, () => holds(desk))
})
