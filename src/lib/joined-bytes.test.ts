import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinedBytes, STEP } from './joined-bytes.ts'

test('parts come out one behind the other; large ones in shared memory', async () => {
  for (const sizes of [[], [0], [5, 0, 7], [STEP, 1], [1, STEP, STEP - 1, 3], [3 * STEP + 1, 2]]) {
    const parts = sizes.map((size, n) => Buffer.alloc(size, n + 1))
    const joined = await joinedBytes(parts)
    assert.ok(joined.equals(Buffer.concat(parts)), sizes.join())
    assert.equal(joined.buffer instanceof SharedArrayBuffer, joined.length > STEP)
  }
})

test('others are served while much is copied', async () => {
  const parts = [Buffer.alloc(120 * STEP, 'x')]
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  await joinedBytes(parts)
  clearInterval(counting)
  assert.ok(turns >= 5, `${turns} turns`)
})
