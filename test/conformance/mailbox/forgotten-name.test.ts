import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { openSmsProvider, type SmsProvider } from '../openwifi/sms-provider.ts'
import { addMail, empty, METHODS, makeAccount, PASSWORD, plain, refused, signIn } from './client.ts'
import { addPhone, decide, mailsTo, seenOf, settled, suspend } from './recovery.ts'

const HOUR = 3_600_000

onEveryEngine('mailbox: a forgotten user name', (engine) => {
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

  const ask = (json: unknown) => plain(house, 'POST', '/recover/username', { json })
  const reminders = (address: string) => mailsTo(house, address, /which user name/)

  async function withMail(target: string, wanted: object = {}) {
    const account = await makeAccount(house, wanted)
    const client = await signIn(house, account.email)
    await addMail(house, client.secure, target)
    return { ...account, client }
  }

  it('is sent to an active method, all names in one letter', async () => {
    const ann = await withMail('both@elsewhere.example')
    house.clock.turn(1000)
    const anna = await withMail('both@elsewhere.example')
    empty(await ask({ email: ' Both@Elsewhere.example ' }))
    await settled(house)
    const [mail, ...more] = reminders('both@elsewhere.example')
    assert.equal(more.length, 0)
    assert.equal(mail?.subject, 'Chatelaine: your user name')
    assert.ok(mail?.text.includes(`\n${ann.email}, ${anna.email}\n`), mail?.text)
    assert.ok(mail.html.includes(anna.email))
    const sent = await house.ctx.db
      .selectFrom('audit')
      .select('account_id')
      .where('event', '=', 'recovery.sent')
      .where('account_id', 'in', [ann.id, anna.id])
      .execute()
    assert.equal(sent.length, 2)
  })

  it('is sent by SMS, however the number is written', async () => {
    const { email } = await makeAccount(house)
    await addPhone(provider, (await signIn(house, email)).secure, '+41446681801')
    empty(await ask({ phoneNumber: '+41 44 668 18 01' }))
    await settled(house)
    const text = provider.texts.findLast(({ to }) => to === '+41446681801')
    assert.ok(text?.body.includes(`your user name is ${email}`), String(text?.body))
  })

  it('speaks German to who does', async () => {
    await withMail('deutsch@elsewhere.example', { locale: 'de' })
    empty(await ask({ email: 'deutsch@elsewhere.example' }))
    await settled(house)
    assert.equal(mailsTo(house, 'deutsch@elsewhere.example', /welcher Benutzername/).length, 1)
  })

  it('gets the same answer whatever there is, and nothing goes to who may not have it', async () => {
    await withMail('known@elsewhere.example')
    const shut = await withMail('shut@elsewhere.example')
    await suspend(house, shut.id)
    const other = await withMail('policy@elsewhere.example')
    await decide(house, `account:${other.id}`, { usernameRecoveryMethods: [] })
    const pending = await signIn(house, (await makeAccount(house)).email)
    await pending.secure('POST', METHODS, { json: { method: 'email', target: 'pending@elsewhere.example' } })
    const answers = []
    const wishes = [
      { email: 'known@elsewhere.example' },
      { email: 'nobody@elsewhere.example' },
      { email: 'shut@elsewhere.example' },
      { email: 'policy@elsewhere.example' },
      { email: 'pending@elsewhere.example' },
      // The mailbox itself is no method.
      { email: other.email },
      { email: '' },
      { email: '+41446681801' },
      { email: 'x'.repeat(5000) },
      { email: 'a@b.example\r\nBcc: known@elsewhere.example' },
      { phoneNumber: '+41446681899' },
      { phoneNumber: '044 668 18 00' },
      { phoneNumber: 'known@elsewhere.example' },
      { phoneNumber: '' },
    ]
    const texts = provider.texts.length
    for (const json of wishes) answers.push(seenOf(await ask(json)))
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    await settled(house)
    const got = ['known', 'nobody', 'shut', 'policy', 'pending'].map(
      (name) => reminders(`${name}@elsewhere.example`).length,
    )
    assert.deepEqual(got, [1, 0, 0, 0, 0])
    assert.equal(reminders(other.email).length, 0)
    assert.equal(provider.texts.length, texts)
  })

  it('is looked up only later, so that the time of the answer tells nothing', async () => {
    await withMail('later@elsewhere.example')
    const { carriers } = house.ctx
    const { wake } = carriers
    /** How often anything was given out to be sent while somebody asked. */
    async function wokenBy(email: string): Promise<number> {
      let woken = 0
      carriers.wake = () => {
        woken++
      }
      empty(await ask({ email }))
      carriers.wake = wake
      await settled(house)
      return woken
    }
    // What answers the requests may have its turn just then, every two seconds: but not each time.
    const woken = []
    for (let i = 0; i < 3; i++) woken.push(await wokenBy('later@elsewhere.example'))
    assert.ok(woken.includes(0), String(woken))
    assert.equal(reminders('later@elsewhere.example').length, 3)
  })

  it('is sent five times an hour, without a word about the others', async () => {
    await withMail('often@elsewhere.example')
    for (let i = 0; i < 7; i++) empty(await ask({ email: 'often@elsewhere.example' }))
    await settled(house)
    assert.equal(reminders('often@elsewhere.example').length, 5)
    house.clock.turn(HOUR)
    empty(await ask({ email: 'often@elsewhere.example' }))
    await settled(house)
    assert.equal(reminders('often@elsewhere.example').length, 6)
  })

  it('asks for one of two things, and nothing else', async () => {
    const wrong = [
      {},
      { email: 'a@b.example', phoneNumber: '+41446681800' },
      { email: 5 },
      { email: null },
      { phoneNumber: ['+41446681800'] },
      { email: 'a@b.example', username: 'a' },
      [],
    ]
    for (const json of wrong) refused(await ask(json), 400, 'BAD_PARAMETER')
    refused(
      await plain(house, 'POST', '/recover/username?a=1', { json: { email: 'a@b.example' } }),
      400,
      'BAD_PARAMETER',
    )
    refused(await plain(house, 'GET', '/recover/username'), 405, 'METHOD_NOT_ALLOWED')
    refused(await ask({ email: 'x'.repeat(20_000) }), 413, 'PAYLOAD_TOO_LARGE')
  })

  it('has a bound by network, without a word either', async () => {
    const { client } = await withMail('crowd@elsewhere.example')
    house.clock.turn(HOUR)
    for (let i = 0; i < 102; i++) empty(await ask({ email: 'nobody@elsewhere.example' }))
    empty(await ask({ email: 'crowd@elsewhere.example' }))
    await settled(house)
    assert.equal(reminders('crowd@elsewhere.example').length, 0)
    // It is nobody else's business.
    assert.equal((await signIn(house, client.email, PASSWORD)).step, null)
    house.clock.turn(HOUR)
    empty(await ask({ email: 'crowd@elsewhere.example' }))
    await settled(house)
    assert.equal(reminders('crowd@elsewhere.example').length, 1)
  })
})
