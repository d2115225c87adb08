import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'

export type RequestRow = Tables['link_request']
export type LinkRow = Tables['action_link']

export const insertRequest = (ctx: Context, row: RequestRow) => ctx.db.insertInto('link_request').values(row).execute()

/** The oldest request, taken away: nobody else answers it. */
export function takeRequest(ctx: Context): Promise<RequestRow | undefined> {
  const oldest = ctx.db.selectFrom('link_request').select('id').orderBy('created').limit(1)
  const free = ctx.database.engine === 'postgres' ? oldest.forUpdate().skipLocked() : oldest
  return ctx.db.deleteFrom('link_request').where('id', '=', free).returningAll().executeTakeFirst()
}

/** Keeps a link; those before it for the same purpose are void at once. */
export async function replaceLink(ctx: Context, row: LinkRow): Promise<void> {
  await ctx.db
    .updateTable('action_link')
    .set({ used: row.created })
    .where('account_id', '=', row.account_id)
    .where('purpose', '=', row.purpose)
    .where('used', 'is', null)
    .execute()
  await ctx.db.insertInto('action_link').values(row).execute()
}

/** The account and the purpose of a link that works at this moment. */
export const liveLink = (
  ctx: Context,
  digest: string,
  purposes: readonly string[],
): Promise<(Account & { purpose: string }) | undefined> =>
  ctx.db
    .selectFrom('action_link as link')
    .innerJoin('account', 'account.id', 'link.account_id')
    .selectAll('account')
    .select('link.purpose')
    .where('link.digest', '=', digest)
    .where('link.purpose', 'in', purposes)
    .where('link.used', 'is', null)
    .where('link.expires', '>', ctx.clock.now())
    .whereRef('link.generation', '=', 'account.generation')
    .where('account.suspended', '=', 0)
    .where('account.black_listed', '=', 0)
    .executeTakeFirst()

/** Uses a link up; exactly one of many at once gets true. `generation`: of its account, held. */
export async function useLink(ctx: Context, digest: string, generation: number): Promise<boolean> {
  const now = ctx.clock.now()
  const row = await ctx.db
    .updateTable('action_link')
    .set({ used: now })
    .where('digest', '=', digest)
    .where('used', 'is', null)
    .where('expires', '>', now)
    .where('generation', '=', generation)
    .returning('digest')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes links that were over `before`, and requests that nobody could answer since then; small batches. */
export async function sweep(ctx: Context, before: { links: number; requests: number }): Promise<number> {
  const links = ctx.db.selectFrom('action_link').select('digest').where('expires', '<', before.links).limit(500)
  const requests = ctx.db.selectFrom('link_request').select('id').where('created', '<', before.requests).limit(500)
  const gone = await ctx.db.deleteFrom('action_link').where('digest', 'in', links).executeTakeFirst()
  const left = await ctx.db.deleteFrom('link_request').where('id', 'in', requests).executeTakeFirst()
  return Number(gone.numDeletedRows) + Number(left.numDeletedRows)
}
