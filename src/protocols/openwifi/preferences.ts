import { z } from 'zod'
import {
  type Account,
  mayKeepPreferences,
  type Preferences,
  readPreferences,
  replacePreferences,
} from '#src/domain/accounts/accounts.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import type { Door } from './doors.ts'
import { text } from './input.ts'
import { complaint } from './refuse.ts'

// How long they may be is judged of all of them together.
const word = text(Number.POSITIVE_INFINITY).transform((given = '') => given)

const Wish = z.object({
  data: z.array(z.object({ tag: word, value: word })).transform((data) => {
    if (!mayKeepPreferences(data)) throw complaint(1018)
    return data
  }),
})

const Answer = z.object({
  data: z.array(z.object({ tag: z.string(), value: z.string() })),
  id: z.string(),
  modified: z.int(),
})

const written = ({ id }: Account, { data, modified }: Preferences): z.output<typeof Answer> => ({
  data,
  id,
  modified: toEpochSeconds(modified),
})

const read = (door: Door) =>
  endpoint({
    at: `GET ${door.preferences}`,
    what: 'What the caller’s web interface keeps here; an empty list at first',
    who: 'a session or key',
    out: Answer,
    does: async (ctx, _input, { account }) => written(account, await readPreferences(ctx, account)),
  })

const replace = (door: Door) =>
  endpoint({
    at: `PUT ${door.preferences}`,
    what: 'Replace all of the caller’s preferences',
    who: 'a session or key',
    in: { body: Wish },
    out: Answer,
    does: async (ctx, { body }, { account }) =>
      written(account, await replacePreferences(ctx, { caller: account, data: body.data })),
  })

export const preferences = (door: Door) => [read(door), replace(door)]
