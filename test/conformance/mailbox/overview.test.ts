import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { softPasskey } from './authenticator.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  cookieOf,
  empty,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { addPasskey, pageOf } from './passkey-client.ts'
import { mailedToken } from './recovery.ts'

const OVERVIEW = `${SECURITY}/overview`

onEveryEngine('mailbox: the overview of what protects an account', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const read = async ({ call }: Client) => {
    const reply = await call('GET', OVERVIEW)
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }
  const seconds = (ms: number): string => String(Math.floor(ms / 1000))

  it('of a new account shows its password, and nothing else', async () => {
    const made = house.clock.now()
    const { email } = await makeAccount(house)
    house.clock.turn(60_000)
    assert.deepEqual(await read(await signIn(house, email)), {
      twoFactor: { status: 'enabled', configured: false, graceEndsDate: '' },
      methods: 0,
      authenticators: 0,
      passkeys: 0,
      recoveryCodesLeft: 0,
      appPasswords: 0,
      trustedDevices: 0,
      sessions: 1,
      passwordChangedDate: seconds(made),
      recovery: { waitingUntilDate: '' },
      offers: {
        methods: ['authApp', 'email'],
        secondStep: ['authApp', 'email'],
        passkeyDomain: 'localhost',
      },
    })
  })

  it('counts all that there is, and what is left of it', async () => {
    const { account, client, app, recoveryCodes } = await makeTwoStepAccount(house)
    const target = `overview-${account.email}`
    await addMail(house, client.secure, target)
    await addAuthenticator(house, client.secure)
    await addPasskey(client.secure, softPasskey(pageOf(house)), 'Laptop')
    const json = { name: 'Phone', scopes: ['imap'] }
    assert.equal((await client.secure('POST', `${SECURITY}/apppasswords`, { json })).status, 200)
    const { call } = await signIn(house, account.email)
    empty(await call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[0] } }))
    const other = await signIn(house, account.email)
    const passed = await other.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
    other.cookie = cookieOf(passed)
    assert.equal((await other.call('POST', `${SECURITY}/trusteddevices`)).status, 200)
    const { passwordChangedDate: _, offers: __, ...counts } = await read(client)
    assert.deepEqual(counts, {
      twoFactor: { status: 'enabled', configured: true, graceEndsDate: '' },
      methods: 3,
      authenticators: 2,
      passkeys: 1,
      recoveryCodesLeft: 9,
      appPasswords: 1,
      trustedDevices: 1,
      sessions: 3,
      recovery: { waitingUntilDate: '' },
    })

    // Somebody who says that he lost them all.
    house.clock.turn(60_000)
    const recoveryToken = await mailedToken(house, account.email, target)
    const lost = { username: account.email, password: PASSWORD, recoveryToken }
    const begun = await plain(house, 'POST', '/recover/secondfactor', { json: lost })
    assert.equal((await read(client)).recovery.waitingUntilDate, begun.json.date)
    empty(await client.secure('DELETE', `${SECURITY}/recovery`))
    assert.equal((await read(client)).recovery.waitingUntilDate, '')

    const off = { methodId: app.id, totpToken: app.next() }
    empty(await client.secure('DELETE', `${SECURITY}/2fa`, { json: off }))
    const { twoFactor, methods, recoveryCodesLeft, trustedDevices } = await read(client)
    assert.deepEqual(
      { twoFactor, methods, recoveryCodesLeft, trustedDevices },
      {
        twoFactor: { status: 'enabled', configured: false, graceEndsDate: '' },
        methods: 3,
        recoveryCodesLeft: 0,
        trustedDevices: 0,
      },
    )
  })

  it('is open where a second factor must be set up, and not before the second step', async () => {
    const { account } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    refused(await partial.call('GET', OVERVIEW), 403, 'TWO_FACTOR_REQUIRED')
    refused(await plain(house, 'GET', OVERVIEW), 401, 'AUTH_REQUIRED')
    const full = await signIn(house, (await makeAccount(house)).email)
    refused(await full.call('GET', `${OVERVIEW}?of=x`), 400, 'BAD_PARAMETER')
    const strict = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    try {
      const client = await signIn(strict, (await makeAccount(strict)).email)
      const { twoFactor } = await read(client)
      assert.deepEqual(twoFactor, { status: 'mandatory', configured: false, graceEndsDate: '' })
    } finally {
      await strict.stop()
    }
  })
})
