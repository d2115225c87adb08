import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sealedColumns, seats } from './seats.ts'

const here = dirname(fileURLToPath(import.meta.url))

describe('the seats of sealed texts', () => {
  it('are all somewhere in the database, and lead there alone', () => {
    assert.deepEqual(new Set(sealedColumns.map(({ seat }) => seat)), new Set(Object.values(seats)))
    const own = Object.values(seats).map((seat) => seat('a', 'b'))
    assert.equal(new Set(own).size, own.length)
  })

  it('are what every room seals under', () => {
    const files = globSync('**/*.ts', { cwd: here }).filter((file) => !file.endsWith('.test.ts'))
    const others = files.filter((file) => {
      const text = readFileSync(join(here, file), 'utf8')
      const uses = [...text.matchAll(/secrets\.sealer\.(?:seal|open)\(/g)].map(({ index }) =>
        text.slice(index, index + 200),
      )
      return uses.some((use) => !use.includes('seats.'))
    })
    assert.deepEqual(others, [])
  })
})
