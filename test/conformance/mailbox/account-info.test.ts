import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { changePolicy, domainScope, type Policy } from '#src/domain/policy/policy.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { addMail, makeAccount, makeTwoStepAccount, PASSWORD, plain, refused, signIn } from './client.ts'

const INFO = '/account/info'
const DAY = 86_400_000
const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

const inSeconds = (time: number): string => String(Math.floor(time / 1000))

onEveryEngine('mailbox: the account’s own description', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const decide = (domain: string, changes: Partial<Policy>) =>
    changePolicy(house.ctx, { scope: domainScope(domain), changes, actor: 'test', origin })

  it('is complete, and says of mail that there is none', async () => {
    const { email } = await makeAccount(house, { name: 'Anna Beispiel' })
    const { call } = await signIn(house, email)
    const reply = await call('GET', INFO)
    assert.equal(reply.status, 200)
    assert.deepEqual(reply.json, {
      accountName: email.split('@')[0],
      domainName: 'example.org',
      fullName: 'Anna Beispiel',
      folderContainerId: '',
      accountClass: '',
      totalMessageCount: 0,
      usedMessageCount: 0,
      remainingMessageCount: 0,
      totalQuota: 0,
      usedQuota: 0,
      remainingQuota: 0,
      overQuotaThreshold: 0,
      allowConversationView: false,
      autopurge: { spam: false, trash: false, interval: 0 },
      isFirstApiLogin: true,
      twoFactorAuthConfigured: false,
      restrictions: {
        passwordPolicy: {
          mustChangePassword: false,
          contentPolicy: { enabled: true, minLength: 15, maxLength: 256, mustInclude: 'letters' },
          history: { enabled: true, size: 5 },
          allowChangeByUser: true,
          renewalInterval: { enabled: false, interval: 0 },
          expiration: { enabled: false, date: '', warningInterval: 14, inWarningInterval: false },
        },
        temporaryAliases: { enabled: false, maxNumberOfAliases: 0 },
        securityPolicy: {
          securityMethods: {
            isMandatory: false,
            alternateEmailAddress: true,
            phoneNumber: true,
            updatePolicy: { date: '', warningInterval: 0, inWarningInterval: false },
          },
          twoFactorAuthPolicy: { status: 'enabled', methods: ['authApp', 'email', 'sms'] },
          usernameRecoveryMethods: ['email', 'sms'],
          passwordRecoveryMethods: ['email', 'sms'],
        },
      },
    })
  })

  it('asks for less of a password that does not stand alone', async () => {
    const { client } = await makeTwoStepAccount(house)
    const { twoFactorAuthConfigured, restrictions } = (await client.call('GET', INFO)).json
    assert.equal(twoFactorAuthConfigured, true)
    assert.equal(restrictions.passwordPolicy.contentPolicy.minLength, 8)
    await decide('example.org', { twoStep: 'disabled' })
    // Where the second step is not asked for, the password stands alone after all.
    const alone = (await client.call('GET', INFO)).json
    assert.equal(alone.restrictions.passwordPolicy.contentPolicy.minLength, 15)
    await changePolicy(house.ctx, {
      scope: domainScope('example.org'),
      changes: { twoStep: undefined },
      actor: 'test',
      origin,
    })
  })

  it('speaks of the policy of the account’s own domain', async () => {
    await decide('strict.example', {
      twoStep: 'enabled',
      twoStepMethods: ['authApp'],
      alternateEmailAddress: false,
      phoneNumber: false,
      methodsMandatory: true,
      usernameRecoveryMethods: [],
      passwordRecoveryMethods: ['email'],
      passwordAloneMinLength: 20,
      passwordMaxLength: 100,
      passwordMustInclude: 'lettersAndNumbers',
      passwordHistory: 0,
      passwordRenewalDays: 2,
      passwordChangeByUser: false,
    })
    const password = 'Twenty-Characters-20'
    const [strict, other] = [
      await makeAccount(house, { email: 'anna@strict.example', password }),
      await makeAccount(house),
    ]
    const { restrictions } = (await (await signIn(house, strict.email, password)).call('GET', INFO)).json
    assert.deepEqual(restrictions.passwordPolicy, {
      mustChangePassword: false,
      contentPolicy: { enabled: true, minLength: 20, maxLength: 100, mustInclude: 'lettersAndNumbers' },
      history: { enabled: false, size: 0 },
      allowChangeByUser: false,
      renewalInterval: { enabled: true, interval: 2 },
      expiration: { enabled: false, date: '', warningInterval: 14, inWarningInterval: false },
    })
    assert.deepEqual(restrictions.securityPolicy, {
      securityMethods: {
        isMandatory: true,
        alternateEmailAddress: false,
        phoneNumber: false,
        updatePolicy: { date: '', warningInterval: 0, inWarningInterval: false },
      },
      twoFactorAuthPolicy: { status: 'enabled', methods: ['authApp'] },
      usernameRecoveryMethods: [],
      passwordRecoveryMethods: ['email'],
    })
    const elsewhere = (await (await signIn(house, other.email)).call('GET', INFO)).json.restrictions
    assert.equal(elsewhere.passwordPolicy.contentPolicy.minLength, 15)
  })

  it('warns of a password’s end, and says when it has come', async () => {
    await decide('ageing.example', { passwordExpiryDays: 30 })
    const { email } = await makeAccount(house, { email: 'anna@ageing.example' })
    const end = inSeconds(house.clock.now() + 30 * DAY)
    const said = async () => {
      const { mustChangePassword, expiration } = (await (await signIn(house, email)).call('GET', INFO)).json
        .restrictions.passwordPolicy
      return { mustChangePassword, ...expiration }
    }
    const early = { mustChangePassword: false, enabled: true, date: end, warningInterval: 14, inWarningInterval: false }
    assert.deepEqual(await said(), early)
    house.clock.turn(16 * DAY)
    assert.deepEqual(await said(), { ...early, inWarningInterval: true })
    house.clock.turn(14 * DAY)
    assert.deepEqual(await said(), { ...early, inWarningInterval: true, mustChangePassword: true })
  })

  it('asks whether the methods are still right, some time after one was used last', async () => {
    await decide('asking.example', { methodsUpdateDays: 10 })
    const { email } = await makeAccount(house, { email: 'anna@asking.example' })
    const said = async (client = signIn(house, email)) =>
      (await (await client).call('GET', INFO)).json.restrictions.securityPolicy.securityMethods.updatePolicy
    assert.deepEqual(await said(), { date: '', warningInterval: 0, inWarningInterval: false })
    const { secure } = await signIn(house, email)
    await addMail(house, secure, 'old-anna@elsewhere.example')
    const first = house.clock.now()
    house.clock.turn(10 * DAY - 1000)
    const due = inSeconds(first + 10 * DAY)
    assert.deepEqual(await said(), { date: due, warningInterval: 0, inWarningInterval: false })
    house.clock.turn(1000)
    assert.deepEqual(await said(), { date: due, warningInterval: 0, inWarningInterval: true })
    const later = await signIn(house, email)
    await addMail(house, later.secure, 'new-anna@elsewhere.example')
    const next = inSeconds(house.clock.now() + 10 * DAY)
    assert.deepEqual(await said(), { date: next, warningInterval: 0, inWarningInterval: false })
  })

  it('knows the first sign-in through this API, of whatever kind', async () => {
    const { email } = await makeAccount(house)
    const isFirst = async () => (await (await signIn(house, email)).call('GET', INFO)).json.isFirstApiLogin
    const elsewhere = await house.call('POST', '/api/v1/oauth2', { json: { userId: email, password: PASSWORD } })
    assert.equal(elsewhere.status, 200)
    house.clock.turn(1000)
    assert.equal(await isFirst(), true)
    house.clock.turn(1000)
    assert.equal(await isFirst(), false)
    const headers = { Authorization: `Basic ${Buffer.from(`${email}:${PASSWORD}`).toString('base64')}` }
    const { sessid } = (await plain(house, 'POST', '/login', { headers })).json
    const held = { ...headers, 'X-Axigen-Session': sessid }
    const info = await plain(house, 'GET', INFO, { headers: held })
    assert.equal(info.json.isFirstApiLogin, false)
    assert.equal(info.json.restrictions.passwordPolicy.mustChangePassword, false)
  })

  it('is for a session, of any state but before the second step', async (t) => {
    refused(await plain(house, 'GET', INFO), 401, 'AUTH_REQUIRED')
    const { account } = await makeTwoStepAccount(house)
    const waiting = await signIn(house, account.email)
    assert.equal(waiting.step, 'required')
    refused(await waiting.call('GET', INFO), 403, 'TWO_FACTOR_REQUIRED')
    const due = await makeAccount(house, { mustChangePassword: true })
    const { call } = await signIn(house, due.email)
    assert.equal((await call('GET', INFO)).json.restrictions.passwordPolicy.mustChangePassword, true)
    refused(await call('GET', `${INFO}?color=red`), 400, 'BAD_PARAMETER')
    const mandatory = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    t.after(() => mandatory.stop())
    const setup = await signIn(mandatory, (await makeAccount(mandatory)).email)
    assert.equal(setup.step, 'mandatory')
    const { status } = (await setup.call('GET', INFO)).json.restrictions.securityPolicy.twoFactorAuthPolicy
    assert.equal(status, 'mandatory')
  })
})
