import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseExact } from '../../console/src/api/exact-json.ts'

describe('reading the answers of OX Guard in a browser', () => {
  it('keeps every digit of a 64-bit id, and the type of all ids the same', () => {
    const text =
      '{"keys":[{"masterKey":true,"id":-651317036104941748},{"masterKey":false,"id":12},{"id": 9223372036854775807 }]}'
    assert.deepEqual(parseExact(text), {
      keys: [
        { masterKey: true, id: '-651317036104941748' },
        { masterKey: false, id: '12' },
        { id: '9223372036854775807' },
      ],
    })
  })

  it('leaves texts and other numbers as they are', () => {
    const value = {
      name: 'a "quoted", 1234567890123456789, name \\',
      ring: '-----BEGIN-----\n\nid":-651317036104941748,\n',
      creationTime: 1_700_000_000_000,
      part: 0.123_456_789_012_345_6,
      userIds: ['"id":1234567890123456789'],
      nothing: null,
    }
    assert.deepEqual(parseExact(JSON.stringify(value)), value)
    assert.deepEqual(parseExact('[0.12345678901234567890, 1e20]'), JSON.parse('[0.12345678901234567890, 1e20]'))
  })

  it('reads a long armor in good time, and refuses what is no JSON', () => {
    const ring = `${'A'.repeat(64)}\n`.repeat(20_000)
    assert.deepEqual(parseExact(JSON.stringify({ ring, id: 7 })), { ring, id: '7' })
    assert.throws(() => parseExact('{"id":'), SyntaxError)
  })
})
