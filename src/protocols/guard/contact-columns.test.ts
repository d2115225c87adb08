import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Contact } from '#src/domain/contacts/contacts.ts'
import { effort } from '#src/lib/effort-testing.ts'
import { inOrderOf, wireRows } from './contact-columns.ts'

const LAST_NAME = 502

const contactOf = (index: number, name: string): Contact => ({
  ...{ id: String(index), folder: 'contacts', uid: String(index), created: index, modified: index },
  data: { last_name: name },
})

/** How often others had their turn meanwhile. */
async function turnsOfOthers(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isDone = false
  const watch = async () => {
    for (; !isDone; turns++) await nextTurn()
  }
  const watching = watch()
  await work().finally(() => {
    isDone = true
  })
  await watching
  return turns
}

describe('lists of contacts', () => {
  it('are in order, those alike as they stood, and the other way round', async () => {
    const names = Array.from({ length: 700 }, (_, index) => `name ${(index * 7919) % 100}`)
    const contacts = names.map((name, index) => contactOf(index, name))
    const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })
    const nameIn = ({ data }: Contact) => String(data.last_name)
    const up = contacts.toSorted((a, b) => collator.compare(nameIn(a), nameIn(b)))
    assert.deepEqual(await inOrderOf(contacts, undefined, undefined), up)
    const down = contacts.toSorted((a, b) => collator.compare(nameIn(b), nameIn(a)))
    assert.deepEqual(await inOrderOf(contacts, String(LAST_NAME), 'DESC'), down)
    const newest = contacts.toSorted((a, b) => b.modified - a.modified)
    assert.deepEqual(await inOrderOf(contacts, '5', 'desc'), newest)
    assert.deepEqual(await inOrderOf([], '5', 'desc'), [])
  })

  it('let others have their turn, however long the names are', async () => {
    const contacts = Array.from({ length: 1000 }, (_, index) => contactOf(index, `${'ä'.repeat(16_000)}${index % 500}`))
    const spent = effort()
    const turns = await turnsOfOthers(async () => {
      await inOrderOf(contacts, '607', undefined)
      await wireRows(contacts.slice(0, 500), [LAST_NAME])
    })
    assert.ok(turns > 20, `${turns} turns`)
    assert.ok(spent() < 2000)
  })

  it('are refused when a column is asked for so often that the answer would not end', async () => {
    const contacts = Array.from({ length: 1000 }, (_, index) => contactOf(index, 'x'.repeat(16_000)))
    const often = Array.from({ length: 200 }, () => LAST_NAME)
    const spent = effort()
    await assert.rejects(wireRows(contacts, often), { reason: 'input.too-large' })
    assert.ok(spent() < 500)
    assert.deepEqual(await wireRows([contactOf(1, 'x')], [LAST_NAME, 1, LAST_NAME, 99_999]), [['x', '1', 'x', null]])
  })
})
