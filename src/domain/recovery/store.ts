import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'

export type RequestRow = Tables['link_request']
export type LinkRow = Tables['action_link']
export type TokenRow = Tables['recovery_token']

export const insertRequest = (ctx: Context, row: RequestRow) => ctx.db.insertInto('link_request').values(row).execute()

/** The oldest request, taken away: nobody else answers it. */
export function takeRequest(ctx: Context): Promise<RequestRow | undefined> {
  const oldest = ctx.db.selectFrom('link_request').select('id').orderBy('created').limit(1)
  const free = ctx.database.engine === 'postgres' ? oldest.forUpdate().skipLocked() : oldest
  return ctx.db.deleteFrom('link_request').where('id', '=', free).returningAll().executeTakeFirst()
}

/** Keeps a link; those before it for the same purpose and target are void at once. */
export async function replaceLink(ctx: Context, row: LinkRow): Promise<void> {
  await ctx.db
    .updateTable('action_link')
    .set({ used: row.created })
    .where('account_id', '=', row.account_id)
    .where('purpose', '=', row.purpose)
    .where('target', '=', row.target)
    .where('used', 'is', null)
    .execute()
  await ctx.db.insertInto('action_link').values(row).execute()
}

/** The account, the purpose and the target of a link that works at this moment. */
export const liveLink = (
  ctx: Context,
  digest: string,
  purposes: readonly string[],
): Promise<(Account & { purpose: string; target: string }) | undefined> =>
  ctx.db
    .selectFrom('action_link as link')
    .innerJoin('account', 'account.id', 'link.account_id')
    .selectAll('account')
    .select(['link.purpose', 'link.target'])
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

/** The accounts, not shut out, that have an active method with this target; the oldest first. */
export const accountsByTarget = (
  ctx: Context,
  { kind, target, most }: { kind: string; target: string; most: number },
): Promise<Account[]> =>
  ctx.db
    .selectFrom('factor')
    .innerJoin('account', 'account.id', 'factor.account_id')
    .selectAll('account')
    .where('factor.kind', '=', kind)
    .where('factor.target', '=', target)
    .where('account.suspended', '=', 0)
    .where('account.black_listed', '=', 0)
    .orderBy('account.created')
    .orderBy('account.id')
    .limit(most)
    .execute()

export const tokenOf = (ctx: Context, accountId: string) =>
  ctx.db.selectFrom('recovery_token').select('created').where('account_id', '=', accountId).executeTakeFirst()

/** Keeps a recovery token; the one before it is gone. */
export const putToken = (ctx: Context, row: TokenRow) =>
  ctx.db
    .insertInto('recovery_token')
    .values(row)
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
    .execute()

/**
 * The live token of whoever has an address, with one try counted against it; undefined for nobody, and when none is left.
 * One statement for all of these. A mailed token is too long to be guessed and has tries without end: else strangers,
 * who can only try names, would use up everybody's.
 */
export const strikeToken = (ctx: Context, address: string, tries: number): Promise<TokenRow | undefined> =>
  ctx.db
    .updateTable('recovery_token')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('account_id', '=', (eb) =>
      eb
        .selectFrom('address')
        .innerJoin('account', 'account.id', 'address.account_id')
        .select('account.id')
        .where('address.address', '=', address)
        .where('account.suspended', '=', 0)
        .where('account.black_listed', '=', 0),
    )
    .where('generation', '=', (eb) =>
      eb.selectFrom('account').select('account.generation').whereRef('account.id', '=', 'recovery_token.account_id'),
    )
    .where('expires', '>', ctx.clock.now())
    .where(({ eb, or, selectFrom }) =>
      or([
        eb('strikes', '<', tries),
        eb('factor_id', 'in', selectFrom('factor').select('factor.id').where('factor.kind', '=', 'email')),
      ]),
    )
    .returningAll()
    .executeTakeFirst()

/** The try that `strikeToken` counted was none. */
export const giveTryBack = (ctx: Context, { account_id, digest }: TokenRow) =>
  ctx.db
    .updateTable('recovery_token')
    .set((eb) => ({ strikes: eb('strikes', '-', 1) }))
    .where('account_id', '=', account_id)
    .where('digest', '=', digest)
    .execute()

/** Uses a token up; exactly one of many at once gets true. The account is held. */
export async function takeToken(ctx: Context, { id, generation }: Account, digest: string): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('recovery_token')
    .where('account_id', '=', id)
    .where('digest', '=', digest)
    .where('generation', '=', generation)
    .where('expires', '>', ctx.clock.now())
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}

/** The removal of an account's factors that waits; one of an earlier generation is void. */
export const waitingOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('factor_recovery as waiting')
    .innerJoin('account', 'account.id', 'waiting.account_id')
    .select(['waiting.created', 'waiting.due'])
    .where('waiting.account_id', '=', accountId)
    .whereRef('waiting.generation', '=', 'account.generation')
    .executeTakeFirst()

export const putWaiting = (ctx: Context, row: Tables['factor_recovery']) =>
  ctx.db
    .insertInto('factor_recovery')
    .values(row)
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
    .execute()

export const nextDue = (ctx: Context) =>
  ctx.db
    .selectFrom('factor_recovery')
    .select('account_id')
    .where('due', '<=', ctx.clock.now())
    .orderBy('due')
    .executeTakeFirst()

/** Takes a removal whose time has come away, and nobody else carries it out. */
export const takeDue = (ctx: Context, accountId: string) =>
  ctx.db
    .deleteFrom('factor_recovery')
    .where('account_id', '=', accountId)
    .where('due', '<=', ctx.clock.now())
    .returning('generation')
    .executeTakeFirst()

/** Removes links that were over `before`, tokens and requests that nobody answered since then; small batches. */
export async function sweep(ctx: Context, before: { links: number; requests: number }): Promise<number> {
  const late = sql`expires < ${before.requests}`
  const gone = [
    await sweepRows(ctx, { table: 'action_link', by: ['digest'], where: sql`expires < ${before.links}` }),
    await sweepRows(ctx, { table: 'link_request', by: ['id'], where: sql`created < ${before.requests}` }),
    await sweepRows(ctx, { table: 'recovery_token', by: ['account_id'], where: late }),
  ]
  return gone.reduce((sum, some) => sum + some, 0)
}
