import { z } from 'zod'

/** Where the session of an account may be named; anything else in the query is refused. */
export const sessionQuery = { _h: z.string().optional(), session: z.string().optional() }

/** A moment on the wire. */
export const seconds = (at: number): string => String(Math.floor(at / 1000))
