import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, it } from 'node:test'
import { sql } from 'kysely'
import { freePort } from '../demo/server-process.ts'
import { atomically } from '../src/context.ts'
import { migrate } from '../src/db/open.ts'
import { keepBody } from '../src/domain/bodies/bodies.ts'
import { endedDeliveries, queueDelivery, settleDelivery, sweepDeliveries } from '../src/domain/deliveries/deliveries.ts'
import { type CarrierFacts, carrierProcess } from '../src/drivers/carrier.ts'
import { days, minutes, seconds } from '../src/lib/clock.ts'
import { jsonLog } from '../src/lib/log.ts'
import { freshPostgres, onEveryEngine } from '../src/testing.ts'
import { type DeliveryHouse, openDeliveryHouse } from './delivery-house.ts'
import { type NextHop, openNextHop, until } from './next-hop.ts'

const PASSWORD = 'so-secret-a-word'

/** A promise that a test keeps when it wants to. */
function promised<T>() {
  let keep!: (value: T) => void
  const promise = new Promise<T>((resolve) => {
    keep = resolve
  })
  return { promise, keep }
}

onEveryEngine('deliveries', (engine) => {
  let house: DeliveryHouse
  let start: () => Promise<DeliveryHouse>
  let remove: () => Promise<void>
  let hop: NextHop
  let port: number
  let facts: Omit<CarrierFacts, 'stepMs' | 'width'>
  let now = Date.UTC(2026, 0, 15, 12)
  const clock = { now: () => now }
  const log = jsonLog('debug', Date.now, () => {})
  const said: { event: string; facts: Record<string, unknown> }[] = []
  /** the process that carries; 0 for none yet */
  let pid = 0

  before(async () => {
    const data = mkdtempSync(join(tmpdir(), 'chatelaine-deliveries-'))
    const postgres = engine === 'postgres' ? await freshPostgres(process.env.CHATELAINE_TEST_TEMPLATE) : null
    port = await freePort()
    facts = { data, databaseUrl: postgres?.url ?? null, hop: `smtp://gateway:${PASSWORD}@127.0.0.1:${port}` }
    log.watch(({ event, facts }) => {
      if (event === 'carrier.started') pid = facts.pid as number
      said.push({ event, facts })
    })
    start = () => openDeliveryHouse(facts, { log, clock })
    house = await start()
    await migrate(house.ctx.database)
    hop = await openNextHop({}, { port })
    remove = async () => {
      await postgres?.drop()
      rmSync(data, { recursive: true, force: true })
    }
  })
  after(async () => {
    await house.close()
    await hop.close()
    await remove()
  })
  beforeEach(() => {
    hop.mood = {}
    hop.taken.length = 0
    said.length = 0
  })

  const queue = async (
    recipients: string[],
    { text = 'Subject: Hello\r\n\r\nDear you\r\n', ...more }: { text?: string; mailId?: string; expires?: number } = {},
  ) => {
    const body = await keepBody(house.ctx, Buffer.from(text))
    return atomically(house.ctx, (ctx) => queueDelivery(ctx, { sender: 'ann@example.org', recipients, body, ...more }))
  }
  const row = (id: string) =>
    house.ctx.db.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const all = () => house.ctx.db.selectFrom('delivery').selectAll().orderBy('due').execute()
  const settled = async () => {
    for (const { id } of await endedDeliveries(house.ctx, 100))
      await atomically(house.ctx, (ctx) => settleDelivery(ctx, id))
  }
  const becomes = (id: string, state: string) => until(`${id} is ${state}`, async () => (await row(id)).state === state)
  const isQueued = ({ state }: { state: string }) => state === 'queued'
  const bodies = async () => (await house.ctx.db.selectFrom('kept_body').select('id').execute()).length
  const later = async (milliseconds: number) => {
    now += milliseconds
    await house.look()
  }
  const hears = (event: string) => until(`'${event}' in the log`, () => said.some((line) => line.event === event))

  const killCarrier = async () => {
    assert.ok(pid > 0)
    process.kill(pid, 'SIGKILL')
    await hears('carrier.ended')
  }

  it('waits while the next hop is down, and arrives when it is back', async () => {
    await hop.close()
    const queued = []
    for (let n = 0; n < 40; n++) queued.push(await queue([`bob-${n}@example.net`]))
    const id = queued[0]!
    await until('the first tries', async () => (await row(id)).outcome !== '' && (await all()).every(isQueued))
    const waiting = await row(id)
    assert.deepEqual([waiting.state, waiting.attempts, waiting.refused], ['queued', 1, '{}'])
    assert.match(waiting.outcome, /ECONNREFUSED|refused/)
    // Most of them need not hear that it is down.
    assert.ok((await all()).filter(({ attempts }) => attempts > 0).length < 30)
    hop = await openNextHop({}, { port })
    await later(seconds(6))
    await hop.has(queued.length)
    for (const one of queued) await becomes(one, 'sent')
    assert.equal((await row(id)).attempts, 2)
    const { from, to, raw } = hop.taken.find(({ to }) => to[0] === 'bob-0@example.net')!
    assert.deepEqual([from, to], ['ann@example.org', ['bob-0@example.net']])
    assert.equal(raw, 'Subject: Hello\r\n\r\nDear you\r\n')
    // Nothing follows from it, so nothing of it is kept but the row, for a while.
    assert.deepEqual([await endedDeliveries(house.ctx, 10), await bodies()], [[], 0])
  })

  it('keeps the password of the next hop out of the environment and the command line of the process', {
    skip: process.platform !== 'linux',
  }, () => {
    const shown = ['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'))
    assert.match(shown[1]!, /carrier-main/)
    assert.doesNotMatch(shown.join(), new RegExp(PASSWORD))
  })

  it('reaches those who are taken, gives up those who are refused, and tries the rest again', async () => {
    const codes: Record<string, number> = { 'no@example.net': 550, 'later@example.net': 451 }
    hop.mood.recipient = (address) => codes[address] ?? 250
    const id = await queue(['yes@example.net', 'no@example.net', 'later@example.net'], { mailId: 'mail-1' })
    await becomes(id, 'sent')
    const [ended] = await endedDeliveries(house.ctx, 10)
    assert.deepEqual(
      { ...ended, refused: Object.keys(ended!.refused) },
      {
        id,
        mailId: 'mail-1',
        sender: 'ann@example.org',
        recipients: ['yes@example.net', 'no@example.net'],
        refused: ['no@example.net'],
        body: ended!.body,
      },
    )
    assert.match(ended!.refused['no@example.net']!, /^550 .*says the next hop/)
    assert.equal(await atomically(house.ctx, (ctx) => settleDelivery(ctx, id)), true)
    assert.equal(await atomically(house.ctx, (ctx) => settleDelivery(ctx, id)), false)
    assert.equal(await bodies(), 1, 'the body is needed for who is tried again')
    const rest = (await all()).find(({ state }) => state === 'queued')!
    assert.deepEqual([rest.recipients, rest.mail_id, rest.attempts], ['["later@example.net"]', 'mail-1', 1])
    hop.mood = {}
    await later(seconds(6))
    await becomes(rest.id, 'sent')
    assert.deepEqual(
      hop.taken.map(({ to }) => to),
      [['yes@example.net'], ['later@example.net']],
    )
    // A mail of the gateway is told of its end in any case.
    assert.deepEqual(
      (await endedDeliveries(house.ctx, 10)).map((one) => [one.id, one.refused]),
      [[rest.id, {}]],
    )
    await settled()
    assert.equal(await bodies(), 0)
  })

  it('keeps a body that two deliveries share until both are settled, at the same instant too', async () => {
    hop.mood.recipient = (address) => (address.startsWith('later') ? 451 : 250)
    const first = await queue(['yes@example.net', 'later@example.net'], { mailId: 'mail-2' })
    await becomes(first, 'sent')
    hop.mood = {}
    await later(seconds(6))
    await hop.has(2)
    await until('both have ended', async () => (await endedDeliveries(house.ctx, 10)).length === 2)
    const [one, two] = await endedDeliveries(house.ctx, 10)
    assert.equal(one!.body, two!.body)
    const settles = [one!, two!].map(({ id }) => atomically(house.ctx, (ctx) => settleDelivery(ctx, id)))
    assert.deepEqual(await Promise.all(settles), [true, true])
    assert.equal(await bodies(), 0)
  })

  it('fails at once for all when the message itself is refused for good, and waits when it is not', async () => {
    let code = 552
    hop.mood.content = () => code
    const failed = await queue(['a@example.net', 'b@example.net'])
    await becomes(failed, 'failed')
    const refused = JSON.parse((await row(failed)).refused)
    assert.deepEqual(Object.keys(refused), ['a@example.net', 'b@example.net'])
    assert.match(refused['a@example.net'], /^552 /)
    code = 452
    const waiting = await queue(['a@example.net'])
    await until('the first try', async () => /^452/.test((await row(waiting)).outcome))
    code = 250
    await later(seconds(6))
    await becomes(waiting, 'sent')
    assert.equal(hop.taken.length, 1)
    await settled()
  })

  it('is given up when its time is over, with the last words', async () => {
    hop.mood.recipient = () => 450
    const id = await queue(['slow@example.net'], { expires: now + seconds(8) })
    await until('the first try', async () => (await row(id)).outcome !== '')
    await later(seconds(6))
    await becomes(id, 'failed')
    assert.match(JSON.parse((await row(id)).refused)['slow@example.net'], /^450 /)
    // The carrier says it once it is written down, and over a channel.
    const told = () => said.find(({ event }) => event === 'delivery.failed')?.facts.delivery
    await until('what the log says', () => told() !== undefined)
    assert.equal(told(), id)
    await settled()
  })

  it('passes by what hangs', async () => {
    const hanging = promised<number>()
    hop.mood.recipient = (address) => (address.startsWith('hangs') ? hanging.promise : 250)
    const stuck = await Promise.all([1, 2, 3].map((n) => queue([`hangs-${n}@example.net`])))
    for (let n = 0; n < 5; n++) await queue([`goes-${n}@example.net`])
    await hop.has(5)
    assert.ok((await Promise.all(stuck.map(row))).every(({ state }) => state === 'sending'))
    hanging.keep(250)
    await hop.has(8)
    for (const id of stuck) await becomes(id, 'sent')
  })

  it('carries a large message as it is', async () => {
    const line = `..${'x'.repeat(69)}\r\n.\r\n`
    const text = `Subject: Large\r\n\r\n${line.repeat(60_000)}`
    const digest = (what: string) => createHash('sha256').update(what).digest('hex')
    const id = await queue(['large@example.net'], { text })
    await becomes(id, 'sent')
    assert.equal(digest(hop.taken[0]!.raw), digest(text))
  })

  it('arrives once when the process that sends it is killed before the final dot', async () => {
    const reached = promised<void>()
    const never = promised<number>()
    hop.mood.recipient = () => {
      reached.keep()
      return never.promise
    }
    const id = await queue(['bob@example.net'])
    await reached.promise
    await killCarrier()
    hop.mood = {}
    await later(seconds(30))
    assert.equal((await row(id)).state, 'sending', 'it may yet be alive')
    await later(seconds(31))
    await becomes(id, 'sent')
    assert.equal(hop.taken.length, 1)
    assert.ok(!said.some(({ event }) => event === 'delivery.uncertain'))
    never.keep(250)
  })

  it('is tried again late, and said to be uncertain, when that process is killed after it', async () => {
    const reached = promised<void>()
    hop.mood.content = () => {
      reached.keep()
      return new Promise<number>((resolve) => setTimeout(resolve, 200, 250))
    }
    const id = await queue(['bob@example.net'])
    await reached.promise
    assert.equal((await row(id)).state, 'committing')
    await killCarrier()
    hop.mood = {}
    await later(minutes(10))
    assert.equal((await row(id)).state, 'committing')
    await later(minutes(11))
    await becomes(id, 'sent')
    await hears('delivery.uncertain')
    assert.equal(said.find(({ event }) => event === 'delivery.uncertain')?.facts.delivery, id)
  })

  it('is not sent by a process that was taken for dead too early', async () => {
    const reached = promised<void>()
    const answer = promised<number>()
    hop.mood.recipient = () => {
      reached.keep()
      return answer.promise
    }
    const id = await queue(['bob@example.net'])
    await reached.promise
    const first = pid
    assert.ok(first > 0)
    process.kill(first, 'SIGSTOP')
    now += seconds(61)
    hop.mood = {}
    const second = carrierProcess({ ...facts, stepMs: 5000, width: 2 }, log)
    second.look(now)
    await becomes(id, 'sent')
    await second.close()
    answer.keep(250)
    process.kill(first, 'SIGCONT')
    await hears('delivery.overtaken')
    assert.equal(hop.taken.length, 1)
    assert.equal((await row(id)).state, 'sent')
  })

  it('is noted, and sent once, by a connection to the database that breaks', {
    skip: engine === 'sqlite',
  }, async () => {
    const reached = promised<void>()
    const answer = promised<number>()
    hop.mood.content = () => {
      reached.keep()
      return answer.promise
    }
    const id = await queue(['bob@example.net'])
    await reached.promise
    await house.ctx.db.transaction().execute(async (db) => {
      await db.selectFrom('delivery').select('id').where('id', '=', id).forUpdate().execute()
      answer.keep(250)
      const waiting = sql<{ pid: number }>`select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      await until('the carrier waits for the row', async () => (await waiting.execute(db)).rows.length > 0)
      for (const { pid } of (await waiting.execute(db)).rows) await sql`select pg_terminate_backend(${pid})`.execute(db)
    })
    await becomes(id, 'sent')
    await hears('delivery.unnoted')
    assert.equal(hop.taken.length, 1)
    assert.ok(!said.some(({ event }) => event === 'carrier.ended'))
  })

  it('finishes what is in hand before an orderly stop is over', async () => {
    const reached = promised<void>()
    hop.mood.content = () => {
      reached.keep()
      return new Promise<number>((resolve) => setTimeout(resolve, 200, 250))
    }
    const id = await queue(['bob@example.net'])
    await reached.promise
    await house.close()
    house = await start()
    assert.equal((await row(id)).state, 'sent')
    assert.equal(hop.taken.length, 1)
  })

  it('is forgotten after a while, but never before what follows from it is done', async () => {
    const done = await queue(['bob@example.net'])
    hop.mood.recipient = (address) => (address === 'no@example.net' ? 550 : 250)
    const open = await queue(['no@example.net'])
    await becomes(done, 'sent')
    await becomes(open, 'failed')
    await later(days(31))
    await sweepDeliveries(house.ctx)
    assert.deepEqual(
      (await all()).map(({ id }) => id),
      [open],
    )
    await settled()
    assert.equal(await sweepDeliveries(house.ctx), 1)
    assert.equal(await bodies(), 0)
  })
})
