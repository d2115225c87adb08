import { type SelectQueryBuilder, sql } from 'kysely'
import { atomically, type Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'
import { isRefusal, type Reason, Refusal } from '#src/domain/refusals.ts'
import { hmac } from '#src/lib/digests.ts'

/**
 * Guesses are counted per key (an account at an address, an account, an address) in the database, and delayed rather
 * than locked out: after `allowed` failures within the window each further try must wait, twice as long every time.
 */
export interface Gauge {
  key: string
  allowed: number
  /** whose failures they are, where he may be let in again by somebody; else empty */
  subject: string
}

// Tries of one key that may be judged at the same instant; right passwords arrive in parallel too.
const AT_ONCE = 20
// A try that was never judged (the process died) stops counting after this long.
const FORGET_PENDING = 60_000

const onePendingLess = sql<number>`case when pending > 0 then pending - 1 else 0 end`

/** A name as it is kept here: nobody reads who it is. */
export const hidden = (ctx: Context, text: string): string => hmac(ctx.secrets.pepper, text).slice(0, 32)

/**
 * A gauge of failures of one kind; what names the subject is not kept in the clear. `owner`: the account's address, for
 * `forgiveEverything`.
 */
export const gauge = (ctx: Context, kind: string, subject: string, allowed: number, owner = ''): Gauge => ({
  key: `${kind}:${hidden(ctx, subject)}`,
  allowed,
  subject: owner === '' ? '' : hidden(ctx, owner),
})

/** The keys of gauges, held in the order in which everybody holds them; SQLite's transaction already holds everything. */
const heldInOrder = (ctx: Context, own: SelectQueryBuilder<Tables, 'throttle', { key: string }>) =>
  ctx.database.engine === 'postgres' ? own.orderBy('key').forUpdate() : own

/** Forgets every failure that an address waits for, wherever it came from. Returns how many gauges there were. */
export async function forgiveEverything(ctx: Context, owner: string): Promise<number> {
  const own = ctx.db.selectFrom('throttle').select('key').where('subject', '=', hidden(ctx, owner))
  const result = await ctx.db.deleteFrom('throttle').where('key', 'in', heldInOrder(ctx, own)).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** In the one order in which rows are ever held: two transactions that want the same ones cannot wait for each other. */
const inOrder = (gauges: readonly Gauge[]): Gauge[] => gauges.toSorted((a, b) => (a.key < b.key ? -1 : 1))

/** Counts a try against each gauge that has room for it, in one statement; returns the keys of those. */
async function admit(ctx: Context, gauges: readonly Gauge[]): Promise<string[]> {
  const now = ctx.clock.now()
  const isForgotten = sql<boolean>`throttle.touched < ${now - FORGET_PENDING}`
  // Who has failed too often is judged one try at a time.
  const atOnce = sql<number>`case when throttle.failures >= excluded.allowed then 1 else ${AT_ONCE} end`
  const rows = await ctx.db
    .insertInto('throttle')
    .values(
      inOrder(gauges).map(({ key, allowed, subject }) => ({
        key,
        allowed,
        subject,
        failures: 0,
        pending: 1,
        touched: now,
        since: now,
        until: 0,
      })),
    )
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
    .execute()
  return rows.map(({ key }) => key)
}

/** Counts a failure for each gauge, in one statement. Returns how many each has within the window. */
async function noteFailures(
  ctx: Context,
  gauges: readonly Gauge[],
): Promise<{ key: string; allowed: number; failures: number }[]> {
  const now = ctx.clock.now()
  const old = now - ctx.config.failureWindow * 1000
  const fresh = { failures: 1, pending: 0, touched: now, since: now, until: 0 }
  const rows = await ctx.db
    .insertInto('throttle')
    .values(inOrder(gauges).map(({ key, allowed, subject }) => ({ key, allowed, subject, ...fresh })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        failures: sql<number>`case when throttle.since < ${old} and throttle.until < ${old} then 1 else throttle.failures + 1 end`,
        pending: sql<number>`case when throttle.pending > 0 then throttle.pending - 1 else 0 end`,
        since: now,
      }),
    )
    .returning(['key', 'failures'])
    .execute()
  const allowed = new Map(gauges.map((one) => [one.key, one.allowed]))
  return rows.map(({ key, failures }) => ({ key, failures, allowed: allowed.get(key)! }))
}

/** Counts a failure, and makes nobody wait for it. Returns how many there are within the window. */
export const noteFailure = async (ctx: Context, gauge: Gauge): Promise<number> =>
  (await noteFailures(ctx, [gauge]))[0]?.failures ?? 0

async function countFailures(ctx: Context, gauges: readonly Gauge[]): Promise<void> {
  const { firstDelay, longestDelay } = ctx.config
  const noted = (await noteFailures(ctx, gauges)).filter(({ failures, allowed }) => failures >= allowed)
  const overs = Map.groupBy(noted, ({ failures, allowed }) => Math.min(failures - allowed, 20))
  // The rows are held by now: in which order they are written makes nobody wait.
  for (const [over, those] of overs) {
    const keys = those.map(({ key }) => key)
    const until = ctx.clock.now() + Math.min(longestDelay, firstDelay * 2 ** over) * 1000
    await ctx.db.updateTable('throttle').set({ until }).where('key', 'in', keys).where('until', '<', until).execute()
  }
}

async function takeBack(ctx: Context, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const own = ctx.db.selectFrom('throttle').select('key').where('key', 'in', keys)
  const some = ctx.db.updateTable('throttle').where('key', 'in', heldInOrder(ctx, own))
  await some.set({ pending: onePendingLess }).execute()
}

async function longestWait(ctx: Context, gauges: readonly Gauge[]): Promise<number> {
  const now = ctx.clock.now()
  const keys = gauges.map(({ key }) => key)
  const rows = await ctx.db
    .selectFrom('throttle')
    .select('until')
    .where('key', 'in', keys)
    .where('until', '>', now)
    .execute()
  return Math.max(0, ...rows.map(({ until }) => Math.ceil((until - now) / 1000)))
}

/** Has a gauge counted as many failures as it allows, or more, the last of them within the window? */
export async function isUsedUp(ctx: Context, { key, allowed }: Gauge): Promise<boolean> {
  const row = await ctx.db
    .selectFrom('throttle')
    .select('failures')
    .where('key', '=', key)
    .where('since', '>=', ctx.clock.now() - ctx.config.failureWindow * 1000)
    .executeTakeFirst()
  return row !== undefined && row.failures >= allowed
}

/** Forgets the failures of some gauges: whoever failed there has proven himself in another way. */
export async function forgive(ctx: Context, gauges: readonly Gauge[]): Promise<void> {
  if (gauges.length === 0) return
  const keys = gauges.map(({ key }) => key)
  const own = ctx.db.selectFrom('throttle').select('key').where('key', 'in', keys)
  await ctx.db.deleteFrom('throttle').where('key', 'in', heldInOrder(ctx, own)).execute()
}

/**
 * Holds a gauge until the transaction ends: of two callers at the same instant, one waits here for the other. The row
 * counts nothing, so that it may be swept.
 */
export async function takeTurns(ctx: Context, { key, allowed, subject }: Gauge): Promise<void> {
  const now = ctx.clock.now()
  await ctx.db
    .insertInto('throttle')
    .values({ key, allowed, subject, failures: 0, pending: 0, touched: now, since: now, until: 0 })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ touched: now, since: now }))
    .execute()
}

const without = (keys: readonly string[], gauges: readonly Gauge[]): string[] =>
  keys.filter((key) => !gauges.some((gauge) => gauge.key === key))

/** A try that has been let in and must be judged, once. All take the context, to join a transaction. */
export interface Try {
  failed(ctx: Context): Promise<void>
  /** The failures before it are forgiven, but for those of shared gauges. */
  succeeded(ctx: Context): Promise<void>
  /** The same where only some of the gauges were proven: at the others it counts neither way. */
  proved(ctx: Context, some: readonly Gauge[]): Promise<void>
  /** It was wrong for some of the gauges, and counts neither way at the others. */
  failedAt(ctx: Context, some: readonly Gauge[]): Promise<void>
  /** Could not be judged after all: it counts neither way. */
  withdrawn(ctx: Context): Promise<void>
}

/**
 * Lets a try in and counts it before it is judged, so that tries sent at the same instant cannot all get past the
 * bound. Refuses with `reason` and the seconds to wait when one of the gauges says so. `forgiven`: cleared by success
 * though they are not asked. `shared`: of many people at once; only failures count there, and a success forgives none.
 */
export async function letTry(
  ctx: Context,
  {
    gauges,
    forgiven = [],
    shared = [],
    reason,
  }: { gauges: Gauge[]; forgiven?: Gauge[]; shared?: Gauge[]; reason: Reason },
): Promise<Try> {
  const refused = shared.length === 0 ? 0 : await longestWait(ctx, shared)
  if (refused > 0) throw new Refusal(reason, { retryAfter: refused })
  const admitted = await admit(ctx, gauges)
  if (admitted.length < gauges.length) {
    await takeBack(ctx, admitted)
    throw new Refusal(reason, { retryAfter: Math.max(1, await longestWait(ctx, gauges)) })
  }
  return {
    async failed(ctx) {
      await atomically(ctx, async (ctx) => {
        await countFailures(ctx, [...gauges, ...shared])
      })
    },
    async succeeded(ctx) {
      await forgive(ctx, [...gauges, ...forgiven])
    },
    proved: (ctx, some) =>
      atomically(ctx, async (ctx) => {
        await takeBack(ctx, without(admitted, some))
        await forgive(ctx, some)
      }),
    failedAt: (ctx, some) =>
      atomically(ctx, async (ctx) => {
        await takeBack(ctx, without(admitted, some))
        if (some.length > 0) await countFailures(ctx, some)
      }),
    withdrawn: (ctx) => takeBack(ctx, admitted),
  }
}

/**
 * Judges something that is guessed at, with the try counted before. A refusal is a failure, and `onFailure` is written
 * with it; anything else that is thrown (we were busy) counts neither way. `proven`: the gauges whose failures a success
 * forgives; all of them where absent.
 */
export async function counted<T>(
  ctx: Context,
  gauges: { gauges: Gauge[]; shared?: Gauge[]; reason: Reason },
  {
    judge,
    onFailure,
    proven,
  }: {
    judge: () => Promise<T>
    onFailure: (ctx: Context) => Promise<void>
    proven?: (result: T) => readonly Gauge[]
  },
): Promise<T> {
  const attempt = await letTry(ctx, gauges)
  try {
    const result = await judge()
    await (proven ? attempt.proved(ctx, proven(result)) : attempt.succeeded(ctx))
    return result
  } catch (error) {
    if (!isRefusal(error) || isRefusal(error, 'server.busy')) {
      await attempt.withdrawn(ctx)
      throw error
    }
    await atomically(ctx, async (ctx) => {
      await attempt.failed(ctx)
      await onFailure(ctx)
    })
    throw error
  }
}

/** Takes away what no longer delays anybody. Small batches: returns how many rows went. */
export async function sweepThrottles(ctx: Context): Promise<number> {
  const past = ctx.clock.now() - ctx.config.failureWindow * 2000
  return sweepRows(ctx, { table: 'throttle', by: ['key'], where: sql`since < ${past} and until < ${past}` })
}
