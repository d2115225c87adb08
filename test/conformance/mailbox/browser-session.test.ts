import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { Role } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type Client, cookieOf, empty, makeAccount, makeTwoStepAccount, plain, refused, signIn } from './client.ts'

const KEPT = 'mailbox-session'

onEveryEngine('mailbox: the session of a browser', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const held = ({ cookie, sessid }: Client) => ({ Cookie: cookie, 'X-Axigen-Session': sessid })

  /** The cookie that says of which session the browser's pages are. */
  async function keep(client: Client, at = house): Promise<string> {
    const reply = await plain(at, 'PUT', '/session', { headers: held(client) })
    empty(reply)
    return cookieOf(reply)
  }

  const show = (cookies: string[], headers: Record<string, string> = {}) =>
    plain(house, 'GET', '/session', { headers: { Cookie: cookies.join('; '), ...headers } })

  it('is kept where no script reads it, and sent to nobody else', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const reply = await plain(house, 'PUT', '/session', { headers: held(client) })
    const [cookie = ''] = reply.headers.getSetCookie()
    const [pair, ...attributes] = cookie.split('; ')
    assert.equal(pair, `${KEPT}=${client.sessid}`)
    assert.deepEqual(attributes.slice(0, 3), ['Path=/', 'HttpOnly', 'SameSite=Strict'])
    assert.doesNotMatch(cookie, /Domain|Secure/)
  })

  it('is kept to https, and under a name that no neighbour can set, where people come by https', async () => {
    const secure = await startHouse({ engine, settings: { CHATELAINE_PUBLIC_URL: 'https://mail.example.org' } })
    const client = await signIn(secure, (await makeAccount(secure)).email)
    const reply = await plain(secure, 'PUT', '/session', { headers: held(client) })
    await secure.stop()
    const [cookie = ''] = reply.headers.getSetCookie()
    assert.match(cookie, /^__Host-mailbox-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure(;|$)/)
  })

  it('is told with whose it is and where it stands', async () => {
    const { id, email } = await makeAccount(house, { name: 'Anna' })
    const client = await signIn(house, email)
    const { json } = await show([client.cookie, await keep(client)])
    assert.deepEqual(json, {
      session: {
        sessid: client.sessid,
        state: 'full',
        account: {
          id,
          address: email,
          name: 'Anna',
          role: 'subscriber',
          population: json.session.account.population,
          language: json.session.account.language,
          twoFactorAuthConfigured: false,
        },
        may: { people: false, guests: false, house: false },
      },
    })
    const { account } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    const shown = (await show([partial.cookie, await keep(partial)])).json.session
    assert.deepEqual([shown.state, shown.account.twoFactorAuthConfigured], ['required', true])
  })

  it('tells what of the administration is open to it', async () => {
    const grounds = async (role: Role): Promise<string> => {
      const client = await signIn(house, (await makeAccount(house, { role })).email)
      const { may } = (await show([client.cookie, await keep(client)])).json.session
      const calls = { people: '/admin/accounts', guests: '/admin/guests', house: '/admin/setup' }
      for (const [ground, path] of Object.entries(calls))
        assert.equal((await client.call('GET', path)).status, may[ground] ? 200 : 403, `${role} ${path}`)
      return Object.keys(calls)
        .filter((ground) => may[ground])
        .join(' ')
    }
    for (const role of ['root', 'admin'] as const) assert.equal(await grounds(role), 'people guests house')
    assert.equal(await grounds('partner'), 'people guests')
    for (const role of ['csr', 'system', 'noc'] as const) assert.equal(await grounds(role), 'people')
    for (const role of ['installer', 'accounting'] as const) assert.equal(await grounds(role), '')
  })

  it('is null for who brings half of it', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const kept = await keep(client)
    const other = await signIn(house, (await makeAccount(house)).email)
    for (const cookies of [[], [kept], [client.cookie], [other.cookie, kept]]) {
      const reply = await show(cookies)
      assert.deepEqual([reply.status, reply.json], [200, { session: null }])
    }
    // Neither the handle alone nor the cookie alone opens anything.
    refused(await plain(house, 'GET', `/account/info?_h=${client.sessid}`), 401, 'AUTH_REQUIRED')
    const headers = { Cookie: `${client.cookie}; ${kept}` }
    refused(await plain(house, 'GET', '/account/info', { headers }), 401, 'AUTH_REQUIRED')
    refused(await plain(house, 'PUT', '/session', { headers }), 401, 'AUTH_REQUIRED')
  })

  it('is no cookie whose name only looks like its own', async () => {
    const planted = await signIn(house, (await makeAccount(house)).email)
    // A neighbour under the same domain can have a browser keep these, whatever prefix the real one has.
    for (const kept of [`\xa0${KEPT}=${planted.sessid}`, `${KEPT}\xa0=${planted.sessid}`])
      assert.deepEqual((await show([planted.cookie, kept])).json, { session: null })
    assert.notEqual((await show([planted.cookie, ` ${KEPT} = ${planted.sessid} `])).json.session, null)
  })

  it('is null when it is over, and the browser forgets it', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const cookies = [client.cookie, await keep(client)]
    empty(await client.call('POST', '/logout'))
    const reply = await show(cookies)
    assert.deepEqual(reply.json, { session: null })
    assert.match(reply.headers.getSetCookie()[0] ?? '', new RegExp(`^${KEPT}=; .*Max-Age=0`))
    const nonsense = await show([client.cookie, `${KEPT}=nonsense`])
    assert.deepEqual(nonsense.json, { session: null })
  })

  it('is not told to a page of somebody else', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const cookies = [client.cookie, await keep(client)]
    const strangers: Record<string, string>[] = [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': 'same-site', Origin: 'http://neighbour.example.org' },
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
    ]
    for (const headers of strangers) refused(await show(cookies, headers), 403, 'ACCESS_DENIED')
    const own = await show(cookies, { 'Sec-Fetch-Site': 'same-origin' })
    assert.equal(own.json.session.sessid, client.sessid)
    const sent = await show(cookies, { Origin: new URL(house.url).origin })
    assert.equal(sent.json.session.sessid, client.sessid)
  })

  it('is taken by the other protocols in its header, with its cookie, and in no state but full', async () => {
    const admin = await signIn(house, (await makeAccount(house, { role: 'admin' })).email)
    const asks: [path: string, isShut: (text: string) => boolean][] = [
      ['/api/v1/oauth2?me=true', (text) => /"ErrorCode":(8|12|1),/.test(text)],
      ['/appsuite/api/oxguard/keys?action=getKeys', (text) => /"code":"(SES|LGI)-/.test(text)],
    ]
    const { account } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    const due = await signIn(house, (await makeAccount(house, { mustChangePassword: true })).email)
    for (const [path, isShut] of asks) {
      const asked = async (headers: Record<string, string>) => (await house.call('GET', path, { headers })).text
      assert.ok(!isShut(await asked(held(admin))), path)
      const halves: Record<string, string>[] = [
        { Cookie: admin.cookie },
        { 'X-Axigen-Session': admin.sessid },
        { 'X-Axigen-Session': admin.sessid, Cookie: partial.cookie },
        { 'X-Axigen-Session': 'nonsense', Cookie: admin.cookie },
        held(partial),
        held(due),
      ]
      for (const [at, headers] of halves.entries()) assert.ok(isShut(await asked(headers)), `${path} ${at}`)
    }
  })
})
