import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'
import { seconds } from '#src/lib/clock.ts'

export type SessionRow = Tables['session']
export type ChallengeRow = Tables['challenge']
export type ApiKeyRow = Tables['api_key']

export const insertSession = (ctx: Context, row: SessionRow) => ctx.db.insertInto('session').values(row).execute()

/** The session behind a handle's digest, whatever its state; judging it is the caller's business. */
export const sessionByHandle = (ctx: Context, handle: string) =>
  ctx.db.selectFrom('session').selectAll().where('handle', '=', handle).executeTakeFirst()

/** The sessions of an account that are open or could be renewed, newest first. */
export function liveSessions(ctx: Context, account: Tables['account'], most: number) {
  const now = ctx.clock.now()
  const idleSince = now - seconds(ctx.config.sessionIdle)
  return (
    ctx.db
      .selectFrom('session')
      .selectAll()
      .where('account_id', '=', account.id)
      .where('generation', '=', account.generation)
      .where(({ eb, and, or }) =>
        or([
          eb('refresh_expires', '>', now),
          and([eb('expires', '>', now), or([eb('refresh', 'is not', null), eb('last_seen', '>=', idleSince)])]),
        ]),
      )
      // None that waits to set up what is there meanwhile.
      .where('state', '!=', account.two_step === 1 ? 'setup' : '')
      .orderBy('created', 'desc')
      .orderBy('id')
      .limit(most)
      .execute()
  )
}

export const updateSession = (ctx: Context, id: string, changes: Partial<Omit<SessionRow, 'id'>>) =>
  ctx.db.updateTable('session').set(changes).where('id', '=', id).returningAll().executeTakeFirst()

/** Upgrades a session that waits in `from`; undefined when somebody else did, or it is gone. */
export const upgradeSession = (
  ctx: Context,
  { id, from, changes }: { id: string; from: string; changes: Partial<Omit<SessionRow, 'id'>> },
) =>
  ctx.db
    .updateTable('session')
    .set(changes)
    .where('id', '=', id)
    .where('state', '=', from)
    .returningAll()
    .executeTakeFirst()

/** Counts a try at the second step of a session; false when it has none left. */
export async function strikeSession(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('session')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('id', '=', id)
    .where('strikes', '<', ctx.config.tries)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends a session of an account; undefined when it has none of this id. */
export const deleteSession = (ctx: Context, { id, account_id }: Pick<SessionRow, 'id' | 'account_id'>) =>
  ctx.db
    .deleteFrom('session')
    .where('id', '=', id)
    .where('account_id', '=', account_id)
    .returning('protocol')
    .executeTakeFirst()

/** Ends the sessions of an account, but for one if it is named; returns how many. */
export async function deleteSessionsOf(ctx: Context, accountId: string, but = ''): Promise<number> {
  const own = ctx.db.deleteFrom('session').where('account_id', '=', accountId)
  return Number((await own.where('id', '!=', but).executeTakeFirst()).numDeletedRows)
}

/** Changes both tokens of a session, if the pair is the live one: of two at the same instant, one gets a row. */
export const rotate = (
  ctx: Context,
  {
    handle,
    refresh,
    protocol,
    next,
  }: { handle: string; refresh: string; protocol: string; next: { handle: string; refresh: string; expires: number } },
) =>
  ctx.db
    .updateTable('session')
    .set({
      handle: next.handle,
      refresh: next.refresh,
      previous_refresh: refresh,
      refreshed: ctx.clock.now(),
      last_seen: ctx.clock.now(),
      expires: next.expires,
    })
    .where('handle', '=', handle)
    .where('refresh', '=', refresh)
    .where('protocol', '=', protocol)
    .where('refresh_expires', '>', ctx.clock.now())
    .where('generation', '=', (eb) =>
      eb
        .selectFrom('account')
        .select('account.generation')
        .whereRef('account.id', '=', 'session.account_id')
        .where('account.suspended', '=', 0)
        .where('account.black_listed', '=', 0),
    )
    .returningAll()
    .executeTakeFirst()

export const sessionByPreviousRefresh = (ctx: Context, refresh: string) =>
  ctx.db.selectFrom('session').selectAll().where('previous_refresh', '=', refresh).executeTakeFirst()

export const insertChallenge = (ctx: Context, row: ChallengeRow) => ctx.db.insertInto('challenge').values(row).execute()

export const challengeById = (ctx: Context, id: string) =>
  ctx.db
    .selectFrom('challenge')
    .selectAll()
    .where('id', '=', id)
    .where('used', 'is', null)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Counts a try against a live challenge; undefined when it is over or has none left. */
export const strikeChallenge = (ctx: Context, id: string) =>
  ctx.db
    .updateTable('challenge')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .where('id', '=', id)
    .where('used', 'is', null)
    .where('expires', '>', ctx.clock.now())
    .where('strikes', '<', ctx.config.tries)
    .returningAll()
    .executeTakeFirst()

export async function useChallenge(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('challenge')
    .set({ used: ctx.clock.now() })
    .where('id', '=', id)
    .where('used', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export const insertElevation = (ctx: Context, row: Tables['elevation']) =>
  ctx.db.insertInto('elevation').values(row).execute()

export const elevationByHandle = (ctx: Context, handle: string, sessionId: string) =>
  ctx.db
    .selectFrom('elevation')
    .select('handle')
    .where('handle', '=', handle)
    .where('session_id', '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

export const deleteElevationsOf = (ctx: Context, accountId: string) =>
  ctx.db
    .deleteFrom('elevation')
    .where('session_id', 'in', (eb) => eb.selectFrom('session').select('id').where('account_id', '=', accountId))
    .execute()

export const insertApiKey = (ctx: Context, row: ApiKeyRow) => ctx.db.insertInto('api_key').values(row).execute()

export const apiKeysOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('api_key')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created')
    .orderBy('id')
    .execute()

export async function apiKeyExists(ctx: Context, id: string): Promise<boolean> {
  const row = await ctx.db.selectFrom('api_key').select('id').where('id', '=', id).executeTakeFirst()
  return row !== undefined
}

interface OwnKey {
  id: string
  accountId: string
}

/** The key as it is then; undefined when the account has none of this id. */
export const describeApiKey = (
  ctx: Context,
  { id, accountId, description }: OwnKey & { description: string | undefined },
) =>
  ctx.db
    .updateTable('api_key')
    .set((eb) => ({ description: description ?? eb.ref('description') }))
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returningAll()
    .executeTakeFirst()

/** Takes a key away; undefined when the account has none of this id, or somebody else took it. */
export const deleteApiKey = (ctx: Context, { id, accountId }: OwnKey) =>
  ctx.db
    .deleteFrom('api_key')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('name')
    .executeTakeFirst()

export interface KeyAndOwner {
  key: Pick<ApiKeyRow, 'id' | 'expires' | 'last_use' | 'rights'>
  account: Tables['account']
}

/** The key behind a digest and its owner, in one query; judging them is the caller's business. */
export async function apiKeyByDigest(ctx: Context, digest: string): Promise<KeyAndOwner | undefined> {
  const row = await ctx.db
    .selectFrom('api_key')
    .innerJoin('account', 'account.id', 'api_key.account_id')
    .selectAll('account')
    .select(['api_key.id as key_id', 'api_key.expires', 'api_key.last_use', 'api_key.rights'])
    .where('api_key.digest', '=', digest)
    .executeTakeFirst()
  if (!row) return undefined
  const { key_id: id, expires, last_use, rights, ...account } = row
  return { key: { id, expires, last_use, rights }, account }
}

/** Never back: two uses at the same instant may be written in either order. */
export const noteUse = (ctx: Context, id: string, at: number) =>
  ctx.db.updateTable('api_key').set({ last_use: at }).where('id', '=', id).where('last_use', '<', at).execute()

/** Removes sessions, challenges and elevations that are over; small batches. Returns how many went. */
export async function sweep(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  const over = ctx.db
    .selectFrom('session')
    .select('id')
    .where('expires', '<', now)
    .where('refresh_expires', '<', now)
    .limit(500)
  await sweepChanges(ctx)
  const gone = await Promise.all([
    ctx.db.deleteFrom('session').where('id', 'in', over).executeTakeFirst(),
    ctx.db
      .deleteFrom('challenge')
      .where('id', 'in', ctx.db.selectFrom('challenge').select('id').where('expires', '<', now).limit(500))
      .executeTakeFirst(),
    ctx.db
      .deleteFrom('elevation')
      .where('handle', 'in', ctx.db.selectFrom('elevation').select('handle').where('expires', '<', now).limit(500))
      .executeTakeFirst(),
  ])
  return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}

interface Changes {
  latest(): number
  /** What came after `seq`, in order; null when it is more than `most`, or was swept away already. */
  after(seq: number, most: number): { seq: number; account_id: string }[] | null
}

/** The feed of changed accounts; null where the engine has none. */
export function changesAfter(ctx: Context): Changes | null {
  const latest = ctx.database.hot('select coalesce(max(seq), 0) as seq from account_change')
  const after = ctx.database.hot('select seq, account_id from account_change where seq > ? order by seq limit ?')
  if (!latest || !after) return null
  return {
    latest: () => latest.all()[0]!.seq as number,
    after(seq, most) {
      const rows = after.all(seq, most + 1) as { seq: number; account_id: string }[]
      const isWhole = rows.length <= most && (rows.length === 0 || rows[0]!.seq === seq + 1)
      return isWhole ? rows : null
    },
  }
}

// Readers that are further behind start again.
const CHANGES_KEPT = 5000

async function sweepChanges(ctx: Context): Promise<number> {
  if (ctx.database.engine !== 'sqlite') return 0
  const oldest = (
    await ctx.db
      .selectFrom('account_change')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .executeTakeFirst()
  )?.seq
  const gone = await ctx.db
    .deleteFrom('account_change')
    .where('seq', '<=', Number(oldest ?? 0) - CHANGES_KEPT)
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}
