import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { effort } from './effort-testing.ts'
import { pictureOf } from './image-kind.ts'
import { activeSvgs, bombs, gif, jpeg, notPictures, otherWebps, png, svg, webp } from './image-testing.ts'

describe('what kind of picture some bytes are', () => {
  it('is told with its size', () => {
    assert.deepEqual(pictureOf(png(20, 10)), { kind: 'png', width: 20, height: 10 })
    assert.deepEqual(pictureOf(jpeg(20, 10)), { kind: 'jpeg', width: 20, height: 10 })
    assert.deepEqual(pictureOf(gif(20, 10)), { kind: 'gif', width: 20, height: 10 })
    assert.deepEqual(pictureOf(webp(20, 10)), { kind: 'webp', width: 20, height: 10 })
    assert.deepEqual(pictureOf(svg('', 'width="20" height="10"')), { kind: 'svg', width: 20, height: 10 })
    for (const other of otherWebps) assert.deepEqual(pictureOf(other), { kind: 'webp', width: 1, height: 1 })
    for (const active of activeSvgs) assert.equal(pictureOf(active)?.kind, 'svg')
  })

  it('is told of the forms that an SVG begins in', () => {
    for (const text of [
      '<svg width="20" height="10"/>',
      "\ufeff<svg width='20px' height='10px' viewBox=\"0 0 1 1\"></svg>",
      '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">\n<svg viewBox="0 0 20 10"></svg>',
      '<!-- <svg width="1" height="1"> --><svg data-a=\' width="5" >\' viewBox="0,0,\n20,10" width="100%"></svg >',
      `<svg ${'xmlns:a="urn:a" '.repeat(100)}width="20" height="10"></svg><!-- end -->`,
    ])
      assert.deepEqual(pictureOf(Buffer.from(text)), { kind: 'svg', width: 20, height: 10 }, text.slice(0, 80))
  })

  it('is nothing for everything else, and for what is cut off', () => {
    for (const [name, bytes] of Object.entries(notPictures)) assert.equal(pictureOf(bytes), null, name)
  })

  it('shows the true size of what would become very large', () => {
    for (const [name, bytes] of Object.entries(bombs)) {
      const picture = pictureOf(bytes)
      assert.ok(picture === null || Math.max(picture.width, picture.height) > 4096, name)
    }
  })

  it('depends on nothing but the bytes themselves', () => {
    const around = Buffer.alloc(4096, 0xff)
    around.set(png(20, 10), 100)
    const inside = around.subarray(100, 100 + png(20, 10).length)
    assert.deepEqual(pictureOf(inside), { kind: 'png', width: 20, height: 10 })
    assert.equal(pictureOf(inside.subarray(0, 22)), null)
    const screen = gif(1, 1, [9, 9])
    const before = Buffer.from(screen)
    assert.deepEqual(pictureOf(screen), { kind: 'gif', width: 9, height: 9 })
    assert.deepEqual(screen, before)
  })

  it('survives any bytes', () => {
    const starts = [png(9, 9), jpeg(9, 9), gif(9, 9), webp(9, 9), svg(), ...otherWebps]
    const damaged = fc
      .tuple(fc.constantFrom(...starts), fc.nat(), fc.uint8Array({ maxLength: 60 }), fc.nat())
      .map(([bytes, at, noise, cut]) => {
        const place = at % bytes.length
        const rest = bytes.subarray(place + (cut % 40))
        return Buffer.concat([bytes.subarray(0, place), noise, rest])
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const picture = pictureOf(bytes)
        return picture === null || (picture.width > 0 && picture.height > 0)
      }),
      { numRuns: 2000 },
    )
  })

  it('does not take long to find out', () => {
    const many = (text: string, start = '') => Buffer.from(start + text.repeat(2_000_000 / text.length), 'latin1')
    for (const bytes of [
      many('<svg '),
      many(' a="1"', '<svg'),
      many(' ', '<svg'),
      many('<!---->'),
      many('</svg ', '<svg width="1" height="1">'),
      many('\xff\xe0\0\x02', '\xff\xd8'),
      many('\0\0\0\0IHDR\0\0\0\0', '\x89PNG\r\n\x1a\n'),
      many('!\x01\0', 'GIF89a\0\0\0\0\0\0\0'),
    ]) {
      const spent = effort()
      pictureOf(bytes)
      assert.ok(spent() < 500, bytes.toString('latin1', 0, 20))
    }
  })
})
