import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pace } from './pace.ts'
import { boundedQueue, QueueFull } from './queue.ts'

describe('the pace of a queue', () => {
  it('says how long those in line will take, from a second to a minute', () => {
    const hashes = pace()
    assert.equal(hashes.secondsFor(64, 3), 1)
    for (let n = 0; n < 50; n++) hashes.note(500)
    assert.equal(hashes.secondsFor(64, 2), 16)
    assert.equal(hashes.secondsFor(64, 4), 8)
    for (let n = 0; n < 50; n++) hashes.note(60_000)
    assert.equal(hashes.secondsFor(64, 2), 60)
  })

  it('is told to whom there is no room for', async () => {
    const queue = boundedQueue(1, 1)
    const { promise, resolve } = Promise.withResolvers<void>()
    const running = [queue.run(() => promise), queue.run(() => promise)]
    await assert.rejects(
      queue.run(() => promise),
      (error) => error instanceof QueueFull && error.retryAfter >= 1,
    )
    assert.deepEqual([queue.active, queue.depth], [1, 1])
    resolve()
    await Promise.all(running)
    await queue.run(async () => {})
  })
})
