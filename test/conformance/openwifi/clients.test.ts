import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  asRoot,
  bearer,
  change,
  complete,
  denied,
  login,
  me,
  NEW_ROOT_PASSWORD,
  newPerson,
  PASSWORD,
  type Person,
  refused,
  send,
  sibling,
  signedIn,
  withMethod,
  withSiblings,
} from './people.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }
const LIFETIME = 2_592_000_000
const UI = 'https://ui.example.org'
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const ROLES = ['root', 'admin', 'partner', 'csr', 'system', 'installer', 'noc', 'accounting', 'subscriber']
const services = 'owgw=https://gw.example.org:16002,owfms=https://fms.example.org:16004'

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isSecond = (house: House, value: number): boolean => value === Math.floor(house.clock.now() / 1000)

/** What clients know of the service: what holds for all of them, row by row of the table of what must be exact. */
onEveryEngine('OpenWiFi clients', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_SERVICES: services, ...withSiblings } })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const get = (path: string, by: { token: string } = root) =>
    house.call('GET', `/api/v1${path}`, { headers: { ...bearer(by.token), ...JSON_TYPE } })
  const oauth2 = (query: string, json: unknown, headers: Record<string, string> = {}) =>
    house.call('POST', `/api/v1/oauth2${query}`, { json, headers })

  it('1: speaks TLS at the REST port, and everything hangs on /api/v1', async () => {
    const tls = await startHouse({ engine, settings: { CHATELAINE_TLS: 'self-signed' } })
    try {
      const ca = readFileSync(join(tls.ctx.config.data, 'cert.pem'), 'utf8')
      assert.match(tls.url, /^https:/)
      const body = JSON.stringify({ userId: tls.rootEmail, password: tls.rootPassword })
      const reply = await send(tls.url, 'POST', '/api/v1/oauth2', { ca, headers: JSON_TYPE, body })
      denied(reply, 1)
      assert.equal((await send(tls.url, 'POST', '/oauth2', { ca, headers: JSON_TYPE, body })).status, 404)
      await assert.rejects(send(tls.url.replace('https:', 'http:'), 'GET', '/api/v1/oauth2'))
    } finally {
      await tls.stop()
    }
  })

  it('2: a sign-in answers with both tokens, its time and life, and errorCode 0', async () => {
    const { status, json } = await login(house, root.email, root.password)
    assert.equal(status, 200)
    assert.ok(isText(json.access_token) && isText(json.refresh_token))
    assert.ok(isSecond(house, json.created))
    assert.deepEqual([json.expires_in, json.errorCode], [LIFETIME / 1000, 0])
  })

  it('3: errors have three members, and a 403 says 1, 2 or 15 as ErrorCode', async () => {
    const someone = await newPerson(house, root)
    await change(house, root, someone.id, { changePassword: true })
    const change1 = await login(house, someone.email, PASSWORD)
    denied(change1, 1)
    await change(house, root, someone.id, { suspended: true })
    const wrong = await login(house, someone.email, 'Wrong-1-wrong')
    denied(wrong, 2)
    const suspended = await login(house, someone.email, PASSWORD)
    denied(suspended, 15)
    for (const reply of [change1, wrong, suspended]) {
      assert.deepEqual(Object.keys(reply.json), ['ErrorCode', 'ErrorDescription', 'ErrorDetails'])
      assert.deepEqual(
        Object.values(reply.json).map((value) => typeof value),
        ['number', 'string', 'string'],
      )
      assert.equal(reply.json.ErrorDetails, 'POST')
    }
  })

  it('4: newPassword stands in the body beside the old one, due or not, and the answer is a token', async () => {
    const someone = await newPerson(house, root, { changePassword: false })
    await change(house, root, someone.id, { changePassword: true })
    denied(await login(house, someone.email, PASSWORD), 1)
    const due = await login(house, someone.email, PASSWORD, { newPassword: 'Fresh-Password-1' })
    assert.ok(isText(due.json.access_token), due.text)
    const early = await login(house, someone.email, 'Fresh-Password-1', { newPassword: 'Fresh-Password-2' })
    assert.ok(isText(early.json.access_token), early.text)
    assert.equal((await me(house, { token: early.json.access_token })).json.email, someone.email)
  })

  it('5: a dead token is 403 with 8 or 9, whatever is asked with it', async () => {
    const someone = await newPerson(house, root, { role: 'admin' })
    const paths = [
      '/oauth2?me=true',
      '/preferences',
      '/systemEndpoints',
      '/users?offset=0&limit=500&withExtendedInfo=true',
      `/user/${someone.id}`,
      `/avatar/${someone.id}`,
      `/apiKey/${someone.id}`,
      '/system?command=info',
      '/system?command=resources',
      '/systemSecret/0?all=true',
      '/subusers',
      `/validateToken?token=${someone.token}`,
      '/totp?reset=true',
    ]
    const all = async (token: string, code: number) => {
      for (const path of paths) denied(await get(path, { token }), code)
      denied(
        await house.call('PUT', `/api/v1/user/${someone.id}`, { json: { name: 'x' }, headers: bearer(token) }),
        code,
      )
      denied(await house.call('POST', '/api/v1/system', { json: { command: 'x' }, headers: bearer(token) }), code)
    }
    for (const token of ['null', 'undefined', '0'.repeat(64)]) await all(token, 8)
    for (const path of paths) denied(await house.call('GET', `/api/v1${path}`), 8)
    const out = await signedIn(house, someone.email, PASSWORD)
    await house.call('DELETE', `/api/v1/oauth2/${out.token}`, { headers: bearer(out.token) })
    await all(out.token, 8)
    const gone = await newPerson(house, root)
    await house.call('DELETE', `/api/v1/user/${gone.id}`, { headers: bearer(root.token) })
    await all(gone.token, 8)
    house.clock.turn(LIFETIME)
    await all(someone.token, 9)
    root = await asRoot(house)
  })

  it('6: me, preferences and systemEndpoints succeed for whoever signs in, and preferences are an array', async () => {
    for (const role of ROLES) {
      const someone = await newPerson(house, root, { role })
      const profile = await get('/oauth2?me=true', someone)
      assert.deepEqual([profile.status, profile.json.id, profile.json.userRole], [200, someone.id, role])
      const { mfa, mobiles } = profile.json.userTypeProprietaryInfo
      assert.deepEqual([mfa.enabled, mobiles], [false, []])
      const preferences = await get('/preferences', someone)
      assert.equal(preferences.status, 200, preferences.text)
      assert.deepEqual(preferences.json.data, [])
      const data = [{ tag: 'theme', value: 'dark' }]
      const headers = bearer(someone.token)
      const kept = await house.call('PUT', '/api/v1/preferences', { json: { data }, headers })
      assert.deepEqual([kept.status, kept.json.data], [200, data])
      assert.deepEqual((await get('/preferences', someone)).json.data, data)
      const endpoints = await get('/systemEndpoints', someone)
      assert.equal(endpoints.status, 200, endpoints.text)
      assert.ok(Array.isArray(endpoints.json.endpoints))
    }
  })

  it('7: systemEndpoints has one owgw and one owfms, each with a uri that clients put /api/v1 behind', async () => {
    const { endpoints } = (await get('/systemEndpoints')).json
    for (const [type, uri] of services.split(',').map((service) => service.split('=') as [string, string])) {
      const found = endpoints.filter((one: { type: string }) => one.type === type)
      assert.equal(found.length, 1, type)
      assert.equal(found[0].uri, uri)
      assert.ok(isText(found[0].authenticationType))
      assert.ok(Number(new URL(found[0].uri).port) > 0)
    }
    assert.ok(!endpoints.some(({ type }: { type: string }) => type === 'owsec'))
  })

  it('8: a user is made, changed and deleted with 200 each, as the test suite asks', async () => {
    const headers = { ...bearer(root.token), ...JSON_TYPE }
    const made = await house.call('POST', '/api/v1/user/0', {
      headers,
      json: {
        id: '0',
        email: 'suite@example.org',
        validated: true,
        validationEmail: 'suite@example.org',
        validationURI: 'https://example.org',
        validationDate: 0,
        created: 0,
        changePassword: true,
        currentPassword: 'OpenWifi%123',
        description: 'made by a suite',
        userRole: 'root',
        lastLogin: 0,
        notes: [],
      },
    })
    assert.equal(made.status, 200, made.text)
    const path = `/api/v1/user/${made.json.id}`
    assert.match(made.json.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const shown = await house.call('GET', path, { headers })
    assert.deepEqual([shown.status, shown.json.id, shown.json.userRole], [200, made.json.id, 'root'])
    const renamed = await house.call('PUT', path, { headers, json: { name: 'Renamed' } })
    assert.deepEqual([renamed.status, renamed.json.name], [200, 'Renamed'])
    const gone = await send(house.url, 'DELETE', path, { headers })
    assert.deepEqual([gone.status, gone.text], [200, ''])
  })

  it('9: users come in pages of the size that was asked for, 500 too, and the last one is shorter', async () => {
    const made = await Promise.all(
      Array.from({ length: 110 }, (_, at) =>
        house.call('POST', '/api/v1/user/0', {
          json: { id: '0', email: `page-${at}@example.org`, userRole: 'csr' },
          headers: bearer(root.token),
        }),
      ),
    )
    assert.deepEqual([...new Set(made.map(({ status }) => status))], [200])
    const whole = (await get('/users?offset=0&limit=500&withExtendedInfo=true')).json.users
    assert.ok(whole.length > 110 && whole.length < 500)
    for (const user of whole) assert.ok(isText(user.id) && isText(user.email))
    assert.equal(new Set(whole.map(({ id }: { id: string }) => id)).size, whole.length)
    const seen: string[] = []
    for (let offset = 0; ; offset += 50) {
      const page = (await get(`/users?offset=${offset}&limit=50`)).json.users
      seen.push(...page.map(({ id }: { id: string }) => id))
      if (page.length < 50) break
    }
    assert.deepEqual(
      seen,
      whole.map(({ id }: { id: string }) => id),
    )
    assert.equal((await get('/users')).json.users.length, 100)
  })

  it('10: whoever changes himself gets his whole record back', async () => {
    for (const someone of [await newPerson(house, root), root]) {
      const { name, description, userRole } = (await me(house, someone)).json
      const bodies = [
        { id: someone.id, description: 'about me', name: 'My Name', userRole },
        { notes: [{ note: 'mine', created: 0 }] },
        { id: someone.id, userTypeProprietaryInfo: { mfa: { enabled: false } } },
        { id: someone.id, description, name },
      ]
      for (const body of bodies) {
        const reply = await change(house, someone, someone.id, body)
        assert.equal(reply.status, 200, reply.text)
        assert.deepEqual(reply.json, (await me(house, someone)).json)
      }
    }
    const someone = await newPerson(house, root)
    const renewed = await change(house, someone, someone.id, { id: someone.id, currentPassword: 'Own-Password-2' })
    assert.equal(renewed.status, 200)
    assert.equal((await me(house, someone)).status, 200)
  })

  it('11: a second step is asked for in the known words, sent again with Code 0, and ends in a token', async () => {
    const someone = await newPerson(house, root)
    await change(house, someone, someone.id, withMethod('email'))
    const asked = await login(house, someone.email, PASSWORD)
    assert.equal(asked.status, 200, asked.text)
    const { uuid, method, question, created, ...rest } = asked.json
    assert.deepEqual([method, question, rest], ['email', 'mfa challenge', {}])
    assert.ok(isText(uuid) && isSecond(house, created))
    await house.inbox.code(someone.email)
    const again = await oauth2('?resendMFACode=true', { uuid })
    assert.deepEqual([again.status, again.json.Code], [200, 0])
    const code = await house.inbox.code(someone.email)
    denied(await complete(house, uuid, code === '000001' ? '000002' : '000001'), 12)
    const done = await complete(house, uuid, code)
    assert.deepEqual([done.status, done.json.errorCode], [200, 0], done.text)
    assert.equal((await me(house, { token: done.json.access_token })).status, 200)
  })

  it('12: the requirements are told to whoever brings no usable token', async () => {
    for (const Authorization of ['Bearer ', 'Bearer', ''])
      for (const body of ['{}', '{"userId":"x"}']) {
        const headers = { ...JSON_TYPE, ...(Authorization ? { Authorization } : {}) }
        const reply = await send(house.url, 'POST', '/api/v1/oauth2?requirements=true', { headers, body })
        assert.equal(reply.status, 200, reply.text)
        const { accessPolicy, passwordPolicy, passwordPattern } = reply.json
        assert.ok(PASSWORD.match(passwordPattern) && !'short'.match(passwordPattern))
        for (const link of [accessPolicy, passwordPolicy])
          assert.equal((await house.call('GET', link.startsWith('https') ? new URL(link).pathname : link)).status, 200)
      }
  })

  it('13: system info has a version, an uptime and a start', async () => {
    const csr = await newPerson(house, root)
    for (const by of [root, csr]) {
      const { status, json } = await get('/system?command=info', by)
      assert.equal(status, 200)
      assert.ok(isText(json.version) && isText(json.os) && isText(json.hostname))
      assert.ok(Number.isInteger(json.uptime) && Number.isInteger(json.start) && Number.isInteger(json.processors))
      assert.ok(Array.isArray(json.certificates) && typeof json.UI === 'string')
    }
  })

  it('14: tokens are checked with the internal headers and with a Bearer, and all but 200 is a no', async () => {
    const someone = await newPerson(house, root, { role: 'noc' })
    const path = (token: string) => `/api/v1/validateToken?token=${token}`
    const asks: ((token: string) => Promise<Reply>)[] = [
      (token) => house.callInternal('GET', path(token), { headers: sibling() }),
      (token) => house.callInternal('GET', path(token), { headers: bearer(root.token) }),
      (token) => house.call('GET', path(token), { headers: bearer(root.token) }),
      (token) =>
        token === someone.token ? house.call('GET', path(token), { headers: bearer(token) }) : asks[0]!(token),
    ]
    for (const ask of asks) {
      const { status, json } = await ask(someone.token)
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(json), ['tokenInfo', 'userInfo'])
      const { created, expires_in } = json.tokenInfo
      assert.ok(isSecond(house, created) && expires_in === LIFETIME / 1000)
      const { id, email, userRole } = json.userInfo
      assert.deepEqual([id, email, userRole], [someone.id, someone.email, 'noc'])
      for (const token of ['', 'null', someone.refresh, '0'.repeat(64)]) refused(await ask(token), 404, 404)
    }
    denied(await house.callInternal('GET', path(someone.token), { headers: { ...sibling(), 'X-API-KEY': 'x' } }), 8)
    denied(await house.call('GET', path(someone.token), { headers: sibling() }), 8)
    denied(await house.callInternal('GET', path(someone.token)), 8)
  })

  it('15: GET and DELETE ignore a body, and a JSON type may come with none', async () => {
    const someone = await newPerson(house, root, { role: 'admin' })
    const victim = await newPerson(house, root)
    const stale = JSON.stringify({ userId: someone.email, password: PASSWORD })
    const headers = { ...bearer(someone.token), ...JSON_TYPE }
    const gets = ['/users', '/subusers', `/user/${victim.id}`, `/user/${victim.email}?byEmail=true`, '/oauth2?me=true']
    for (const path of [...gets, '/systemEndpoints', '/preferences', '/system?command=info'])
      for (const body of [stale, '', '[', 'not json'])
        assert.equal((await send(house.url, 'GET', `/api/v1${path}`, { headers, body })).status, 200, `${path} ${body}`)
    const deleted = await send(house.url, 'DELETE', `/api/v1/user/${victim.id}`, { headers, body: stale })
    assert.deepEqual([deleted.status, deleted.text], [200, ''])
    const avatar = await send(house.url, 'DELETE', `/api/v1/avatar/${someone.id}`, { headers })
    assert.deepEqual([avatar.status, avatar.text], [200, ''])
    const own = { ...bearer(root.token), ...JSON_TYPE }
    assert.equal((await send(house.url, 'GET', '/api/v1/systemSecret/0?all=true', { headers: own })).status, 200)
    assert.equal((await send(house.url, 'PUT', '/api/v1/systemSecret/a.b?value=c', { headers: own })).status, 200)
    assert.equal((await send(house.url, 'DELETE', '/api/v1/systemSecret/a.b', { headers: own })).status, 200)
    const sms = await send(house.url, 'POST', '/api/v1/sms', { headers: own })
    assert.equal(sms.status, 400, sms.text)
    const out = await send(house.url, 'DELETE', `/api/v1/oauth2/${someone.token}`, { headers, body: stale })
    assert.equal(out.status, 204)
  })

  it('16: any page may ask, preflights name its headers, and avatars show theirs', async () => {
    const asked = { Origin: UI, 'Access-Control-Request-Headers': 'authorization,content-type' }
    const places = [
      ['POST', '/oauth2'],
      ['GET', '/oauth2?me=true'],
      ['DELETE', `/oauth2/${root.token}`],
      ['GET', '/preferences'],
      ['PUT', '/preferences'],
      ['GET', '/systemEndpoints'],
      ['GET', '/users?offset=0&limit=500'],
      ['PUT', `/user/${root.id}`],
      ['DELETE', `/user/${root.id}`],
      ['POST', '/user/0'],
      ['GET', `/avatar/${root.id}?cache=1`],
      ['POST', `/avatar/${root.id}`],
      ['PUT', `/apiKey/${root.id}?keyUuid=x`],
      ['PUT', '/totp?index=1&value=000000'],
      ['POST', '/sms?validateNumber=true'],
      ['POST', '/system'],
      ['PUT', '/systemSecret/x?value=y'],
      ['GET', '/subusers?countOnly=true'],
    ] as const
    for (const [method, path] of places) {
      const headers = { ...asked, 'Access-Control-Request-Method': method }
      const reply = await send(house.url, 'OPTIONS', `/api/v1${path}`, { headers })
      assert.deepEqual([reply.status, reply.text], [200, ''], path)
      assert.match(reply.headers.get('access-control-allow-methods') ?? '', new RegExp(`\\b${method}\\b`), path)
      assert.equal(reply.headers.get('access-control-allow-headers'), 'authorization,content-type')
      assert.ok(['*', UI].includes(reply.headers.get('access-control-allow-origin') ?? ''))
    }
    const someone = await newPerson(house, root)
    const form = new FormData()
    form.append('file', new Blob([DOT], { type: 'image/png' }), 'face.png')
    const headers = { ...bearer(someone.token), Origin: UI }
    const sent = await house.call('POST', `/api/v1/avatar/${someone.id}`, { body: form, headers })
    assert.deepEqual([sent.status, sent.json.errorCode], [200, 0], sent.text)
    const { avatar } = (await me(house, someone)).json
    assert.ok(avatar !== '' && avatar !== '0')
    const picture = await house.call('GET', `/api/v1/avatar/${someone.id}?cache=${avatar}`, { headers })
    assert.deepEqual([picture.status, picture.bytes.equals(DOT)], [200, true])
    assert.match(picture.headers.get('access-control-expose-headers') ?? '', /Content-Disposition/i)
    assert.match(picture.headers.get('content-disposition') ?? '', /filename=/)
    assert.equal(picture.headers.get('access-control-allow-origin'), '*')
  })

  it('17: numbers are integers, times are seconds, roles are in small letters', async () => {
    const made = await house.call('POST', '/api/v1/user/0', {
      json: { id: '0', email: 'Upper@Example.ORG', userRole: 'NOC', currentPassword: PASSWORD, notes: [{ note: 'n' }] },
      headers: bearer(root.token),
    })
    assert.deepEqual([made.json.userRole, made.json.email], ['noc', 'upper@example.org'])
    const someone = await signedIn(house, made.json.email, PASSWORD)
    const record = (await me(house, someone)).json
    const times = [record.creationDate, record.lastLogin, record.lastPasswordChange, record.modified]
    for (const time of [...times, record.notes[0].created]) assert.ok(isSecond(house, time), String(time))
    const paths = [
      '/users?limit=5',
      '/systemEndpoints',
      '/preferences',
      '/system?command=info',
      '/system?command=resources',
    ]
    for (const path of [...paths, `/validateToken?token=${someone.token}`]) {
      const reply = await get(path)
      assert.equal(reply.status, 200, path)
      for (const [number] of reply.text.replace(/"(\\.|[^"\\])*"/g, '""').matchAll(/-?\d[\d.eE+-]*/g))
        assert.match(number, /^-?\d+$/, path)
    }
  })

  it('18: answers are compact, and a shell finds id and e-mail before anything nested', async () => {
    const someone = await newPerson(house, root, { notes: [{ note: 'one' }, { note: 'two' }] })
    const wrong = await login(house, house.rootEmail, 'Wrong-1-wrong')
    assert.match(wrong.text, /"ErrorCode":2\b/)
    const { text } = await get('/users?limit=500')
    const piece = text.split('{').find((part) => part.includes(`"email":"${someone.email}"`))
    assert.equal(/"id":"([^"]*)"/.exec(piece ?? '')?.[1], someone.id)
    const one = await get(`/user/${someone.id}`)
    assert.equal(/"id":"([^"]*)"/.exec(one.text)?.[1], someone.id)
    assert.equal(/"access_token":"([^"]*)"/.exec((await login(house, someone.email, PASSWORD)).text)?.[1]?.length, 64)
    for (const reply of [wrong, one, await get('/systemEndpoints'), await get('/preferences')])
      assert.equal(reply.text, JSON.stringify(reply.json))
  })

  it('19: signing out answers 204 without a body of either side, for dead and imaginary tokens too', async () => {
    const someone = await newPerson(house, root)
    for (let time = 0; time < 2; time++)
      for (const token of [someone.token, 'null', '0'.repeat(64)]) {
        const headers = { ...bearer(token), ...JSON_TYPE }
        const reply = await send(house.url, 'DELETE', `/api/v1/oauth2/${token}`, { headers })
        assert.deepEqual([reply.status, reply.text], [204, ''])
      }
    denied(await get('/users', someone), 8)
    const refresh = { refreshToken: someone.refresh }
    denied(await oauth2('?grant_type=refresh_token', refresh, bearer(someone.token)), 14)
    refused(await house.call('DELETE', `/api/v1/oauth2/${root.token}`, { headers: bearer('null') }), 400, 1018)
    refused(await house.call('DELETE', `/api/v1/oauth2/${root.token}`), 400, 1018)
  })

  it('20: a sign-in ignores Authorization, and flags are off unless they say true', async () => {
    const someone = await newPerson(house, root)
    const flags =
      'newPassword=null&forgotPassword=false&requirements=false&resendMFACode=false&completeMFAChallenge=false'
    const body = JSON.stringify({ userId: someone.email, password: PASSWORD })
    for (const Authorization of ['Bearer ', 'Bearer null', `Bearer ${someone.token}`, 'Bearer', 'Basic x', 'null']) {
      const headers = { ...JSON_TYPE, Authorization }
      for (const query of ['', `?${flags}`, `?${flags}&grant_type=null`]) {
        const reply = await send(house.url, 'POST', `/api/v1/oauth2${query}`, { headers, body })
        assert.equal(reply.json.errorCode, 0, reply.text)
        assert.equal(reply.json.username, someone.email)
      }
    }
    house.clock.turn(LIFETIME * 0.8)
    const refreshed = await oauth2(
      `?${flags}&grant_type=refresh_token`,
      { refreshToken: someone.refresh },
      bearer(someone.token),
    )
    assert.equal(refreshed.json.errorCode, 0, refreshed.text)
    assert.ok(isSecond(house, refreshed.json.created))
    assert.equal((await me(house, { token: refreshed.json.access_token })).json.id, someone.id)
    root = await asRoot(house)
  })

  it('21: thirty runs of a deployment job, each with the old password first, never lock the root account', async () => {
    const fresh = await startHouse({ engine, settings: { CHATELAINE_SIGN_IN_RATE: '10' } })
    try {
      denied(await login(fresh, fresh.rootEmail, fresh.rootPassword), 1)
      const first = await login(fresh, fresh.rootEmail, fresh.rootPassword, { newPassword: NEW_ROOT_PASSWORD })
      assert.ok(isText(first.json.access_token), first.text)
      for (let run = 0; run < 30; run++) {
        fresh.clock.turn(5000)
        denied(await login(fresh, fresh.rootEmail, fresh.rootPassword), 2)
        const reply = await login(fresh, fresh.rootEmail, NEW_ROOT_PASSWORD)
        assert.ok(isText(reply.json.access_token), `run ${run}: ${reply.text}`)
        const headers = { ...bearer(reply.json.access_token), ...JSON_TYPE }
        assert.equal((await fresh.call('GET', '/api/v1/system?command=info', { headers })).status, 200)
        assert.equal(
          (await send(fresh.url, 'DELETE', `/api/v1/oauth2/${reply.json.access_token}`, { headers })).status,
          204,
        )
      }
    } finally {
      await fresh.stop()
    }
  })
})
