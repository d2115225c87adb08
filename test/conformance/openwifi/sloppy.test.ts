import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  asRoot,
  authenticatorOf,
  bearer,
  change,
  denied,
  login,
  me,
  newPerson,
  newSubscriber,
  PASSWORD,
  type Person,
  refused,
  send,
  sibling,
  subscriberLogin,
  withMethod,
  withSiblings,
} from './people.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const LIFETIME = 2_592_000_000
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

onEveryEngine('OpenWiFi: what must be tolerated', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { ...withSiblings } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const get = (path: string, headers: Record<string, string> = bearer(root.token)) =>
    house.call('GET', `/api/v1${path}`, { headers })
  const put = (path: string, json: unknown, by: Person = root) =>
    house.call('PUT', `/api/v1${path}`, { json, headers: bearer(by.token) })
  const raw = (method: string, path: string, headers: Record<string, string>, body = '') =>
    send(house.url, method, `/api/v1${path}`, { headers, body })

  it('the name of the scheme in any case, with spaces around the token', async () => {
    for (const Authorization of ['bearer', 'BEARER', 'bEaReR'].map((name) => `${name} ${root.token}`))
      assert.equal((await raw('GET', '/oauth2?me=true', { Authorization })).status, 200, Authorization)
    assert.equal((await raw('GET', '/users', { Authorization: `Bearer ${root.token} ` })).status, 200)
    for (const Authorization of [root.token, `Basic ${root.token}`, `Bearer${root.token}`, `Token ${root.token}`])
      denied(await raw('GET', '/users', { Authorization }), 8)
  })

  it('a JSON type with whatever stands around it, and with any letters', async () => {
    const body = JSON.stringify({ userId: root.email, password: root.password })
    const types = ['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON']
    for (const type of types) {
      const reply = await raw('POST', '/oauth2', { 'Content-Type': type }, body)
      assert.equal(reply.status, 200, type)
    }
  })

  it('a JSON type with nothing, null or rubbish behind it, where no body is read', async () => {
    const headers = { ...bearer(root.token), ...JSON_TYPE }
    for (const body of ['', 'null', '{}', '[]', '{"a":', 'x'])
      for (const path of ['/users', '/oauth2?me=true', '/system?command=info', '/preferences', '/systemEndpoints'])
        assert.equal((await raw('GET', path, headers, body)).status, 200, `${path} ${body}`)
    for (const body of ['', '{}', '{"userId":"x"}']) {
      const someone = await newPerson(house, root)
      assert.equal((await raw('DELETE', `/user/${someone.id}`, headers, body)).status, 200)
      const other = await newPerson(house, root)
      const own = { ...bearer(other.token), ...JSON_TYPE }
      assert.equal((await raw('DELETE', `/oauth2/${other.token}`, own, body)).status, 204)
    }
  })

  it('switches and numbers in the query that are none: they count as not given', async () => {
    const someone = await newPerson(house, root)
    const off = ['false', 'False', '0', '1', 'TRUE', 'yes', 'null', '']
    for (const word of off) {
      assert.equal(typeof (await get(`/users?idOnly=${word}`)).json.users[0], 'object', word)
      refused(await get(`/user/${someone.email}?byEmail=${word}`), 404, 404)
      refused(await get(`/oauth2?me=${word}`), 400, 1050)
      const kept = await put(`/user/${someone.id}?resetMFA=${word}&forgotPassword=${word}`, { name: `n${word}` })
      assert.equal(kept.json.name, `n${word}`)
      const body = { userId: someone.email, password: PASSWORD }
      const query = `forgotPassword=${word}&requirements=${word}&resendMFACode=${word}&completeMFAChallenge=${word}`
      assert.ok((await house.call('POST', `/api/v1/oauth2?${query}`, { json: body })).json.access_token)
    }
    const all = (await get('/users')).json.users.length
    for (const word of ['-1', 'x', '1x', '', '1.5', '0x10', ' 3'])
      assert.equal(
        (await get(`/users?limit=${encodeURIComponent(word)}&offset=${encodeURIComponent(word)}`)).json.users.length,
        all,
      )
    assert.deepEqual((await get('/users?limit=0')).json.users, [])
    assert.equal((await get('/users?limit=99999999999999999999')).json.users.length, all)
    assert.deepEqual((await get('/users?offset=99999999999999999999')).json.users, [])
  })

  it('parameters and members that nobody knows', async () => {
    const someone = await newPerson(house, root)
    assert.equal((await get('/users?filter=x&orderBy=y&countOnly=true&withExtendedInfo=true&cache=1')).status, 200)
    const reply = await put(`/user/${someone.id}?why=not`, { name: 'N', emailValidation: true, more: { a: [1] } })
    assert.deepEqual([reply.status, reply.json.name], [200, 'N'])
    const json = { userId: someone.email, password: PASSWORD, remember: true, deep: { a: [] } }
    assert.equal((await house.call('POST', '/api/v1/oauth2?x=y', { json })).status, 200)
  })

  it('capital letters and spaces in addresses, roles and ids', async () => {
    const someone = await newPerson(house, root)
    assert.equal((await login(house, ` ${someone.email.toUpperCase()} `, PASSWORD)).status, 200)
    assert.equal((await get(`/user/${someone.email.toUpperCase()}?byEmail=true`)).json.id, someone.id)
    assert.equal((await get(`/user/${someone.id.toUpperCase()}`)).json.id, someone.id)
    assert.equal((await put(`/user/${someone.id}`, { userRole: 'NOC' })).json.userRole, 'noc')
    const selected = await get(`/users?select=${someone.id.toUpperCase()},none,${root.id}`)
    assert.deepEqual(
      selected.json.users.map(({ id }: { id: string }) => id),
      [someone.id, root.id],
    )
  })

  it('addresses that are not encoded in a path', async () => {
    const email = 'first.last+tag@sub-domain.example.org'
    const json = { id: '0', email, userRole: 'csr' }
    const made = await house.call('POST', '/api/v1/user/0', { json, headers: bearer(root.token) })
    const own = { ...bearer(root.token), ...JSON_TYPE }
    assert.equal((await raw('GET', `/user/${email}?byEmail=true`, own, '{"userId":"x"}')).json.id, made.json.id)
    assert.equal((await get(`/user/${encodeURIComponent(email)}?byEmail=true`)).json.id, made.json.id)
  })

  it('truth values as words, and numbers for texts', async () => {
    const someone = await newPerson(house, root)
    assert.equal((await put(`/user/${someone.id}`, { suspended: 'true' })).json.suspended, true)
    assert.equal((await put(`/user/${someone.id}`, { suspended: 'no' })).json.suspended, false)
    assert.equal((await put(`/user/${someone.id}`, { suspended: 1, name: 12 })).json.suspended, false)
    const kept = await put(`/user/${someone.id}`, { name: null, suspended: null, notes: null, userRole: null })
    assert.deepEqual([kept.status, kept.json.name, kept.json.userRole], [200, '12', 'csr'])
    assert.equal((await put(`/user/${someone.id}`, { name: '' })).json.name, '')
  })

  it('a refresh token without its grant, and a grant without its token: both are a sign-in', async () => {
    const someone = await newPerson(house, root)
    const body = { userId: someone.email, password: PASSWORD }
    const post = (query: string, json: unknown, headers = {}) =>
      house.call('POST', `/api/v1/oauth2${query}`, { json, headers })
    assert.ok((await post('', { ...body, refreshToken: someone.refresh }, bearer(someone.token))).json.access_token)
    assert.ok((await post('?grant_type=refresh_token', body)).json.access_token)
    assert.ok((await post('?grant_type=refresh_token', { ...body, refreshToken: '' })).json.access_token)
    assert.ok((await post('?grant_type=password', { ...body, refreshToken: 'x' })).json.access_token)
    assert.equal((await me(house, someone)).status, 200)
    denied(await post('?grant_type=refresh_token', { refreshToken: someone.refresh }), 14)
    denied(await post('?grant_type=refresh_token', { refreshToken: someone.refresh }, bearer(root.token)), 14)
    denied(await post('?grant_type=refresh_token', { refreshToken: root.refresh }, bearer(someone.token)), 14)
  })

  it('calls that are meant for other services: an error, and none that signs people out', async () => {
    const late = await newPerson(house, root)
    const paths = [
      '/devices?select=1',
      '/device/00:11:22:33:44:55/capabilities',
      '/firmwares?latestOnly=true',
      '/entity/0000-0000-0000',
      '/venue?withExtendedInfo=true',
      '/inventory?countOnly=true',
      '/configurations',
      '/boards',
      '/user',
      '/user/x/y',
      '/users/',
      '/Users',
      '/API/v1/users',
      '/',
    ]
    const holders = [bearer(root.token), bearer('dead'), {}]
    for (const headers of holders)
      for (const path of paths) {
        const reply = await get(path, headers)
        assert.equal(reply.status, 404, path)
        assert.equal(reply.json.ErrorCode, 404)
      }
    house.clock.turn(LIFETIME)
    assert.equal((await get('/devices', bearer(late.token))).status, 404)
    root = await asRoot(house)
  })

  it('a preflight of anything, without a caller', async () => {
    for (const path of ['/users', '/nothing', '/user/0', '/validateToken', '/oauth2/x', '/ws'])
      assert.equal((await raw('OPTIONS', path, { Origin: 'https://ui.example.org' })).status, 200, path)
  })

  it('a service that answers is alive, whatever it answers', async () => {
    for (const path of ['/api/v1/oauth2', '/api/v1', '/'])
      assert.ok((await send(house.url, 'GET', path)).status >= 200, path)
  })

  it('a token that was never one: calm answers all the way', async () => {
    for (const token of ['null', 'undefined', '']) {
      denied(await get('/users', { Authorization: `Bearer ${token}` }), 8)
      refused(await get(`/validateToken?token=${token}`), 404, 404)
    }
    assert.equal((await raw('DELETE', '/oauth2/null', { Authorization: 'Bearer null', ...JSON_TYPE })).status, 204)
  })

  it('TOTP asked for with words that are no truth values, and preferences that are not there yet', async () => {
    const someone = await newPerson(house, root)
    for (const query of ['?reset=False', '?reset=true', '']) {
      const reply = await get(`/totp${query}`, bearer(someone.token))
      assert.equal(reply.status, 200, reply.text)
      assert.match(reply.text, /<svg/)
    }
    const { status, json } = await get('/preferences', bearer(someone.token))
    assert.deepEqual([status, json.data, Number.isInteger(json.modified)], [200, [], true])
  })

  it('the same fields for both populations from the services that manage them', async () => {
    const headers = { ...sibling(), ...JSON_TYPE }
    const inside = (method: string, path: string, json?: unknown) =>
      house.callInternal(method, `/api/v1${path}`, { headers, ...(json === undefined ? {} : { json }) })
    const subscriber = await newSubscriber(house, root, { owner: 'operator-1' })
    for (const path of [
      `/user/${root.id}`,
      `/subuser/${subscriber.id}`,
      '/subusers?operatorId=operator-1&nameSearch=&emailSearch=',
      `/validateSubToken?token=${subscriber.token}`,
    ])
      assert.equal((await inside('GET', path)).status, 200, path)
    const found = await inside('GET', '/subusers?operatorId=operator-1')
    assert.deepEqual(
      found.json.users.map(({ id }: { id: string }) => id),
      [subscriber.id],
    )
    const counted = await get('/subusers?countOnly=true&operatorId=operator-1')
    assert.deepEqual(counted.json, { count: 1 })
    assert.equal((await inside('DELETE', `/subuser/${subscriber.id}`)).status, 200)
  })
})

onEveryEngine('OpenWiFi: what must be refused', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { ...withSiblings } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const record = async (path: string) =>
    (await house.call('GET', `/api/v1${path}`, { headers: bearer(root.token) })).json

  /** Everything that a record has and a body must not be able to set. */
  const wished = {
    id: '11111111-1111-4111-8111-111111111111',
    avatar: '77',
    created: 1,
    creationDate: 1,
    currentLoginURI: 'https://evil.example',
    lastEmailCheck: 1,
    lastLogin: 1,
    lastPasswordChange: 1,
    lastPasswords: ['x'],
    modified: 1,
    oauthType: 'google',
    oauthUserInfo: 'x',
    securityPolicy: 'x',
    securityPolicyChange: 1,
    signingUp: 'evil:1',
    validated: false,
    validationDate: 1,
    validationEmail: 'evil@example.org',
    validationURI: 'https://evil.example',
    waitingForEmailCheck: true,
    userTypeProprietaryInfo: {
      authenticatorSecret: 'secret',
      mfa: { enabled: false, method: 'email' },
      mobiles: [{ number: '+41446681800', verified: true, primary: true }],
    },
    notes: [{ note: 'a note', created: 1, createdBy: 'evil@example.org' }],
    generation: 99,
    password: 'x',
    role: 'root',
    population: 'user',
    tenant: 2,
    two_step: 1,
    must_change_password: 1,
    recovery_salt: 'x',
  }

  for (const [door, role] of [
    ['/user', 'csr'],
    ['/subuser', 'subscriber'],
  ] as const) {
    it(`a new record at ${door} that brings its own history`, async () => {
      const email = `mass${door.slice(1)}@example.org`
      const now = Math.floor(house.clock.now() / 1000)
      const reply = await house.call('POST', `/api/v1${door}/0`, {
        json: { ...wished, email, userRole: role, currentPassword: PASSWORD },
        headers: bearer(root.token),
      })
      assert.equal(reply.status, 200, reply.text)
      const { id, lastPasswords, currentPassword, notes, userTypeProprietaryInfo, ...rest } = reply.json
      assert.notEqual(id, wished.id)
      assert.deepEqual([currentPassword, lastPasswords], ['', []])
      assert.deepEqual(notes, [{ created: now, createdBy: root.email, note: 'a note' }])
      assert.deepEqual(userTypeProprietaryInfo, {
        authenticatorSecret: '',
        mfa: { enabled: false, method: '' },
        mobiles: [],
      })
      assert.deepEqual([rest.creationDate, rest.modified, rest.lastPasswordChange, rest.lastLogin], [now, now, now, 0])
      assert.deepEqual(
        [rest.avatar, rest.currentLoginURI, rest.oauthType, rest.oauthUserInfo, rest.securityPolicy, rest.signingUp],
        ['', '', '', '', '', ''],
      )
      assert.deepEqual([rest.validated, rest.waitingForEmailCheck, rest.userRole], [true, false, role])
      assert.deepEqual([rest.validationEmail, rest.validationURI, rest.securityPolicyChange], ['', '', 0])
      assert.equal((await (door === '/user' ? login : subscriberLogin)(house, email, PASSWORD)).status, 200)
    })

    it(`a change at ${door} that rewrites what happened`, async () => {
      const someone = door === '/user' ? await newPerson(house, root) : await newSubscriber(house, root)
      const path = `${door}/${someone.id}`
      const before = await record(path)
      house.clock.turn(5000)
      const reply = await house.call('PUT', `/api/v1${path}`, {
        json: { ...wished, email: 'other@example.org' },
        headers: bearer(root.token),
      })
      assert.equal(reply.status, 200, reply.text)
      const now = Math.floor(house.clock.now() / 1000)
      const notes = [{ created: now, createdBy: root.email, note: 'a note' }]
      assert.deepEqual(reply.json, { ...before, modified: now, notes })
      assert.deepEqual(await record(path), reply.json)
      const again = await house.call('PUT', `/api/v1${path}`, { json: { notes: [] }, headers: bearer(root.token) })
      assert.deepEqual(again.json.notes, notes)
    })
  }

  it('somebody who raises himself', async () => {
    const someone = await newPerson(house, root)
    for (const wish of [{ userRole: 'root' }, { userRole: 'admin' }, { suspended: true }, { owner: 'me' }]) {
      const before = await record(`/user/${someone.id}`)
      denied(await change(house, someone, someone.id, { ...wish, name: 'Raised' }), 7)
      assert.deepEqual(await record(`/user/${someone.id}`), before)
    }
    const admin = await newPerson(house, root, { role: 'admin' })
    const csr = await newPerson(house, root)
    for (const userRole of ['root', 'partner']) denied(await change(house, admin, csr.id, { userRole }), 7)
    denied(await change(house, admin, root.id, { currentPassword: 'Taken-Over-1' }), 7)
    assert.equal((await login(house, root.email, root.password)).status, 200)
  })

  it('an owner that only root may give', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const make = (by: Person, query: string, email: string) =>
      house.call('POST', `/api/v1/user/0${query}`, {
        json: { email, userRole: 'csr', owner: 'body-owner' },
        headers: bearer(by.token),
      })
    assert.equal((await make(root, '?entity=entity-1', 'owned-1@example.org')).json.owner, 'entity-1')
    assert.equal((await make(root, '', 'owned-2@example.org')).json.owner, '')
    assert.equal((await make(admin, '?entity=entity-1', 'owned-3@example.org')).json.owner, '')
  })

  it('a subscriber who would become something else, and a role that is none', async () => {
    const subscriber = await newSubscriber(house, root)
    const path = `/api/v1/subuser/${subscriber.id}`
    for (const userRole of ['root', 'admin', 'csr', 'king'])
      refused(await house.call('PUT', path, { json: { userRole }, headers: bearer(root.token) }), 400, 1039)
    const same = await house.call('PUT', path, { json: { userRole: 'subscriber' }, headers: bearer(root.token) })
    assert.deepEqual([same.status, same.json.userRole], [200, 'subscriber'])
    for (const userRole of ['csr', 'root', undefined, '', 'unknown']) {
      const json = { email: 'no-subscriber@example.org', userRole }
      refused(await house.call('POST', '/api/v1/subuser/0', { json, headers: bearer(root.token) }), 400, 1039)
    }
  })

  it('others’ keys, pictures and preferences', async () => {
    const [victim, thief] = [await newPerson(house, root), await newPerson(house, root, { role: 'admin' })]
    const as = (by: Person, method: string, path: string, json?: unknown) =>
      house.call(method, `/api/v1${path}`, { headers: bearer(by.token), ...(json === undefined ? {} : { json }) })
    const expiresOn = Math.floor(house.clock.now() / 1000) + 1000
    const key = await as(victim, 'POST', `/apiKey/${victim.id}`, { name: 'mine', expiresOn })
    const list = await as(victim, 'GET', `/apiKey/${victim.id}`)
    denied(await as(thief, 'GET', `/apiKey/${victim.id}`), 7)
    denied(await as(thief, 'POST', `/apiKey/${victim.id}`, { name: 'stolen', expiresOn }), 7)
    denied(await as(thief, 'PUT', `/apiKey/${victim.id}`, { id: key.json.id, description: 'x' }), 7)
    denied(await as(thief, 'DELETE', `/apiKey/${victim.id}?keyUuid=${key.json.id}`), 7)
    // By his own path, with the id of somebody else's key.
    refused(await as(thief, 'PUT', `/apiKey/${thief.id}`, { id: key.json.id, description: 'x' }), 400, 1037)
    refused(await as(thief, 'DELETE', `/apiKey/${thief.id}?keyUuid=${key.json.id}`), 400, 1018)
    const stolen = await as(thief, 'POST', `/apiKey/${thief.id}`, { name: 'mine', expiresOn, userUuid: victim.id })
    if (stolen.status === 200) assert.equal(stolen.json.userUuid, thief.id)
    assert.deepEqual((await as(victim, 'GET', `/apiKey/${victim.id}`)).json, list.json)

    const picture = (by: Person, id: string) =>
      house.call('POST', `/api/v1/avatar/${id}`, {
        body: PNG,
        headers: { ...bearer(by.token), 'Content-Type': 'image/png' },
      })
    assert.equal((await picture(victim, victim.id)).status, 200)
    denied(await picture(thief, victim.id), 7)
    denied(await as(thief, 'DELETE', `/avatar/${victim.id}`), 7)
    const kept = await as(thief, 'GET', `/avatar/${victim.id}`)
    assert.ok(kept.bytes.equals(PNG))

    const data = [{ tag: 'mine', value: '1' }]
    await as(victim, 'PUT', '/preferences', { data })
    const other = { id: victim.id, data: [{ tag: 'theirs', value: '2' }] }
    const own = await as(thief, 'PUT', `/preferences?id=${victim.id}`, other)
    assert.deepEqual([own.status, own.json.id], [200, thief.id])
    assert.deepEqual((await as(victim, 'GET', `/preferences?id=${thief.id}`)).json.data, data)
  })

  it('the picture and the preferences of another subscriber', async () => {
    const [one, other] = [await newSubscriber(house, root), await newSubscriber(house, root)]
    const as = (by: Person, method: string, path: string, more: { json?: unknown; body?: Uint8Array } = {}) =>
      house.call(method, `/api/v1${path}`, { headers: { 'Content-Type': 'image/png', ...bearer(by.token) }, ...more })
    assert.equal((await as(one, 'POST', `/subavatar/${one.id}`, { body: PNG })).json.errorCode, 0)
    assert.ok((await as(one, 'GET', `/subavatar/${one.id}`)).bytes.equals(PNG))
    denied(await as(other, 'GET', `/subavatar/${one.id}`), 7)
    denied(await as(other, 'POST', `/subavatar/${one.id}`, { body: PNG }), 7)
    denied(await as(other, 'DELETE', `/subavatar/${one.id}`), 7)
    const headers = bearer(one.token)
    const data = [{ tag: 'mine', value: '1' }]
    await house.call('PUT', '/api/v1/subpreferences', { json: { data }, headers })
    assert.deepEqual((await as(other, 'GET', '/subpreferences')).json.data, [])
  })

  it('a key that was left with a program, against what protects its owner', async () => {
    const owner = await newPerson(house, root, { role: 'admin' })
    const expiresOn = Math.floor(house.clock.now() / 1000) + 1000
    const own = { json: { name: 'program', expiresOn }, headers: bearer(owner.token) }
    const { apiKey } = (await house.call('POST', `/api/v1/apiKey/${owner.id}`, own)).json
    await authenticatorOf(house, owner)
    assert.equal((await change(house, owner, owner.id, withMethod('authenticator'))).status, 200)
    const guarded = (await me(house, owner)).json.userTypeProprietaryInfo
    const asKey = (method: string, path: string, json?: unknown) =>
      house.call(method, `/api/v1${path}`, {
        headers: { 'X-API-KEY': apiKey },
        ...(json === undefined ? {} : { json }),
      })
    const path = `/user/${owner.id}`
    denied(await asKey('PUT', path, { currentPassword: 'By-The-Key-1' }), 7)
    denied(await asKey('PUT', path, { userTypeProprietaryInfo: { mfa: { enabled: false } } }), 7)
    denied(await asKey('PUT', `${path}?resetMFA=true`, {}), 7)
    denied(await asKey('GET', '/totp?reset=true'), 7)
    denied(await asKey('POST', `/apiKey/${owner.id}`, { name: 'more', expiresOn }), 7)
    denied(await asKey('GET', `/apiKey/${owner.id}`), 7)
    assert.deepEqual((await me(house, owner)).json.userTypeProprietaryInfo, guarded)
    assert.equal((await asKey('PUT', path, { name: 'By the key' })).json.name, 'By the key')
  })

  it('a picture that is a page, shown as what it pretends to be', async () => {
    const someone = await newPerson(house, root)
    const post = (body: string | Uint8Array, type: string) =>
      house.call('POST', `/api/v1/avatar/${someone.id}`, {
        body,
        headers: { ...bearer(someone.token), 'Content-Type': type },
      })
    for (const [body, type] of [
      ['<!doctype html><script>alert(1)</script>', 'text/html'],
      ['<!doctype html><script>alert(1)</script>', 'image/png'],
      ['', 'image/png'],
      ['GIF', 'image/gif'],
    ] as const)
      assert.deepEqual([(await post(body, type)).json.errorCode], [13], body)
    assert.equal((await me(house, someone)).json.avatar, '')
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>'
    await post(svg, 'image/svg+xml')
    const shown = await house.call('GET', `/api/v1/avatar/${someone.id}`, { headers: bearer(root.token) })
    if (shown.status === 200) assert.doesNotMatch(shown.headers.get('content-type') ?? '', /html|svg|xml/)
    assert.match(shown.headers.get('x-content-type-options') ?? '', /nosniff/)
  })

  it('the names of siblings at the public door, and strangers at theirs', async () => {
    const someone = await newPerson(house, root)
    for (const path of ['/users', `/user/${someone.id}`, `/validateToken?token=${someone.token}`, '/systemServices'])
      denied(await house.call('GET', `/api/v1${path}`, { headers: sibling() }), 8)
    const keys = ['', 'x', '0'.repeat(64), 'a-key-that-only-siblings-know-0123456788']
    for (const key of keys)
      denied(await house.callInternal('GET', '/api/v1/users', { headers: { ...sibling(), 'X-API-KEY': key } }), 8)
    denied(await house.callInternal('GET', '/api/v1/users', { headers: { 'X-INTERNAL-NAME': 'x' } }), 8)
    refused(await house.callInternal('GET', '/api/v1/apiKey/x', { headers: sibling() }), 404, 404)
    refused(await house.callInternal('GET', '/api/v1/ws', { headers: sibling() }), 404, 404)
  })

  it('a sign-up by somebody who is no service', async () => {
    const query = 'email=evil@example.org&signupUUID=1&owner=2&operatorName=3'
    const csr = await newPerson(house, root)
    const tries: Reply[] = [
      await house.call('POST', `/api/v1/signup?${query}`),
      await house.call('POST', `/api/v1/signup?${query}`, { headers: sibling() }),
      await house.call('POST', `/api/v1/signup?${query}`, { headers: bearer(csr.token) }),
    ]
    for (const reply of tries) assert.ok([403, 404].includes(reply.status), reply.text)
    const found = await house.call('GET', '/api/v1/subuser/evil@example.org?byEmail=true', {
      headers: bearer(root.token),
    })
    assert.equal(found.status, 404)
  })

  it('the settings of the house, read by whoever is signed in', async () => {
    const names = [
      'mailer.password',
      'mailer.username',
      'storage.type.postgresql.password',
      'authentication.default.password',
      'openwifi.kafka.ssl.key',
      'smssender.twilio.token',
      'CHATELAINE_INTERNAL_KEY',
      'CHATELAINE_ROOT_PASSWORD',
      'CHATELAINE_SMTP_URL',
      'CHATELAINE_DATABASE_URL',
      'PATH',
      '__proto__',
      'constructor',
    ]
    for (const by of [root, await newPerson(house, root)]) {
      const headers = bearer(by.token)
      const reply = await house.call('GET', `/api/v1/systemConfiguration?entries=${names.join(',')}`, { headers })
      if (reply.status === 403) continue
      assert.equal(reply.status, 200, reply.text)
      for (const { parameterName, parameterValue } of reply.json) assert.equal(parameterValue, '', parameterName)
    }
  })

  it('a search that is a pattern', async () => {
    await newPerson(house, root)
    for (const word of ['%', '_', '%25', "'", '\\', '*', '.*'])
      assert.deepEqual(
        (await record(`/users?emailSearch=${encodeURIComponent(word)}`)).users.filter(
          ({ email }: { email: string }) => !email.includes(word),
        ),
        [],
        word,
      )
    assert.deepEqual((await record(`/users?nameSearch=${encodeURIComponent("' or '1'='1")}`)).users, [])
    assert.equal((await record('/users?emailSearch=PERSON-&limit=1')).users.length, 1)
  })

  it('anything at all that tells whether an account exists', async () => {
    const someone = await newPerson(house, root)
    const post = (query: string, json: unknown) => house.call('POST', `/api/v1/oauth2${query}`, { json })
    const pairs = await Promise.all(
      [someone.email, 'nobody@example.org'].map(async (userId) => [
        await post('', { userId, password: 'Wrong-1-wrong' }),
        await post('?forgotPassword=true', { userId }),
        await post('?grant_type=refresh_token', { userId, refreshToken: 'x' }),
        await post('?resendMFACode=true', { userId, uuid: 'x' }),
      ]),
    )
    const [known = [], unknown = []] = pairs
    assert.deepEqual(
      known.map(({ status, text }) => [status, text]),
      unknown.map(({ status, text }) => [status, text]),
    )
  })

  it('the wrong door: neither password, token, challenge nor refresh of the other population', async () => {
    const [user, subscriber] = [await newPerson(house, root), await newSubscriber(house, root)]
    denied(await subscriberLogin(house, user.email, PASSWORD), 2)
    denied(await login(house, subscriber.email, PASSWORD), 2)
    const post = (path: string, json: unknown, by?: Person) =>
      house.call('POST', `/api/v1${path}`, { json, headers: by ? bearer(by.token) : {} })
    denied(await post('/suboauth2?grant_type=refresh_token', { refreshToken: user.refresh }, user), 14)
    denied(await post('/oauth2?grant_type=refresh_token', { refreshToken: subscriber.refresh }, subscriber), 14)
    await house.call('DELETE', `/api/v1/suboauth2/${user.token}`, { headers: bearer(user.token) })
    await house.call('DELETE', `/api/v1/oauth2/${subscriber.token}`, { headers: bearer(subscriber.token) })
    assert.equal((await me(house, user)).status, 200)
    const own = await house.call('GET', '/api/v1/suboauth2?me=true', { headers: bearer(subscriber.token) })
    assert.deepEqual([own.status, own.json.id], [200, subscriber.id])
    await change(house, user, user.id, { userTypeProprietaryInfo: { mfa: { enabled: true, method: 'email' } } })
    const { uuid } = (await login(house, user.email, PASSWORD)).json
    const code = await house.inbox.code(user.email)
    denied(await post('/suboauth2?completeMFAChallenge=true', { uuid, answer: code }), 12)
    denied(await post('/suboauth2?resendMFACode=true', { uuid }), 11)
    assert.equal((await post('/oauth2?completeMFAChallenge=true', { uuid, answer: code })).json.errorCode, 0)
  })

  it('an address that is taken, at either door', async () => {
    const [user, subscriber] = [await newPerson(house, root), await newSubscriber(house, root)]
    const make = (path: string, email: string, userRole: string) =>
      house.call('POST', `/api/v1${path}/0`, { json: { email, userRole }, headers: bearer(root.token) })
    for (const email of [user.email, subscriber.email, user.email.toUpperCase()]) {
      refused(await make('/user', email, 'csr'), 400, 1061)
      refused(await make('/subuser', email, 'subscriber'), 400, 1061)
    }
    const query = (email: string) => `email=${email}&signupUUID=1&owner=2&operatorName=3`
    for (const { email } of [user, subscriber]) {
      const reply = await house.callInternal('POST', `/api/v1/signup?${query(email)}`, { headers: sibling() })
      assert.equal(reply.status, 400, reply.text)
    }
    assert.equal((await login(house, user.email, PASSWORD)).status, 200)
    assert.equal((await subscriberLogin(house, subscriber.email, PASSWORD)).status, 200)
  })

  it('guesses at the door of subscribers, as at the other', async () => {
    const subscriber = await newSubscriber(house, root)
    for (let wrong = 0; wrong < 5; wrong++) denied(await subscriberLogin(house, subscriber.email, 'Wrong-1-wrong'), 2)
    denied(await subscriberLogin(house, subscriber.email, PASSWORD), 10)
  })

  it('new addresses and mail from whoever has none of the roles for it', async () => {
    for (const role of ['csr', 'noc', 'subscriber', 'installer', 'accounting', 'system']) {
      const someone = await newPerson(house, root, { role })
      const json = { from: 'boss@example.org', subject: 'pay', text: 'now', recipients: ['victim@example.org'] }
      denied(await house.call('POST', '/api/v1/email', { json, headers: bearer(someone.token) }), 7)
    }
    assert.ok(!house.inbox.received.some(({ to }) => to.includes('victim@example.org')))
  })
})

onEveryEngine('OpenWiFi: calls per second of the other doors', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SIGN_IN_RATE: '10' } })
  })
  after(() => house.stop())

  for (const [method, path] of [
    ['POST', '/suboauth2?requirements=true'],
    ['GET', '/actionLink?action=password_reset&id=x'],
    ['POST', '/actionLink?action=password_reset'],
  ] as const)
    it(`bounds ${method} ${path}`, async () => {
      house.clock.turn(1000)
      const ask = () => house.call(method, `/api/v1${path}`, method === 'POST' ? { json: {} } : {})
      for (let call = 0; call < 10; call++) assert.notEqual((await ask()).status, 403)
      denied(await ask(), 10)
      house.clock.turn(1000)
      assert.notEqual((await ask()).status, 403)
    })
})

onEveryEngine('OpenWiFi: a house that carries neither mail nor SMS', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: '' } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const as = (method: string, path: string, json: unknown, by: Person = root) =>
    house.call(method, `/api/v1${path}`, { json, headers: bearer(by.token) })

  it('says so, in the words that there are for it', async () => {
    const mail = { from: 'root@example.org', subject: 's', text: 't', recipients: ['else@example.org'] }
    refused(await as('POST', '/email', mail), 503, 503)
    for (const query of ['', '?validateNumber=true', '?completeValidation=true&validationCode=1'])
      refused(await as('POST', `/sms${query}`, { to: '+41446681800', text: 't' }), 400, 1084)
    const wish = (method: string) => ({
      userTypeProprietaryInfo: { mfa: { enabled: true, method }, mobiles: [{ number: '+41446681800' }] },
    })
    refused(await as('PUT', `/user/${root.id}`, wish('sms')), 400, 1084)
    refused(await as('PUT', `/user/${root.id}`, wish('email')), 400, 1085)
    refused(await as('PUT', `/user/${root.id}`, wish('authenticator')), 400, 1055)
    const subscriber = await newSubscriber(house, root)
    for (const query of ['?startValidation=true', '?completeValidation=true&challengeCode=1'])
      refused(await as('PUT', `/submfa${query}`, { type: 'sms', sms: '+41446681800' }, subscriber), 400, 1084)
  })

  it('answers a forgotten password as ever', async () => {
    const posted = await house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId: root.email } })
    assert.deepEqual([posted.status, posted.json.userMustChangePassword], [200, true])
  })
})
