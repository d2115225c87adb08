import type { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'

/** A place in a list as it travels: opaque for clients, and read as suspiciously as anything they send. */
export const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** The place that a cursor names; null where there is none. Refuses with 'input.invalid' on `after`. */
export function placeIn<Place>(cursor: string | undefined, shape: z.ZodType<Place>): Place | null {
  if (cursor === undefined) return null
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw new Refusal('input.invalid', { params: ['after'] })
  }
}
