import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { populationOf } from './population-store.ts'

export type AccountRow = Tables['account']
export type NoteRow = Tables['account_note']

export const accountById = (ctx: Context, id: string) =>
  ctx.db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()

const NUL = '\0'

/** A name with a NUL is nobody's, and PostgreSQL takes no such text. */
export const accountByAddress = async (ctx: Context, address: string) =>
  address.includes(NUL) ? undefined : accountAt(ctx, address)

const accountAt = (ctx: Context, address: string) =>
  ctx.db
    .selectFrom('address')
    .innerJoin('account', 'account.id', 'address.account_id')
    .selectAll('account')
    .where('address.address', '=', address)
    .executeTakeFirst()

export const addressesOf = (ctx: Context, accountId: string) =>
  ctx.db
    .selectFrom('address')
    .select('address')
    .where('account_id', '=', accountId)
    .orderBy('created')
    .orderBy('address')
    .execute()

export async function insertAccount(ctx: Context, row: AccountRow): Promise<boolean> {
  const address = { address: row.email, account_id: row.id, created: row.created, wkd: wkdName(row.email) }
  const taken = await ctx.db.selectFrom('address').select('address').where('address', '=', row.email).executeTakeFirst()
  if (taken) return false
  // Two creations at the same instant meet here: the unique address decides.
  const inserted = await ctx.db
    .insertInto('account')
    .values(row)
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return false
  await ctx.db.insertInto('address').values(address).execute()
  return true
}

/** Changes an account's row without reading it back. */
export const touchAccount = (ctx: Context, id: string, changes: Partial<Omit<AccountRow, 'id'>>) =>
  ctx.db.updateTable('account').set(changes).where('id', '=', id).execute()

export const updateAccount = (ctx: Context, id: string, changes: Partial<Omit<AccountRow, 'id'>>) =>
  ctx.db.updateTable('account').set(changes).where('id', '=', id).returningAll().executeTakeFirst()

/** Every session of the account ends: each holds the generation it was made in. */
export const raiseGeneration = (ctx: Context, id: string) =>
  ctx.db
    .updateTable('account')
    .set((eb) => ({ generation: eb('generation', '+', 1) }))
    .where('id', '=', id)
    .returning('generation')
    .executeTakeFirstOrThrow()

export async function removeAccount(ctx: Context, id: string): Promise<boolean> {
  const result = await ctx.db.deleteFrom('account').where('id', '=', id).executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

export interface Sought {
  population: string
  owner?: string
  nameSearch?: string
  emailSearch?: string
}

export interface Wanted extends Sought {
  offset: number
  limit: number
}

const containing = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`

function sought(ctx: Context, { population, owner, nameSearch, emailSearch }: Sought) {
  let query = ctx.db.selectFrom('account').where('population', '=', population)
  if (owner) query = query.where('owner', '=', owner)
  if (nameSearch) query = query.where(sql<boolean>`lower(name) like ${containing(nameSearch)} escape '\\'`)
  if (emailSearch) query = query.where(sql<boolean>`email like ${containing(emailSearch)} escape '\\'`)
  return query
}

/** From which end of a list a place in it is counted: from the nearer one where it is known how many there are. */
async function nearerEnd(
  ctx: Context,
  { population, owner, nameSearch, emailSearch, offset }: Wanted,
): Promise<{ skipped: number; direction: 'asc' | 'desc' } | null> {
  if (offset === 0 || owner || nameSearch || emailSearch) return { skipped: offset, direction: 'asc' }
  const behind = (await populationOf(ctx, population)) - 1 - offset
  if (behind < 0) return null
  return behind < offset ? { skipped: behind, direction: 'desc' } : { skipped: offset, direction: 'asc' }
}

/** Oldest first, so that pages stay where they are while accounts are added. */
export async function pageOfAccounts(ctx: Context, wanted: Wanted): Promise<AccountRow[]> {
  const from = await nearerEnd(ctx, wanted)
  if (!from) return []
  // What is skipped is skipped in the index and never read; the page is read in the order of the index. SQLite seeks by
  // both values, as it must where many accounts came at once, only if the second has no column's type to convert to.
  const first = sought(ctx, wanted)
    .select(['created', sql<string>`id || ''`.as('key')])
    .orderBy('created', from.direction)
    .orderBy('id', from.direction)
    .offset(from.skipped)
    .limit(1)
  return sought(ctx, wanted)
    .selectAll()
    .where(sql<boolean>`(created, id) >= ${first}`)
    .orderBy('created')
    .orderBy('id')
    .limit(wanted.limit)
    .execute()
}

export async function countAccounts(ctx: Context, wanted: Sought): Promise<number> {
  const { population, owner, nameSearch, emailSearch } = wanted
  if (!owner && !nameSearch && !emailSearch) return populationOf(ctx, population)
  const { count } = await sought(ctx, wanted)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export const accountsByIds = (ctx: Context, ids: readonly string[]) =>
  ids.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('account')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute()

export const emailsByIds = (ctx: Context, ids: readonly string[]) =>
  ids.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('account')
        .select(['id', 'email'])
        .where('id', 'in', [...ids])
        .execute()

export const notesOf = (ctx: Context, accountIds: readonly string[]) =>
  accountIds.length === 0
    ? Promise.resolve([])
    : ctx.db
        .selectFrom('account_note')
        .selectAll()
        .where('account_id', 'in', [...accountIds])
        .orderBy('created')
        .orderBy('id')
        .execute()

/** Adds a note; of the account's others the newest stay, as far as all have no more than `most` together. */
export async function insertNote(
  ctx: Context,
  row: NoteRow,
  most: { count: number; characters: number },
): Promise<void> {
  await ctx.db.insertInto('account_note').values(row).execute()
  // The new one first, whatever its time says.
  const newestFirst = sql`order by id <> ${row.id}, created desc, id desc`
  const running = ctx.db
    .selectFrom('account_note')
    .select([
      'id',
      sql<number>`row_number() over (${newestFirst})`.as('place'),
      sql<number>`sum(length(note) + length(created_by)) over (${newestFirst})`.as('characters'),
    ])
    .where('account_id', '=', row.account_id)
    .as('running')
  const beyond = ctx.db
    .selectFrom(running)
    .select('id')
    .where(({ eb, or }) => or([eb('place', '>', most.count), eb('characters', '>', most.characters)]))
  await ctx.db.deleteFrom('account_note').where('id', 'in', beyond).where('id', '!=', row.id).execute()
}

export const oldPasswords = (ctx: Context, accountId: string, count: number) =>
  ctx.db
    .selectFrom('old_password')
    .select(['id', 'password'])
    .where('account_id', '=', accountId)
    .orderBy('created', 'desc')
    .orderBy('id', 'desc')
    .limit(count)
    .execute()

export async function rememberPassword(ctx: Context, row: Tables['old_password'], keep: number): Promise<void> {
  await ctx.db.insertInto('old_password').values(row).execute()
  const kept = (await oldPasswords(ctx, row.account_id, keep)).map(({ id }) => id)
  let stale = ctx.db.deleteFrom('old_password').where('account_id', '=', row.account_id)
  if (kept.length > 0) stale = stale.where('id', 'not in', kept)
  await stale.execute()
}

/** Keeps another hash of the very same password, unless the password was changed meanwhile. */
export async function replacePassword(
  ctx: Context,
  { id, from, to }: { id: string; from: string; to: string },
): Promise<void> {
  await ctx.db.updateTable('account').set({ password: to }).where('id', '=', id).where('password', '=', from).execute()
  await ctx.db
    .updateTable('old_password')
    .set({ password: to })
    .where('account_id', '=', id)
    .where('password', '=', from)
    .execute()
}

/** The account of an address, and when it was seen from a network last (null for never), in one query. */
export const accountSeenFrom = async (ctx: Context, address: string, network: string) =>
  address.includes(NUL) ? undefined : accountSeenAt(ctx, address, network)

const accountSeenAt = (ctx: Context, address: string, network: string) =>
  ctx.db
    .selectFrom('address')
    .innerJoin('account', 'account.id', 'address.account_id')
    .leftJoin('known_network', (join) =>
      join.onRef('known_network.account_id', '=', 'account.id').on('known_network.network', '=', network),
    )
    .selectAll('account')
    .select('known_network.last_seen as network_seen')
    .where('address.address', '=', address)
    .executeTakeFirst()

export const rememberNetwork = (ctx: Context, row: Tables['known_network']) =>
  ctx.db
    .insertInto('known_network')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'network']).doUpdateSet({ last_seen: row.last_seen }))
    .execute()

/** Removes networks that were seen last before `before`; small batches. */
export const sweepNetworks = (ctx: Context, before: number): Promise<number> =>
  sweepRows(ctx, { table: 'known_network', by: ['account_id', 'network'], where: sql`last_seen < ${before}` })

/**
 * Holds the account's row until the transaction ends, so that what is judged and counted by it stays so. Answers the row
 * as it is now; 'account.unknown' when it is gone.
 */
export async function holdAccount(ctx: Context, id: string): Promise<AccountRow> {
  const account = ctx.db.selectFrom('account').selectAll().where('id', '=', id)
  // SQLite's transaction already holds everything.
  const held = ctx.database.engine === 'postgres' ? account.forUpdate() : account
  const row = await held.executeTakeFirst()
  if (!row) throw new Refusal('account.unknown')
  return row
}

export const putAvatar = (ctx: Context, row: Tables['avatar']) =>
  ctx.db
    .insertInto('avatar')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet({ type: row.type, bytes: row.bytes, created: row.created }),
    )
    .execute()

export const avatarOf = (ctx: Context, accountId: string, population: string) =>
  ctx.db
    .selectFrom('avatar')
    .innerJoin('account', 'account.id', 'avatar.account_id')
    .select(['avatar.type', 'avatar.bytes'])
    .where('avatar.account_id', '=', accountId)
    .where('account.population', '=', population)
    .executeTakeFirst()

export const removeAvatar = (ctx: Context, accountId: string) =>
  ctx.db.deleteFrom('avatar').where('account_id', '=', accountId).execute()

export const preferencesOf = (ctx: Context, accountId: string) =>
  ctx.db.selectFrom('preference').select(['data', 'modified']).where('account_id', '=', accountId).executeTakeFirst()

export const putPreferences = (ctx: Context, row: Tables['preference']) =>
  ctx.db
    .insertInto('preference')
    .values(row)
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ data: row.data, modified: row.modified }))
    .execute()
