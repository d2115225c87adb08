import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { crc32, inflateSync } from 'node:zlib'
import { type Chance, systemChance } from '../chance.ts'
import { captchaPicture, captchaText, typedCaptcha } from './captcha.ts'
import { alphabet } from './glyphs.ts'

/** Draws that can be had again. */
function seeded(seed: number): Chance {
  let drawn = 0
  const next = () => createHash('sha256').update(`${seed} ${drawn++}`).digest()
  return { bytes: (length) => next().subarray(0, length), below: (bound) => next().readUInt32BE() % bound }
}

/** The parts of a PNG, each with the sum that it must have. */
function partsOf(png: Buffer): { type: string; data: Buffer }[] {
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10])
  const parts = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    assert.equal(png.readUInt32BE(at + 8 + length), crc32(png.subarray(at + 4, at + 8 + length)))
    parts.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return parts
}

/** The greys of a picture, row by row. */
function greysOf(png: Buffer): { width: number; height: number; rows: Buffer[] } {
  const [head, data, end] = partsOf(png)
  assert.deepEqual([head?.type, data?.type, end?.type], ['IHDR', 'IDAT', 'IEND'])
  const [width, height] = [head!.data.readUInt32BE(0), head!.data.readUInt32BE(4)]
  // 8 bits, grey, and nothing unusual.
  assert.deepEqual([...head!.data.subarray(8)], [8, 0, 0, 0, 0])
  const bytes = inflateSync(data!.data)
  assert.equal(bytes.length, (width + 1) * height)
  const rows = Array.from({ length: height }, (_, y) => bytes.subarray(y * (width + 1), (y + 1) * (width + 1)))
  for (const row of rows) assert.equal(row[0], 0)
  return { width, height, rows: rows.map((row) => row.subarray(1)) }
}

// Darker than this are only the strokes of the text.
const DARK = 90

describe('a captcha', () => {
  it('has six characters, and none that is taken for another', () => {
    assert.equal(new Set(alphabet).size, alphabet.length)
    for (const alike of ['0O', 'O0QD', '17IJ', '2Z', '5S', '6G', '8B', 'UV'])
      assert.ok([...alike].filter((character) => alphabet.includes(character)).length <= 1, alike)
    const seen = new Set<string>()
    for (let i = 0; i < 500; i++) {
      const text = captchaText(systemChance)
      assert.match(text, new RegExp(`^[${alphabet}]{6}$`))
      for (const character of text) seen.add(character)
    }
    assert.equal(seen.size, alphabet.length)
  })

  it('is compared as people type it', () => {
    assert.equal(typedCaptcha(' ac ehk9\n'), 'ACEHK9')
    assert.notEqual(typedCaptcha('ACEHK9X'), 'ACEHK9')
    assert.equal(typedCaptcha('A'.repeat(10_000)).length, 100)
  })

  it('is a PNG with all of its ink on the paper', async () => {
    // The widest text, the narrowest, and every character.
    for (const text of ['WWWWWW', 'LLLLLL', ...(alphabet.padEnd(24, 'A').match(/.{6}/g) ?? [])]) {
      const { width, height, rows } = greysOf(await captchaPicture(seeded(7), text))
      const dark = rows.flatMap((row, y) => [...row].flatMap((grey, x) => (grey < DARK ? [[x, y] as const] : [])))
      assert.ok(dark.length > 500 && dark.length < (width * height) / 4, `${text}: ${dark.length}`)
      for (const [x, y] of dark) assert.ok(x > 0 && x < width - 1 && y > 0 && y < height - 1, `${text}: ${x},${y}`)
      // Thick strokes are those of the text: they are spread all over it, wherever it stands.
      const across = dark.map(([x]) => x)
      assert.ok(Math.max(...across) - Math.min(...across) > width / 3, text)
    }
  })

  it('looks different each time, and comes from chance alone', async () => {
    const [one, other] = [await captchaPicture(seeded(1), 'ACEHK9'), await captchaPicture(seeded(2), 'ACEHK9')]
    assert.notDeepEqual(one, other)
    assert.deepEqual(one, await captchaPicture(seeded(1), 'ACEHK9'))
  })

  it('is not drawn with what is not in its alphabet', async () => {
    await assert.rejects(captchaPicture(seeded(1), 'O0O0O0'), /no captcha has a O/)
  })
})
