import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { days } from '#src/lib/clock.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { asRoot, bearer, change, login, newPerson, type Person, refused } from '../conformance/openwifi/people.ts'
import { handOver, mailFrom } from '../gateway-client.ts'

const LIMIT = 8
// As long as a count is good for.
const COUNTED_ANEW = 1100

onEveryEngine('an outbox that is full', (engine) => {
  let house: House
  let root: Person
  let someone: Person
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_OUTBOX_LIMIT: String(LIMIT),
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
        CHATELAINE_KEY_SOURCES: 'none',
      },
    })
    root = await asRoot(house)
    someone = await newPerson(house, root)
  })
  after(() => house.stop())

  /** Mails that are not due yet, as behind a mail server that is down. */
  async function wait(messages: number): Promise<void> {
    const { db, clock } = house.ctx
    await db.deleteFrom('message').execute()
    const now = clock.now()
    const row = { channel: 'mail', recipient: 'x@far.test', content: null, created: now, expires: now + days(2) }
    const rest = { due: now + days(1), attempts: 1, state: 'queued', outcome: 'down', template: '', held: 0 }
    const rows = Array.from({ length: messages }, (_, n) => ({ id: `waiting-${n}`, ...row, ...rest }))
    if (rows.length > 0) await db.insertInto('message').values(rows).execute()
    await sleep(COUNTED_ANEW)
  }

  const byHand = () =>
    house.call('POST', '/api/v1/email', {
      json: { recipients: ['x@far.test'], subject: 'x', from: root.email, text: 'x' },
      headers: bearer(root.token),
    })
  const invite = () =>
    house.call('POST', '/api/v1/user/0?email_verification=true', {
      json: { email: 'new@example.org', userRole: 'csr', name: 'New', currentPassword: 'Some-Password-1' },
      headers: bearer(root.token),
    })
  const forgotten = (userId: string) => house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId } })
  const recover = (email: string) => house.call('POST', '/api/v1/recover/username', { json: { email } })
  const anew = (address: string) => house.call('POST', '/api/v1/guest/anew', { json: { address } })
  const rowsOf = async (table: 'link_request' | 'guest_request' | 'account' | 'throttle' | 'occurrence') =>
    (await house.ctx.db.selectFrom(table).selectAll().execute()).length

  const isLater = (reply: Reply) => {
    assert.equal(reply.status, 503, reply.text)
    assert.equal(reply.headers.get('retry-after'), '60')
  }

  it('takes no wish for a mail, from nobody, and changes nothing', async () => {
    await wait(LIMIT)
    const tables = ['link_request', 'guest_request', 'account', 'throttle', 'occurrence'] as const
    const before = await Promise.all(tables.map(rowsOf))
    const known = [await forgotten(someone.email), await recover(someone.email), await anew(someone.email)]
    const nobody = 'nobody@example.org'
    const unknown = [await forgotten(nobody), await recover(nobody), await anew(nobody)]
    for (const reply of [await byHand(), await invite(), ...known, ...unknown]) isLater(reply)
    // The same for everybody, to the letter.
    assert.deepEqual(
      known.map(({ text }) => text),
      unknown.map(({ text }) => text),
    )
    refused(known[0]!, 503, 503)
    assert.deepEqual(await Promise.all(tables.map(rowsOf)), before)
  })

  it('has a reserve for what people have to know', async () => {
    await wait(LIMIT)
    const told = async () => {
      const rows = await house.ctx.db.selectFrom('message').select('template').execute()
      return rows.filter(({ template }) => template === 'account_changed').length
    }
    const notice = async () => {
      const { status, text } = await change(house, root, someone.id, {
        currentPassword: `Some-Password-${Math.random()}`,
      })
      assert.equal(status, 200, text)
    }
    await notice()
    assert.equal(await told(), 1)
    await wait(LIMIT + LIMIT / 4)
    await notice()
    assert.equal(await told(), 0)
    const withheld = await house.ctx.db
      .selectFrom('audit')
      .select('id')
      .where('event', '=', 'notice.withheld')
      .execute()
    assert.equal(withheld.length, 1)
  })

  it('works again as soon as there is room', async () => {
    await wait(LIMIT - 3)
    assert.equal((await byHand()).status, 200)
    assert.equal((await forgotten(someone.email)).status, 200)
    assert.equal((await invite()).status, 200)
    assert.equal((await login(house, root.email, root.password)).status, 200)
  })

  it('has the gateway say 452 to who hands over mail, until some has gone on', async () => {
    const { db, clock } = house.ctx
    const now = clock.now()
    const row = { mail_id: '', sender: '', recipients: '["x@far.test"]', body_id: null, created: now, state: 'queued' }
    const rest = {
      attempts: 1,
      due: now + days(1),
      expires: now + days(2),
      held: 0,
      outcome: '',
      refused: '{}',
      settled: 0,
    }
    const rows = Array.from({ length: LIMIT }, (_, n) => ({ id: `delivery-${n}`, ...row, ...rest }))
    await db.insertInto('delivery').values(rows).execute()
    await sleep(COUNTED_ANEW)
    const give = () =>
      handOver(house.ctx.config.gatewayListen!.port, {
        sender: 'a@here.test',
        recipients: ['x@far.test'],
        mail: mailFrom('a@here.test', 'x@far.test'),
      })
    const { code, words } = await give()
    assert.equal(code, 452, words)
    assert.match(words, /^452 4\.3\.1 /)
    assert.equal((await db.selectFrom('gateway_mail').select('id').execute()).length, 0)
    await db.deleteFrom('delivery').execute()
    await sleep(COUNTED_ANEW)
    assert.equal((await give()).code, 250)
  })
})
