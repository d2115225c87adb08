import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sealer } from './sealing.ts'

const key = (fill: number) => Buffer.alloc(32, fill)

describe('sealing at rest', () => {
  it('opens for its own row only, and not after a change', () => {
    const box = sealer([{ name: 'k1', key: key(1) }])
    const sealed = box.seal('a secret', 'factor:1')
    assert.equal(box.open(sealed, 'factor:1').toString(), 'a secret')
    assert.throws(() => box.open(sealed, 'factor:2'))
    const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA')
    assert.throws(() => box.open(changed, 'factor:1'))
    assert.notEqual(sealed, box.seal('a secret', 'factor:1'))
  })

  it('opens what an older key sealed, and seals under the newest', () => {
    const old = sealer([{ name: 'k1', key: key(1) }]).seal('a secret', 'row')
    const both = sealer([
      { name: 'k2', key: key(2) },
      { name: 'k1', key: key(1) },
    ])
    assert.equal(both.open(old, 'row').toString(), 'a secret')
    assert.match(both.seal('x', 'row'), /^k2\./)
    assert.throws(() => sealer([{ name: 'k2', key: key(2) }]).open(old, 'row'), /not in the key file/)
  })
})
