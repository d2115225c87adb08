import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'
import { type Place, scanPage } from '#src/lib/scanning.ts'
import type { Event } from './audit.ts'

/** What is sought in the record; `from` and `to` are epoch milliseconds, both included. */
export interface Sought {
  account?: string | undefined
  actor?: string | undefined
  network?: string | undefined
  event?: string | undefined
  protocol?: string | undefined
  from?: number | undefined
  to?: number | undefined
}

/** A line of the record as it is kept. */
export interface Entry extends Place {
  event: string
  account: string | null
  actor: string | null
  protocol: string
  network: string
  /** JSON */
  detail: string
}

type Row = Tables['audit']

/** Each has an index; the first that is sought by finds the rows, and they are sifted by the others. */
const columns = {
  account: 'account_id',
  actor: 'actor_id',
  network: 'network',
  event: 'event',
  protocol: 'protocol',
} as const satisfies Record<string, keyof Row>

const SIFTED = 1000

const entryOf = ({ id, at, event, account_id, actor_id, protocol, network, detail }: Row): Entry => ({
  id,
  at,
  event,
  account: account_id,
  actor: actor_id,
  protocol,
  network,
  detail,
})

/** A page of the record, newest first. `next` is null at its end; a page may hold less than `limit` before that. */
export async function searchRecord(
  ctx: Context,
  sought: Sought,
  { behind, limit }: { behind: Place | null; limit: number },
): Promise<{ entries: Entry[]; next: Place | null }> {
  const { from, to } = sought
  const names = Object.keys(columns) as (keyof typeof columns)[]
  const [first, ...others] = names.filter((name) => sought[name] !== undefined)
  const read = (place: Place | null, most: number): Promise<Row[]> => {
    let rows = ctx.db.selectFrom('audit').selectAll()
    if (first) rows = rows.where(columns[first], '=', sought[first]!)
    if (from !== undefined) rows = rows.where('at', '>=', from)
    if (to !== undefined) rows = rows.where('at', '<=', to)
    if (place) rows = rows.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(place.at, place.id)))
    return rows.orderBy('at', 'desc').orderBy('id', 'desc').limit(most).execute()
  }
  const { found, next } = await scanPage({
    read,
    placeOf: ({ at, id }) => ({ at, id }),
    suits: (row) => others.every((name) => row[columns[name]] === sought[name]),
    // One more tells whether it goes on.
    width: others.length > 0 ? SIFTED : limit + 1,
    behind,
    limit,
  })
  return { entries: found.map(entryOf), next }
}

/** When something was last written to the record; null for not as far as it goes back. */
export async function newestAt(ctx: Context, event: Event): Promise<number | null> {
  const row = await ctx.db
    .selectFrom('audit')
    .select('at')
    .where('event', '=', event)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? null
}
