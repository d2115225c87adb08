import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type DeviceRow = Tables['trusted_device']

/** Whose devices count: those of the account's generation, trusted after `since`. */
export interface Whose {
  id: string
  generation: number
  /** epoch milliseconds */
  since: number
}

const live = (ctx: Context, { id, generation, since }: Whose) =>
  ctx.db
    .selectFrom('trusted_device')
    .where('account_id', '=', id)
    .where('generation', '=', generation)
    .where('created', '>', since)
    .where('expires', '>', ctx.clock.now())

export const liveDevices = (ctx: Context, whose: Whose) =>
  live(ctx, whose).selectAll().orderBy('created', 'desc').orderBy('id').execute()

export const insertDevice = (ctx: Context, row: DeviceRow) => ctx.db.insertInto('trusted_device').values(row).execute()

/** Notes a use of the live device of a digest; false when there is none. */
export async function useDevice(
  ctx: Context,
  { whose, digest, network }: { whose: Whose; digest: string; network: string },
): Promise<boolean> {
  const row = await ctx.db
    .updateTable('trusted_device')
    .set({ last_used: ctx.clock.now(), network })
    .where('digest', '=', digest)
    .where('id', 'in', live(ctx, whose).select('id'))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Forgets all devices of an account but for the `keep` newest. */
export async function dropOldest(ctx: Context, accountId: string, keep: number): Promise<void> {
  const kept = ctx.db
    .selectFrom('trusted_device')
    .select('id')
    .where('account_id', '=', accountId)
    .orderBy('created', 'desc')
    .orderBy('id')
    .limit(keep)
  await ctx.db.deleteFrom('trusted_device').where('account_id', '=', accountId).where('id', 'not in', kept).execute()
}

/** Takes a device away; undefined when the account has none of this id. */
export const deleteDevice = (ctx: Context, { accountId, id }: { accountId: string; id: string }) =>
  ctx.db
    .deleteFrom('trusted_device')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .returning('name')
    .executeTakeFirst()

/** Takes all devices of an account away; returns how many. */
export async function deleteDevices(ctx: Context, accountId: string): Promise<number> {
  const gone = await ctx.db.deleteFrom('trusted_device').where('account_id', '=', accountId).executeTakeFirst()
  return Number(gone.numDeletedRows)
}

/** Removes devices whose time is over; small batches. Returns how many went. */
export const sweep = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'trusted_device', by: ['id'], where: sql`expires < ${ctx.clock.now()}` })
