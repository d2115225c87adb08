import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { record } from '#src/domain/audit/audit.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { type Client, makeAccount, plain, refused } from '../mailbox/client.ts'
import { signedInAs } from './operators.ts'

interface Line {
  id: string
  at: string
  event: string
  account: string | null
  accountAddress: string | null
  actor: string | null
  actorAddress: string | null
  network: string
  detail: Record<string, unknown>
}

onEveryEngine('administration: the record', (engine) => {
  let house: House
  let root: Client & { id: string }
  let person: { id: string; email: string }
  const origin = { protocol: 'openwifi', network: '198.51.100.7', agent: '' }
  before(async () => {
    house = await startHouse({ engine })
    root = await signedInAs(house, 'root')
    person = await makeAccount(house)
    // Many at one moment: then the order is that of the ids.
    for (let n = 0; n < 30; n++) {
      if (n % 10 === 0) house.clock.turn(60_000)
      const event = n % 3 === 0 ? 'sign-in.failed' : 'sign-in.done'
      await record(house.ctx, { event, account: person.id, origin, detail: { with: `n${n}` } })
    }
  })
  after(() => house.stop())

  const read = async (query: Record<string, string>): Promise<{ items: Line[]; next: string | null }> => {
    const reply = await root.call('GET', `/admin/record?${new URLSearchParams(query)}`)
    assert.equal(reply.status, 200, reply.text)
    return reply.json
  }
  const readAll = async (query: Record<string, string>): Promise<Line[]> => {
    const found: Line[] = []
    for (let after: string | null = ''; after !== null; ) {
      const page = await read(after === '' ? query : { ...query, after })
      found.push(...page.items)
      after = page.next
    }
    return found
  }

  it('is read page by page, with nothing twice and nothing left out', async () => {
    const whole = await readAll({ account: person.email })
    const paged = await readAll({ account: person.id, limit: '7' })
    assert.deepEqual(paged, whole)
    assert.equal(whole.length, 31)
    assert.equal(new Set(whole.map(({ id }) => id)).size, 31)
    assert.deepEqual(
      whole.map(({ at, id }) => `${at} ${id}`),
      whole
        .map(({ at, id }) => `${at} ${id}`)
        .toSorted()
        .toReversed(),
    )
    assert.equal(whole[0]!.accountAddress, person.email)
  })

  it('is sifted by each filter, and by several', async () => {
    assert.equal((await readAll({ account: person.email, event: 'sign-in.failed' })).length, 10)
    assert.equal((await readAll({ network: origin.network, event: 'sign-in.done' })).length, 20)
    assert.equal((await readAll({ network: '203.0.113.9' })).length, 0)
    const made = await readAll({ event: 'account.created', account: person.id })
    assert.equal(made[0]!.actorAddress, house.rootEmail)
    assert.deepEqual(await readAll({ actor: house.rootEmail, account: person.id }), made)
    assert.equal((await readAll({ protocol: origin.protocol })).length, 30)
    const last = new Date(house.clock.now()).toISOString()
    assert.equal((await readAll({ account: person.id, from: last })).length, 10)
    assert.equal((await readAll({ account: person.id, to: last })).length, 31)
    const before = new Date(house.clock.now() - 1).toISOString()
    assert.equal((await readAll({ account: person.id, to: before, limit: '3' })).length, 21)
  })

  it('goes on where a page holds nothing that suits', async () => {
    const { ctx } = house
    for (let n = 0; n < 50; n++)
      await ctx.db
        .insertInto('audit')
        .values(
          Array.from({ length: 500 }, (_, m) => ({
            id: `old-${n}-${m}`,
            at: house.clock.now() - 86_400_000 + n,
            event: 'sign-in.refreshed',
            account_id: null,
            actor_id: null,
            protocol: n === 0 && m === 0 ? 'guard' : 'mailbox',
            network: '192.0.2.200',
            detail: '{}',
          })),
        )
        .execute()
    const query = { network: '192.0.2.200', protocol: 'guard' }
    const first = await read(query)
    assert.deepEqual(first.items, [])
    assert.notEqual(first.next, null)
    assert.deepEqual(
      (await readAll(query)).map(({ id }) => id),
      ['old-0-0'],
    )
  })

  it('says when an address is nobody’s, and keeps the lines of who is gone', async () => {
    refused(await root.call('GET', '/admin/record?account=nobody@example.org'), 404, 'NOT_FOUND')
    assert.deepEqual((await read({ account: 'no-such-id' })).items, [])
  })

  const exported = (query: Record<string, string>) =>
    root.call('GET', `/admin/record/export?${new URLSearchParams(query)}`)

  it('is exported whole for programs, and on record itself', async () => {
    const reply = await exported({ format: 'ndjson', account: person.email })
    assert.equal(reply.headers.get('content-type'), 'application/x-ndjson')
    assert.match(reply.headers.get('content-disposition') ?? '', /^attachment; filename="record-2026-01-15\.ndjson"$/)
    const lines = reply.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(lines, await readAll({ account: person.email }))
    const [taken] = await readAll({ event: 'record.exported' })
    assert.deepEqual([taken!.actorAddress, taken!.detail], [root.email, { format: 'ndjson' }])
    // More than fits into one piece.
    const all = await exported({ format: 'ndjson', network: '192.0.2.200' })
    assert.equal(all.text.trimEnd().split('\n').length, 25_000)
  })

  it('is exported for spreadsheets, without formulas', async () => {
    const evil = ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(1)', '\t=1', ' =1', '＝1']
    for (const network of evil) await record(house.ctx, { event: 'link.asked', origin: { ...origin, network } })
    const reply = await exported({ event: 'link.asked' })
    assert.equal(reply.headers.get('content-type'), 'text/csv; charset=utf-8')
    const [head, ...rows] = reply.text.trimEnd().split('\r\n')
    assert.equal(
      head,
      '"at","event","account","accountAddress","actor","actorAddress","protocol","network","detail","id"',
    )
    assert.equal(rows.length, evil.length)
    for (const row of rows)
      for (const [, cell = ''] of row.matchAll(/"((?:[^"]|"")*)"/g)) assert.doesNotMatch(cell, /^\s*[=+\-@＝]/)
    assert.ok(rows.some((row) => row.includes(`"'=HYPERLINK(""http://x"")"`)))
  })

  it('turns hostile questions down in plain words', async () => {
    for (const query of [
      'after=x',
      'after=%00',
      `after=${Buffer.from('1 ').toString('base64url')}`,
      `after=${Buffer.from("1 ' or 1=1").toString('base64url')}`,
      'limit=0',
      'limit=201',
      'limit=1e2',
      'from=yesterday',
      'from=2026-01-15T10:00:00',
      `event=${'x'.repeat(65)}`,
      'event=a&event=b',
      'unknown=1',
      'format=csv',
      'event=%00',
      'account=%00@example.org',
      'network=a%00',
    ])
      refused(await root.call('GET', `/admin/record?${query}`), 400, 'BAD_PARAMETER')
    refused(await root.call('GET', '/admin/record/export?format=xlsx'), 400, 'BAD_PARAMETER')
    refused(await plain(house, 'POST', '/admin/record'), 405, 'METHOD_NOT_ALLOWED')
    for (const event of ["'; drop table audit; --", '%', '*']) assert.deepEqual((await read({ event })).items, [])
  })
})
