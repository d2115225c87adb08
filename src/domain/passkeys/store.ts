import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type PasskeyRow = Tables['passkey']

export const passkeysOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('passkey')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created')
    .orderBy('id')
    .execute()

export async function countPasskeys(ctx: Context, accountId: string): Promise<number> {
  const row = await ctx.db
    .selectFrom('passkey')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export const passkeyByCredential = (ctx: Context, credential: string) =>
  ctx.db.selectFrom('passkey').selectAll().where('credential', '=', credential).executeTakeFirst()

/** Keeps a passkey; false when its credential is kept already, whoever's it is. */
export async function insertPasskey(ctx: Context, row: PasskeyRow): Promise<boolean> {
  const kept = await ctx.db
    .insertInto('passkey')
    .values(row)
    .onConflict((conflict) => conflict.column('credential').doNothing())
    .returning('id')
    .executeTakeFirst()
  return kept !== undefined
}

interface Own {
  id: string
  accountId: string
}

export async function renamePasskey(ctx: Context, { id, accountId }: Own, name: string): Promise<boolean> {
  const row = await ctx.db
    .updateTable('passkey')
    .set({ name })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function hasPasskey(ctx: Context, { id, accountId }: Own): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('passkey')
    .select('id')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Notes a use; false when the passkey is gone, or its counter has not moved on. One that does not count says 0 always.
 * Decided by one statement.
 */
export async function notePasskeyUse(
  ctx: Context,
  id: string,
  { counter, synced }: Pick<PasskeyRow, 'counter' | 'synced'>,
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('passkey')
    .set({ counter, synced, last_used: ctx.clock.now() })
    .where('id', '=', id)
    .where((eb) => (counter === 0 ? eb('counter', '=', 0) : eb('counter', '<', counter)))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes a passkey away; undefined when the account has none of this id. */
export const deletePasskey = (ctx: Context, { id, accountId }: Own) =>
  ctx.db
    .deleteFrom('passkey')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('name')
    .executeTakeFirst()

export const deletePasskeysOf = (ctx: Context, accountId: string) =>
  ctx.db.deleteFrom('passkey').where('account_id', '=', accountId).returning('id').execute()

type ChallengeRow = Tables['passkey_challenge']

export async function replaceChallenge(ctx: Context, row: ChallengeRow): Promise<void> {
  if (row.session_id !== null)
    await ctx.db
      .deleteFrom('passkey_challenge')
      .where('session_id', '=', row.session_id)
      .where('purpose', '=', row.purpose)
      .execute()
  await ctx.db.insertInto('passkey_challenge').values(row).execute()
}

/** Takes a live challenge of a purpose and session away; false when there is none, or somebody else took it. */
export async function takeChallenge(
  ctx: Context,
  challenge: string,
  { purpose, sessionId }: { purpose: string; sessionId: string | null },
): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('passkey_challenge')
    .where('challenge', '=', challenge)
    .where('purpose', '=', purpose)
    .where('session_id', sessionId === null ? 'is' : '=', sessionId)
    .where('expires', '>', ctx.clock.now())
    .returning('challenge')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes challenges that nobody answered in time; small batches. Returns how many went. */
export const sweep = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'passkey_challenge', by: ['challenge'], where: sql`expires <= ${ctx.clock.now()}` })
