import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { noteRecovery } from '#src/domain/factors/factors.ts'
import { accountScope, changePolicy, policyKeys } from '#src/domain/policy/policy.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  addMail,
  METHODS,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  signIn,
} from './conformance/mailbox/client.ts'
import {
  asRoot,
  authenticatorOf,
  bearer,
  change,
  denied,
  me,
  type Person,
  signedIn,
  withMethod,
} from './conformance/openwifi/people.ts'
import { run, settingsOf, typed } from './support-call.ts'

const backups = ['backup.done', 'key-file.backed-up']
const origin = { protocol: 'test', network: 'local', agent: '' }
const login = (house: House, username: string, password = PASSWORD): Promise<Reply> =>
  plain(house, 'POST', '/login/cookie', { json: { username, password } })

onEveryEngine('the support desk', (engine) => {
  let house: House
  let boss: Person
  const chatelaine = (...args: string[]) => run(args, settingsOf(house))
  const asked = (...args: string[]) => typed(args, settingsOf(house))
  /** The command has a clock of its own: the house is brought to it. */
  const catchUp = () => house.clock.turn(Math.max(0, Date.now() - house.clock.now()) + 1)
  const fileOf = async (address: string) => JSON.parse((await asked('account', 'show', address, '--json')).out)

  async function done(...args: string[]): Promise<string> {
    const { code, out, err } = await chatelaine(...args)
    assert.deepEqual([code, err], [0, ''])
    catchUp()
    return out
  }

  const recordOf = (id: string) =>
    house.ctx.db.selectFrom('audit').selectAll().where('account_id', '=', id).where('protocol', '=', 'cli').execute()

  /** Who did what at the desk, as the record has it. */
  const deeds = async (id: string) => (await recordOf(id)).map(({ event, actor_id }) => `${event} ${actor_id}`).sort()

  async function lockOut(address: string): Promise<void> {
    catchUp()
    for (let tries = 0; tries < 5; tries++) await login(house, address, 'Wrong-Password-1')
    assert.equal((await login(house, address)).status, 429)
  }

  let made = 0
  /** Somebody who signs in by both protocols. */
  async function staff(domain = 'example.org'): Promise<Person> {
    const { email } = await makeAccount(house, { email: `staff-${++made}@${domain}`, role: 'csr' })
    return signedIn(house, email, PASSWORD)
  }

  before(async () => {
    house = await startHouse({ engine, at: Date.now(), settings: { CHATELAINE_CAPTCHA_AFTER: '0' } })
    boss = await asRoot(house)
  })
  after(() => house.stop())

  it('takes word of a backup from a script that has nobody’s session', async () => {
    await done('backup', 'done', 'database', '--by', 'nightly')
    const { code, err } = await asked('backup', 'done', 'everything')
    assert.equal(code, 2)
    assert.match(err, /backup done database, or backup done key-file/)
    const noted = house.ctx.db.selectFrom('audit').select(['event', 'actor_id']).where('event', 'in', backups)
    const lines = (await noted.execute()).map(({ event, actor_id }) => `${event} ${actor_id}`)
    assert.deepEqual(lines, ['backup.done cli:nightly'])
    assert.doesNotMatch((await asked('backup', 'help')).out, /Policy keys/)
  })

  it('unlock: lets in at once whoever failed too often, by whichever of his addresses', async () => {
    const { id, email } = await makeAccount(house)
    await house.ctx.db
      .insertInto('address')
      .values({ address: 'alias@example.net', account_id: id, created: 1 })
      .execute()
    await lockOut(email)
    await lockOut('alias@example.net')
    const { failedTries, otherAddresses } = await fileOf('ALIAS@example.net')
    assert.deepEqual(otherAddresses, ['alias@example.net'])
    const waiting = failedTries.filter(({ waitSeconds }: { waitSeconds: number }) => waitSeconds > 0)
    assert.deepEqual(
      waiting.map(({ kind, failures }: Record<string, unknown>) => [kind, failures]),
      // Guesses by any of his addresses count together.
      [['pair', 5]],
    )
    const out = await done('account', 'unlock', email, '--by', 'Ben, ticket 4711')
    assert.match(out, /^person-\d+@example\.org: 2 counts of failed tries forgotten\.\nIt was not suspended\.\n$/)
    assert.equal((await login(house, email)).status, 200)
    assert.equal((await login(house, 'alias@example.net')).status, 200)
    assert.deepEqual(await deeds(id), ['account.unlocked cli:Ben, ticket 4711'])
    assert.match(await done('account', 'unlock', email), /no failed tries were counted/)
  })

  it('unlock: forgets wrong codes of the second step too', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const wrong = () => ({ json: { methodId: app.id, totpToken: '000000' } })
    catchUp()
    for (let session = 0; session < 2; session++) {
      const { call } = await signIn(house, account.email)
      for (let tries = 0; tries < 5; tries++) await call('POST', '/login/2fa', wrong())
    }
    const { call } = await signIn(house, account.email)
    assert.equal((await call('POST', '/login/2fa', wrong())).status, 429)
    await done('account', 'unlock', account.email)
    assert.equal((await call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })).status, 200)
  })

  it('unlock: lifts a suspension, and no black-listing', async () => {
    const suspended = await staff()
    await change(house, boss, suspended.id, { suspended: true })
    assert.equal((await login(house, suspended.email, suspended.password)).status, 401)
    assert.match((await asked('account', 'show', suspended.email)).out, /state +suspended/)
    assert.match(await done('account', 'unlock', suspended.email, '--by', 'ben'), /The suspension is lifted\.\n$/)
    assert.equal((await login(house, suspended.email, suspended.password)).status, 200)
    assert.deepEqual(await deeds(suspended.id), ['account.released cli:ben', 'account.unlocked cli:ben'])
    const { events } = await fileOf(suspended.email)
    const by = (event: string) => events.find((one: { event: string }) => one.event === event)
    assert.deepEqual(
      [by('account.suspended').actor, by('account.suspended').actorAddress, by('account.released').actorAddress],
      [boss.id, house.rootEmail, null],
    )
    await change(house, boss, suspended.id, { blackListed: true })
    assert.match(await done('account', 'unlock', suspended.email), /black-listed, which this does not lift/)
    assert.equal((await login(house, suspended.email, suspended.password)).status, 401)
  })

  it('the same over the OpenWiFi protocol: who is released need not wait for what failed before', async () => {
    const person = await staff()
    await change(house, boss, person.id, { suspended: true })
    await lockOut(person.email)
    assert.equal((await change(house, boss, person.id, { suspended: false })).status, 200)
    assert.equal((await login(house, person.email, person.password)).status, 200)
    // Nothing was lifted here: failed tries are not forgiven by the way.
    await lockOut(person.email)
    assert.equal((await change(house, boss, person.id, { suspended: false, name: 'Other' })).status, 200)
    assert.equal((await login(house, person.email, person.password)).status, 429)
  })

  it('reset-mfa: asks, and takes all second factors and sessions when told to', async () => {
    const { account, client, recoveryCodes } = await makeTwoStepAccount(house)
    await house.ctx.db
      .insertInto('passkey')
      .values({
        id: `passkey-${engine}`,
        account_id: account.id,
        credential: 'AAAA',
        public_key: Buffer.from('x'),
        name: 'Laptop\u202e\u001b[2J',
        created: 1,
        counter: 0,
        transports: '',
        synced: 0,
        last_used: null,
      })
      .execute()
    const shown = await asked('account', 'show', account.email)
    assert.match(shown.out, /2-step verification +on\n +authApp +made .*\n +passkey +Laptop\u{FFFD}\[2J, made/u)
    const held = await client.token()
    const unasked = await chatelaine('account', 'reset-mfa', account.email)
    assert.deepEqual([unasked.code, unasked.out], [2, ''])
    assert.match(unasked.err, /say --yes/)
    const declined = await typed(['account', 'reset-mfa', account.email], settingsOf(house), 'n')
    assert.deepEqual([declined.code, declined.out, declined.err], [1, '', 'Nothing was changed.\n'])
    assert.match(declined.asked[0]!, /loses 1 method, 1 passkey, 10 recovery codes, 1 session, .* Do it\? \[y\/N\] $/)
    assert.deepEqual(await deeds(account.id), [])
    assert.equal((await signIn(house, account.email)).step, 'required')

    const out = await done('account', 'reset-mfa', account.email, '--yes', '--by', 'ben')
    assert.match(out, /2-step verification is off\. Gone: 1 method, 1 passkey, 10 recovery codes, 2 sessions\./)
    assert.match(out, /A notice to the mailbox is queued\. The running server sends it/)
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    const again = await signIn(house, account.email)
    assert.equal(again.step, null)
    assert.deepEqual((await again.call('GET', METHODS)).json.items, [])
    const headers = { 'X-Axigen-Security-Token': held }
    refused(await again.call('DELETE', METHODS, { headers }), 403, 'SECURITY_TOKEN_INVALID')
    refused(await again.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[0] } }), 403, 'NO_SECOND_STEP')
    const { twoStep } = await fileOf(account.email)
    assert.deepEqual([twoStep.isOn, twoStep.passkeys, twoStep.recoveryCodesLeft], [false, [], 0])
    assert.ok((await deeds(account.id)).includes('two-step.off cli:ben'))
    let notice = await house.inbox.next(account.email)
    while (!/reset|administrator/i.test(notice.text)) notice = await house.inbox.next(account.email)
    const notes = await house.ctx.db
      .selectFrom('account_note')
      .selectAll()
      .where('account_id', '=', account.id)
      .execute()
    assert.deepEqual(
      notes.map(({ note, created_by }) => [note, created_by]),
      [['MFA Reset by cli:ben', 'cli:ben']],
    )
  })

  it('reset-mfa: does it for a yes, and says what the policy asks for next', async () => {
    const { account } = await makeTwoStepAccount(house)
    await done('account', 'set-policy', account.email, 'twoStep=mandatory')
    const { code, out } = await typed(['account', 'reset-mfa', account.email], settingsOf(house), ' Yes ')
    assert.equal(code, 0)
    assert.match(out, /\nThe policy makes a second step mandatory: a new one has to be set up at the next sign-in\.\n/)
    assert.equal((await signIn(house, account.email)).step, 'mandatory')
  })

  it('sign-out: ends cookies and tokens at once, kept answers included', async () => {
    const person = await staff()
    const client = await signIn(house, person.email, person.password)
    const ask = () => house.call('GET', `/api/v1/validateToken?token=${person.token}`, { headers: bearer(boss.token) })
    for (let times = 0; times < 3; times++) assert.equal((await ask()).status, 200)
    assert.deepEqual((await fileOf(person.email)).sessions, { mailbox: 1, openwifi: 1 })
    assert.match(await done('account', 'sign-out', person.email, '--by', 'ben'), /: 2 sessions ended\.\n$/)
    assert.notEqual((await ask()).status, 200)
    denied(await me(house, person), 8)
    refused(await client.call('GET', METHODS), 401, 'AUTH_REQUIRED')
    assert.deepEqual(await deeds(person.id), ['sign-out.everywhere cli:ben'])
    assert.equal((await login(house, person.email, person.password)).status, 200)
  })

  it('set-policy: holds from the next sign-in on, until it is taken back', async () => {
    const { id, email } = await makeAccount(house)
    assert.equal((await signIn(house, email)).step, null)
    assert.match(
      await done('account', 'set-policy', email, 'twoStep=mandatory', 'passwordHistory=0', '--by', 'ben'),
      /: twoStep is mandatory\.\n.*: passwordHistory is 0\.\n$/,
    )
    assert.equal((await signIn(house, email)).step, 'mandatory')
    const { policy } = await fileOf(email)
    assert.deepEqual(policy.twoStep, { value: 'mandatory', from: 'account' })
    assert.deepEqual(policy.passwordHistory, { value: 0, from: 'account' })
    assert.deepEqual(policy.passwordMaxLength, { value: 256, from: 'setting' })
    await done('account', 'set-policy', email, 'twoStep=default')
    assert.equal((await signIn(house, email)).step, null)
    assert.deepEqual((await fileOf(email)).policy.passwordHistory, { value: 0, from: 'account' })
    const [first] = await recordOf(id)
    assert.deepEqual([first?.event, first?.actor_id, first?.network], ['policy.changed', 'cli:ben', 'local'])
  })

  it('set-policy: a domain decides for its accounts, and an account for itself', async () => {
    const domain = 'desk.example'
    const { email } = await makeAccount(house, { email: `ann@${domain}` })
    const other = await makeAccount(house, { email: `ann@sub.${domain}` })
    await done('domain', 'set-policy', ` @DESK.example`, 'twoStep=mandatory')
    assert.equal((await signIn(house, email)).step, 'mandatory')
    assert.equal((await signIn(house, other.email)).step, null)
    await done('account', 'set-policy', email, 'twoStep=enabled')
    assert.equal((await signIn(house, email)).step, null)
    const shown = await asked('account', 'show', email)
    assert.match(shown.out, /twoStep +enabled +said for this account\n/)
    assert.match(await done('domain', 'show', domain), /^desk\.example\n +twoStep +mandatory +said for the domain\n/)
    await done('domain', 'set-policy', domain, 'twoStep=default')
    const { policy, hasAccounts } = JSON.parse(await done('domain', 'show', domain, '--json'))
    assert.deepEqual([policy.twoStep, hasAccounts], [{ value: 'enabled', from: 'setting' }, true])
    assert.deepEqual(Object.keys(policy), [...policyKeys])
    assert.match(await done('domain', 'set-policy', 'empty.example', 'twoStep=disabled'), /No account is of/)
  })

  it('set-policy: kept answers learn of it', async () => {
    const person = await staff('kept.example')
    await authenticatorOf(house, person)
    await change(house, person, person.id, withMethod('authenticator'))
    const method = async () => {
      const reply = await house.call('GET', `/api/v1/validateToken?token=${person.token}`, {
        headers: bearer(boss.token),
      })
      return reply.json.userInfo.userTypeProprietaryInfo.mfa.method
    }
    assert.deepEqual([await method(), await method()], ['authenticator', 'authenticator'])
    await done('account', 'set-policy', person.email, 'twoStepMethods=email')
    assert.equal(await method(), '')
    await done('account', 'set-policy', person.email, 'twoStepMethods=default')
    assert.equal(await method(), 'authenticator')
    await done('domain', 'set-policy', 'kept.example', 'twoStepMethods=email')
    assert.equal(await method(), '')
  })

  it('set-policy: two at the same instant both hold', async () => {
    const { email } = await makeAccount(house)
    const both = ['twoStepGraceDays=3', 'passwordHistory=2', 'trustedDeviceDays=1']
    const codes = await Promise.all(both.map((value) => chatelaine('account', 'set-policy', email, value)))
    assert.deepEqual(
      codes.map(({ code }) => code),
      [0, 0, 0],
    )
    const { policy } = await fileOf(email)
    assert.deepEqual(
      [policy.twoStepGraceDays, policy.passwordHistory, policy.trustedDeviceDays].map(({ value }) => value),
      [3, 2, 1],
    )
  })

  it('set-policy: refuses what nobody could keep, and changes nothing', async () => {
    const { id, email } = await makeAccount(house)
    for (const values of [
      ['twoStep=mandatory', 'twoStepMethods=none'],
      ['twoStep=mandatory', 'twoStepMethods=email,sms', 'alternateEmailAddress=off', 'phoneNumber=off'],
      ['passwordMaxLength=64', 'passwordMinLength=65'],
      ['passwordMaxLength=64', 'passwordAloneMinLength=65'],
    ]) {
      const { code, out, err } = await asked('account', 'set-policy', email, ...values)
      assert.deepEqual([code, out], [1, ''])
      assert.match(err, /^That contradicts itself: .*Nothing was changed\.\n$/)
    }
    assert.deepEqual(await deeds(id), [])
    const { policy } = await fileOf(email)
    assert.ok(Object.values(policy).every((value) => (value as { from: string }).from === 'setting'))
    // What is impossible already does not stand in the way of something else.
    const changes = { twoStep: 'mandatory', twoStepMethods: [] } as const
    const wanted = { ...changes, twoStepMethods: [] as ('sms' | 'email')[] }
    await changePolicy(house.ctx, { scope: accountScope({ id }), changes: wanted, actor: 'test', origin })
    await done('account', 'set-policy', email, 'passwordHistory=1')
  })

  it('add-address, remove-address: the desk answers for an address', async () => {
    const { id, email } = await makeAccount(house)
    const other = `other.${email}`
    assert.match(
      await done('account', 'add-address', email, ` ${other.toUpperCase()} `, '--by', 'ben'),
      /is an address/,
    )
    assert.deepEqual((await fileOf(other)).otherAddresses, [other])
    const [row] = await house.ctx.db.selectFrom('address').selectAll().where('address', '=', other).execute()
    assert.equal(row?.wkd, wkdName(other))
    const told = await house.inbox.next(email)
    assert.ok(told.text.includes(other), told.text)
    assert.equal((await login(house, other)).status, 200)
    const again = await chatelaine('account', 'add-address', email, other)
    assert.deepEqual([again.code, /leads to an account already/.test(again.err)], [1, true])
    const none = await chatelaine('account', 'add-address', email, 'not an address')
    assert.deepEqual([none.code, /is not a mail address/.test(none.err)], [1, true])
    const primary = await chatelaine('account', 'remove-address', email, email)
    assert.deepEqual([primary.code, /is the primary address/.test(primary.err)], [1, true])
    assert.match(await done('account', 'remove-address', email, other, '--by', 'ben'), /no longer/)
    assert.deepEqual((await fileOf(email)).otherAddresses, [])
    assert.notEqual((await login(house, other)).status, 200)
    const gone = await chatelaine('account', 'remove-address', email, other)
    assert.deepEqual([gone.code, /is not an address of this account/.test(gone.err)], [1, true])
    assert.deepEqual(await deeds(id), ['address.added cli:ben', 'address.removed cli:ben'])
  })

  it('wrong usage: exit code 2, and nothing is looked at', async () => {
    const { id, email } = await makeAccount(house)
    const wrong: [RegExp, ...string[]][] = [
      [
        /^account what\? There are: show, unlock, reset-mfa, sign-out, add-address, remove-address, set-policy\./,
        'account',
      ],
      [/^There is no "account explode"/, 'account', 'explode', email],
      [/^There is no "account constructor"/, 'account', 'constructor', email],
      [/^It is account unlock ADDRESS/, 'account', 'unlock'],
      [/^It is account unlock ADDRESS/, 'account', 'unlock', ''],
      [/^It is account add-address ADDRESS OTHER-ADDRESS/, 'account', 'add-address', email],
      [/^It is account remove-address ADDRESS OTHER-ADDRESS/, 'account', 'remove-address', email, 'a@b', 'c@d'],
      [/^"now" is one word too many/, 'account', 'unlock', email, 'now'],
      [/^Unknown option '--force'/, 'account', 'unlock', email, '--force'],
      [/takes no --json/, 'account', 'unlock', email, '--json'],
      [/takes no --yes/, 'account', 'sign-out', email, '--yes'],
      [/--by takes a name/, 'account', 'unlock', email, '--by', ' '],
      [/--by takes a name/, 'account', 'unlock', email, '--by', 'a\u202eb'],
      [/--by takes a name/, 'account', 'unlock', email, '--by', 'x'.repeat(65)],
      [/^Nothing to set/, 'account', 'set-policy', email],
      [/^There is no policy "colour"\. There are:\n +twoStep +2-step/, 'account', 'set-policy', email, 'colour=red'],
      [/^There is no policy "__proto__"/, 'account', 'set-policy', email, '__proto__=1'],
      [/^There is no policy "smtpUrl"/, 'account', 'set-policy', email, 'smtpUrl=smtp://x'],
      [/^twoStep has no value/, 'account', 'set-policy', email, 'twoStep'],
      [/^twoStep= cannot be read/, 'account', 'set-policy', email, 'twoStep='],
      [/^twoStepGraceDays= cannot be read/, 'account', 'set-policy', email, 'twoStepGraceDays='],
      [/^twoStep is there twice/, 'account', 'set-policy', email, 'twoStep=enabled', 'twoStep=disabled'],
      [/must be one of disabled/, 'account', 'set-policy', email, "twoStep=' or 1=1 --"],
      [/passwordMinLength: /, 'account', 'set-policy', email, 'passwordMinLength=-1'],
      [/cannot be read/, 'account', 'set-policy', email, `passwordHistory=${'9'.repeat(20_000)}`],
      [/is not a domain/, 'domain', 'set-policy', 'exa mple.org', 'twoStep=enabled'],
      [/is not a domain/, 'domain', 'show', "x' or '1'='1"],
      [/is not a domain/, 'domain', 'show', '%'],
      [/is not a domain/, 'domain', 'show', 'x'.repeat(5000)],
      [/^There is no "domain unlock"/, 'domain', 'unlock', 'example.org'],
    ]
    for (const [words, ...args] of wrong) {
      // Where there is no house it would be noticed if one was looked for.
      const { code, out, err } = await typed(args, { CHATELAINE_DATA: '/nowhere' })
      assert.deepEqual([code, out], [2, ''], `${args} ${err}`)
      assert.match(err, words)
      assert.ok(err.length < 5000, 'it is not repeated at length')
    }
    assert.deepEqual(await deeds(id), [])
  })

  it('an address that is nobody’s: exit code 1, and nothing is changed', async () => {
    const count = () => house.ctx.db.selectFrom('audit').select('id').execute()
    const before = (await count()).length
    for (const address of [
      'nobody@example.org',
      "' or ''='",
      '"',
      '%@example.org',
      '$(id)',
      '\u001b[2J',
      // No shell can say it; whoever calls the function can.
      'a\0@example.org',
      'x'.repeat(50_000),
    ])
      for (const verb of ['show', 'unlock', 'sign-out', 'reset-mfa']) {
        const { code, out, err } = await asked('account', verb, '--', address)
        assert.deepEqual([code, out], [1, ''])
        assert.match(err, /^There is no account with the address ".*"\. Nothing was changed\.\n$/)
        assert.ok(err.length < 300 && !err.includes('\u001b'))
      }
    assert.equal((await count()).length, before)
  })

  it('makes no house where there is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chatelaine-desk-'))
    try {
      const data = join(folder, 'data')
      const { code, err } = await run(['account', 'unlock', 'ann@example.org'], { CHATELAINE_DATA: data })
      assert.equal(code, 1)
      assert.match(err, /^There is no chatelaine\.key in .*CHATELAINE_DATA/)
      assert.ok(!existsSync(data))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('names who acts: the user before sudo, else the user', async () => {
    const { id, email } = await makeAccount(house)
    await run(['account', 'unlock', email], { ...settingsOf(house), SUDO_USER: 'carla' })
    await done('account', 'unlock', email)
    const [first = '', second = ''] = (await recordOf(id)).map(({ actor_id }) => actor_id ?? '').sort()
    assert.ok([first, second].includes('cli:carla'))
    assert.match(first === 'cli:carla' ? second : first, /^cli:.+/)
  })

  it('explains itself', async () => {
    const { out } = await chatelaine('help')
    assert.match(out, /\n {2}account +help people/)
    assert.match(out, /\n {2}domain +decide/)
    for (const noun of ['account', 'domain']) {
      const asked = await chatelaine(noun, 'help')
      assert.equal(asked.code, 0)
      assert.deepEqual(await chatelaine(noun, '--help'), asked)
      for (const key of policyKeys) assert.match(asked.out, new RegExp(`\\n  ${key} `))
      assert.match(asked.out, /Exit codes: 0/)
    }
    const account = (await chatelaine('account', 'help')).out
    for (const verb of ['show', 'unlock', 'reset-mfa', 'sign-out', 'set-policy'])
      assert.match(account, new RegExp(`\\n    chatelaine account ${verb} ann@example\\.org`))
  })

  it('show: says which method the sign-in does not ask for', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const id = await addMail(house, client.secure, 'rescue@private.example')
    const shown = async () => (await asked('account', 'show', account.email)).out
    assert.doesNotMatch(await shown(), /no second step for now/)
    await noteRecovery(house.ctx, id)
    assert.match(await shown(), /email +res\*\*\*@\*\*\*ample, made .*, no second step for now/)
  })

  it('show: has no secret in it', async () => {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const target = 'somewhere-else@private.example'
    const { id } = (await client.secure('POST', METHODS, { json: { method: 'email', target } })).json
    await client.call('POST', `${METHODS}/${id}/sendtoken`)
    const json = { totpToken: await house.inbox.code(target) }
    assert.equal((await client.secure('POST', `${METHODS}/${id}/activate`, { json })).status, 200)
    const { out } = await asked('account', 'show', account.email)
    const whole = out + JSON.stringify(await fileOf(account.email))
    assert.match(out, /email +som\*\*\*@\*\*\*ample, made/)
    assert.match(out, /recovery codes +10 left/)
    const row = await house.ctx.db
      .selectFrom('account')
      .selectAll()
      .where('id', '=', account.id)
      .executeTakeFirstOrThrow()
    const factors = await house.ctx.db.selectFrom('factor').selectAll().where('account_id', '=', account.id).execute()
    const secrets = [
      target,
      app.secret,
      client.sessid,
      client.cookie.split('=')[1]!,
      row.password!,
      row.recovery_salt!,
      row.unlock_salt,
      ...recoveryCodes,
      ...factors.flatMap(({ secret }) => secret ?? []),
    ]
    for (const secret of secrets) assert.ok(!whole.includes(secret), secret)
    assert.ok(secrets.every((secret) => secret.length > 5))
  })

  it('the same over the OpenWiFi protocol: the record has who turned a second step off, or took the factors', async () => {
    const person = await staff()
    await authenticatorOf(house, person)
    await change(house, person, person.id, withMethod('authenticator'))
    const off = { userTypeProprietaryInfo: { mfa: { enabled: false } } }
    assert.equal((await change(house, boss, person.id, off)).status, 200)
    const reset = await house.call('PUT', `/api/v1/user/${person.id}?resetMFA=true`, { headers: bearer(boss.token) })
    assert.equal(reset.status, 200)
    const rows = await house.ctx.db
      .selectFrom('audit')
      .select('actor_id')
      .where('account_id', '=', person.id)
      .where('event', '=', 'two-step.off')
      .execute()
    assert.deepEqual(
      rows.map(({ actor_id }) => actor_id),
      [boss.id, boss.id],
    )
  })
})
