import type { Context } from '#src/context.ts'

interface Changes {
  latest(): number
  /** What came after `seq`, in order; null when it is more than `most`, or was swept away already. */
  after(seq: number, most: number): { seq: number; account_id: string }[] | null
}

/** The feed of changed accounts; null where the engine has none. */
export function changesAfter(ctx: Context): Changes | null {
  const latest = ctx.database.hot('select coalesce(max(seq), 0) as seq from account_change')
  const after = ctx.database.hot('select seq, account_id from account_change where seq > ? order by seq limit ?')
  if (!latest || !after) return null
  return {
    latest: () => latest.all()[0]!.seq as number,
    after(seq, most) {
      const rows = after.all(seq, most + 1) as { seq: number; account_id: string }[]
      const isWhole = rows.length <= most && (rows.length === 0 || rows[0]!.seq === seq + 1)
      return isWhole ? rows : null
    },
  }
}

// Readers that are further behind start again.
const CHANGES_KEPT = 5000

/** Forgets all but the newest changes. Returns how many went. */
export async function sweepChanges(ctx: Context): Promise<number> {
  if (ctx.database.engine !== 'sqlite') return 0
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
