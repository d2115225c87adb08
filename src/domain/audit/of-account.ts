import type { Context } from '#src/context.ts'
import type { Place, Recorded } from './reading.ts'

/** Everything that is on record about an account, page by page for those who look after it: the newest first. */
export async function recordPage(
  ctx: Context,
  { accountId, before, limit }: { accountId: string; before: Place | null; limit: number },
): Promise<{ items: (Recorded & Place)[]; next: Place | null }> {
  const all = ctx.db.selectFrom('audit').selectAll().where('account_id', '=', accountId)
  const rest = before
    ? all.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(before.at, before.id)))
    : all
  // One more than is shown tells whether there are more.
  const rows = await rest
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const items = rows.slice(0, limit).map(({ id, at, event, protocol, network, actor_id: actor, detail }) => ({
    id,
    at,
    event,
    protocol,
    network,
    actor,
    detail: JSON.parse(detail),
  }))
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? { at: last.at, id: last.id } : null }
}
