import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { passwords } from './passwords.ts'
import { QueueFull } from './queue.ts'

const figures = { memory: 64, passes: 1, lanes: 1, width: 1, bound: 2 }

describe('passwords', () => {
  it('are kept as argon2id with the figures given, and hold for the right one only', async () => {
    const own = passwords(figures)
    const stored = await own.hash('correct horse')
    assert.match(stored, /^\$argon2id\$v=19\$m=64,t=1,p=1\$/)
    assert.equal(await own.verify(stored, 'correct horse'), true)
    assert.equal(await own.verify(stored, 'wrong horse'), false)
    assert.equal(await own.verify(null, ''), false)
    assert.equal(await own.verify('not a hash', 'x'), false)
  })

  it('turn away what is beyond the queue, and take what waits in it', async () => {
    const own = passwords(figures)
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => own.hash('x')))
    const refused = results.filter((result) => result.status === 'rejected')
    assert.equal(refused.length, 2)
    assert.ok(refused.every(({ reason }) => reason instanceof QueueFull))
    assert.equal(own.active, 0)
  })

  it('derive the same key from the same salt, and another from another', async () => {
    const own = passwords(figures)
    const salt = own.saltOf(Buffer.alloc(16, 1))
    assert.deepEqual(await own.derive('x', salt), await own.derive('x', salt))
    assert.notDeepEqual(await own.derive('x', salt), await own.derive('x', own.saltOf(Buffer.alloc(16, 2))))
  })

  it('derive the same key after the operator changed the figures', async () => {
    const salt = passwords(figures).saltOf(Buffer.alloc(16, 1))
    const stronger = passwords({ ...figures, memory: 128, passes: 2 })
    assert.deepEqual(await stronger.derive('x', salt), await passwords(figures).derive('x', salt))
  })
})
