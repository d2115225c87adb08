/** A stroke of the pen: points that are joined by straight lines, in a box of height 1 with y downward. */
export type Stroke = readonly (readonly [x: number, y: number])[]

/** What a character is written with, and how wide it is. */
export interface Glyph {
  width: number
  strokes: readonly Stroke[]
}

const STEP = 20

const line = (...numbers: number[]): Stroke =>
  Array.from({ length: numbers.length / 2 }, (_, n) => [numbers[2 * n]!, numbers[2 * n + 1]!] as const)

interface Ellipse {
  at: readonly [x: number, y: number]
  radii: readonly [x: number, y: number]
}

/** A part of an ellipse, from one angle to another in degrees; 0 is to the right, 90 is down. */
function arc({ at, radii }: Ellipse, from: number, to: number): Stroke {
  const count = Math.ceil(Math.abs(to - from) / STEP)
  return Array.from({ length: count + 1 }, (_, n) => {
    const angle = ((from + ((to - from) * n) / count) * Math.PI) / 180
    return [at[0] + radii[0] * Math.cos(angle), at[1] + radii[1] * Math.sin(angle)] as const
  })
}

const bowl: Stroke = [
  ...line(0, 1, 0, 0, 0.3, 0),
  ...arc({ at: [0.3, 0.28], radii: [0.34, 0.28] }, -90, 90),
  ...line(0, 0.56),
]

const glyph = (width: number, ...strokes: Stroke[]): Glyph => ({ width, strokes })

// None of these is taken for another, also not when it leans: no 0 and O, no 1, 7, I and J, no 2 and Z, no 5 and S, no 6
// and G, no 8, B and D, no U and V.
const glyphs: Readonly<Record<string, Glyph>> = {
  A: glyph(0.72, line(0, 1, 0.36, 0, 0.72, 1), line(0.13, 0.64, 0.59, 0.64)),
  C: glyph(0.72, arc({ at: [0.42, 0.5], radii: [0.42, 0.5] }, -48, -312)),
  E: glyph(0.62, line(0.62, 0, 0, 0, 0, 1, 0.62, 1), line(0, 0.48, 0.5, 0.48)),
  F: glyph(0.62, line(0.62, 0, 0, 0, 0, 1), line(0, 0.48, 0.5, 0.48)),
  H: glyph(0.64, line(0, 0, 0, 1), line(0.64, 0, 0.64, 1), line(0, 0.5, 0.64, 0.5)),
  K: glyph(0.66, line(0, 0, 0, 1), line(0.62, 0, 0, 0.6), line(0.2, 0.42, 0.66, 1)),
  L: glyph(0.58, line(0, 0, 0, 1, 0.58, 1)),
  M: glyph(0.8, line(0, 1, 0, 0, 0.4, 0.6, 0.8, 0, 0.8, 1)),
  N: glyph(0.66, line(0, 1, 0, 0, 0.66, 1, 0.66, 0)),
  P: glyph(0.64, bowl),
  R: glyph(0.66, bowl, line(0.26, 0.56, 0.66, 1)),
  T: glyph(0.7, line(0, 0, 0.7, 0), line(0.35, 0, 0.35, 1)),
  W: glyph(0.94, line(0, 0, 0.23, 1, 0.47, 0.35, 0.71, 1, 0.94, 0)),
  X: glyph(0.66, line(0, 0, 0.66, 1), line(0.66, 0, 0, 1)),
  Y: glyph(0.68, line(0, 0, 0.34, 0.48, 0.68, 0), line(0.34, 0.48, 0.34, 1)),
  3: glyph(
    0.6,
    arc({ at: [0.27, 0.25], radii: [0.28, 0.25] }, -155, 90),
    arc({ at: [0.27, 0.75], radii: [0.33, 0.25] }, -90, 155),
  ),
  4: glyph(0.7, line(0.5, 1, 0.5, 0, 0, 0.68, 0.7, 0.68)),
  9: glyph(0.6, arc({ at: [0.3, 0.3], radii: [0.3, 0.3] }, 0, 360), line(0.6, 0.3, 0.56, 0.64, 0.32, 1)),
}

/** What a captcha may consist of. */
export const alphabet = Object.keys(glyphs).join('')

/** How a character of the alphabet is written. */
export function glyphOf(character: string): Glyph {
  const found = glyphs[character]
  if (!found) throw new Error(`no captcha has a ${character}`)
  return found
}
