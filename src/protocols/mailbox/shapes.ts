import { z } from 'zod'
import { toEpochSeconds } from '#src/lib/clock.ts'

/** Cookie clients send the session id in the query of every call; nothing else may be there unasked. */
export const query = z.strictObject({ _h: z.string().optional() })

/** A body that has nothing to say: absent, or an empty object. */
export const noBody = z.strictObject({}).optional()

/** A path that names one of several things by its id. */
export const idPath = z.strictObject({ id: z.string() })

/** An active method, and the code that it shows or was sent. */
export const methodProof = z.strictObject({ methodId: z.string(), totpToken: z.string() })

export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

/** What somebody calls something of his. */
export const named = z.string().trim().min(1).max(100)

/** A time as it travels: decimal seconds in a string, and "" for never. So Axigen's own answers have it. */
export const stamp = (time: number | null): string => (time ? String(toEpochSeconds(time)) : '')
