import type { Context } from '#src/context.ts'
import { earlier, sweepRows } from '#src/db/sweeping.ts'
import { type Reason, Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { hours } from '#src/lib/clock.ts'
import { gauge, takeTurns } from './throttles.ts'

/**
 * What may happen `most` times within any hour to one subject: an address, a number, a caller. Counted in rows of their
 * own, which no account takes with it when it is deleted.
 */
export interface Hourly {
  kind: string
  subject: string
  most: number
}

const keyed = (ctx: Context, { kind, subject, most }: Hourly) => gauge(ctx, `hourly-${kind}`, subject, most)

/**
 * Seconds until it may happen so many times more; 0 for now. Whoever asks for the same subject waits until the
 * transaction ends, so that nobody gets past the bound meanwhile.
 */
export async function hourlyWait(ctx: Context, hourly: Hourly, times = 1): Promise<number> {
  const own = keyed(ctx, hourly)
  await takeTurns(ctx, own)
  const now = ctx.clock.now()
  const since = now - hours(1)
  const rows = await ctx.db
    .selectFrom('occurrence')
    .select('at')
    .where('key', '=', own.key)
    .where('at', '>', since)
    .orderBy('at')
    .execute()
  const over = rows.length + times - hourly.most
  if (over <= 0) return 0
  // So many of the oldest have to be an hour old first; more than there are will never do.
  const freed = rows[over - 1]?.at ?? now
  return Math.max(1, Math.ceil((freed - since) / 1000))
}

/** Counts that it happened, after `hourlyWait` said that it may, in the same transaction. */
export async function countHourly(ctx: Context, hourly: Hourly, times = 1): Promise<void> {
  const { key } = keyed(ctx, hourly)
  const at = ctx.clock.now()
  const rows = Array.from({ length: times }, () => ({ id: uuid(ctx.clock.chance), key, at }))
  if (rows.length > 0) await ctx.db.insertInto('occurrence').values(rows).execute()
}

/** Counts it, or refuses with `reason` and the seconds to wait. */
export async function takeHourly(ctx: Context, hourly: Hourly, reason: Reason, times = 1): Promise<void> {
  const retryAfter = await hourlyWait(ctx, hourly, times)
  if (retryAfter > 0) throw new Refusal(reason, { retryAfter })
  await countHourly(ctx, hourly, times)
}

/** Takes away what is over an hour old and counts no more. Small batches: returns how many rows went. */
export const sweepHourly = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'occurrence', by: ['id'], where: earlier('at', ctx.clock.now() - hours(1) + 1) })
