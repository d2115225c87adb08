import { sql } from 'kysely'
import { atomically, type Context } from '#src/context.ts'
import { type Reason, Refusal } from '#src/domain/refusals.ts'
import { hmac } from '#src/lib/digests.ts'

/**
 * Guesses are counted per key (an account at an address, an account, an address) in the database, and delayed rather
 * than locked out: after `allowed` failures within the window each further try must wait, twice as long every time.
 */
export interface Gauge {
  key: string
  allowed: number
}

// Tries of one key that may be judged at the same instant, at least; right passwords arrive in parallel too.
const AT_ONCE = 20
// A try that was never judged (the process died) stops counting after this long.
const FORGET_PENDING = 60_000

const onePendingLess = sql<number>`case when pending > 0 then pending - 1 else 0 end`

/** A gauge of failures of one kind; what names the subject is not kept in the clear. */
export const gauge = (ctx: Context, kind: string, subject: string, allowed: number): Gauge => ({
  key: `${kind}:${hmac(ctx.secrets.pepper, subject).slice(0, 32)}`,
  allowed,
})

async function admit(ctx: Context, { key, allowed }: Gauge): Promise<boolean> {
  const now = ctx.clock.now()
  const isForgotten = sql<boolean>`throttle.touched < ${now - FORGET_PENDING}`
  // Who has failed too often is judged one try at a time.
  const atOnce = sql<number>`case when throttle.failures >= ${allowed} then 1 else ${Math.max(AT_ONCE, allowed)} end`
  const row = await ctx.db
    .insertInto('throttle')
    .values({ key, failures: 0, pending: 1, touched: now, since: now, until: 0 })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({
          pending: sql`case when ${isForgotten} then 1 else throttle.pending + 1 end`,
          touched: now,
        })
        .where('throttle.until', '<=', now)
        .where(sql<boolean>`(${isForgotten} or throttle.pending < ${atOnce})`),
    )
    .returning('key')
    .executeTakeFirst()
  return row !== undefined
}

async function settle(ctx: Context, { key, allowed }: Gauge): Promise<void> {
  const { failureWindow, firstDelay, longestDelay } = ctx.config
  const now = ctx.clock.now()
  const old = now - failureWindow * 1000
  const row = await ctx.db
    .updateTable('throttle')
    .set({
      failures: sql<number>`case when since < ${old} and until < ${old} then 1 else failures + 1 end`,
      pending: onePendingLess,
      since: now,
    })
    .where('key', '=', key)
    .returning('failures')
    .executeTakeFirst()
  const over = (row?.failures ?? 0) - allowed
  if (over < 0) return
  const wait = Math.min(longestDelay, firstDelay * 2 ** Math.min(over, 20))
  await ctx.db
    .updateTable('throttle')
    .set({ until: now + wait * 1000 })
    .where('key', '=', key)
    .where('until', '<', now + wait * 1000)
    .execute()
}

const takeBack = async (ctx: Context, keys: readonly string[]): Promise<void> => {
  await ctx.db.updateTable('throttle').set({ pending: onePendingLess }).where('key', 'in', keys).execute()
}

async function secondsToWait(ctx: Context, key: string): Promise<number> {
  const row = await ctx.db.selectFrom('throttle').select('until').where('key', '=', key).executeTakeFirst()
  return Math.max(1, Math.ceil(((row?.until ?? 0) - ctx.clock.now()) / 1000))
}

/** A try that has been let in and must be judged, once. Both take the context, to join a transaction. */
export interface Try {
  failed(ctx: Context): Promise<void>
  /** Forgiven gauges start again from zero; the others only take the try back. */
  succeeded(ctx: Context): Promise<void>
  /** Could not be judged after all: it counts neither way. */
  withdrawn(ctx: Context): Promise<void>
}

/**
 * Lets a try in and counts it before it is judged, so that tries sent at the same instant cannot all get past the
 * bound. Refuses with `reason` and the seconds to wait when one of the gauges says so.
 */
export async function letTry(
  ctx: Context,
  { gauges, forgiven, reason }: { gauges: Gauge[]; forgiven: Gauge[]; reason: Reason },
): Promise<Try> {
  await atomically(ctx, async (ctx) => {
    for (const one of gauges)
      if (!(await admit(ctx, one))) throw new Refusal(reason, { retryAfter: await secondsToWait(ctx, one.key) })
  })
  const cleared = forgiven.map(({ key }) => key)
  const all = gauges.map(({ key }) => key)
  const kept = all.filter((key) => !cleared.includes(key))
  return {
    async failed(ctx) {
      await atomically(ctx, async (ctx) => {
        for (const one of gauges) await settle(ctx, one)
      })
    },
    async succeeded(ctx) {
      if (cleared.length > 0) await ctx.db.deleteFrom('throttle').where('key', 'in', cleared).execute()
      if (kept.length > 0) await takeBack(ctx, kept)
    },
    withdrawn: (ctx) => takeBack(ctx, all),
  }
}

/** Takes away what no longer delays anybody. Small batches: returns how many rows went. */
export async function sweepThrottles(ctx: Context): Promise<number> {
  const past = ctx.clock.now() - ctx.config.failureWindow * 2000
  const keys = ctx.db
    .selectFrom('throttle')
    .select('key')
    .where('since', '<', past)
    .where('until', '<', past)
    .limit(500)
  const result = await ctx.db.deleteFrom('throttle').where('key', 'in', keys).executeTakeFirst()
  return Number(result.numDeletedRows)
}
