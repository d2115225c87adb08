import { sql } from 'kysely'
import type { Context } from '#src/context.ts'

// Beyond this many new changes at once it is cheaper to forget everything.
const AT_ONCE = 1000

/** Reads what is new in the feed of SQLite whenever it is asked whether all is known; it always is then. */
export function newChanges(ctx: Context, told: (accounts: readonly string[] | null) => void) {
  const { database } = ctx
  const latest = database.hot('select coalesce(max(seq), 0) as seq from account_change')!
  const after = database.hot('select seq, account_id from account_change where seq > ? order by seq limit ?')!
  let version: number | null = null
  let last = 0

  function read(): void {
    const rows = version === null ? null : (after.all(last, AT_ONCE + 1) as { seq: number; account_id: string }[])
    // Null where it is more than that, or was swept away already.
    const isWhole = rows !== null && rows.length <= AT_ONCE && (rows.length === 0 || rows[0]!.seq === last + 1)
    if (isWhole) last = rows.at(-1)?.seq ?? last
    else last = latest.all()[0]!.seq as number
    if (!isWhole) told(null)
    else if (rows.length > 0) told(rows.map(({ account_id }) => account_id))
  }

  return {
    isCurrent(): boolean {
      const now = database.version()
      if (now !== version) {
        read()
        // Last: had the reading failed, the changes would have to be read again.
        version = now
      }
      return true
    },
  }
}

// Readers that are further behind start again.
const CHANGES_KEPT = 5000

async function sweepBySeq(ctx: Context): Promise<number> {
  const newest = (
    await ctx.db
      .selectFrom('account_change')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .executeTakeFirst()
  )?.seq
  const gone = await ctx.db
    .deleteFrom('account_change')
    .where('seq', '<=', Number(newest ?? 0) - CHANGES_KEPT)
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}

/** Which transactions were over at one time, by the server's clock in seconds. */
interface Mark {
  snapshot: string
  at: number
}

const marks = new WeakMap<Context['database'], Mark>()
const SEEN_BY_ALL = 60
const BATCH = 5000

/** What was committed a minute ago has been seen by every node that has looked within it; the others begin anew. */
async function sweepByMark(ctx: Context, seenByAll: number): Promise<number> {
  const asked = await sql<Mark & { has: boolean }>`select pg_current_snapshot()::text as snapshot,
    extract(epoch from clock_timestamp())::float8 as at, to_regclass('account_change') is not null as has`.execute(
    ctx.db,
  )
  const { has, ...now } = asked.rows[0]!
  const mark = marks.get(ctx.database)
  if (mark === undefined || now.at < mark.at) marks.set(ctx.database, now)
  if (!has || mark === undefined || now.at - mark.at < seenByAll) return 0
  // Transactions yet to come are rows of another life of this database, before it was restored.
  const gone = await sql`delete from account_change where (xid, account_id) in (select xid, account_id
    from account_change where pg_visible_in_snapshot(xid, ${mark.snapshot}::text::pg_snapshot)
    or xid >= pg_snapshot_xmax(pg_current_snapshot()) limit ${BATCH})`.execute(ctx.db)
  const count = Number(gone.numAffectedRows)
  if (count < BATCH) marks.set(ctx.database, now)
  return count
}

/** Forgets changes that everybody who keeps answers knows of, after so many seconds. Returns how many went. */
export const sweepChanges = (ctx: Context, seenByAll = SEEN_BY_ALL): Promise<number> =>
  ctx.database.engine === 'sqlite' ? sweepBySeq(ctx) : sweepByMark(ctx, seenByAll)
