import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '#src/domain/refusals.ts'
import { parseMultipart } from './multipart.ts'

const type = 'multipart/form-data; boundary=line'
const parse = (text: string, contentType = type) => parseMultipart(Buffer.from(text, 'latin1'), contentType)

describe('multipart/form-data', () => {
  it('is read as browsers write it', async () => {
    const form = new FormData()
    form.set('key', new Blob([Buffer.from([0, 13, 10, 255])]), 'ring.asc')
    form.set('keyPassword', 'pässword')
    const request = new Request('http://x', { method: 'POST', body: form })
    const body = Buffer.from(await request.arrayBuffer())
    const parts = parseMultipart(body, request.headers.get('content-type')!)
    assert.deepEqual([...parts.key!.data], [0, 13, 10, 255])
    assert.equal(parts.key!.filename, 'ring.asc')
    assert.equal(parts.keyPassword!.data.toString(), 'pässword')
  })

  it('is read without a file name, a type, and closing dashes', () => {
    const parts = parse('--line\r\nContent-Disposition: form-data; name="key"\r\n\r\nARMOR\r\n--line')
    assert.equal(parts.key!.data.toString(), 'ARMOR')
    assert.deepEqual(Object.keys(parts), ['key'])
  })

  it('refuses one name twice, parts without names, and what is no form', () => {
    const part = '--line\r\nContent-Disposition: form-data; name="key"\r\n\r\nx\r\n'
    assert.throws(
      () => parse(`${part}${part}--line--`),
      (error) => isRefusal(error, 'input.invalid'),
    )
    assert.throws(
      () => parse('--line\r\nX: y\r\n\r\nx\r\n--line--'),
      (error) => isRefusal(error, 'input.unreadable'),
    )
    assert.throws(
      () => parse('hello'),
      (error) => isRefusal(error, 'input.unreadable'),
    )
    assert.throws(
      () => parse(part, 'text/plain'),
      (error) => isRefusal(error, 'input.unreadable'),
    )
  })

  it('never does anything but read or refuse', () => {
    const pieces = fc.constantFrom(
      '--line',
      '--line--',
      '\r\n',
      '\n',
      'Content-Disposition: form-data; name="k"',
      '\r\n\r\n',
      '__proto__',
      'x',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (some) => {
        try {
          parse(some.join(''))
        } catch (error) {
          assert.ok(isRefusal(error), String(error))
        }
      }),
    )
  })
})
