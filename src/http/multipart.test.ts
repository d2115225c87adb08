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
    const parts = await parseMultipart(body, request.headers.get('content-type')!)
    assert.deepEqual([...parts.key!.data], [0, 13, 10, 255])
    assert.equal(parts.key!.filename, 'ring.asc')
    assert.equal(parts.keyPassword!.data.toString(), 'pässword')
  })

  it('is read without a file name, a type, and closing dashes', async () => {
    const parts = await parse('--line\r\nContent-Disposition: form-data; name="key"\r\n\r\nARMOR\r\n--line')
    assert.equal(parts.key!.data.toString(), 'ARMOR')
    assert.deepEqual(Object.keys(parts), ['key'])
  })

  it('refuses one name twice, parts without names, and what is no form', async () => {
    const part = '--line\r\nContent-Disposition: form-data; name="key"\r\n\r\nx\r\n'
    await assert.rejects(parse(`${part}${part}--line--`), (error) => isRefusal(error, 'input.invalid'))
    await assert.rejects(parse('--line\r\nX: y\r\n\r\nx\r\n--line--'), (error) => isRefusal(error, 'input.unreadable'))
    await assert.rejects(parse('hello'), (error) => isRefusal(error, 'input.unreadable'))
    await assert.rejects(parse(part, 'text/plain'), (error) => isRefusal(error, 'input.unreadable'))
  })

  it('may be of many megabytes, with a delimiter across any boundary', async () => {
    for (const shift of [0, 1, 5, 6, 7]) {
      const data = Buffer.alloc(2 * 1024 * 1024 - shift - 67, 'no line ')
      const head = Buffer.from('--line\r\nContent-Disposition: form-data; name="data"\r\n\r\n')
      const rest = '\r\n--line\r\nContent-Disposition: form-data; name="signature"\r\n\r\nx\r\n--line--\r\n'
      const parts = await parseMultipart(Buffer.concat([head, data, Buffer.from(rest)]), type)
      assert.ok(parts.data!.data.equals(data))
      assert.equal(parts.signature!.data.toString(), 'x')
    }
  })

  it('never does anything but read or refuse', async () => {
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
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), async (some) => {
        try {
          await parse(some.join(''))
        } catch (error) {
          assert.ok(isRefusal(error), String(error))
        }
      }),
    )
  })
})
