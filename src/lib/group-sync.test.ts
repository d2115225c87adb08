import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { groupSync } from './group-sync.ts'

/** A sync that a test lets end when it likes. */
function heldSync() {
  const started: { end(error?: Error): void }[] = []
  const sync = () =>
    new Promise<void>((resolve, reject) => started.push({ end: (error) => (error ? reject(error) : resolve()) }))
  return { started, sync }
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([promise.then(() => true), new Promise((resolve) => setTimeout(resolve, 5, false))])) as boolean

describe('a shared sync', () => {
  it('is not begun when nothing was written', async () => {
    const { started, sync } = heldSync()
    await groupSync(sync).settled()
    assert.equal(started.length, 0)
  })

  it('covers only what was written before it began; the next one is shared by all who came meanwhile', async () => {
    const { started, sync } = heldSync()
    const group = groupSync(sync)
    group.note()
    const first = group.settled()
    group.note()
    const second = group.settled()
    group.note()
    const third = group.settled()
    assert.equal(started.length, 1)
    started[0]!.end()
    await first
    assert.equal(await isSettled(second), false)
    assert.equal(started.length, 2)
    started[1]!.end()
    await Promise.all([second, third])
    assert.equal(started.length, 2)
    await group.settled()
    assert.equal(started.length, 2)
  })

  it('tells those who waited when it fails, and tries again for the next', async () => {
    const { started, sync } = heldSync()
    const group = groupSync(sync)
    group.note()
    const first = group.settled()
    started[0]!.end(new Error('disk full'))
    await assert.rejects(first, /disk full/)
    const second = group.settled()
    started[1]!.end()
    await second
  })
})
