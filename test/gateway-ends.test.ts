import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '../src/domain/accounts/accounts.ts'
import { createRing, resetKeyPassword } from '../src/domain/keys/keys.ts'
import { tell } from '../src/domain/messages/messages.ts'
import { serverJobs } from '../src/jobs.ts'
import { type House, onEveryEngine, startHouse } from '../src/testing.ts'
import { KEY_PASSWORD, origin, type Person, person, withPassword } from './conformance/mail/people.ts'
import { arrivals, handOver, mailFrom } from './gateway-client.ts'
import { type NextHop, openNextHop, until } from './next-hop.ts'

onEveryEngine('what the gateway does in the end', (engine) => {
  let house: House
  let hop: NextHop
  let anna: Person
  before(async () => {
    hop = await openNextHop({ recipient: (address) => (address.startsWith('nobody') ? 550 : 250) })
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_GATEWAY_INSIDE: 'on',
        CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_INCOMING_LISTEN: '127.0.0.1:0',
        CHATELAINE_GATEWAY_NEXT_HOP: hop.url,
        CHATELAINE_GATEWAY_INCOMING: 'all',
        CHATELAINE_KEY_SOURCES: 'tenant',
        CHATELAINE_KEY_RESET_PAUSE: '1',
      },
    })
    anna = await person(house, 'anna')
  })
  after(async () => {
    await house.stop()
    await hop.close()
  })

  const out = (recipients: string[], mail: string, sender = anna.email) =>
    handOver(house.ctx.config.gatewayListen!.port, { sender, recipients, mail })
  const comesIn = (recipients: string[], mail: string) =>
    handOver(house.ctx.config.gatewayIncomingListen!.port, { sender: 'far@away.test', recipients, mail })
  const at = (to: string) => hop.taken.filter((mail) => mail.to.includes(to))
  const settings = async (who: Person, json?: object) => {
    const headers = { Cookie: who.cookie, ...withPassword() }
    const path = `/api/v1/mail/gateway?_h=${who.sessid}`
    return (await house.call(json ? 'PUT' : 'GET', path, { headers, ...(json ? { json } : {}) })).json
  }
  const sweep = () =>
    serverJobs(house.ctx)
      .find(({ name }) => name === 'sweep signing')!
      .does(house.ctx)

  it('tells a sender what the next mail server said, and answers no reports', async () => {
    const mail = mailFrom(anna.email, 'nobody@far.test', { subject: 'Private' })
    await out(['nobody@far.test', 'somebody@far.test'], mail)
    await until('the report', () => at(anna.email).length === 1)
    const [report] = at(anna.email)
    assert.equal(report!.from, '')
    assert.match(report!.raw, /Final-Recipient: rfc822; nobody@far\.test\r\nAction: failed\r\nStatus: 5\./)
    assert.match(report!.raw, /Diagnostic-Code: smtp; .*550 says the next hop/)
    assert.doesNotMatch(report!.raw, /somebody|Private|only they may read/)
    await out(['nobody@far.test'], mailFrom(anna.email, 'nobody@far.test'), '')
    await out(['last@far.test'], mailFrom(anna.email, 'last@far.test'))
    await until('the last one', () => at('last@far.test').length === 1)
    assert.equal(hop.taken.filter(({ from }) => from === '').length, 1)
  })

  it('keeps what a recipient is told by this house itself readable, and that alone', async () => {
    const ben = await person(house, 'ben')
    const arrival = arrivals(house.inbox)
    const account = (await findByAddress(house.ctx, ben.email))!
    await tell(house.ctx, account, 'key.password-changed')
    const own = await arrival(ben.email, /password of your encryption key was changed/)
    await comesIn([ben.email], own.raw)
    await until('our own', () => at(ben.email).length === 1)
    assert.match(at(ben.email)[0]!.raw, /password of your encryption key was changed/)
    const [, id] = /^Message-ID: (.*)\r$/m.exec(own.raw)!
    // Its id does not make other recipients' mail ours.
    const other = await person(house, 'carl')
    await comesIn(
      [other.email],
      mailFrom('far@away.test', other.email).replace(/^Message-ID: .*$/m, `Message-ID: ${id}`),
    )
    await until('the other', () => at(other.email).length === 1)
    assert.match(at(other.email)[0]!.raw, /multipart\/encrypted/)
  })

  it('signs no more once the key password was reset, or another key is used', async () => {
    const dora = await person(house, 'dora')
    const account = (await findByAddress(house.ctx, dora.email))!
    const mayStill = async () => (await settings(dora)).sign
    assert.equal((await settings(dora, { sign: true })).sign, true)
    const rowsOf = async () =>
      (await house.ctx.database.query.selectFrom('gateway_key').select('account_id').execute()).length
    assert.equal(await rowsOf(), 1)
    house.clock.turn(2000)
    await resetKeyPassword(house.ctx, { account, origin })
    assert.equal(await mayStill(), false)
    assert.equal(await sweep(), 1)
    assert.equal(await rowsOf(), 0)
    const eve = await person(house, 'eve')
    assert.equal((await settings(eve, { sign: true })).sign, true)
    const owner = (await findByAddress(house.ctx, eve.email))!
    await createRing(house.ctx, { account: owner, name: 'Eve', password: KEY_PASSWORD, origin })
    assert.equal((await settings(eve)).sign, false)
    await sweep()
    assert.equal(await rowsOf(), 0)
    const events = await house.ctx.database.query
      .selectFrom('audit')
      .select('event')
      .where('account_id', '=', owner.id)
      .where('event', 'like', 'gateway.%')
      .execute()
    assert.deepEqual(events.map(({ event }) => event).toSorted(), ['gateway.signing-allowed', 'gateway.signing-ended'])
  })
})
