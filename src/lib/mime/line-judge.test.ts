import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { lineJudge } from './line-judge.ts'

it('finds every CR and LF that stands alone, however the bytes are cut', () => {
  const letters = fc.constantFrom('\r', '\n', '\r\n', 'a', '.')
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), fc.array(fc.nat(24), { maxLength: 4 }), (parts, cuts) => {
      const text = parts.join('')
      const judge = lineJudge()
      let from = 0
      for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
        if (cut < from) continue
        judge.read(Buffer.from(text.slice(from, cut)))
        from = Math.max(from, Math.min(cut, text.length))
      }
      assert.equal(judge.areClean(), !/[\r\n]/.test(text.replaceAll('\r\n', '')))
    }),
  )
})
