import { z } from 'zod'
import { NOTES_KEPT } from '#src/domain/accounts/accounts.ts'
import { complaint } from './refuse.ts'

// Upstream's objects turn any scalar into text, and take null for "not there"; its clients lean on both.
const scalar = z.union([z.string(), z.number(), z.boolean()]).nullish()

export const SHORT = 1000
export const LONG = 4000

/** A text of at most `most` characters. */
export const text = (most = SHORT) =>
  scalar.transform((value) => {
    if (value === null || value === undefined) return undefined
    const given = String(value)
    if (given.length > most) throw complaint(1018)
    return given
  })

/** A text that is only ever hashed or compared: as it is, and undefined when empty. */
export const secret = scalar.transform((value) =>
  value === null || value === undefined || value === '' ? undefined : String(value),
)

/** A truth value of a body: true and "true" are true, whatever else is there is false. */
export const truth = scalar.transform((value) =>
  value === null || value === undefined ? undefined : value === true || value === 'true',
)

/** A switch in the query: on for the exact word `true`, so that `false`, `null` and `1` are off. */
export const flag = z
  .string()
  .optional()
  .transform((value) => value === 'true')

/** Digits in the query, at most `most`; anything else counts as not given. */
export const count = (fallback: number, most: number) =>
  z
    .string()
    .optional()
    .transform((value) => (value && /^\d+$/.test(value) ? Math.min(Number(value), most) : fallback))

/** An id in a path: ours are lower case. */
export const id = z.string().transform((given) => {
  if (given.length > SHORT) throw complaint(1018)
  return given.toLowerCase()
})

/** Only the text of a note is taken; who wrote it and when is ours to say. */
export const Notes = z
  .array(z.object({ note: text(LONG) }))
  .nullish()
  .transform((notes) => {
    if ((notes?.length ?? 0) > NOTES_KEPT) throw complaint(1018)
    return (notes ?? []).flatMap(({ note }) => (note ? [note] : []))
  })
