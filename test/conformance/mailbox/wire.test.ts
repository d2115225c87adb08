import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { type CallOptions, type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type Client, METHODS, makeAccount, plain, refused, SECURITY, signIn } from './client.ts'

onEveryEngine('mailbox: on the wire', (engine) => {
  let house: House
  let client: Client
  before(async () => {
    house = await startHouse({ engine })
    client = await signIn(house, (await makeAccount(house)).email)
  })
  after(() => house.stop())

  it('no answer is kept or guessed at', async () => {
    const answers = [
      await client.call('GET', METHODS),
      await plain(house, 'GET', METHODS),
      await plain(house, 'POST', '/login/cookie', { json: {} }),
      await plain(house, 'GET', '/account/nothing'),
      await plain(house, 'OPTIONS', METHODS),
    ]
    for (const { headers } of answers) {
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.match(headers.get('x-request-id') ?? '', /^[\w-]{22}$/)
    }
  })

  it('what is invalid, missing or unexpected is refused, and named', async () => {
    const login = { username: 'a@example.org', password: 'x' }
    const bodies: [CallOptions, RegExp?][] = [
      [{ json: { ...login, color: 'red' } }, /: color$/],
      [{ json: { password: 'x' } }, /: username$/],
      [{ json: { ...login, rememberLogin: 'yes' } }, /: rememberLogin$/],
      [{ json: { ...login, password: null } }, /: password$/],
      [{ json: [login] }],
      [{ json: 'text' }],
      [{ json: null }],
      [{ body: '{"username":' }],
      [{ body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }],
      [{ body: '{"username":"a\\u0000@example.org","password":"x"}' }],
      [{}],
    ]
    for (const [options, words] of bodies) {
      const reply = await plain(house, 'POST', '/login/cookie', options)
      refused(reply, 400, 'BAD_PARAMETER')
      if (words) assert.match(reply.json.errorMessage, words)
    }
    // Where nothing is to be said, saying nothing at length is fine, and saying something is not.
    assert.equal((await client.secure('DELETE', METHODS, { json: {} })).status, 200)
    refused(await client.secure('DELETE', METHODS, { json: { all: true } }), 400, 'BAD_PARAMETER')
  })

  it('so are queries, but for the session id of cookie clients', async () => {
    for (const query of ['scope=all', 'scope=', 'scope=2fa&color=red', 'Scope=2fa'])
      refused(await client.call('GET', `${METHODS}?${query}`), 400, 'BAD_PARAMETER')
    const json = { username: client.email, password: 'Correct-Horse-9' }
    refused(await plain(house, 'POST', '/login/cookie?next=1', { json }), 400, 'BAD_PARAMETER')
    assert.equal((await plain(house, 'POST', '/login/cookie?_h=old', { json })).status, 200)
    for (const id of ['%00', 'x%00y', '..%2f..', "'--", '%F0%9F%94%91', 'x'.repeat(4000)]) {
      const { status } = await client.call('POST', `${METHODS}/${id}/sendtoken`)
      assert.ok(status === 400 || status === 404, `${id}: ${status}`)
    }
  })

  it('a body may be so large and no larger', async () => {
    const json = { username: 'a@example.org', password: 'x'.repeat(1_048_576) }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 413, 'PAYLOAD_TOO_LARGE')
    refused(
      await client.call('POST', `${SECURITY}/check`, { json: { password: 'x'.repeat(1_000_000) } }),
      403,
      'INVALID_PASSWORD',
    )
  })

  it('unknown paths and methods have their own answers', async () => {
    for (const path of ['/account', '/account/security', '/account/password', '/login/token', `${METHODS}/x`]) {
      const reply = await client.call('PUT', path)
      if (path === `${METHODS}/x`) {
        refused(reply, 405, 'METHOD_NOT_ALLOWED')
        assert.equal(reply.headers.get('allow'), 'DELETE')
      } else refused(reply, 404, 'NOT_FOUND')
    }
    refused(await plain(house, 'GET', '/login'), 405, 'METHOD_NOT_ALLOWED')
  })

  it('a password in the Authorization header is nowhere in the database', async () => {
    const { email } = await makeAccount(house, { password: 'Unusual-Needle-9' })
    const authorization = `Basic ${Buffer.from(`${email}:Unusual-Needle-9`).toString('base64')}`
    const { sessid } = (await plain(house, 'POST', '/login', { headers: { Authorization: authorization } })).json
    const rows = JSON.stringify(await house.ctx.db.selectFrom('session').selectAll().execute())
    for (const secret of ['Needle', authorization.slice(6), sessid, client.sessid, client.cookie.split('=')[1]!])
      assert.ok(!rows.includes(secret))
  })

  it('is described by OpenAPI, call by call as docs/mailbox.md lists them', async () => {
    const { json } = await house.call('GET', '/api/v1/openapi.json?protocol=mailbox')
    const described = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    )
    const page = readFileSync(new URL('../../../docs/mailbox.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^\| `([A-Z]+ \/[^?`]*).*`.* \|.* \|.* \|.* \|$/gm)].map(([, at]) => at!)
    const elsewhere = ['POST /auth/verify', 'GET /api', 'GET /api/']
    assert.deepEqual(described.sort(), [...new Set(listed)].filter((at) => !elsewhere.includes(at)).sort())
    const step = json.paths['/api/v1/login/2fa'].post
    assert.deepEqual(step['x-session-states'], ['required'])
    assert.equal(step.requestBody.content['application/json'].schema.anyOf.length, 2)
    assert.deepEqual(json.paths['/api/v1/login/cookie'].post.security, [])
    const headersOf = (path: string, method: string) =>
      (json.paths[`/api/v1${path}`][method].parameters as { in: string; name: string; required: boolean }[])
        .filter((one) => one.in === 'header')
        .map(({ name, required }) => [name, required])
    assert.deepEqual(headersOf('/login/cookie', 'post'), [])
    assert.deepEqual(headersOf('/account/security/overview', 'get'), [['X-Axigen-Session', false]])
    assert.deepEqual(headersOf('/account/security/apppasswords', 'post').at(-1), ['X-Axigen-Security-Token', true])
    assert.deepEqual(headersOf('/account/security/2fa', 'post').at(-1), ['X-Axigen-Security-Token', false])
    const { default: refusal } = step.responses
    assert.deepEqual(refusal.content['application/json'].schema.required, ['errorCode', 'errorMessage'])
  })
})

onEveryEngine('mailbox: when something breaks', (engine) => {
  it('says so, and nothing about it', async (t) => {
    const house = await startHouse({ engine })
    t.after(() => house.stop())
    await house.ctx.db.schema.dropTable('throttle').execute()
    const json = { username: 'a@example.org', password: 'x' }
    const reply = await plain(house, 'POST', '/login/cookie', { json })
    refused(reply, 500, 'INTERNAL_ERROR')
    assert.doesNotMatch(reply.text, /throttle/)
  })
})

onEveryEngine('mailbox: what the log says', (engine) => {
  it('has neither the session id nor a password, cookie or code', async (t) => {
    const lines: string[] = []
    t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0)
    process.env.CHATELAINE_TEST_LOG = 'debug'
    t.after(() => delete process.env.CHATELAINE_TEST_LOG)
    const house = await startHouse({ engine })
    t.after(() => house.stop())
    const client = await signIn(house, (await makeAccount(house)).email)
    await client.secure('DELETE', METHODS)
    const log = lines.join('')
    assert.match(log, /\/account\/security\/methods/)
    for (const secret of [client.sessid, client.cookie.split('=')[1]!, 'Correct-Horse-9', '_h='])
      assert.ok(!log.includes(secret))
  })
})

onEveryEngine('mailbox: pages of other origins', (engine) => {
  const page = 'https://webmail.example.org'
  const asking = { Origin: page, 'Access-Control-Request-Method': 'DELETE' }

  const withOrigin = async (setting: string) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_CORS_ORIGIN: setting } })
    const preflight = await plain(house, 'OPTIONS', METHODS, { headers: asking })
    const answer = await plain(house, 'GET', METHODS, { headers: { Origin: page } })
    await house.stop()
    return { preflight, answer }
  }
  const permission = 'access-control-allow-origin'
  const credentials = 'access-control-allow-credentials'

  it('none may read our answers, as it comes', async () => {
    const { preflight, answer } = await withOrigin('none')
    assert.equal(preflight.status, 204)
    assert.equal(preflight.headers.get('allow'), 'GET, POST, DELETE, OPTIONS')
    for (const { headers } of [preflight, answer])
      assert.deepEqual(
        [...headers.keys()].filter((name) => name.startsWith('access-control')),
        [],
      )
  })

  it('one may, with its cookies, when the operator names it', async () => {
    const { preflight, answer } = await withOrigin(page)
    for (const { headers } of [preflight, answer]) {
      assert.equal(headers.get(permission), page)
      assert.equal(headers.get(credentials), 'true')
      assert.equal(headers.get('vary'), 'Origin')
      assert.match(headers.get('access-control-expose-headers') ?? '', /X-Axigen-2FA/)
    }
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, POST, DELETE')
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /X-Axigen-Security-Token/)
  })

  it('another may not', async () => {
    const { preflight, answer } = await withOrigin('https://other.example.org')
    for (const { headers } of [preflight, answer]) {
      assert.equal(headers.get(permission), null)
      assert.equal(headers.get('vary'), 'Origin')
    }
    assert.equal(preflight.headers.get('access-control-allow-methods'), null)
  })

  it('all may, without cookies, when the operator says so', async () => {
    const { preflight, answer } = await withOrigin('*')
    for (const { headers } of [preflight, answer]) {
      assert.equal(headers.get(permission), '*')
      assert.equal(headers.get(credentials), null)
    }
  })
})
