import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { bearer, signedIn } from '../openwifi/people.ts'
import { softPasskey } from './authenticator.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { addPasskey, pageOf } from './passkey-client.ts'
import { mailsTo, settled } from './recovery.ts'

const MINUTE = 60_000
// As hostile as a name may be.
const NAME = `\${LIST} & <i>key</i>`

onEveryEngine('mailbox: what an owner hears of his second step', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const heard = async (to: string, words: RegExp): Promise<string[]> => {
    await settled(house)
    return mailsTo(house, to, words).map(({ text }) => text)
  }

  /** Turns 2-step verification on beside a passkey and a mail method. */
  async function turnedOn(locale: string): Promise<{ email: string }> {
    const { email } = await makeAccount(house, { locale })
    const client = await signIn(house, email)
    const app = await addAuthenticator(house, client.secure)
    const named = await client.secure('PUT', `${SECURITY}/authenticators/${app.id}`, { json: { name: 'Old phone' } })
    assert.equal(named.status, 200, named.text)
    house.clock.turn(1000)
    await addMail(house, client.secure, `anna-${email}`)
    await addPasskey(client.secure, softPasskey(pageOf(house)), NAME)
    const json = { methodId: app.id, totpToken: app.next() }
    assert.equal((await client.secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
    return { email }
  }

  it('everything that it can be passed with, once it is on', async () => {
    const { email } = await turnedOn('')
    const [text = ''] = await heard(email, /2-step verification was turned on/)
    const listed = `an authenticator app (Old phone), a mail address (ann***@***e.org), a passkey (${NAME})`
    assert.ok(text.includes(`can be passed with: ${listed}, or recovery codes.`), text)
  })

  it('in the language of the account', async () => {
    const { email } = await turnedOn('de')
    const [text = ''] = await heard(email, /wurde eingeschaltet/)
    const listed = 'eine Authenticator-App (Old phone), eine Mailadresse (ann***@***e.org), ein Passkey'
    assert.ok(text.includes(`eines von diesen: ${listed} (${NAME}) oder Wiederherstellungscodes.`), text)
  })

  it('everything, too, when it was turned on by the OpenWiFi protocol', async () => {
    const { id, email } = await makeAccount(house, { role: 'admin' })
    const { token } = await signedIn(house, email, PASSWORD)
    const json = { userTypeProprietaryInfo: { mfa: { enabled: true, method: 'email' } } }
    const reply = await house.call('PUT', `/api/v1/user/${id}`, { json, headers: bearer(token) })
    assert.equal(reply.status, 200, reply.text)
    const [text = ''] = await heard(email, /2-step verification was turned on: a mail address\./)
    assert.ok(text.includes('can be passed with: a mail address (per***@***e.org).'), text)
  })

  const GUESSED = /wrong codes at your second step many times/

  /** Fails so often, in as many sessions as that takes. */
  async function fail(email: string, methodId: string, times: number): Promise<void> {
    let client: Client | undefined
    for (let i = 0; i < times; i++) {
      if (i % 4 === 0) client = await signIn(house, email)
      const json = { methodId, totpToken: '000000' }
      refused(await client!.call('POST', '/login/2fa', { json }), 401, 'AUTH_FAILED')
    }
  }

  it('that somebody with the password guesses at it: at the tenth failure, everywhere, once an hour', async () => {
    const { email } = await makeAccount(house)
    const client = await signIn(house, email)
    const other = `other-${email}`
    await addMail(house, client.secure, other)
    const app = await addAuthenticator(house, client.secure)
    const json = { methodId: app.id, totpToken: app.next() }
    assert.equal((await client.secure('POST', `${SECURITY}/2fa`, { json })).status, 200)
    await fail(email, app.id, 9)
    assert.equal((await heard(email, GUESSED)).length, 0)
    await fail(email, app.id, 1)
    for (const to of [email, other]) assert.equal((await heard(to, GUESSED)).length, 1, to)
    for (let i = 0; i < 3; i++) {
      house.clock.turn(9 * MINUTE)
      await fail(email, app.id, 1)
    }
    for (const to of [email, other]) assert.equal((await heard(to, GUESSED)).length, 1, to)
  })

  it('once, when the guesses come at the same instant', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    await fail(account.email, app.id, 8)
    const client = await signIn(house, account.email)
    const json = { methodId: app.id, totpToken: '000000' }
    await Promise.all(Array.from({ length: 4 }, () => client.call('POST', '/login/2fa', { json })))
    assert.equal((await heard(account.email, GUESSED)).length, 1)
  })

  it('and again an hour later; what the owner passes in between begins anew', async () => {
    const { account, app } = await makeTwoStepAccount(house)
    const { email } = account
    await fail(email, app.id, 9)
    const own = await signIn(house, email)
    const passed = await own.call('POST', '/login/2fa', { json: { methodId: app.id, totpToken: app.next() } })
    assert.equal(passed.status, 200, passed.text)
    await fail(email, app.id, 9)
    assert.equal((await heard(email, GUESSED)).length, 0)
    await fail(email, app.id, 1)
    assert.equal((await heard(email, GUESSED)).length, 1)
    house.clock.turn(61 * MINUTE)
    await fail(email, app.id, 10)
    assert.equal((await heard(email, GUESSED)).length, 2)
  })
})
