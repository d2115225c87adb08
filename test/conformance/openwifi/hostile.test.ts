import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { openSession } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, denied, login, me, newPerson, PASSWORD, type Person, refused } from './people.ts'

onEveryEngine('OpenWiFi: the edges of the wire', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const json = { 'Content-Type': 'application/json' }
  const raw = (method: string, path: string, body: string | Uint8Array, headers: Record<string, string> = json) =>
    house.call(method, `/api/v1${path}`, { body, headers: { ...bearer(root.token), ...headers } })

  it('answers unknown paths with 404 and unlisted methods with 1004, without asking who calls', async () => {
    refused(await house.call('GET', '/api/v1/user'), 404, 404)
    refused(await house.call('GET', '/api/v1/users/'), 404, 404)
    refused(await house.call('GET', '/api/v1/device/1/capabilities'), 404, 404)
    refused(await house.call('POST', '/api/v1/users', { json: {} }), 400, 1004)
    refused(await house.call('PUT', '/api/v1/oauth2', { json: {} }), 400, 1004)
    refused(await house.call('PATCH', '/api/v1/user/0', { json: {} }), 400, 1004)
    assert.equal((await house.call('HEAD', '/api/v1/users')).status, 400)
    const { ErrorDetails } = (await house.call('DELETE', '/api/v1/users')).json
    assert.equal(ErrorDetails, 'DELETE')
  })

  it('lets pages of any origin call (surface 16)', async () => {
    const headers = {
      Origin: 'https://ui.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization,content-type',
    }
    for (const path of ['/api/v1/users', '/api/v1/oauth2', '/api/v1/none']) {
      const reply = await house.call('OPTIONS', path, { headers })
      assert.deepEqual([reply.status, reply.text], [200, ''])
      assert.equal(reply.headers.get('access-control-allow-origin'), '*')
      assert.equal(reply.headers.get('access-control-allow-headers'), 'authorization,content-type')
      assert.equal(reply.headers.get('access-control-max-age'), '86400')
    }
    const methods = (await house.call('OPTIONS', '/api/v1/oauth2', { headers })).headers
    assert.equal(methods.get('access-control-allow-methods'), 'POST, GET')
    const refusal = await house.call('GET', '/api/v1/users', { headers: { Origin: 'https://ui.example' } })
    assert.equal(refusal.headers.get('access-control-allow-origin'), '*')
  })

  it('reads JSON objects in UTF-8, and nothing else', async () => {
    for (const path of ['/oauth2', '/user/0']) {
      refused(await raw('POST', path, '{"userId":'), 400, 1002)
      refused(await raw('POST', path, Buffer.from('7b2261223a22c328227d', 'hex')), 400, 1002)
      for (const other of ['[]', '1', 'null', '"text"']) refused(await raw('POST', path, other), 400, 1003)
      refused(await raw('POST', path, '', json), 400, 1003)
      refused(await raw('POST', path, '{}', { 'Content-Type': 'text/plain' }), 400, 1003)
    }
    refused(await raw('PUT', `/user/${root.id}`, '[1]'), 400, 1003)
    refused(await raw('PUT', `/user/${root.id}`, ''), 400, 1003)
  })

  it('takes a JSON type without a body, and a body where none belongs (surface 15)', async () => {
    const typed = await house.call('GET', '/api/v1/users', { headers: { ...bearer(root.token), ...json } })
    assert.equal(typed.status, 200)
    const reset = await raw('PUT', `/user/${root.id}?resetMFA=true`, '')
    assert.equal(reset.status, 200, reset.text)
    const someone = await newPerson(house, root)
    const gone = await raw('DELETE', `/user/${someone.id}`, '{"userId":"x","password":"y"}')
    assert.deepEqual([gone.status, gone.text], [200, ''])
  })

  it('turns large bodies down', async () => {
    refused(await raw('POST', '/oauth2', `{"userId":"${'x'.repeat(2 * 1024 * 1024)}"}`), 413, 413)
    refused(await raw('PUT', `/user/${root.id}`, ' '.repeat(2 * 1024 * 1024)), 413, 413)
  })

  it('takes scalars for texts, and nothing deeper', async () => {
    for (const wrong of [{}, [], { a: 1 }, [1]]) {
      refused(await login(house, wrong as never, PASSWORD), 400, 1003)
      refused(await login(house, root.email, wrong as never), 400, 1003)
      refused(await change(house, root, root.id, { name: wrong }), 400, 1003)
      refused(await change(house, root, root.id, { suspended: wrong }), 400, 1003)
      refused(await change(house, root, root.id, { currentPassword: wrong }), 400, 1003)
    }
    for (const wrong of ['text', 1, {}, [1], [{ note: {} }]])
      refused(await change(house, root, root.id, { notes: wrong }), 400, 1003)
    for (const wrong of ['text', 1, [], { mfa: 'on' }, { mfa: [] }, { mobiles: 'x' }, { mobiles: [1] }])
      refused(await change(house, root, root.id, { userTypeProprietaryInfo: wrong }), 400, 1003)
    denied(await login(house, 7 as never, true as never), 2)
    denied(await login(house, null as never, null as never), 2)
    const numbers = await change(house, root, root.id, { name: 7, description: null, notes: null, suspended: 'no' })
    assert.deepEqual([numbers.status, numbers.json.name, numbers.json.suspended], [200, '7', false])
  })

  it('reads no NUL', async () => {
    const nul = '\0'
    for (const wrong of [{ name: `a${nul}` }, { description: nul }, { notes: [{ note: nul }] }, { locale: nul }])
      refused(await change(house, root, root.id, wrong), 400, 1002)
    refused(await login(house, `root${nul}@example.org`, PASSWORD), 400, 1002)
    refused(await raw('POST', '/oauth2?completeMFAChallenge=true', '{"uuid":"\\u0000","answer":"1"}'), 400, 1002)
    for (const path of ['/user/a%00b', '/user/a%00b?byEmail=true', '/users?nameSearch=%00', '/users?select=%00'])
      refused(await getting(path), 400, 1002)
  })

  it('keeps no novel', async () => {
    refused(await change(house, root, root.id, { name: 'x'.repeat(1001) }), 400, 1018)
    refused(await change(house, root, root.id, { description: 'x'.repeat(4001) }), 400, 1018)
    refused(await change(house, root, root.id, { notes: [{ note: 'x'.repeat(4001) }] }), 400, 1018)
    refused(await change(house, root, root.id, { notes: Array(101).fill({ note: 'x' }) }), 400, 1018)
    const most = { name: 'é'.repeat(1000), description: '字'.repeat(4000) }
    assert.equal((await change(house, root, root.id, most)).status, 200)
    assert.equal((await change(house, root, root.id, { currentPassword: `Aa1-${'x'.repeat(300)}` })).status, 400)
    denied(await login(house, `${'x'.repeat(900)}@example.org`, 'y'.repeat(100_000)), 2)
  })

  const getting = (path: string) => house.call('GET', `/api/v1${path}`, { headers: bearer(root.token) })

  it('is not moved by keys that mean something to JavaScript', async () => {
    const someone = await newPerson(house, root)
    const body = '{"__proto__":{"userRole":"root","suspended":true},"constructor":{"prototype":{"role":"root"}}}'
    const reply = await raw('PUT', `/user/${someone.id}`, body)
    assert.deepEqual([reply.status, reply.json.userRole, reply.json.suspended], [200, 'csr', false])
    assert.equal(({} as Record<string, unknown>).userRole, undefined)
    refused(await getting('/user/__proto__'), 404, 404)
    refused(await getting('/user/constructor'), 404, 404)
    refused(await change(house, root, someone.id, { userRole: '__proto__' }), 400, 1039)
    refused(await change(house, root, someone.id, { userRole: 'constructor' }), 400, 1039)
    refused(
      await change(house, someone, someone.id, {
        userTypeProprietaryInfo: { mfa: { enabled: true, method: 'constructor' } },
      }),
      400,
      1045,
    )
  })

  it('does not take sessions of other protocols', async () => {
    const account = await findAccount(house.ctx, root.id)
    assert.ok(account)
    const origin = { protocol: 'mailbox', network: '127.0.0.1', agent: '' }
    await openSession(house.ctx, { account, token: 'mailbox-session', proof: '', state: 'full', origin })
    denied(await me(house, { token: 'mailbox-session' }), 8)
    refused(await getting('/validateToken?token=mailbox-session'), 404, 404)
    await house.call('DELETE', '/api/v1/oauth2/mailbox-session', { headers: bearer('mailbox-session') })
    const rows = await house.ctx.db.selectFrom('session').select('id').where('protocol', '=', 'mailbox').execute()
    assert.equal(rows.length, 1)
  })

  it('leaves no token, code or password in the clear in the database', async () => {
    const rows = await house.ctx.db.selectFrom('session').selectAll().execute()
    const kept = JSON.stringify(rows)
    assert.ok(!kept.includes(root.token) && !kept.includes(root.refresh))
  })
})
