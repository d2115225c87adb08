import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { choose, forgot, linkTo } from '../openwifi/links.ts'
import { asRoot, bearer } from '../openwifi/people.ts'
import { type SoftPasskey, softPasskey } from './authenticator.ts'
import { addMail, type Client, makeAccount, PASSWORD, plain, refused, SECURITY, signIn } from './client.ts'
import { addPasskey, pageOf, provenFor, signedFor } from './passkey-client.ts'
import { mailedToken, mailsTo, NEXT, reset, settled } from './recovery.ts'

interface Person {
  id: string
  email: string
  other: string
  client: Client
  passkey: SoftPasskey
}

onEveryEngine('mailbox: an account that its owner gets back', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  /** Somebody with a method to get back in by, and a passkey that may be a thief's. */
  async function person(): Promise<Person> {
    const account = await makeAccount(house)
    const client = await signIn(house, account.email)
    const other = `other-${account.email}`
    await addMail(house, client.secure, other)
    const passkey = softPasskey(pageOf(house))
    await addPasskey(client.secure, passkey, 'Laptop')
    return { ...account, other, client, passkey }
  }

  async function turnOn({ client, passkey }: Person): Promise<void> {
    const json = { response: await provenFor(client.call, passkey) }
    const reply = await client.secure('POST', `${SECURITY}/2fa/passkey`, { json })
    assert.equal(reply.status, 200, reply.text)
  }

  const login = async ({ passkey }: Person): Promise<Reply> =>
    plain(house, 'POST', '/login/passkey', { json: { response: await signedFor(house, passkey) } })

  const GONE = /All passkeys were removed from your account/

  const ways: Record<string, (one: Person) => Promise<Reply>> = {
    'a recovery token': async ({ email, other }) => reset(house, email, await mailedToken(house, email, other)),
    async 'a link in a mail'({ email }) {
      await forgot(house, email)
      return choose(house, await linkTo(house, email), NEXT)
    },
    async 'an administrator'({ id }) {
      const headers = bearer((await asRoot(house)).token)
      return house.call('PUT', `/api/v1/user/${id}`, { json: { currentPassword: NEXT }, headers })
    },
  }

  for (const [way, setPassword] of Object.entries(ways)) {
    it(`by ${way} has no passkeys any more, and hears of it`, async () => {
      const one = await person()
      assert.equal((await login(one)).status, 200)
      const done = await setPassword(one)
      assert.equal(done.status, 200, done.text)
      refused(await login(one), 401, 'AUTH_FAILED')
      const client = await signIn(house, one.email, NEXT)
      assert.deepEqual((await client.call('GET', `${SECURITY}/passkeys`)).json, { items: [] })
      await settled(house)
      assert.equal(mailsTo(house, one.email, GONE).length, 1)
      const { items } = (await client.call('GET', `${SECURITY}/activity`)).json
      const [removed] = items.filter(({ event }: { event: string }) => event === 'passkey.removed')
      assert.deepEqual(removed.detail, { count: 1 })
    })

    it(`by ${way} keeps those that are its second factors`, async () => {
      const one = await person()
      await turnOn(one)
      const done = await setPassword(one)
      assert.equal(done.status, 200, done.text)
      assert.equal((await login(one)).status, 200)
      assert.equal((await signIn(house, one.email, NEXT)).step, 'required')
      await settled(house)
      assert.equal(mailsTo(house, one.email, GONE).length, 0)
    })
  }

  it('says nothing of passkeys where there was none', async () => {
    const { email, id } = await makeAccount(house)
    assert.equal((await ways['an administrator']!({ id } as Person)).status, 200)
    await settled(house)
    assert.equal(mailsTo(house, email, GONE).length, 0)
  })

  it('keeps its passkeys when the owner changes his password, and says so', async () => {
    const one = await person()
    const json = { oldPassword: PASSWORD, newPassword: NEXT }
    assert.equal((await one.client.call('POST', '/account/password/reset', { json })).status, 200)
    assert.equal((await login(one)).status, 200)
    await settled(house)
    assert.equal(mailsTo(house, one.email, /App passwords and passkeys, if you have any, go on/).length, 1)
  })
})
