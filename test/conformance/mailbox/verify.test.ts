import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { awaitConfirmation, changeAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { accountScope, changePolicy } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { INTERNAL_KEY } from '../openwifi/keys.ts'
import { asRoot, bearer, newSubscriber, signedIn } from '../openwifi/people.ts'
import { METHODS, makeAccount, makeTwoStepAccount, PASSWORD, plain, refused, SECURITY, signIn } from './client.ts'
import { ask, MAIL_SERVER_KEY, mailServer, VERIFY } from './mail-server.ts'

const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

onEveryEngine('mailbox: sign-ins at mail servers', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { ...mailServer, CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0' } })
  })
  after(() => house.stop())

  const question = (address: string, more: Record<string, unknown> = {}) => ({
    address,
    password: PASSWORD,
    protocol: 'imap',
    clientAddress: '192.0.2.7',
    ...more,
  })

  const reasonFor = async (address: string, more: Record<string, unknown> = {}): Promise<string> => {
    const { status, json, text } = await ask(house, question(address, more))
    assert.equal(status, 200, text)
    assert.equal(json.decision, json.reason === '' ? 'allow' : 'deny')
    return json.reason
  }

  async function appPassword(email: string, scopes = ['imap'], call = signIn(house, email)) {
    const reply = await (await call).secure('POST', `${SECURITY}/apppasswords`, { json: { name: 'Phone', scopes } })
    assert.equal(reply.status, 200, reply.text)
    return reply.json.password as string
  }

  it('are allowed with the account’s password, by any spelling of the address', async () => {
    const { id, email } = await makeAccount(house)
    const reply = await ask(house, question(` ${email.toUpperCase()} `))
    assert.deepEqual(reply.json, { decision: 'allow', address: email, accountId: id, by: 'password', reason: '' })
    assert.equal(reply.headers.get('cache-control'), 'no-store')
    assert.equal(reply.headers.get('set-cookie'), null)
  })

  it('are asked for by whoever brings the key, at both listeners, and by nobody else', async () => {
    const { email } = await makeAccount(house)
    const json = question(email)
    const right: Record<string, string>[] = [
      { 'X-API-KEY': MAIL_SERVER_KEY },
      { Authorization: `Bearer ${MAIL_SERVER_KEY}` },
      { 'X-INTERNAL-NAME': 'mx', 'X-API-KEY': INTERNAL_KEY },
    ]
    for (const headers of right)
      for (const call of [house.call, house.callInternal])
        assert.equal((await call('POST', VERIFY, { json, headers })).json.decision, 'allow')
    const client = await signIn(house, email)
    const wrong: Record<string, string>[] = [
      {},
      { 'X-API-KEY': '' },
      { 'X-API-KEY': MAIL_SERVER_KEY.slice(1) },
      { Authorization: `Basic ${Buffer.from(`x:${MAIL_SERVER_KEY}`).toString('base64')}` },
    ]
    for (const headers of wrong) {
      const reply = await house.call('POST', VERIFY, { json, headers })
      refused(reply, 401, 'AUTH_REQUIRED')
      assert.match(reply.json.errorMessage, /CHATELAINE_MAIL_SERVER_KEY/)
    }
    const { cookie: Cookie, sessid } = client
    const held = { Cookie, 'X-Axigen-Session': sessid }
    refused(await house.call('POST', VERIFY, { json, headers: held }), 401, 'AUTH_REQUIRED')
    // And the key is good for nothing else.
    const key = { 'X-INTERNAL-NAME': 'mx', 'X-API-KEY': MAIL_SERVER_KEY }
    assert.equal((await house.callInternal('GET', '/api/v1/users', { headers: key })).status, 403)
    assert.equal((await plain(house, 'GET', METHODS, { headers: { 'X-API-KEY': MAIL_SERVER_KEY } })).status, 401)
  })

  it('may be asked for as a form', async () => {
    const { email } = await makeAccount(house)
    const headers = { 'X-API-KEY': MAIL_SERVER_KEY }
    const form = { address: email, password: PASSWORD, protocol: 'smtp', clientAddress: '' }
    const reply = await house.call('POST', VERIFY, { form, headers })
    assert.equal(reply.json.by, 'password', reply.text)
    const twice = `address=${email}&address=${email}&password=x&protocol=imap`
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    refused(await house.call('POST', VERIFY, { body: twice, headers: { ...headers, ...type } }), 400, 'BAD_PARAMETER')
  })

  it('refuse questions that are incomplete, contradictory or say too much', async () => {
    const right = question('a@example.org')
    const wrong = [
      {},
      { ...right, address: undefined },
      { ...right, password: undefined },
      { ...right, accessToken: 'x' },
      { ...right, protocol: 'ftp' },
      { ...right, protocol: undefined },
      { ...right, clientAddress: 'mail.example.org' },
      { ...right, clientAddress: '192.0.2.7:143' },
      { ...right, password: 7 },
      { ...right, color: 'red' },
      [right],
    ]
    for (const json of wrong) refused(await ask(house, json), 400, 'BAD_PARAMETER')
    const large = { ...right, password: 'x'.repeat(20_000) }
    refused(await ask(house, large), 413, 'PAYLOAD_TOO_LARGE')
    const get = await house.call('GET', VERIFY, { headers: { 'X-API-KEY': MAIL_SERVER_KEY } })
    refused(get, 405, 'METHOD_NOT_ALLOWED')
  })

  it('tell an unknown address from a wrong password in nothing', async () => {
    const { email } = await makeAccount(house)
    for (const secret of [
      { password: 'Wrong-Horse-9' },
      { password: '0000-0000-0000-0000' },
      { password: undefined, accessToken: 'x' },
    ]) {
      const seen = []
      for (const address of [email, 'stranger@example.org', 'no address', '', 'a\u0001@example.org']) {
        const { status, json, headers } = await ask(house, question(address, secret))
        assert.equal(json.address, address)
        const same = [...headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name))
        seen.push({ status, ...json, address: '', same })
      }
      for (const one of seen) assert.deepEqual(one, seen[0])
      assert.deepEqual([seen[0]?.status, seen[0]?.reason, seen[0]?.accountId], [200, 'credentials', ''])
    }
  })

  it('are delayed like all sign-ins, by the address of the mail server’s client', async () => {
    const { email } = await makeAccount(house)
    for (const address of [email, 'another-stranger@example.org']) {
      for (let i = 0; i < 5; i++)
        assert.equal(
          await reasonFor(address, { password: 'Wrong-Horse-9', clientAddress: '192.0.2.66' }),
          'credentials',
        )
      const { json } = await ask(house, question(address, { clientAddress: '192.0.2.66' }))
      assert.deepEqual(json, { decision: 'deny', address, accountId: '', by: '', reason: 'throttled', retryAfter: 60 })
    }
    // Somebody else's guesses do not delay the owner elsewhere; guesses at the web count here, and those here there.
    assert.equal(await reasonFor(email), '')
    for (let i = 0; i < 5; i++)
      await ask(house, question(email, { password: 'Wrong-Horse-9', clientAddress: '127.0.0.1' }))
    const json = { username: email, password: PASSWORD }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 429, 'TOO_MANY_REQUESTS')
    house.clock.turn(61_000)
    assert.equal(await reasonFor(email, { clientAddress: '192.0.2.66' }), '')
  })

  it('that a program repeats all day do not cover up what is guessed elsewhere', async () => {
    const { email } = await makeAccount(house)
    const guess = (n: number) => reasonFor(email, { password: 'Wrong-Horse-9', clientAddress: `198.51.100.${n}` })
    for (let n = 1; n <= 20; n++) {
      assert.equal(await guess(n), 'credentials')
      assert.equal(await reasonFor(email), '')
    }
    assert.equal(await guess(21), 'throttled')
    assert.equal(await reasonFor(email), '')
  })

  it('with an app password are never delayed by guesses, and do not forgive them', async () => {
    const { email } = await makeAccount(house)
    const password = await appPassword(email)
    for (let i = 0; i < 5; i++) {
      assert.equal(await reasonFor(email, { password: 'Wrong-Horse-9' }), 'credentials')
      assert.equal(await reasonFor(email, { password }), '')
    }
    assert.equal(await reasonFor(email), 'throttled')
    assert.equal(await reasonFor(email, { password }), '')
    assert.equal(await reasonFor(email, { password: password.replace(/.$/, '') }), 'throttled')
  })

  it('count wrong app passwords as guesses, many at once too', async () => {
    const { email } = await makeAccount(house)
    const tries = Array.from({ length: 30 }, (_, i) =>
      reasonFor(email, { password: `0000-0000-0000-00${10 + i}`, clientAddress: '192.0.2.99' }),
    )
    const reasons = await Promise.all(tries)
    // Twenty are judged at once; each of the first four that fail lets one more in, and the fifth nobody.
    assert.ok(reasons.filter((reason) => reason === 'credentials').length <= 24)
    assert.equal(await reasonFor(email, { clientAddress: '192.0.2.99' }), 'throttled')
  })

  it('with the password alone are no way around the second step', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    assert.equal(await reasonFor(account.email), 'second-factor')
    assert.equal(await reasonFor(account.email, { password: 'Wrong-Horse-9' }), 'credentials')
    const password = await appPassword(account.email, ['imap'], Promise.resolve(client))
    assert.equal(await reasonFor(account.email, { password }), '')
    const scope = accountScope(account)
    await changePolicy(house.ctx, { scope, changes: { basicNeedsFactor: false }, actor: 'test', origin })
    assert.equal(await reasonFor(account.email), '')
    const plainAccount = await makeAccount(house)
    const must = {
      scope: accountScope(plainAccount),
      changes: { twoStep: 'mandatory' },
      actor: 'test',
      origin,
    } as const
    await changePolicy(house.ctx, must)
    assert.equal(await reasonFor(plainAccount.email), 'second-factor')
  })

  it('need an app password that is good for the protocol', async () => {
    const { id, email } = await makeAccount(house)
    const password = await appPassword(email, ['imap', 'smtp'])
    for (const protocol of ['imap', 'smtp', 'submission']) {
      const { json } = await ask(house, question(email, { password, protocol }))
      assert.deepEqual(json, { decision: 'allow', address: email, accountId: id, by: 'app-password', reason: '' })
    }
    for (const protocol of ['pop3', 'sieve', 'caldav', 'carddav', 'api'])
      assert.equal(await reasonFor(email, { password, protocol }), 'scope')
    const other = await makeAccount(house)
    assert.equal(await reasonFor(other.email, { password }), 'credentials')
  })

  it('are closed to who is shut out, has not confirmed his address, or owes a new password', async () => {
    const root = (await findByAddress(house.ctx, house.rootEmail))!
    const suspended = await makeAccount(house)
    const password = await appPassword(suspended.email)
    await changeAccount(house.ctx, { caller: root, id: suspended.id, changes: { suspended: true }, origin })
    assert.equal(await reasonFor(suspended.email), 'suspended')
    assert.equal(await reasonFor(suspended.email, { password }), 'suspended')
    assert.equal(await reasonFor(suspended.email, { password: 'Wrong-Horse-9' }), 'credentials')
    const unconfirmed = await makeAccount(house)
    const secret = { password: await appPassword(unconfirmed.email) }
    await awaitConfirmation(house.ctx, unconfirmed.id)
    assert.equal(await reasonFor(unconfirmed.email), 'unconfirmed')
    assert.equal(await reasonFor(unconfirmed.email, secret), 'unconfirmed')
    const owing = await makeAccount(house, { mustChangePassword: true })
    assert.equal(await reasonFor(owing.email), 'password-change')
    assert.equal(await reasonFor(owing.email, { password: 'Wrong-Horse-9' }), 'credentials')
  })

  it('take an access token of whoever holds the address, as long as it lives', async () => {
    const root = await asRoot(house)
    const { id, email } = await makeAccount(house)
    const { token } = await signedIn(house, email, PASSWORD)
    const withToken = { password: undefined, accessToken: token }
    assert.deepEqual((await ask(house, question(email, withToken))).json, {
      decision: 'allow',
      address: email,
      accountId: id,
      by: 'access-token',
      reason: '',
    })
    assert.equal(await reasonFor((await makeAccount(house)).email, withToken), 'credentials')
    const subscriber = await newSubscriber(house, root)
    assert.equal(await reasonFor(subscriber.email, { password: undefined, accessToken: subscriber.token }), '')
    const client = await signIn(house, email)
    assert.equal(await reasonFor(email, { password: undefined, accessToken: client.sessid }), 'credentials')
    await house.call('DELETE', `/api/v1/oauth2/${token}`, { headers: bearer(token) })
    assert.equal(await reasonFor(email, withToken), 'credentials')
  })

  it('are written down once a day and address, not every time', async () => {
    const { id, email } = await makeAccount(house)
    const password = await appPassword(email)
    const rows = async () => {
      const query = house.ctx.db.selectFrom('audit').select(['event', 'protocol', 'network', 'detail'])
      const found = await query.where('account_id', '=', id).where('protocol', '=', 'imap').orderBy('at').execute()
      return found.map(({ event, network, detail }) => `${event} ${network} ${detail}`)
    }
    for (let i = 0; i < 4; i++) {
      await reasonFor(email)
      await reasonFor(email, { password })
      house.clock.turn(61_000)
    }
    const own = 'sign-in.done 192.0.2.7 {}'
    const program = 'sign-in.done 192.0.2.7 {"by":"app-password","name":"Phone"}'
    assert.deepEqual((await rows()).sort(), [own, program].sort())
    await reasonFor(email, { clientAddress: '198.51.100.9' })
    await reasonFor(email, { password, clientAddress: '198.51.100.9' })
    assert.equal((await rows()).length, 4)
    house.clock.turn(25 * 3_600_000)
    await reasonFor(email, { clientAddress: '198.51.100.9' })
    await reasonFor(email, { password, clientAddress: '198.51.100.9' })
    assert.equal((await rows()).length, 6)
  })

  it('delay who guesses the key, and never who has it', async () => {
    const json = question((await makeAccount(house)).email)
    const tryKey = (key: string) => house.call('POST', VERIFY, { json, headers: { 'X-API-KEY': key } })
    let last = await tryKey('wrong')
    for (let i = 0; i < 6 && last.status === 401; i++) last = await tryKey(`wrong-${i}`)
    refused(last, 429, 'TOO_MANY_REQUESTS')
    assert.ok(Number(last.headers.get('retry-after')) > 0)
    assert.equal((await tryKey(MAIL_SERVER_KEY)).json.decision, 'allow')
  })

  it('are described for who writes a client', async () => {
    const { json } = await plain(house, 'GET', '/openapi.json?protocol=mail-servers')
    assert.deepEqual(Object.keys(json.paths), [VERIFY])
  })
})

onEveryEngine('mailbox: mail servers without a key of their own', (engine) => {
  it('bring the internal key', async (t) => {
    const house = await startHouse({ engine, settings: { CHATELAINE_INTERNAL_KEY: INTERNAL_KEY } })
    t.after(() => house.stop())
    const json = { address: (await makeAccount(house)).email, password: PASSWORD, protocol: 'imap' }
    const call = (key: string) => house.call('POST', VERIFY, { json, headers: { 'X-API-KEY': key } })
    assert.equal((await call(INTERNAL_KEY)).json.decision, 'allow')
    for (const key of ['', 'undefined', MAIL_SERVER_KEY]) refused(await call(key), 401, 'AUTH_REQUIRED')
  })
})
