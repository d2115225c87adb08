import { z } from 'zod'
import { type Account, type Preferences, readPreferences, replacePreferences } from '#src/domain/accounts/accounts.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import type { Door } from './doors.ts'
import { text } from './input.ts'
import { complaint } from './refuse.ts'

const ENTRIES_AT_MOST = 1000
const BYTES_AT_MOST = 256 * 1024

const word = text(BYTES_AT_MOST).transform((given = '') => given)
const bytesOf = (data: readonly { tag: string; value: string }[]): number =>
  data.reduce((sum, { tag, value }) => sum + Buffer.byteLength(tag) + Buffer.byteLength(value), 0)

const Wish = z.object({
  data: z.array(z.object({ tag: word, value: word })).transform((data) => {
    if (data.length > ENTRIES_AT_MOST || bytesOf(data) > BYTES_AT_MOST) throw complaint(1018)
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
