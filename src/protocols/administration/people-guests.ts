import { z } from 'zod'
import { guestFile, listGuests, removeGuest, resetGuest, upgradeGuestTo } from '#src/domain/supporting/supporting.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { isoTime } from '#src/lib/clock.ts'
import { cursorOf, placeIn } from './cursor.ts'
import { search } from './people-list.ts'
import { address, after, Happened, idPath, limit, noBody, query, sessionQuery, sought } from './people-shapes.ts'

const perhaps = z.string().nullable().describe('null for never')

const Guest = z.object({
  id: z.string(),
  address: z.string(),
  created: perhaps,
  lastSignIn: perhaps,
  hasPassword: z.boolean().describe('he has chosen one'),
  refuses: z.boolean().describe('he wants no encrypted mail from here'),
  isLocked: z.boolean().describe('too many wrong PINs: somebody has to write to him again'),
  invitedBy: z.string().nullable(),
})

const list = endpoint({
  at: 'GET /guests',
  what: 'A page of the guests by their addresses; `next` of one page is `after` of the next',
  who: 'a full session',
  in: {
    query: z.strictObject({
      ...sessionQuery,
      search: search.describe('the beginning of an address'),
      state: z.enum(['new', 'reading', 'refusing']).optional(),
      after,
      limit,
    }),
  },
  out: z.object({ items: z.array(Guest), next: z.string().nullable() }),
  async does(ctx, { query: { search: start, state, after, limit } }, { account: caller }) {
    const place = placeIn(after, sought(320))
    const { guests, next } = await listGuests(ctx, { caller, start: start.trim(), state, after: place, limit })
    const items = guests.map(({ created, lastSignIn, ...guest }) => ({
      ...guest,
      created: isoTime(created),
      lastSignIn: isoTime(lastSignIn),
    }))
    return { items, next: next && cursorOf(next) }
  },
})

const show = endpoint({
  at: 'GET /guests/{id}',
  what: 'How it stands with one guest; no secret, and nothing of his mails',
  who: 'a full session',
  in: { path: idPath, query },
  out: z.object({
    id: z.string(),
    address: z.string(),
    language: z.string(),
    created: perhaps,
    lastSignIn: perhaps,
    hasPassword: z.boolean(),
    refuses: z.boolean(),
    needsFirstPassword: z.boolean(),
    needsPin: z.boolean(),
    isLocked: z.boolean(),
    hasQuestion: z.boolean(),
    mails: z.int(),
    sessions: z.int(),
    events: z.array(Happened),
    rights: z.object({ change: z.boolean() }),
  }),
  does: (ctx, { path: { id } }, { account: caller }) => guestFile(ctx, { caller, id }),
})

const resetPassword = endpoint({
  at: 'POST /guests/{id}/reset-password',
  what: 'Mail a guest a new password; his sessions end, his mails stay',
  who: 'a full, elevated session',
  takes: 'json',
  in: { path: idPath, query, body: noBody },
  does: (ctx, { path: { id } }, { account: caller }, { origin }) => resetGuest(ctx, { caller, id, origin }),
})

const upgrade = endpoint({
  at: 'POST /guests/{id}/upgrade',
  what: 'Make the keys and mails of a guest those of the user who has an address; the guest is gone',
  who: 'a full, elevated session',
  in: { path: idPath, query, body: z.strictObject({ address }) },
  does: (ctx, { path: { id }, body }, { account: caller }, { origin }) =>
    upgradeGuestTo(ctx, { caller, id, origin, address: body.address }),
})

const remove = endpoint({
  at: 'DELETE /guests/{id}',
  what: 'Remove a guest with his key and all that he could read here',
  who: 'a full, elevated session',
  in: { path: idPath, query },
  does: (ctx, { path: { id } }, { account: caller }, { origin }) => removeGuest(ctx, { caller, id, origin }),
})

export const peopleGuests = [list, show, resetPassword, upgrade, remove]
