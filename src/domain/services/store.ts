import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type ServiceRow = Tables['service']
export type SecretRow = Tables['system_secret']
export type AnnouncedRow = Tables['announced_token']

/** Those that announced themselves and have not been silent for too long. */
export const liveServices = (ctx: Context) =>
  ctx.db.selectFrom('service').selectAll().where('expires', '>', ctx.clock.now()).execute()

export const serviceByUri = (ctx: Context, uri: string) =>
  ctx.db.selectFrom('service').selectAll().where('private_uri', '=', uri).executeTakeFirst()

export async function countLiveServices(ctx: Context): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('service')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirstOrThrow()
  return Number(count)
}

export const keepService = (ctx: Context, { private_uri, ...facts }: ServiceRow) =>
  ctx.db
    .insertInto('service')
    .values({ private_uri, ...facts })
    .onConflict((conflict) => conflict.column('private_uri').doUpdateSet(facts))
    .execute()

export const removeService = (ctx: Context, uri: string) =>
  ctx.db.deleteFrom('service').where('private_uri', '=', uri).execute()

export const secretByName = (ctx: Context, name: string) =>
  ctx.db.selectFrom('system_secret').selectAll().where('name', '=', name).executeTakeFirst()

export const everySecret = (ctx: Context) => ctx.db.selectFrom('system_secret').selectAll().orderBy('name').execute()

export const keepSecret = (ctx: Context, { name, ...facts }: SecretRow) =>
  ctx.db
    .insertInto('system_secret')
    .values({ name, ...facts })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(facts))
    .execute()

export async function removeSecret(ctx: Context, name: string): Promise<boolean> {
  const gone = await ctx.db.deleteFrom('system_secret').where('name', '=', name).returning('name').executeTakeFirst()
  return gone !== undefined
}

export const announcedUntil = async (ctx: Context, digest: string): Promise<number | undefined> => {
  const row = await ctx.db
    .selectFrom('announced_token')
    .select('expires')
    .where('digest', '=', digest)
    .executeTakeFirst()
  return row?.expires
}

export const keepAnnounced = (ctx: Context, { digest, ...facts }: AnnouncedRow) =>
  ctx.db
    .insertInto('announced_token')
    .values({ digest, ...facts })
    .onConflict((conflict) => conflict.column('digest').doUpdateSet(facts))
    .execute()

/**
 * The announced tokens and keys that open nothing any more: their owner is gone, neither a session nor an API key has
 * them, or the session is of an earlier generation, as those of everybody are who is shut out. His API keys do not
 * count: siblings ask about a key on every request, and it may be good again one day.
 */
const ended = (ctx: Context) =>
  ctx.db
    .selectFrom('announced_token')
    .leftJoin('account', 'account.id', 'announced_token.account_id')
    .leftJoin('session', 'session.handle', 'announced_token.digest')
    .leftJoin('api_key', 'api_key.digest', 'announced_token.digest')
    .where('announced_token.expires', '>', ctx.clock.now())
    .where((eb) =>
      eb.or([
        eb('account.id', 'is', null),
        eb.and([eb('session.id', 'is', null), eb('api_key.id', 'is', null)]),
        eb('session.generation', '!=', eb.ref('account.generation')),
      ]),
    )

export const endedAnnounced = (ctx: Context, most: number) =>
  ended(ctx).select(['announced_token.digest', 'announced_token.sealed']).limit(most).execute()

/** Forgets those among `digests`, once siblings have been told. */
export const forgetEnded = (ctx: Context, digests: readonly string[]) =>
  ctx.db
    .deleteFrom('announced_token')
    .where(
      'digest',
      'in',
      ended(ctx)
        .select('announced_token.digest')
        .where('announced_token.digest', 'in', [...digests]),
    )
    .executeTakeFirstOrThrow()

/** Removes services that fell silent, and tokens that nobody can remember any more. Returns how many went. */
export async function sweep(ctx: Context): Promise<number> {
  const where = sql`expires <= ${ctx.clock.now()}`
  const silent = await sweepRows(ctx, { table: 'service', by: ['private_uri'], where })
  return silent + (await sweepRows(ctx, { table: 'announced_token', by: ['digest'], where }))
}
