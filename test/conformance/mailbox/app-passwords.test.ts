import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { accountScope, changePolicy } from '#src/domain/policy/policy.ts'
import { resetSecondStep } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { choose, forgot, linkTo } from '../openwifi/links.ts'
import { asRoot, bearer } from '../openwifi/people.ts'
import {
  addMail,
  type Client,
  empty,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { ask, mailServer } from './mail-server.ts'
import { mailedToken, mailsTo, NEXT, reset, settled } from './recovery.ts'

const APPS = `${SECURITY}/apppasswords`
const MOST = 50
const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

onEveryEngine('mailbox: app passwords', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: mailServer })
  })
  after(() => house.stop())

  const make = (client: Client, json: unknown = { name: 'Phone', scopes: ['imap', 'smtp'] }) =>
    client.secure('POST', APPS, { json })

  async function made(client: Client, scopes = ['imap', 'smtp']): Promise<{ id: string; password: string }> {
    const reply = await make(client, { name: 'Phone', scopes })
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }

  const items = async (client: Client) => (await client.call('GET', APPS)).json.items

  const decision = async (email: string, password: string, protocol = 'imap') =>
    (await ask(house, { address: email, password, protocol })).json.decision

  it('are shown once, listed without the secret, and told to the mailbox', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    assert.deepEqual((await client.call('GET', APPS)).json, { items: [] })
    const { id, password } = await made(client, ['smtp', 'imap', 'imap'])
    assert.match(password, /^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/)
    assert.match((await house.inbox.next(email)).text, /app password named Phone was made/)
    const listed = await client.call('GET', APPS)
    assert.equal(listed.text.includes(password), false)
    assert.deepEqual(listed.json.items, [
      {
        id,
        name: 'Phone',
        scopes: ['imap', 'smtp'],
        createdDate: String(house.clock.now() / 1000),
        lastUsedDate: '',
        lastUsedProtocol: '',
        lastUsedAddress: '',
      },
    ])
  })

  it('work as they are typed: without dashes, in capitals, with letters for digits', async () => {
    const { email } = await makeAccount(house)
    const { password } = await made(await signIn(house, email))
    const bare = password.replaceAll('-', '')
    const typed = [password, bare, password.toUpperCase(), bare.match(/../g)!.join(' '), bare.replaceAll('0', 'O')]
    for (const one of typed) assert.equal(await decision(email, one), 'allow', one)
    for (const one of [bare.slice(1), `${bare}0`, bare.split('').reverse().join('')])
      assert.equal(await decision(email, one), 'deny', one)
  })

  it('open no session that can change anything, and not the web’s sign-in', async () => {
    const { email } = await makeAccount(house)
    const { password } = await made(await signIn(house, email), ['api', 'imap'])
    const json = { username: email, password }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
    const openwifi = await house.call('POST', '/api/v1/oauth2', { json: { userId: email, password } })
    assert.notEqual(openwifi.status, 200)
  })

  it('remember their last use, to the minute', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const { password } = await made(client)
    const use = (protocol: string, clientAddress: string) =>
      ask(house, { address: email, password, protocol, clientAddress })
    await Promise.all([use('imap', '192.0.2.7'), use('imap', '192.0.2.7')])
    const first = String(house.clock.now() / 1000)
    const last = async () => {
      const [{ lastUsedDate, lastUsedProtocol, lastUsedAddress }] = await items(client)
      return [lastUsedDate, lastUsedProtocol, lastUsedAddress]
    }
    assert.deepEqual(await last(), [first, 'imap', '192.0.2.7'])
    house.clock.turn(30_000)
    await use('submission', '2001:db8:1:2:3::4')
    assert.deepEqual(await last(), [first, 'imap', '192.0.2.7'])
    house.clock.turn(30_000)
    await use('submission', '2001:db8:1:2:3::4')
    assert.deepEqual(await last(), [String(house.clock.now() / 1000), 'smtp', '2001:db8:1:2::/64'])
  })

  it('are renamed and removed by their owner alone, who then is told', async () => {
    const { email } = await makeAccount(house)
    const owner = await signIn(house, email)
    const other = await signIn(house, (await makeAccount(house)).email)
    const { id, password } = await made(owner)
    for (const wrong of [id, 'unknown', '%00']) {
      const who = wrong === id ? other : owner
      const status = wrong === '%00' ? 400 : 404
      const code = wrong === '%00' ? 'BAD_PARAMETER' : 'NOT_FOUND'
      refused(await who.call('PUT', `${APPS}/${wrong}`, { json: { name: 'Mine' } }), status, code)
      refused(await who.secure('DELETE', `${APPS}/${wrong}`), status, code)
    }
    empty(await owner.call('PUT', `${APPS}/${id}`, { json: { name: ' Old phone ' } }))
    assert.equal((await items(owner))[0].name, 'Old phone')
    assert.equal(await decision(email, password), 'allow')
    const gone = await Promise.all([owner.secure('DELETE', `${APPS}/${id}`), owner.secure('DELETE', `${APPS}/${id}`)])
    assert.deepEqual(gone.map(({ status }) => status).sort(), [200, 404])
    assert.equal(await decision(email, password), 'deny')
    assert.deepEqual(await items(owner), [])
    await house.inbox.next(email)
    assert.match((await house.inbox.next(email)).text, /app password named Old phone was removed/)
  })

  it('are made and removed only with a securityToken', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const json = { name: 'Phone', scopes: ['imap'] }
    refused(await client.call('POST', APPS, { json }), 403, 'SECURITY_TOKEN_REQUIRED')
    const { id } = await made(client)
    refused(await client.call('DELETE', `${APPS}/${id}`), 403, 'SECURITY_TOKEN_REQUIRED')
    refused(await plain(house, 'GET', APPS), 401, 'AUTH_REQUIRED')
  })

  it('refuse what is missing, unexpected or too much', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const right = { name: 'Phone', scopes: ['imap'] }
    const wrong = [
      {},
      { name: 'Phone' },
      { scopes: ['imap'] },
      { ...right, name: '' },
      { ...right, name: '  ' },
      { ...right, name: 'x'.repeat(101) },
      { ...right, scopes: [] },
      { ...right, scopes: ['imap', 'ftp'] },
      { ...right, scopes: 'imap' },
      { ...right, password: 'mine' },
    ]
    for (const json of wrong) refused(await make(client, json), 400, 'BAD_PARAMETER')
    assert.deepEqual(await items(client), [])
  })

  it(`are ${MOST} at the most, also when they come at once`, async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    for (let i = 0; i < MOST - 2; i++) await made(client)
    const last = await Promise.all(Array.from({ length: 5 }, () => make(client)))
    assert.deepEqual(last.map(({ status }) => status).sort(), [200, 200, 403, 403, 403])
    refused(await make(client), 403, 'TOO_MANY_APP_PASSWORDS')
    assert.equal((await items(client)).length, MOST)
  })

  it('are neither made nor taken where the policy has none, and can still be removed', async () => {
    const account = await makeAccount(house)
    const client = await signIn(house, account.email)
    const { id, password } = await made(client)
    const scope = accountScope(account)
    await changePolicy(house.ctx, { scope, changes: { appPasswords: false }, actor: 'test', origin })
    refused(await make(client), 403, 'NOT_ALLOWED_BY_POLICY')
    assert.equal(await decision(account.email, password), 'deny')
    assert.equal((await items(client)).length, 1)
    empty(await client.secure('DELETE', `${APPS}/${id}`))
  })

  it('outlive a password that their owner changes', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const { password } = await made(client)
    const json = { oldPassword: PASSWORD, newPassword: NEXT }
    assert.equal((await client.call('POST', `/account/password/reset`, { json })).status, 200)
    assert.equal(await decision(email, password), 'allow')
    await settled(house)
    assert.equal(mailsTo(house, email, /App passwords and passkeys, if you have any, go on working/).length, 1)
  })

  it('go with a password that somebody else sets, or that was forgotten; their owner is told', async () => {
    const root = await asRoot(house)
    const { id, email } = await makeAccount(house)
    const other = `other-${email}`
    await addMail(house, (await signIn(house, email)).secure, other)
    const ways: ((newPassword: string) => Promise<Reply>)[] = [
      (currentPassword) =>
        house.call('PUT', `/api/v1/user/${id}`, { headers: bearer(root.token), json: { currentPassword } }),
      async (newPassword) => {
        await forgot(house, email)
        return choose(house, await linkTo(house, email), newPassword)
      },
      async (newPassword) => reset(house, email, await mailedToken(house, email, other), newPassword),
    ]
    let current = PASSWORD
    for (const [i, way] of ways.entries()) {
      const { password } = await made(await signIn(house, email, current))
      assert.equal(await decision(email, password), 'allow')
      current = `${NEXT}-${i}`
      const reply = await way(current)
      assert.equal(reply.status, 200, reply.text)
      assert.equal(await decision(email, password), 'deny', `way ${i}`)
    }
    await settled(house)
    assert.equal(mailsTo(house, email, /All app passwords were removed/).length, ways.length)
  })

  it('go when all second factors are taken from the account', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const { password } = await made(client)
    assert.equal(await decision(account.email, password), 'allow')
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    await resetSecondStep(house.ctx, { caller, id: account.id, note: 'lost', origin })
    assert.equal(await decision(account.email, password), 'deny')
  })
})
