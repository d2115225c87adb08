import type { Context } from '#src/context.ts'
import type { Tables } from '#src/db/tables.ts'
import type { Place } from '#src/lib/scanning.ts'

export type DeliveryRow = Tables['delivery']

/** The `most` next deliveries behind a place, newest first, of some states or of all. */
export function pageOfDeliveries(ctx: Context, states: readonly string[], place: Place | null, most: number) {
  let rows = ctx.db.selectFrom('delivery').selectAll()
  if (states.length > 0) rows = rows.where('state', 'in', [...states])
  if (place)
    rows = rows.where(({ eb, refTuple, tuple }) => eb(refTuple('created', 'id'), '<', tuple(place.at, place.id)))
  return rows.orderBy('created', 'desc').orderBy('id', 'desc').limit(most).execute()
}

export const deliveryById = (ctx: Context, id: string) =>
  ctx.db.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirst()

/** Makes a delivery due at once, unless somebody has it in hand. */
export async function makeDue(ctx: Context, id: string): Promise<boolean> {
  const result = await ctx.db
    .updateTable('delivery')
    .set({ due: ctx.clock.now() })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Ends a delivery that waits, and was not taken in hand since it was read. */
export async function giveUp(
  ctx: Context,
  { id, attempts }: Pick<DeliveryRow, 'id' | 'attempts'>,
  end: Pick<DeliveryRow, 'outcome' | 'refused'>,
): Promise<boolean> {
  const result = await ctx.db
    .updateTable('delivery')
    .set({ ...end, state: 'failed', due: ctx.clock.now(), settled: 0, held: 0 })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('state', '=', 'queued')
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** How many deliveries are not over; counts no further than `most`. */
export async function countUnderWay(ctx: Context, most: number): Promise<number> {
  const { count } = await ctx.db
    .selectFrom(({ selectFrom }) =>
      selectFrom('delivery')
        .select('id')
        .where('state', 'in', ['queued', 'sending', 'committing'])
        .limit(most)
        .as('queued'),
    )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The oldest delivery that waits, and the first that is due. */
export async function oldestQueued(ctx: Context): Promise<{ created: number; due: number } | null> {
  const first = (column: 'created' | 'due') =>
    ctx.db
      .selectFrom('delivery')
      .select(column)
      .where('state', '=', 'queued')
      .orderBy(column)
      .limit(1)
      .executeTakeFirst()
  const [oldest, due] = [await first('created'), await first('due')]
  return oldest && due ? { created: oldest.created, due: due.due } : null
}

/** How many deliveries were given up after `since`; counts no further than `most`. */
export async function countFailed(ctx: Context, since: number, most: number): Promise<number> {
  const { count } = await ctx.db
    .selectFrom(({ selectFrom }) =>
      selectFrom('delivery')
        .select('id')
        .where('state', '=', 'failed')
        .where('due', '>', since)
        .limit(most)
        .as('failed'),
    )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}
