import { z } from 'zod'
import { invitedGuests } from '#src/domain/guests/guests.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { sessionQuery } from './request.ts'

const MOST = 500

const guest = z.object({
  address: z.string(),
  created: z.string().describe('seconds since 1970, in decimal'),
  hasPassword: z.boolean().describe('he has chosen one, and needs no PIN any more'),
  refuses: z.boolean().describe('he wants no encrypted mail from here'),
  pin: z.string().nullable(),
})

export const guestsList = endpoint({
  at: 'GET /mail/guests',
  what: 'The guests whom the caller was the first to write to, the newest first, with the PINs that they still need',
  who: 'a full session',
  in: {
    query: z.strictObject({
      ...sessionQuery,
      limit: z.coerce.number().int().min(1).max(MOST).default(100),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
  },
  out: z.object({ guests: z.array(guest), hasMore: z.boolean() }),
  async does(ctx, { query: { limit, offset } }, { account }) {
    const found = await invitedGuests(ctx, { account, most: limit + 1, from: offset })
    const guests = found.slice(0, limit).map(({ created, ...one }) => ({
      ...one,
      created: String(Math.floor(created / 1000)),
    }))
    return { guests, hasMore: found.length > limit }
  },
})
