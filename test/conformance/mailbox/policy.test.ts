import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import {
  decidePolicy,
  type Layers,
  layersOfAccount,
  layersOfDomain,
  type PolicyChanges,
  type PolicyKey,
} from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, signedIn, withMethod } from '../openwifi/people.ts'
import {
  addMail,
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
import { makePasskeyAccount, signedFor } from './passkey-client.ts'
import { mailsTo, settled } from './recovery.ts'

const DAY = 86_400_000
const origin = { protocol: 'test', network: 'local', agent: '' }

interface Person {
  id: string
  email: string
}

/** An answer in short: a status, or a status with its code. */
const short = (reply: Reply): string => (reply.status === 200 ? '200' : `${reply.status} ${reply.json.errorCode}`)

const OFF = '403 NOT_ALLOWED_BY_POLICY'

onEveryEngine('mailbox: policies', (engine) => {
  let house: House
  before(async () => {
    // A number can be added where SMS could be sent; none is.
    house = await startHouse({ engine, settings: { CHATELAINE_SMS_URL: 'http://127.0.0.1:9/' } })
  })
  after(() => house.stop())

  const decide = (layers: Layers, changes: PolicyChanges) =>
    decidePolicy(house.ctx, { layers, changes, actor: 'test', origin })
  const domainOf = ({ email }: Person): Layers => layersOfDomain(email.slice(email.indexOf('@') + 1))

  const person = (): Promise<Person> => makeAccount(house)
  const infoOf = async ({ email }: Person) => {
    const { call } = await signIn(house, email)
    return (await call('GET', '/account/info')).json.restrictions
  }
  const adding = async ({ email }: Person, json: unknown) => {
    const { secure } = await signIn(house, email)
    return short(await secure('POST', METHODS, { json }))
  }
  /** What a change to a password that no policy takes is answered. */
  const tryPassword = async ({ email }: Person) => {
    const { call } = await signIn(house, email)
    return call('POST', '/account/password/reset', { json: { oldPassword: PASSWORD, newPassword: 'x' } })
  }
  const demandOf = async (someone: Person) => (await tryPassword(someone)).json.passwordPolicy
  const recovering = async ({ email }: Person, scope: string) => {
    const { call } = await signIn(house, email)
    return (await call('GET', `${METHODS}?scope=${scope}`)).json.items.length
  }
  const withMail = async () => {
    const someone = await person()
    const { secure } = await signIn(house, someone.email)
    await addMail(house, secure, `method-of-${someone.email}`)
    return someone
  }

  interface Case<P extends Person = Person> {
    said: PolicyChanges
    /** what the settings say of it */
    usual: PolicyChanges
    makes(): Promise<P>
    /** how it shows; can be asked again and again */
    asks(someone: P): Promise<unknown>
    answers: [usual: unknown, said: unknown]
  }
  const seen = <P extends Person>(one: Case<P>): Case => one as unknown as Case

  const cases: Record<PolicyKey, Case> = {
    twoStep: {
      said: { twoStep: 'mandatory' },
      usual: { twoStep: 'enabled' },
      makes: person,
      asks: async ({ email }) => (await signIn(house, email)).step,
      answers: [null, 'mandatory'],
    },
    twoStepMethods: {
      said: { twoStepMethods: ['email'] },
      usual: { twoStepMethods: ['authApp', 'email', 'sms'] },
      makes: person,
      asks: (someone) => adding(someone, { method: 'authApp' }),
      answers: ['200', OFF],
    },
    twoStepGraceDays: {
      said: { twoStepGraceDays: 7 },
      usual: { twoStepGraceDays: 0 },
      async makes() {
        const someone = await person()
        await decide(layersOfAccount(someone), { twoStep: 'mandatory' })
        return someone
      },
      asks: async ({ email }) => (await signIn(house, email)).step,
      answers: ['mandatory', null],
    },
    trustedDeviceDays: seen({
      said: { trustedDeviceDays: 0 },
      usual: { trustedDeviceDays: 30 },
      async makes() {
        const { account, app } = await makeTwoStepAccount(house)
        return { ...account, app }
      },
      async asks({ email, app }) {
        const client = await signIn(house, email)
        const passed = await client.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
        client.cookie = cookieOf(passed)
        return short(await client.call('POST', `${SECURITY}/trusteddevices`, { json: {} }))
      },
      answers: ['200', OFF],
    }),
    basicNeedsFactor: {
      said: { basicNeedsFactor: false },
      usual: { basicNeedsFactor: true },
      makes: async () => (await makeTwoStepAccount(house)).account,
      async asks({ email }) {
        const headers = { Authorization: `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}` }
        return short(await plain(house, 'POST', '/login', { headers }))
      },
      answers: ['401 AUTH_FAILED', '200'],
    },
    passkeySignIn: seen({
      said: { passkeySignIn: false },
      usual: { passkeySignIn: true },
      async makes() {
        const { account, passkey } = await makePasskeyAccount(house)
        return { ...account, passkey }
      },
      async asks({ passkey }) {
        const response = await signedFor(house, passkey)
        return short(await plain(house, 'POST', '/login/passkey', { json: { response } }))
      },
      answers: ['200', '401 AUTH_FAILED'],
    }),
    appPasswords: {
      said: { appPasswords: false },
      usual: { appPasswords: true },
      makes: person,
      async asks({ email }) {
        const { secure } = await signIn(house, email)
        const json = { name: 'Phone', scopes: ['imap'] }
        return short(await secure('POST', `${SECURITY}/apppasswords`, { json }))
      },
      answers: ['200', OFF],
    },
    alternateEmailAddress: {
      said: { alternateEmailAddress: false },
      usual: { alternateEmailAddress: true },
      makes: person,
      asks: (someone) => adding(someone, { method: 'email', target: 'elsewhere@private.example' }),
      answers: ['200', OFF],
    },
    phoneNumber: {
      said: { phoneNumber: false },
      usual: { phoneNumber: true },
      makes: person,
      asks: (someone) => adding(someone, { method: 'sms', target: '+41446681800' }),
      answers: ['200', OFF],
    },
    methodsMandatory: {
      said: { methodsMandatory: true },
      usual: { methodsMandatory: false },
      makes: person,
      asks: async (someone) => (await infoOf(someone)).securityPolicy.securityMethods.isMandatory,
      answers: [false, true],
    },
    methodsUpdateDays: {
      said: { methodsUpdateDays: 90 },
      usual: { methodsUpdateDays: 0 },
      makes: withMail,
      asks: async (someone) => (await infoOf(someone)).securityPolicy.securityMethods.updatePolicy.date !== '',
      answers: [false, true],
    },
    usernameRecoveryMethods: {
      said: { usernameRecoveryMethods: ['sms'] },
      usual: { usernameRecoveryMethods: ['email', 'sms'] },
      makes: withMail,
      asks: (someone) => recovering(someone, 'usernameRecovery'),
      answers: [1, 0],
    },
    passwordRecoveryMethods: {
      said: { passwordRecoveryMethods: [] },
      usual: { passwordRecoveryMethods: ['email', 'sms'] },
      makes: withMail,
      asks: (someone) => recovering(someone, 'passwordRecovery'),
      answers: [1, 0],
    },
    passwordMinLength: seen({
      said: { passwordMinLength: 12 },
      usual: { passwordMinLength: 8 },
      async makes() {
        const { account, client } = await makeTwoStepAccount(house)
        return { ...account, client }
      },
      // For somebody with a second step; in the session that he has already.
      asks: async ({ client }) =>
        (await client.call('GET', '/account/info')).json.restrictions.passwordPolicy.contentPolicy.minLength,
      answers: [8, 12],
    }),
    passwordAloneMinLength: {
      said: { passwordAloneMinLength: 20 },
      usual: { passwordAloneMinLength: 15 },
      makes: person,
      asks: async (someone) => (await demandOf(someone)).minLength,
      answers: [15, 20],
    },
    passwordMaxLength: {
      said: { passwordMaxLength: 64 },
      usual: { passwordMaxLength: 256 },
      makes: person,
      asks: async (someone) => (await demandOf(someone)).maxLength,
      answers: [256, 64],
    },
    passwordMustInclude: {
      said: { passwordMustInclude: 'lettersAndNumbersAndSpecial' },
      usual: { passwordMustInclude: 'letters' },
      makes: person,
      asks: async (someone) => (await demandOf(someone)).mustInclude,
      answers: ['letters', 'lettersAndNumbersAndSpecial'],
    },
    passwordHistory: {
      said: { passwordHistory: 0 },
      usual: { passwordHistory: 5 },
      makes: person,
      asks: async (someone) => (await demandOf(someone)).historySize,
      answers: [5, undefined],
    },
    passwordRenewalDays: {
      said: { passwordRenewalDays: 3 },
      usual: { passwordRenewalDays: 0 },
      makes: person,
      asks: async (someone) => (await demandOf(someone)).renewalInterval,
      answers: [undefined, 3],
    },
    passwordExpiryDays: {
      said: { passwordExpiryDays: 1 },
      usual: { passwordExpiryDays: 0 },
      async makes() {
        const someone = await person()
        house.clock.turn(2 * DAY)
        return someone
      },
      asks: async (someone) => (await infoOf(someone)).passwordPolicy.mustChangePassword,
      answers: [false, true],
    },
    passwordChangeByUser: {
      said: { passwordChangeByUser: false },
      usual: { passwordChangeByUser: true },
      makes: person,
      asks: async (someone) => short(await tryPassword(someone)),
      answers: ['400 PASSWORD_POLICY', OFF],
    },
  }

  for (const [key, { said, usual, makes, asks, answers }] of Object.entries(cases))
    it(`${key}: account before domain before setting, at once, and back`, async () => {
      const someone = await makes()
      const own = layersOfAccount(someone)
      const domain = domainOf(someone)
      const nothing = { [key]: undefined }
      const [asSet, asSaid] = answers
      assert.deepEqual(await asks(someone), asSet, 'as the settings say')
      await decide(domain, said)
      assert.deepEqual(await asks(someone), asSaid, 'said for the domain')
      await decide(own, usual)
      assert.deepEqual(await asks(someone), asSet, 'said otherwise for the account')
      await decide(own, nothing)
      assert.deepEqual(await asks(someone), asSaid, 'taken back for the account')
      await decide(domain, nothing)
      assert.deepEqual(await asks(someone), asSet, 'taken back for the domain')
      await decide(own, said)
      assert.deepEqual(await asks(someone), asSaid, 'said for the account alone')
      const other = await makes()
      assert.deepEqual(await asks(other), asSet, 'and for nobody else')
    })

  it('twoStep=disabled for one account: no second step, and none can be turned on', async () => {
    const { account, app, client } = await makeTwoStepAccount(house)
    await decide(layersOfAccount(account), { twoStep: 'disabled' })
    const { secure, step } = await signIn(house, account.email)
    assert.equal(step, null)
    refused(await secure('POST', METHODS, { json: { method: 'authApp' } }), 403, 'NOT_ALLOWED_BY_POLICY')
    const json = { methodId: app.id, totpToken: app.next() }
    refused(await secure('POST', `${SECURITY}/2fa`, { json }), 403, 'NOT_ALLOWED_BY_POLICY')
    // What he has set up waits for better times.
    await decide(layersOfAccount(account), { twoStep: undefined })
    assert.equal((await signIn(house, account.email)).step, 'required')
    assert.equal((await client.call('GET', METHODS)).json.items.length, 1)
  })

  it('twoStep=mandatory for one account: cannot be turned off', async () => {
    const { account, app, client } = await makeTwoStepAccount(house)
    await decide(layersOfAccount(account), { twoStep: 'mandatory' })
    const json = { methodId: app.id, totpToken: app.next() }
    refused(await client.secure('DELETE', `${SECURITY}/2fa`, { json }), 403, 'TWO_FACTOR_MANDATORY')
    await decide(layersOfAccount(account), { twoStep: undefined })
    empty(await client.secure('DELETE', `${SECURITY}/2fa`, { json: { ...json, totpToken: app.next() } }))
  })

  it('twoStepMethods: a method that is off is not offered for the second step, and proves nothing', async () => {
    const { account, app, client } = await makeTwoStepAccount(house)
    await addMail(house, client.secure, 'second@private.example')
    await decide(layersOfAccount(account), { twoStepMethods: ['email'] })
    const { call } = await signIn(house, account.email)
    const { items } = (await call('GET', `${METHODS}?scope=2fa`)).json
    assert.deepEqual(
      items.map(({ method }: { method: string }) => method),
      ['email'],
    )
    const answer = { json: { methodId: app.id, totpToken: app.next() } }
    refused(await call('POST', '/login/2fa', answer), 401, 'AUTH_FAILED')
    const info = (await client.call('GET', '/account/info')).json.restrictions.securityPolicy
    assert.deepEqual(info.twoFactorAuthPolicy, { status: 'enabled', methods: ['email'] })
  })

  it('methods that are off for all purposes still show in the list, and can be removed', async () => {
    const someone = await withMail()
    const off: PolicyChanges = {
      alternateEmailAddress: false,
      usernameRecoveryMethods: [],
      passwordRecoveryMethods: [],
    }
    await decide(layersOfAccount(someone), off)
    const { call, secure } = await signIn(house, someone.email)
    const [{ id }] = (await call('GET', METHODS)).json.items
    empty(await secure('DELETE', `${METHODS}/${id}`))
  })

  it('no token goes out by a method that the policy has closed', async () => {
    const someone = await withMail()
    const target = `method-of-${someone.email}`
    const tokens = async () => {
      const json = { username: someone.email, email: target }
      empty(await plain(house, 'POST', '/recover/password/sendtoken', { json }))
      await settled(house)
      return mailsTo(house, target, /^[0-9A-HJKMNP-TV-Z]{26}$/m).length
    }
    await decide(layersOfAccount(someone), { passwordRecoveryMethods: ['sms'] })
    assert.equal(await tokens(), 0)
    await decide(layersOfAccount(someone), { passwordRecoveryMethods: undefined })
    assert.equal(await tokens(), 1)
  })

  it('passwordChangeByUser=off: links to a new password come from administrators only', async () => {
    const boss = await asRoot(house)
    const { id, email } = await makeAccount(house, { role: 'csr' })
    const someone = await signedIn(house, email, PASSWORD)
    const links = async () => {
      await settled(house)
      return mailsTo(house, email, /actionLink/).length
    }
    const forgot = () => house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId: email } })
    const asking = (by: { token: string }) =>
      house.call('PUT', `/api/v1/user/${id}?forgotPassword=true`, { headers: bearer(by.token) })
    await decide(layersOfAccount({ id, email }), { passwordChangeByUser: false })
    assert.equal((await forgot()).status, 200)
    const own = await asking(someone)
    assert.deepEqual([own.status, own.json.ErrorCode, await links()], [403, 7, 0])
    assert.equal((await asking(boss)).status, 200)
    assert.equal(await links(), 1)
    await decide(layersOfAccount({ id, email }), { passwordChangeByUser: undefined })
    assert.equal((await forgot()).status, 200)
    assert.equal((await asking(someone)).status, 200)
    assert.equal(await links(), 3)
  })

  it('the OpenWiFi protocol heeds it too: numbers, and the second step of one account', async () => {
    const boss = await asRoot(house)
    const { id, email } = await makeAccount(house, { role: 'csr' })
    const someone = await signedIn(house, email, PASSWORD)
    const own = layersOfAccount({ id, email })
    const sending = () =>
      house.call('POST', '/api/v1/sms?validateNumber=true', {
        json: { to: '+41446681801' },
        headers: bearer(someone.token),
      })
    await decide(own, { phoneNumber: false })
    const off = await sending()
    assert.equal(off.status, 400)
    assert.match(off.text, /1084/)
    await decide(own, { phoneNumber: undefined })
    assert.doesNotMatch((await sending()).text, /1084/)
    await decide(own, { twoStepMethods: ['authApp'] })
    assert.match((await change(house, someone, id, withMethod('email'))).text, /1085/)
    await decide(own, { twoStepMethods: undefined })
    assert.equal((await change(house, someone, id, withMethod('email'))).status, 200)
    await decide(own, { twoStep: 'mandatory' })
    const wish = { userTypeProprietaryInfo: { mfa: { enabled: false } } }
    assert.equal((await change(house, boss, id, wish)).status, 403)
  })

  it('what was said for an account goes with it', async () => {
    const boss = await asRoot(house)
    const { id, email } = await makeAccount(house)
    await decide(layersOfAccount({ id, email }), { twoStep: 'mandatory' })
    const rows = () => house.ctx.db.selectFrom('policy').selectAll().where('scope', '=', `account:${id}`).execute()
    assert.equal((await rows()).length, 1)
    assert.equal((await house.call('DELETE', `/api/v1/user/${id}`, { headers: bearer(boss.token) })).status, 200)
    assert.deepEqual(await rows(), [])
  })

  it('a name that no domain has asks for no policy of anybody', async () => {
    const odd = ['a\0@example.org', 'a@\0', '@', '', 'x'.repeat(70_000), "a@'; drop table policy --"]
    for (const username of odd) {
      const signing = await plain(house, 'POST', '/login/cookie', { json: { username, password: 'x' } })
      assert.ok([400, 401].includes(signing.status), signing.text)
      const recovering = await plain(house, 'GET', `/recover/password/methods?username=${encodeURIComponent(username)}`)
      assert.ok([200, 400, 413, 414, 431].includes(recovering.status), String(recovering.status))
    }
  })
})
