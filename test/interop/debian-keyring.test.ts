import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { openPgpPool } from '#src/lib/openpgp/pool.ts'
import { certificatesIn, complaints, feedAll, installedKeyrings, toPool } from '../../scripts/debian-keyring.ts'

const files = installedKeyrings()
// The script takes all of them; here it is every fifth and the largest ones.
const EACH = 5
const LARGE = 20

describe("Debian's keyring", { skip: files.length === 0 && 'debian-keyring is not installed' }, () => {
  it('is understood, and holds nobody up', { timeout: 60_000 }, async () => {
    const all = files.flatMap((file) => certificatesIn(readFileSync(file)))
    const large = [...all].sort((a, b) => b.length - a.length).slice(0, LARGE)
    const some = [...new Set([...large, ...all.filter((_, index) => index % EACH === 0)])]
    assert.ok(some.length > 100)
    const pool = openPgpPool({ size: 2, queueLimit: 64 })
    try {
      await pool.warm()
      const tally = await feedAll(some, toPool(pool, Date.now()))
      assert.deepEqual(complaints(tally), [])
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0)
      assert.equal(tally.usable + sum(tally.unusable) + sum(tally.refused), some.length)
      assert.ok(tally.usable > some.length / 10)
      // Nobody's key is too much: all of them are in use somewhere.
      assert.deepEqual(tally.refused, {})
    } finally {
      await pool.close()
    }
  })
})
