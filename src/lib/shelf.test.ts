import assert from 'node:assert/strict'
import { it } from 'node:test'
import { shelfFor } from './shelf.ts'

it('keeps what was used last, and no more than there is room for', () => {
  const shelf = shelfFor<number>(100)
  shelf.put('a', 1, 40)
  shelf.put('b', 2, 40)
  assert.equal(shelf.get('a'), 1)
  shelf.put('c', 3, 40)
  assert.deepEqual([shelf.get('a'), shelf.get('b'), shelf.get('c')], [1, null, 3])
  shelf.put('a', 4, 10)
  shelf.put('d', 5, 50)
  assert.deepEqual([shelf.get('a'), shelf.get('c'), shelf.get('d')], [4, 3, 5])
  shelf.put('huge', 6, 101)
  assert.deepEqual([shelf.get('huge'), shelf.get('a')], [null, null])
  shelf.put('e', 7, 100)
  assert.equal(shelf.get('e'), 7)
})
