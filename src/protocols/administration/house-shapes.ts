import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import type { Place } from '#src/lib/scanning.ts'

/** Cookie clients may send the session id in the query of a call; nothing else may be there unasked. */
export const query = z.strictObject({ _h: z.string().optional() })

/** A moment as it is written here: ISO 8601, in UTC. */
export const isoTime = (at: number): string => new Date(at).toISOString()
export const isoOrNull = (at: number | null): string | null => (at === null ? null : isoTime(at))

/** A moment as it may be asked for: ISO 8601 with a zone, or a day, which begins at midnight UTC. */
export const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).transform((text) => Date.parse(text))

export const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(200))

/** Where a page ended; opaque to clients. */
export const cursorOf = (place: Place | null): string | null =>
  place && Buffer.from(`${place.at} ${place.id}`).toString('base64url')

export function placeAt(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null
  const [, at, id] = /^(\d{1,15}) ([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (!at || !id) throw new Refusal('input.invalid', { params: ['after'] })
  return { at: Number(at), id }
}

export const after = z.string().max(200).optional()
