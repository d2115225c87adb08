import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { engines, type House, onEveryEngine, startHouse } from '../src/testing.ts'
import { person } from './conformance/mail/people.ts'
import { handOver, mailFrom } from './gateway-client.ts'
import { type NextHop, openNextHop, until } from './next-hop.ts'
import { killAgainAndAgain, startVictim, type Victim } from './victim.ts'

// Fifty times altogether.
const TIMES = engines.length > 1 ? 25 : 50
const SENDERS = 2
// Enough of them that each kill meets some, and no more: all of them cost time.
const PAUSE = 150
const victim = new URL('./gateway-victim.ts', import.meta.url)

onEveryEngine('a mail gateway that is killed again and again', (engine) => {
  let house: House
  let hop: NextHop
  before(async () => {
    const putOff = new Set<string>()
    // A few are put off, each once: whoever is put off again waits for long.
    const isNew = (address: string) => !putOff.has(address) && putOff.add(address)
    hop = await openNextHop({
      recipient: (address) => (address.startsWith('open-') && Math.random() < 0.1 && isNew(address) ? 451 : 250),
    })
    const settings = { CHATELAINE_GATEWAY_NEXT_HOP: hop.url, CHATELAINE_GATEWAY_RULES: 'strict.test=always' }
    house = await startHouse({ engine, at: Date.now(), settings })
  })
  after(async () => {
    await house.stop()
    await hop.close()
  })

  it('loses no mail, and hands on none twice', { timeout: 240_000 }, async (t) => {
    const [anna, bob] = [await person(house, 'anna'), await person(house, 'bob')]
    // Those that are killed have no other clock than that of the world.
    const ticking = setInterval(() => house.clock.turn(Date.now() - house.clock.now()), 20)
    t.after(() => clearInterval(ticking))
    const { data, databaseUrl } = house.ctx.config
    const given = {
      CHATELAINE_DATA: data,
      CHATELAINE_DATABASE_URL: databaseUrl,
      CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
      CHATELAINE_GATEWAY_NEXT_HOP: hop.url,
      CHATELAINE_GATEWAY_RULES: 'strict.test=always',
      CHATELAINE_GUESTS: 'off',
      CHATELAINE_KEY_SOURCES: 'tenant',
      CHATELAINE_OPENPGP_WIDTH: '1',
      CHATELAINE_LOG_LEVEL: 'error',
    }
    let port = 0
    const start = async (): Promise<Victim> => {
      const next = await startVictim(victim, given)
      t.after(() => next.kill('process').catch(() => {}))
      const read = () => /ready at smtp:\/\/127\.0\.0\.1:(\d+)/.exec(next.lines().join('\n'))?.[1]
      await until('the gateway is ready', () => read() !== undefined)
      port = Number(read())
      return next
    }
    let isOver = false
    let hasFailed = false
    const taken: number[] = []
    let count = 0
    const send = async () => {
      while (!isOver) {
        const number = count++
        const recipients = [bob.email, `open-${number}@nokey.test`, `never-${number}@strict.test`]
        const mail = mailFrom(anna.email, recipients[0]!, { id: `mail-${number}`, fields: `X-Number: ${number}` })
        const isTaken = async () => (await handOver(port, { sender: anna.email, recipients, mail })).code === 250
        while (!hasFailed && !(await isTaken())) await sleep(20)
        taken.push(number)
        await sleep(PAUSE)
      }
    }
    const first = start()
    const flows = first.then(() => Array.from({ length: SENDERS }, send))
    const next = (round: number) => (round === 0 ? first : start())
    const { last } = await killAgainAndAgain(next, { times: TIMES, after: 300 }).catch((error: unknown) => {
      isOver = hasFailed = true
      throw error
    })
    isOver = true
    await Promise.all(await flows)
    // A mail is done with once the report on it is queued: that has to arrive, too.
    const { query } = house.ctx.database
    const left = async () => [
      ...(await query.selectFrom('gateway_mail').select('id').where('state', '!=', 'done').execute()),
      ...(await query.selectFrom('delivery').select('id').where('state', 'not in', ['sent', 'failed']).execute()),
    ]
    await until('all is done with', async () => (await left()).length === 0, 60_000)
    assert.equal(await last.stop(), 0)
    // A busy machine lets some of them die before they have done anything.
    assert.ok(taken.length > TIMES / 2, `only ${taken.length} mails`)
    const heard = hop.taken.flatMap(({ to, raw, from }) => {
      const number = /^X-Number: (\d+)\r$/m.exec(raw)?.[1] ?? /<mail-(\d+)@/.exec(raw)?.[1]
      return to.map((address) => `${number} ${from === '' ? 'report' : address.replace(/^open-\d+/, 'open')}`)
    })
    const expected = taken.flatMap((n) => [`${n} ${bob.email}`, `${n} open@nokey.test`, `${n} report`])
    // Said apart: a list of hundreds shows only its beginning.
    const lost = expected.filter((one) => !heard.includes(one))
    const twice = heard.filter((one, at) => heard.indexOf(one) !== at)
    const unasked = heard.filter((one) => !expected.includes(one))
    assert.deepEqual({ lost, twice, unasked }, { lost: [], twice: [], unasked: [] })
    const inTheClear = hop.taken.filter(({ to, raw }) => to.includes(bob.email) && raw.includes('only they may read'))
    assert.deepEqual(inTheClear, [])
  })
})
