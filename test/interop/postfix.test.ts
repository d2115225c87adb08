import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import nodemailer from 'nodemailer'
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
import { signedIn } from '../conformance/openwifi/people.ts'
import { type Dovecot, noDovecot, startDovecot } from './dovecot-server.ts'
import { noPostfix, type Postfix, startPostfix } from './postfix-server.ts'

const APPS = `${SECURITY}/apppasswords`

type Auth = { user: string; pass: string } | { type: 'OAuth2'; user: string; accessToken: string }

describe('mail handed in to Postfix, set up as docs/mail-servers.md says', { skip: noPostfix || noDovecot }, () => {
  let house: House
  let dovecot: Dovecot
  let postfix: Postfix
  before(async () => {
    house = await startHouse({ settings: mailServer })
    dovecot = await startDovecot({ url: house.url, key: MAIL_SERVER_KEY })
    postfix = await startPostfix({ authSocket: dovecot.authSocket, relay: house.inbox.url })
  })
  after(async () => {
    await postfix.stop()
    await dovecot.stop()
    await house.stop()
  })

  /** Hands in a mail as a program does; the code of the answer when it is refused, 250 else. */
  async function handIn(auth: Auth, from = auth.user): Promise<number> {
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port: postfix.port, secure: false, auth })
    try {
      await transport.sendMail({ from, to: 'far@example.net', subject: `from ${from}`, text: 'Hello' })
      return 250
    } catch (error) {
      return (error as { responseCode?: number }).responseCode ?? 0
    } finally {
      transport.close()
    }
  }

  async function appPassword(owner: Client, scopes: string[]): Promise<string> {
    return (await owner.secure('POST', APPS, { json: { name: 'Laptop', scopes } })).json.password
  }

  it('is passed on for who may, with his password, one of a program or a token', async () => {
    const { email } = await makeAccount(house)
    assert.equal(await handIn({ user: email, pass: PASSWORD }), 250)
    assert.equal((await house.inbox.next('far@example.net')).subject, `from ${email}`)
    const owner = await signIn(house, email)
    assert.equal(await handIn({ user: email, pass: await appPassword(owner, ['smtp']) }), 250)
    const [item] = (await owner.call('GET', APPS)).json.items
    assert.deepEqual([item.lastUsedProtocol, item.lastUsedAddress], ['smtp', '127.0.0.1'])
    const { token } = await signedIn(house, email, PASSWORD)
    assert.equal(await handIn({ type: 'OAuth2', user: email, accessToken: token }), 250)
  })

  it('is refused with another scope, a wrong password, or without the second step', async () => {
    const { account, client } = await makeTwoStepAccount(house)
    const user = account.email
    assert.equal(await handIn({ user, pass: PASSWORD }), 535)
    assert.equal(await handIn({ user, pass: await appPassword(client, ['imap']) }), 535)
    assert.equal(await handIn({ user, pass: 'Wrong-Horse-9' }), 535)
    assert.equal(await handIn({ user, pass: await appPassword(client, ['smtp']) }), 250)
    assert.match(dovecot.log(), /chatelaine: denied: scope/)
  })

  it('is refused under somebody else’s address', async () => {
    const [{ email }, other] = [await makeAccount(house), await makeAccount(house)]
    assert.equal(await handIn({ user: email, pass: PASSWORD }, other.email), 553)
  })
})
