import type { Chance } from '../chance.ts'
import { blank, type Canvas, draw } from './canvas.ts'
import { alphabet, glyphOf, type Stroke } from './glyphs.ts'
import { png } from './png.ts'

const LENGTH = 6
const WIDTH = 280
const HEIGHT = 84
const MARGIN = 14
const GLYPH_HEIGHT = 42
const WIDEST_GAP = 12
const DISTURBERS = 4
const SPECKS = 60
const FINE = 2 ** 16

/** A number between two, as fine as anybody can see. */
const between = (chance: Chance, low: number, high: number): number =>
  low + ((high - low) * chance.below(FINE)) / (FINE - 1)

/** Six characters that no person takes for others. */
export const captchaText = (chance: Chance): string =>
  Array.from({ length: LENGTH }, () => alphabet[chance.below(alphabet.length)]).join('')

/** What somebody typed, as it is compared: letters of either case, and blanks do not count. */
export const typedCaptcha = (text: string): string => text.slice(0, 100).replace(/\s/g, '').toUpperCase()

type Moved = (point: readonly [number, number]) => readonly [number, number]

/** Waves that the whole picture lies in. */
function waves(chance: Chance): Moved {
  const [high, wide] = [between(chance, 2, 4.5), between(chance, 1.5, 3)]
  const [often, seldom] = [between(chance, 0.03, 0.06), between(chance, 0.05, 0.09)]
  const [one, other] = [between(chance, 0, 6), between(chance, 0, 6)]
  return ([x, y]) => [x + wide * Math.sin(y * seldom + other), y + high * Math.sin(x * often + one)]
}

/** Lines of a few pixels, so that waves can bend them. */
const split = (stroke: Stroke, most: number): Stroke =>
  stroke.flatMap(([x, y], n) => {
    const from = stroke[n - 1]
    if (!from) return [[x, y] as const]
    const [dx, dy] = [x - from[0], y - from[1]]
    const parts = Math.max(1, Math.ceil(Math.hypot(dx, dy) / most))
    return Array.from({ length: parts }, (_, k) => {
      const share = (k + 1) / parts
      return [from[0] + dx * share, from[1] + dy * share] as const
    })
  })

/** Puts a character about a place: turned, leant, taller or smaller than the others. */
function placed(chance: Chance, { width, at }: { width: number; at: number }): Moved {
  const turn = between(chance, -0.26, 0.26)
  const lean = between(chance, -0.15, 0.15)
  const [tall, broad] = [between(chance, 0.9, 1.15), between(chance, 0.88, 1.05)]
  const [cx, cy] = [at + between(chance, -2, 2), HEIGHT / 2 + between(chance, -7, 7)]
  return ([x, y]) => {
    const down = (y - 0.5) * tall * GLYPH_HEIGHT
    const across = (x - width / 2) * broad * GLYPH_HEIGHT + lean * down
    return [cx + across * Math.cos(turn) - down * Math.sin(turn), cy + across * Math.sin(turn) + down * Math.cos(turn)]
  }
}

function write(chance: Chance, { canvas, text, bend }: { canvas: Canvas; text: string; bend: Moved }): void {
  const glyphs = Array.from(text, glyphOf)
  const free = WIDTH - 2 * MARGIN - GLYPH_HEIGHT * glyphs.reduce((sum, { width }) => sum + width, 0)
  const gap = Math.min(WIDEST_GAP, free / glyphs.length)
  let left = MARGIN + between(chance, gap, free - gap * (glyphs.length - 1))
  for (const { width, strokes } of glyphs) {
    const place = placed(chance, { width, at: left + (width * GLYPH_HEIGHT) / 2 })
    const pen = { radius: between(chance, 1.5, 2.2), ink: Math.round(between(chance, 185, 235)) }
    for (const stroke of strokes) draw(canvas, split(stroke.map(place), 4).map(bend), pen)
    left += width * GLYPH_HEIGHT + gap
  }
}

/** Thin lines all across and specks: in a person's way but little. */
function disturb(chance: Chance, canvas: Canvas, bend: Moved): void {
  for (let n = 0; n < DISTURBERS; n++) {
    const ends: Stroke = [
      [0, between(chance, 8, HEIGHT - 8)],
      [WIDTH, between(chance, 8, HEIGHT - 8)],
    ]
    const [high, often, start] = [between(chance, 3, 12), between(chance, 0.02, 0.05), between(chance, 0, 6)]
    const wavy = split(ends, 5).map(([x, y]) => [x, y + high * Math.sin(x * often + start)] as const)
    draw(canvas, wavy.map(bend), { radius: between(chance, 0.4, 0.8), ink: Math.round(between(chance, 90, 150)) })
  }
  for (let n = 0; n < SPECKS; n++) {
    const speck = [between(chance, 0, WIDTH), between(chance, 0, HEIGHT)] as const
    draw(canvas, [speck, speck], { radius: between(chance, 0.3, 1), ink: 150 })
  }
}

/** A picture of a text, as PNG: no two of one text are alike. */
export async function captchaPicture(chance: Chance, text: string): Promise<Buffer> {
  const canvas = blank(WIDTH, HEIGHT)
  const bend = waves(chance)
  write(chance, { canvas, text, bend })
  disturb(chance, canvas, bend)
  return png(canvas)
}
