import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import fc from 'fast-check'
import { documentHash, sha256 } from './hashing.ts'

const text = { hash: sha256, isText: true, salt: null }

it('ends each line of a text by CRLF, wherever the document is cut', () => {
  const pieces = fc.array(
    fc.stringMatching(/^[a\r\n]{0,8}$/).map((value) => Buffer.from(value)),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(pieces, (document) => {
      const whole = Buffer.concat(document).toString('latin1').replace(/\r?\n/g, '\r\n')
      const expected = createHash('sha256').update(whole, 'latin1').update('end').digest()
      assert.deepEqual(documentHash(document)(text, [Buffer.from('end')]), expected)
    }),
  )
})

it('ends the lines of a text that is longer than its buffer', () => {
  const document = [Buffer.from('\n'.repeat(300_001)), Buffer.from('a\r\n'.repeat(70_001))]
  const expected = createHash('sha256')
    .update(`${'\r\n'.repeat(300_001)}${'a\r\n'.repeat(70_001)}`)
    .digest()
  assert.deepEqual(documentHash(document)(text, []), expected)
})

it('goes through a document in eight ways and no more', () => {
  const digestOf = documentHash([Buffer.from('document')])
  const salted = (n: number) => digestOf({ hash: sha256, isText: false, salt: Buffer.alloc(16, n) }, [])
  const digests = Array.from({ length: 100 }, (_, n) => salted(n))
  assert.equal(digests.filter((digest) => digest !== null).length, 8)
  // A way that was gone before costs nothing more.
  assert.deepEqual(salted(0), digests[0])
})
