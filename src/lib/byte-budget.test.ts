import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byteBudget } from './byte-budget.ts'
import { QueueFull } from './queue.ts'

const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  const later = new Promise((resolve) => setImmediate(resolve, 'later'))
  return (await Promise.race([promise, later])) !== 'later'
}
const of = (more: Partial<Parameters<typeof byteBudget>[0]> = {}) =>
  byteBudget({ total: 100, waiting: 3, patience: 60_000, ...more })

describe('bytes that may be in hand at once', () => {
  it('are given as long as there are some, and again when they come back, once', async () => {
    const { take } = of()
    const giveBack = await take(70, 'ada')
    const second = take(40, 'ben')
    assert.equal(await settled(second), false)
    giveBack()
    giveBack()
    const third = take(70, 'cyd')
    assert.equal(await settled(second), true)
    assert.equal(await settled(third), false)
    ;(await second)()
    await third
  })

  it('go to the first in line, though a smaller one behind it would fit', async () => {
    const { take } = of()
    const giveBack = await take(60, 'ada')
    const large = take(50, 'ben')
    const small = take(10, 'cyd')
    assert.equal(await settled(small), false)
    giveBack()
    await Promise.all([large, small])
  })

  it('go to others while somebody has his half', async () => {
    const { take } = of()
    await take(40, 'ada')
    const more = take(20, 'ada')
    assert.equal(await settled(more), false)
    await take(50, 'ben')
    assert.equal(await settled(more), false)
  })

  it('are waited for by others though one client waits for as many as he may', async () => {
    const { take } = of({ waiting: 4, ofOne: 2, patience: 50 })
    await take(50, 'ada')
    const giveBack = await take(50, 'ben')
    const own = [take(20, 'ada'), take(20, 'ada')].map((one) => assert.rejects(one, QueueFull))
    await assert.rejects(take(20, 'ada'), QueueFull)
    const other = take(20, 'cyd')
    giveBack()
    await other
    await Promise.all(own)
  })

  it('are all for one that asks for more than there is', async () => {
    const { take } = of()
    const giveBack = await take(1000, 'ada')
    const next = take(1, 'ben')
    assert.equal(await settled(next), false)
    giveBack()
    await next
  })

  it('are refused when too many wait, or too long', async () => {
    const { take } = of({ waiting: 1, patience: 5 })
    const giveBack = await take(100, 'ada')
    const late = take(1, 'ben')
    await assert.rejects(take(1, 'cyd'), QueueFull)
    await assert.rejects(late, QueueFull)
    giveBack()
    await take(100, 'dan')
  })
})
