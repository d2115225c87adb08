import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readSentDate } from './sent-date.ts'

const moment = Date.UTC(2019, 0, 22, 11, 56, 29)

describe('when a mail was sent', () => {
  it('is read in every form that programs write it in', () => {
    const forms = [
      'Tue, 22 Jan 2019 12:56:29 +0100',
      '22 Jan 2019 12:56:29 +0100 (CET)',
      'Tue, 22 Jan 2019 06:56:29 EST',
      'Tue, 22 Jan 2019 11:56:29 GMT',
      // As a form leaves it whose plus sign was not encoded.
      'Tue, 22 Jan 2019 12:56:29  0100',
      '2019-01-22T11:56:29Z',
      '2019-01-22T11:56:29.000Z',
      '2019-01-22 12:56:29+01:00',
      '2019-01-22T12:56:29 01:00',
      '2019-01-22T11:56:29',
      String(moment),
      String(moment / 1000),
    ]
    for (const form of forms) assert.equal(readSentDate(form), moment, form)
    assert.equal(readSentDate('2019-01-22'), Date.UTC(2019, 0, 22))
  })

  it('is nothing when it makes no sense', () => {
    const nonsense = [
      '',
      'yesterday',
      '12',
      '22 Foo 2019 12:00:00 +0000',
      '32 Jan 2019 12:00 +0000',
      '1e12',
      '-1548158189',
    ]
    for (const form of [...nonsense, '2019-13-01', '22 Jan 2019 25:00:00 +0000', `${' '.repeat(500)}2019-01-22`])
      assert.equal(readSentDate(form), null, form)
  })

  it('is a moment or nothing, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readSentDate(text)
        return read === null || Number.isFinite(read)
      }),
    )
    const inPast = fc.integer({ min: 1, max: 4_000_000_000 })
    fc.assert(fc.property(inPast, (second) => readSentDate(new Date(second * 1000).toUTCString()) === second * 1000))
  })
})
