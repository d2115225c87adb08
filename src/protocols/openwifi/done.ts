import { z } from 'zod'

/** What an act answers that has nothing else to tell. */
export const Done = z.object({ Code: z.int(), Details: z.string(), Operation: z.string() })

export const done = (operation: string): z.output<typeof Done> => ({
  Code: 0,
  Details: 'Command completed.',
  Operation: operation,
})
