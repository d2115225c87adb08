import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { resetSecondStep } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer } from '../openwifi/people.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import {
  addAuthenticator,
  addMail,
  type Client,
  empty,
  METHODS,
  makeAccount,
  PASSWORD,
  refused,
  SECURITY,
  signIn,
} from './client.ts'
import { addPhone, mailsTo, settled } from './recovery.ts'

let numbers = 0
const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

onEveryEngine('mailbox: who hears of a change', (engine) => {
  let house: House
  let provider: SmsProvider
  before(async () => {
    provider = await openSmsProvider()
    house = await startHouse({ engine, settings: provider.settings })
  })
  after(async () => {
    await house.stop()
    provider.close()
  })

  /** How often a mailbox, another address and a number were told something since the last time. */
  function listener(...targets: string[]) {
    const counted = (words: RegExp) =>
      targets.map((to) =>
        to.startsWith('+')
          ? provider.texts.filter((text) => text.to === to && words.test(text.body)).length
          : mailsTo(house, to, words).length,
      )
    return async (words: RegExp): Promise<number[]> => {
      await settled(house)
      return counted(words)
    }
  }

  /** Somebody with a mail method and a number. */
  async function reachable(wanted: Parameters<typeof makeAccount>[1] = {}) {
    const { id, email } = await makeAccount(house, wanted)
    const client = await signIn(house, email)
    const alternate = `other-${email}`
    const number = `+4144668${String(++numbers).padStart(4, '0')}`
    const mail = await addMail(house, client.secure, alternate)
    const phone = await addPhone(provider, client.secure, number)
    return { id, email, client, alternate, number, mail, phone, heard: listener(email, alternate, number) }
  }

  it('a new method is told to the mailbox and to those that were there, and not to itself', async () => {
    const { client, email, heard } = await reachable()
    const ADDED = /A new security method, (.+), was added to your account/
    // The mail method: the mailbox. The number: the mailbox and the mail method.
    assert.deepEqual(await heard(ADDED), [2, 1, 0])
    await addAuthenticator(house, client.secure)
    assert.deepEqual(await heard(ADDED), [3, 2, 1])
    assert.deepEqual(await heard(/an authenticator app/), [1, 1, 1])
    const late = `late-${email}`
    await addMail(house, client.secure, late)
    assert.deepEqual(await heard(ADDED), [4, 3, 2])
    assert.deepEqual(await listener(late)(ADDED), [0])
  })

  it('a removed method is told to the mailbox, to the others, and to itself', async () => {
    const { client, mail, phone, heard } = await reachable()
    const REMOVED = /A security method, (.+), was removed from your account/
    empty(await client.secure('DELETE', `${METHODS}/${mail}`))
    assert.deepEqual(await heard(REMOVED), [1, 1, 1])
    empty(await client.secure('DELETE', `${METHODS}/${phone}`))
    assert.deepEqual(await heard(REMOVED), [2, 1, 2])
    refused(await client.secure('DELETE', `${METHODS}/${phone}`), 404, 'NOT_FOUND')
    assert.deepEqual(await heard(REMOVED), [2, 1, 2])
  })

  it('so it is when all go at once', async () => {
    const { client, heard } = await reachable()
    empty(await client.secure('DELETE', METHODS))
    assert.deepEqual(await heard(/Every security method was removed/), [1, 1, 1])
  })

  it('what is not activated yet is nobody’s business', async () => {
    const { client, heard, email } = await reachable()
    const before = await heard(/security method/)
    const json = { method: 'email', target: `pending-${email}` }
    const { id } = (await client.secure('POST', METHODS, { json })).json
    empty(await client.secure('DELETE', `${METHODS}/${id}`))
    assert.deepEqual(await heard(/security method/), before)
  })

  it('2-step verification that is turned off, or reset by the support desk', async () => {
    const { client, id, heard } = await reachable()
    const app = await addAuthenticator(house, client.secure)
    const proof = () => ({ json: { methodId: app.id, totpToken: app.next() } })
    const turnOn = async () => {
      assert.equal((await client.secure('POST', `${SECURITY}/2fa`, proof())).status, 200)
      client.renew()
    }
    await turnOn()
    empty(await client.secure('DELETE', `${SECURITY}/2fa`, proof()))
    client.renew()
    assert.deepEqual(await heard(/2-step verification was turned off/), [1, 1, 1])
    await turnOn()
    const root = await findAccount(house.ctx, (await asRoot(house)).id)
    assert.ok(root)
    await resetSecondStep(house.ctx, { caller: root, id, note: 'lost', origin })
    assert.deepEqual(await heard(/2-step verification was reset/), [1, 1, 1])
  })

  it('a new password, whoever sets it and however', async () => {
    const { client, id, email, heard } = await reachable()
    const CHANGED = /Your password was changed/
    const json = { oldPassword: PASSWORD, newPassword: 'Another-Horse-10' }
    empty(await client.call('POST', '/account/password/reset', { json }))
    assert.deepEqual(await heard(CHANGED), [1, 1, 1])
    const wrong = { oldPassword: PASSWORD, newPassword: 'Another-Horse-11' }
    const again = await signIn(house, email, 'Another-Horse-10')
    refused(await again.call('POST', '/account/password/reset', { json: wrong }), 403, 'INVALID_PASSWORD')
    assert.deepEqual(await heard(CHANGED), [1, 1, 1])
    // By an administrator, and by its owner while he signs in.
    const headers = bearer((await asRoot(house)).token)
    const given = { currentPassword: 'Given-By-Root-99', changePassword: true }
    assert.equal((await house.call('PUT', `/api/v1/user/${id}`, { json: given, headers })).status, 200)
    // App passwords are gone then, so it is said in other words.
    assert.deepEqual(await heard(/set for your account by somebody who looks after it/), [1, 1, 1])
    assert.deepEqual(await heard(CHANGED), [1, 1, 1])
    const chosen = { userId: email, password: 'Given-By-Root-99', newPassword: 'Chosen-At-Door-12' }
    assert.equal((await house.call('POST', '/api/v1/oauth2', { json: chosen })).status, 200)
    assert.deepEqual(await heard(CHANGED), [2, 2, 2])
  })

  it('in the language of the account', async () => {
    const { client, mail, heard } = await reachable({ locale: 'de' })
    empty(await client.secure('DELETE', `${METHODS}/${mail}`))
    assert.deepEqual(await heard(/Eine Sicherheitsmethode, .+, wurde von Ihrem Konto entfernt/), [1, 1, 1])
  })

  it('the number is spared after ten an hour, the mailbox is not', async () => {
    const { client, heard, email } = await reachable()
    const churn = async (one: Client, n: number) => {
      const id = await addMail(house, one.secure, `churn-${n}-${email}`)
      empty(await one.secure('DELETE', `${METHODS}/${id}`))
    }
    for (let n = 0; n < 6; n++) await churn(client, n)
    const [mailbox, alternate, number] = await heard(/security method/)
    assert.deepEqual([mailbox, alternate, number], [14, 13, 10])
    house.clock.turn(3_600_001)
    const later = await signIn(house, email)
    await churn(later, 7)
    assert.deepEqual(await heard(/security method/), [16, 15, 12])
  })
})
