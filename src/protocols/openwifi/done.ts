import { z } from 'zod'

/** What an act answers that has nothing else to tell; `done` in reply.ts writes it. */
export const Done = z.object({ Code: z.int(), Details: z.string(), Operation: z.string() })
