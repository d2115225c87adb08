import assert from 'node:assert/strict'
import { it } from 'node:test'
import { takeMeasures } from '#src/domain/house/house.ts'
import { minutes } from '#src/lib/clock.ts'
import { startServer } from '#src/server.ts'
import { onEveryEngine, startHouse } from '#src/testing.ts'
import { refused } from '../mailbox/client.ts'
import { signedInAs } from './operators.ts'

interface Process {
  id: string
  pid: number
  gone: boolean
  version: string
  samples: { seq: number; requests: number }[]
}

onEveryEngine('administration: the processes of the house', (engine) => {
  it('are told of by whichever is asked, until they take their leave or have long been silent', async () => {
    const house = await startHouse({ engine })
    const { config, log } = house.ctx
    // Another one on the same database, as a second worker or node is.
    const other = await startServer({ ...config, listen: { host: '127.0.0.1', port: 0 } }, { log, clock: house.clock })
    try {
      const root = await signedInAs(house, 'root')
      const read = async (query = '') => (await root.call('GET', `/admin/measures${query}`)).json
      const own = house.ctx.house.process.id
      const others = other.ctx.house.process.id
      await takeMeasures(house.ctx)
      await takeMeasures(other.ctx)
      await takeMeasures(other.ctx)
      const of = async (id: string, query = '') =>
        ((await read(query)).processes as Process[]).find((process) => process.id === id)
      assert.equal((await read()).process, own)
      const seen = (await of(others))!
      assert.deepEqual([seen.pid, seen.gone, seen.version], [process.pid, false, (await read()).version])
      const newest = seen.samples.at(-1)!.seq
      assert.ok(newest >= 2 && seen.samples[0]!.seq === 1)
      // What is known of one is left out, and of that one only.
      const known = `?known=${others}:${newest - 1}`
      const [first, ...more] = (await of(others, known))!.samples
      assert.equal(first!.seq, newest)
      assert.ok(more.length <= 1 && (await of(own, known))!.samples.length > 0)
      for (const wrong of ['x', `${others}:`, `${others}:-1`, 'a:1,', "'; drop table account:1"])
        refused(await root.call('GET', `/admin/measures?known=${encodeURIComponent(wrong)}`), 400, 'BAD_PARAMETER')

      const silent = {
        ...other.ctx,
        house: { ...other.ctx.house, process: { ...other.ctx.house.process, id: 'killed' } },
      }
      await takeMeasures(silent)
      assert.equal((await of('killed'))?.gone, false)
      await other.stop()
      assert.equal(await of(others), undefined)
      house.clock.turn(minutes(1))
      assert.equal((await of('killed'))?.gone, true)
      await takeMeasures(house.ctx)
      assert.equal((await of(own))?.gone, false)
      house.clock.turn(minutes(16))
      await takeMeasures(house.ctx)
      assert.equal(await of('killed'), undefined)
    } finally {
      await other.stop().catch(() => {})
      await house.stop()
    }
  })
})
