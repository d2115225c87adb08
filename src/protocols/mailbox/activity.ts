import { z } from 'zod'
import { type Activity, activityOf, type Place } from '#src/domain/audit/audit.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { query, stamp } from './shapes.ts'

const item = z.object({
  id: z.string(),
  date: z.string(),
  event: z.string(),
  protocol: z.string(),
  address: z.string(),
  byOwner: z.boolean(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

const shown = (one: Activity): z.output<typeof item> => ({
  id: one.id,
  date: stamp(one.at),
  event: one.event,
  protocol: one.protocol,
  address: one.network,
  byOwner: one.isByOwner,
  detail: one.detail,
})

const cursorAt = ({ at, id }: Place): string => Buffer.from(`${at} ${id}`).toString('base64url')

function placeAt(cursor: string): Place {
  const [, at, id] = /^(\d{1,15}) ([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (!at || !id) throw new Refusal('input.invalid', { params: ['before'] })
  return { at: Number(at), id }
}

const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(100))

const list = endpoint({
  at: 'GET /account/security/activity',
  what: 'What happened to the security of the account, newest first; `next` of one page is `before` of the next',
  who: 'a full session',
  in: { query: query.extend({ limit: limit.default(50), before: z.string().max(200).optional() }) },
  out: z.object({ items: z.array(item), next: z.string() }),
  async does(ctx, { query }, { account }) {
    const before = query.before === undefined ? null : placeAt(query.before)
    // One more than is shown tells whether there are more.
    const found = await activityOf(ctx, { accountId: account.id, before, limit: query.limit + 1 })
    const items = found.slice(0, query.limit)
    const last = items.at(-1)
    return { items: items.map(shown), next: found.length > items.length && last ? cursorAt(last) : '' }
  },
})

export const activityEndpoints = [list]
