import type { Context } from '#src/context.ts'
import { hidden } from './throttles.ts'

/** Failures of one kind that are counted against somebody. */
export interface Counted {
  kind: string
  failures: number
  /** until when each further try has to wait, epoch milliseconds; past, or 0, when none has to */
  until: number
}

// Strangers may fail from as many networks as they like; nobody reads them all.
const SHOWN = 100

/** What is counted against some addresses and delays, or would soon delay, somebody: the longest wait first. */
export async function triesOf(ctx: Context, owners: readonly string[]): Promise<Counted[]> {
  const old = ctx.clock.now() - ctx.config.failureWindow * 1000
  const rows = await ctx.db
    .selectFrom('throttle')
    .select(['key', 'failures', 'until'])
    .where(
      'subject',
      'in',
      owners.map((owner) => hidden(ctx, owner)),
    )
    .where('failures', '>', 0)
    .where(({ eb, or }) => or([eb('since', '>=', old), eb('until', '>=', old)]))
    .orderBy('until', 'desc')
    .orderBy('key')
    .limit(SHOWN)
    .execute()
  return rows.map(({ key, failures, until }) => ({ kind: key.slice(0, key.lastIndexOf(':')), failures, until }))
}
