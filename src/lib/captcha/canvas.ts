import type { Stroke } from './glyphs.ts'

/** Grey paper, to be written on; `ink` 255 is black. */
export interface Canvas {
  width: number
  height: number
  /** one byte for a pixel, row by row; 0 is white */
  inks: Uint8Array
}

export const blank = (width: number, height: number): Canvas => ({
  width,
  height,
  inks: new Uint8Array(width * height),
})

type Point = readonly [x: number, y: number]

/** How far a point is from a stretch of straight line. */
function distance([px, py]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / length))
  return Math.hypot(px - ax - along * dx, py - ay - along * dy)
}

const within = (value: number, most: number): number => Math.min(most, Math.max(0, value))

function drawLine(
  { width, height, inks }: Canvas,
  [from, to]: readonly [Point, Point],
  { radius, ink }: { radius: number; ink: number },
): void {
  const reach = radius + 1
  const left = within(Math.floor(Math.min(from[0], to[0]) - reach), width)
  const right = within(Math.ceil(Math.max(from[0], to[0]) + reach), width)
  const top = within(Math.floor(Math.min(from[1], to[1]) - reach), height)
  const bottom = within(Math.ceil(Math.max(from[1], to[1]) + reach), height)
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      // A pixel at the edge is covered in part: so the edge looks smooth.
      const covered = within(radius + 0.5 - distance([x + 0.5, y + 0.5], from, to), 1)
      const at = y * width + x
      inks[at] = Math.max(inks[at]!, Math.round(ink * covered))
    }
}

/** Draws a stroke with a round pen. What is there already stays where it is darker. */
export function draw(canvas: Canvas, stroke: Stroke, pen: { radius: number; ink: number }): void {
  for (const [n, to] of stroke.entries()) {
    const from = stroke[n - 1]
    if (from) drawLine(canvas, [from, to], pen)
  }
}
