import type { ExpressionBuilder } from 'kysely'
import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'

type BodyRow = Tables['kept_body']
type PieceRow = Tables['kept_piece']

/** Throws inside a transaction, which nobody else could write beside. */
export async function insertBody(ctx: Context, row: BodyRow): Promise<void> {
  if (ctx.db.isTransaction) throw new Error('a body is kept before the transaction that claims it')
  await ctx.db.insertInto('kept_body').values(row).execute()
}

export const insertPiece = (ctx: Context, row: PieceRow) => ctx.db.insertInto('kept_piece').values(row).execute()

export const bodyById = (ctx: Pick<Context, 'db'>, id: string) =>
  ctx.db.selectFrom('kept_body').select(['id', 'key', 'bytes']).where('id', '=', id).executeTakeFirst()

export const pieceOf = (ctx: Pick<Context, 'db'>, bodyId: string, seq: number) =>
  ctx.db.selectFrom('kept_piece').select('data').where('body_id', '=', bodyId).where('seq', '=', seq).executeTakeFirst()

/** False when there is no such body. */
export async function claim(ctx: Context, id: string): Promise<boolean> {
  const result = await ctx.db.updateTable('kept_body').set({ claimed: 1 }).where('id', '=', id).executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

export const removeBodies = async (ctx: Context, ids: readonly string[]): Promise<number> =>
  ids.length === 0
    ? 0
    : Number((await ctx.db.deleteFrom('kept_body').where('id', 'in', ids).executeTakeFirst()).numDeletedRows)

/** The tables whose rows refer to bodies. */
const REFERRING = ['delivery', 'gateway_mail', 'guest_item'] as const

const isUnused = ({ and, not, exists, selectFrom }: ExpressionBuilder<Tables, 'kept_body'>) =>
  and(
    REFERRING.map((table) =>
      not(exists(selectFrom(table).select('body_id').whereRef(`${table}.body_id`, '=', 'kept_body.id'))),
    ),
  )

/**
 * Removes a body that nothing refers to. Its row is locked first: of two transactions that each take away one of the
 * last two references, the second then sees what the first did.
 */
export async function removeUnused(ctx: Pick<Context, 'db' | 'database'>, id: string): Promise<void> {
  if (ctx.database.engine === 'postgres')
    await ctx.db.selectFrom('kept_body').select('id').where('id', '=', id).forUpdate().execute()
  await ctx.db.deleteFrom('kept_body').where('id', '=', id).where(isUnused).execute()
}

const AT_ONCE = 500

/** Bodies that no row refers to are nobody's again. */
export async function releaseUnused(ctx: Context, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE)
    await ctx.db
      .updateTable('kept_body')
      .set({ claimed: 0 })
      .where('id', 'in', ids.slice(at, at + AT_ONCE))
      .where(isUnused)
      .execute()
}

export const unclaimedBefore = async (ctx: Context, before: number, most: number): Promise<string[]> =>
  (
    await ctx.db
      .selectFrom('kept_body')
      .select('id')
      .where('claimed', '=', 0)
      .where('created', '<', before)
      .limit(most)
      .execute()
  ).map(({ id }) => id)
