import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate, openPostgres, openSqlite } from '../src/db/open.ts'
import { engines, freshPostgres, onEveryEngine } from '../src/testing.ts'
import { openNextHop, until } from './next-hop.ts'
import { killAgainAndAgain, startVictim, type Victim } from './victim.ts'

// Fifty times altogether.
const TIMES = engines.length > 1 ? 25 : 50
const EACH = 1000
const parent = new URL('./delivery-parent.ts', import.meta.url)

onEveryEngine('deliveries whose sender is killed again and again', (engine) => {
  it('arrive once each', { timeout: 120_000 }, async () => {
    const data = mkdtempSync(join(tmpdir(), 'chatelaine-deliveries-'))
    const postgres = engine === 'postgres' ? await freshPostgres(process.env.CHATELAINE_TEST_TEMPLATE) : null
    const database = postgres ? await openPostgres(postgres.url) : openSqlite(join(data, 'chatelaine.sqlite'))
    await migrate(database)
    let refusals = 0
    const hop = await openNextHop({
      recipient: () => (Math.random() < 0.1 && refusals++ < 10 ? 451 : 250),
      async content() {
        await sleep(Math.random() * 50)
        return Math.random() < 0.1 && refusals++ < 10 ? 452 : 250
      },
    })
    const given = { data, databaseUrl: postgres?.url ?? null, hop: hop.url }
    const victims: Victim[] = []
    try {
      const states = async () =>
        (await database.query.selectFrom('delivery').select('state').execute()).map(({ state }) => state)
      const start = async (round: number, count = EACH) => {
        const victim = await startVictim(parent, { ...given, from: round * EACH, count, pace: 30 })
        victims.push(victim)
        return victim
      }
      let inHand = 0
      const { lines, last } = await killAgainAndAgain(start, {
        times: TIMES,
        after: 150,
        async killed() {
          if ((await states()).some((state) => state === 'sending' || state === 'committing')) inHand++
        },
      })
      await last.kill('process')
      const finisher = await start(0, 0)
      await until('all is sent', async () => (await states()).every((state) => state === 'sent'), 30_000)
      assert.equal(await finisher.stop(), 0)
      assert.ok(inHand > 0, 'none was killed with something in hand')
      const queued = [...lines, ...last.lines()].flatMap((line) => /^queued (\d+)$/.exec(line)?.[1] ?? [])
      assert.ok(queued.length > TIMES, `only ${queued.length} were queued`)
      const arrived = hop.taken.map(({ raw }) => /^X-Number: (\d+)/m.exec(raw)![1]!)
      const twice = arrived.filter((number, at) => arrived.indexOf(number) !== at)
      assert.deepEqual(twice, [], 'arrived twice')
      const lost = queued.filter((number) => !arrived.includes(number))
      assert.deepEqual(lost, [], 'were queued and did not arrive')
      assert.equal((await states()).length, arrived.length)
      assert.deepEqual(await database.query.selectFrom('kept_body').select('id').where('claimed', '=', 1).execute(), [])
    } finally {
      for (const victim of victims) await victim.kill('group')
      await hop.close()
      await database.close()
      await postgres?.drop()
      rmSync(data, { recursive: true, force: true })
    }
  })
})
