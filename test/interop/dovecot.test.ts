import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { selfSignedCertificate } from '#src/lib/self-signed.ts'
import { type House, startHouse } from '#src/testing.ts'
import {
  type Client,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  SECURITY,
  signIn,
} from '../conformance/mailbox/client.ts'
import { MAIL_SERVER_KEY, mailServer } from '../conformance/mailbox/mail-server.ts'
import { bearer, signedIn } from '../conformance/openwifi/people.ts'
import { type Dovecot, noDovecot, startDovecot } from './dovecot-server.ts'
import { login, oauthBearer, plainLogin, type Way, xoauth2 } from './imap-client.ts'

const APPS = `${SECURITY}/apppasswords`
const REFUSED = 'NO [AUTHENTICATIONFAILED]'

async function appPassword(client: Client, scopes: string[]): Promise<{ id: string; password: string }> {
  const reply = await client.secure('POST', APPS, { json: { name: 'Phone', scopes } })
  assert.equal(reply.status, 200, reply.text)
  return reply.json
}

describe('IMAP sign-ins at Dovecot, set up as docs/mail-servers.md says', { skip: noDovecot }, () => {
  let house: House
  let dovecot: Dovecot
  let way: Way
  before(async () => {
    house = await startHouse({ settings: mailServer })
    dovecot = await startDovecot({ url: house.url, key: MAIL_SERVER_KEY })
    way = { port: dovecot.imap }
  })
  after(async () => {
    await dovecot.stop()
    await house.stop()
  })

  const denials = () => [...dovecot.log().matchAll(/chatelaine: denied: ([\w-]+)/g)].map(([, reason]) => reason)

  it('the account’s password opens an account without a second step, with all its letters', async () => {
    const password = 'Grüße & "an" \\alle%20=9+'
    const { email } = await makeAccount(house, { password })
    assert.equal(await login(way, email, password), 'OK')
    assert.equal(await plainLogin(way, email.toUpperCase(), password), 'OK')
    assert.match(dovecot.log(), new RegExp(`Login: user=<${email}>`))
    assert.equal(await login(way, email, `${password} `), REFUSED)
    assert.equal(await login(way, 'stranger@example.org', password), REFUSED)
    assert.equal(dovecot.log().includes('alle%20'), false)
    assert.equal(dovecot.log().includes(MAIL_SERVER_KEY), false)
  })

  it('it does not open one with a second step: a password of the program does', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    assert.equal(await login(way, account.email, PASSWORD), REFUSED)
    assert.equal(denials().at(-1), 'second-factor')
    const { id, password } = await appPassword(client, ['imap', 'smtp'])
    assert.equal(await login({ ...way, from: '127.0.0.5' }, account.email, password), 'OK')
    assert.equal(await plainLogin(way, account.email, password.replaceAll('-', '').toUpperCase()), 'OK')
    const [item] = (await client.call('GET', APPS)).json.items
    assert.deepEqual([item.lastUsedProtocol, item.lastUsedAddress], ['imap', '127.0.0.5'])
    assert.equal((await client.secure('DELETE', `${APPS}/${id}`)).status, 200)
    assert.equal(await login(way, account.email, password), REFUSED)
    assert.equal(denials().at(-1), 'credentials')
  })

  it('a password of a program opens no other protocol', async () => {
    const { email } = await makeAccount(house)
    const { password } = await appPassword(await signIn(house, email), ['smtp', 'caldav'])
    assert.equal(await login(way, email, password), REFUSED)
    assert.equal(denials().at(-1), 'scope')
  })

  it('an access token opens by XOAUTH2 and OAUTHBEARER, until its owner signs out', async () => {
    const { email } = await makeAccount(house)
    const other = await makeAccount(house)
    const { token } = await signedIn(house, email, PASSWORD)
    for (const by of [xoauth2, oauthBearer]) {
      assert.equal(await by(way, email, token), 'OK')
      assert.equal(await by(way, other.email, token), REFUSED)
      assert.equal(await by(way, email, PASSWORD), REFUSED)
    }
    assert.equal(await login(way, email, token), REFUSED)
    await house.call('DELETE', `/api/v1/oauth2/${token}`, { headers: bearer(token) })
    assert.equal(await xoauth2(way, email, token), REFUSED)
  })

  it('guesses are delayed where they come from, and not the owner elsewhere', async () => {
    const { email } = await makeAccount(house)
    const guesser = { ...way, from: '127.0.0.66' }
    for (let i = 0; i < 5; i++) assert.equal(await login(guesser, email, 'Wrong-Horse-9'), REFUSED)
    assert.equal(await login(guesser, email, PASSWORD), REFUSED)
    assert.equal(denials().at(-1), 'throttled')
    assert.equal(await login({ ...way, from: '127.0.0.7' }, email, PASSWORD), 'OK')
    house.clock.turn(61_000)
    assert.equal(await login(guesser, email, PASSWORD), 'OK')
  })

  it('without a decision nobody is told that his password is wrong', async (t) => {
    const { email } = await makeAccount(house)
    const other = await startDovecot({ url: house.url, key: 'not-the-key-of-this-house-0123456789' })
    t.after(() => other.stop())
    assert.equal(await login({ port: other.imap }, email, PASSWORD), 'NO [UNAVAILABLE]')
    assert.match(other.log(), /chatelaine: no decision: 401/)
  })

  it('the way to us is TLS where it is to be', async (t) => {
    const now = Date.now()
    const secured = await startHouse({ settings: { ...mailServer, CHATELAINE_TLS: 'self-signed' }, at: now })
    t.after(() => secured.stop())
    const { email } = await makeAccount(secured)
    const other = await selfSignedCertificate({ names: ['localhost'], now, days: 1 })
    const asking = { url: secured.url, key: MAIL_SERVER_KEY }
    const [trusting, doubting] = await Promise.all([
      startDovecot({ ...asking, ca: secured.ctx.house.certificate() ?? '' }),
      startDovecot({ ...asking, ca: other.cert }),
    ])
    t.after(() => Promise.all([trusting.stop(), doubting.stop()]))
    assert.equal(await login({ port: trusting.imap }, email, PASSWORD), 'OK')
    assert.equal(await login({ port: doubting.imap }, email, PASSWORD), 'NO [UNAVAILABLE]')
  })
})
