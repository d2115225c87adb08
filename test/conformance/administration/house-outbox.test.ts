import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { keepBody } from '#src/domain/bodies/bodies.ts'
import { queueDelivery } from '#src/domain/deliveries/deliveries.ts'
import { compose } from '#src/domain/messages/messages.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type NextHop, openNextHop, until } from '../../next-hop.ts'
import { type Client, refused } from '../mailbox/client.ts'
import { signedInAs } from './operators.ts'

onEveryEngine('administration: the outbox', (engine) => {
  let house: House
  let hop: NextHop
  let root: Client & { id: string }
  before(async () => {
    hop = await openNextHop()
    house = await startHouse({ engine, settings: { CHATELAINE_SMTP_URL: hop.url } })
    root = await signedInAs(house, 'root')
  })
  after(async () => {
    await house.stop()
    await hop.close()
  })

  const letter = { subject: 'Hello', text: 'What nobody but its reader may see.\n' }
  const list = async (query: Record<string, string> = {}) => {
    const reply = await root.call('GET', `/admin/outbox?${new URLSearchParams(query)}`)
    assert.equal(reply.status, 200, reply.text)
    assert.doesNotMatch(reply.text, /nobody but its reader/)
    return reply.json
  }
  const to = async (recipient: string, kind = 'message') => (await list({ recipient, kind })).items[0]
  const settled = (recipient: string, state: string, kind = 'message') =>
    until(`${recipient} is ${state}`, async () => (await to(recipient, kind))?.state === state)
  const waiting = async (recipient: string) => {
    hop.mood.recipient = () => 451
    const id = await compose(house.ctx, { channel: 'mail', to: recipient, letter, template: 'password_reset' })
    await until('it was tried', async () => (await to(recipient)).outcome !== '')
    return id
  }
  const arrived = (recipient: string) => hop.taken.filter((mail) => mail.to.includes(recipient)).length

  it('shows what waits and why, and sends it at once and once when told', async () => {
    const id = await waiting('ann@example.net')
    const shown = await to('ann@example.net')
    assert.deepEqual(
      { ...shown, created: '', expires: '', nextTry: '', outcome: '' },
      {
        id,
        kind: 'message',
        channel: 'mail',
        letter: 'password_reset',
        recipients: ['ann@example.net'],
        state: 'queued',
        tries: 1,
        created: '',
        expires: '',
        nextTry: '',
        ended: null,
        outcome: '',
        mayRetry: true,
        mayDrop: true,
      },
    )
    assert.match(shown.outcome, /451 says the next hop/)
    assert.ok(Date.parse(shown.nextTry) > house.clock.now())
    hop.mood.recipient = () => 250
    const many = await Promise.all(
      Array.from({ length: 5 }, () => root.call('POST', `/admin/outbox/message/${id}/retry`)),
    )
    for (const { status } of many) assert.ok([200, 409].includes(status))
    await settled('ann@example.net', 'sent')
    refused(await root.call('POST', `/admin/outbox/message/${id}/retry`), 409, 'OVER')
    assert.equal(arrived('ann@example.net'), 1)
  })

  it('touches nothing that is being handed over', async () => {
    const open = Promise.withResolvers<number>()
    hop.mood.recipient = () => open.promise
    const id = await compose(house.ctx, { channel: 'mail', to: 'slow@example.net', letter })
    await settled('slow@example.net', 'sending')
    refused(await root.call('POST', `/admin/outbox/message/${id}/retry`), 409, 'IN_HAND')
    refused(await root.secure('DELETE', `/admin/outbox/message/${id}`), 409, 'IN_HAND')
    assert.equal((await list({ state: 'sending' })).items.length, 1)
    open.resolve(250)
    await settled('slow@example.net', 'sent')
    assert.equal(arrived('slow@example.net'), 1)
  })

  it('sends once more what was refused for good, until its time is over', async () => {
    hop.mood.recipient = () => 550
    const id = await compose(house.ctx, { channel: 'mail', to: 'bob@example.net', letter })
    await settled('bob@example.net', 'failed')
    hop.mood.recipient = () => 250
    assert.equal((await root.call('POST', `/admin/outbox/message/${id}/retry`)).status, 200)
    await settled('bob@example.net', 'sent')
    assert.equal(arrived('bob@example.net'), 1)
    hop.mood.recipient = () => 550
    const late = await compose(house.ctx, { channel: 'mail', to: 'late@example.net', letter, lifetime: 600_000 })
    await settled('late@example.net', 'failed')
    house.clock.turn(600_000)
    refused(await root.call('POST', `/admin/outbox/message/${late}/retry`), 409, 'OVER')
    assert.equal((await to('late@example.net')).mayRetry, false)
  })

  it('never sends what expired while it waited, told or not', async () => {
    hop.mood.recipient = () => 451
    const lifetime = 60_000
    const id = await compose(house.ctx, { channel: 'mail', to: 'expired@example.net', letter, lifetime })
    await until('it was tried', async () => (await to('expired@example.net')).outcome !== '')
    hop.mood.recipient = () => 250
    house.clock.turn(lifetime)
    refused(await root.call('POST', `/admin/outbox/message/${id}/retry`), 409, 'OVER')
    house.ctx.carriers.wake()
    await settled('expired@example.net', 'failed')
    assert.equal(arrived('expired@example.net'), 0)
    const row = await house.ctx.db.selectFrom('message').select('content').where('id', '=', id).executeTakeFirst()
    assert.equal(row!.content, null)
  })

  it('forgets what is dropped, and says who dropped it', async () => {
    root.renew()
    const id = await waiting('carl@example.net')
    const dropped = await root.secure('DELETE', `/admin/outbox/message/${id}`)
    assert.deepEqual([dropped.status, dropped.json.state, dropped.json.mayRetry], [200, 'dropped', false])
    const row = await house.ctx.db.selectFrom('message').select('content').where('id', '=', id).executeTakeFirst()
    assert.equal(row!.content, null)
    refused(await root.secure('DELETE', `/admin/outbox/message/${id}`), 409, 'OVER')
    const { items } = (await root.call('GET', '/admin/record?event=message.dropped')).json
    assert.deepEqual(
      [items.length, items[0].actorAddress, items[0].detail],
      [1, root.email, { id, letter: 'password_reset' }],
    )
  })

  it('leaves what was given up as it is when a carrier that was taken for dead comes back', async () => {
    root.renew()
    const open = Promise.withResolvers<number>()
    hop.mood.recipient = () => open.promise
    const id = await compose(house.ctx, { channel: 'mail', to: 'late-news@example.net', letter })
    await settled('late-news@example.net', 'sending')
    await house.ctx.db.updateTable('message').set({ held: 0 }).where('id', '=', id).execute()
    assert.equal((await root.secure('DELETE', `/admin/outbox/message/${id}`)).status, 200)
    const noted = Promise.withResolvers<void>()
    const { warn } = house.ctx.log
    house.ctx.log.warn = (event, facts) => {
      warn(event, facts)
      if (facts?.message === id) noted.resolve()
    }
    open.resolve(451)
    await noted.promise
    house.ctx.log.warn = warn
    assert.equal((await to('late-news@example.net')).state, 'dropped')
    assert.equal(arrived('late-news@example.net'), 0)
  })

  it('is searched by recipient and state, page by page', async () => {
    hop.mood.recipient = () => 250
    for (let n = 0; n < 12; n++) {
      await compose(house.ctx, { channel: 'mail', to: `page-${n}@example.org`, letter })
      if (n % 4 === 0) house.clock.turn(1000)
    }
    await until('all are sent', async () => (await list({ recipient: 'PAGE-', state: 'sent' })).items.length === 12)
    const found: string[] = []
    for (let after: string | null = ''; after !== null; ) {
      const page: { items: { id: string }[]; next: string | null } = await list({
        recipient: 'page-',
        limit: '5',
        ...(after ? { after } : {}),
      })
      found.push(...page.items.map(({ id }) => id))
      after = page.next
    }
    assert.equal(new Set(found).size, 12)
    assert.equal(found.length, 12)
    assert.deepEqual((await list({ recipient: 'page-', state: 'failed' })).items, [])
  })

  it('shows mails on their way, hands them over when told, and sends back what is given up', async () => {
    hop.mood.recipient = () => 451
    const queue = async (recipient: string) => {
      const body = await keepBody(house.ctx, Buffer.from('Subject: x\r\n\r\nnobody but its reader\r\n'))
      return queueDelivery(house.ctx, { sender: 'ann@example.org', recipients: [recipient], body })
    }
    const id = await queue('dora@example.net')
    await until('it was tried', async () => /451/.test((await to('dora@example.net', 'delivery'))?.outcome ?? ''))
    const { state, sender, recipients, tries } = await to('dora@example.net', 'delivery')
    assert.deepEqual([state, sender, recipients, tries], ['queued', 'ann@example.org', ['dora@example.net'], 1])
    hop.mood.recipient = () => 250
    assert.equal((await root.call('POST', `/admin/outbox/delivery/${id}/retry`)).status, 200)
    await settled('dora@example.net', 'sent', 'delivery')
    assert.equal(arrived('dora@example.net'), 1)
    refused(await root.call('POST', `/admin/outbox/delivery/${id}/retry`), 409, 'OVER')
    hop.mood.recipient = (address) => (address === 'emil@example.net' ? 451 : 250)
    const other = await queue('emil@example.net')
    await until('it was tried', async () => /451/.test((await to('emil@example.net', 'delivery'))?.outcome ?? ''))
    const dropped = await root.secure('DELETE', `/admin/outbox/delivery/${other}`)
    assert.deepEqual([dropped.json.state, Object.keys(dropped.json.refused)], ['failed', ['emil@example.net']])
    await until('its author has it back', () => arrived('ann@example.org') === 1)
  })

  it('turns hostile questions down in plain words', async () => {
    for (const query of [
      'kind=all',
      'state=gone',
      'after=!',
      'limit=0',
      'recipient=%00',
      `recipient=${'x'.repeat(321)}`,
    ])
      refused(await root.call('GET', `/admin/outbox?${query}`), 400, 'BAD_PARAMETER')
    for (const path of ['message/none', "message/'--", 'delivery/none'])
      refused(await root.call('POST', `/admin/outbox/${path}/retry`), 404, 'NOT_FOUND')
    refused(await root.call('POST', '/admin/outbox/other/none/retry'), 400, 'BAD_PARAMETER')
    refused(await root.call('POST', '/admin/outbox/message/%00/retry'), 400, 'BAD_PARAMETER')
  })
})
