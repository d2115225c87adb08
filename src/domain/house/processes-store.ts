import type { Context } from '#src/context.ts'
import type { ProcessSample, ProcessSeen } from '#src/db/tables.ts'

/** Notes that a process is there, and its newest sample; forgets its samples up to `stale`. */
export async function note(ctx: Context, process: ProcessSeen, sample: ProcessSample, stale: number): Promise<void> {
  const { id, seen } = process
  await ctx.db
    .insertInto('process_seen')
    .values(process)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen }))
    .execute()
  await ctx.db.insertInto('process_sample').values(sample).execute()
  await ctx.db.deleteFrom('process_sample').where('process_id', '=', id).where('seq', '<=', stale).execute()
}

/** Forgets a process with its samples. */
export const remove = (ctx: Context, id: string) => ctx.db.deleteFrom('process_seen').where('id', '=', id).execute()

/** Forgets those that nobody has heard of since. */
export const removeSilent = (ctx: Context, since: number) =>
  ctx.db.deleteFrom('process_seen').where('seen', '<', since).execute()

export const all = (ctx: Context) =>
  ctx.db.selectFrom('process_seen').selectAll().orderBy('host').orderBy('worker').orderBy('started').execute()

/** The samples of each process behind the one that is named for it, in their order. */
export function samplesBehind(ctx: Context, known: readonly { id: string; seq: number }[]): Promise<ProcessSample[]> {
  if (known.length === 0) return Promise.resolve([])
  return ctx.db
    .selectFrom('process_sample')
    .selectAll()
    .where(({ eb, or, and }) => or(known.map(({ id, seq }) => and([eb('process_id', '=', id), eb('seq', '>', seq)]))))
    .orderBy('seq')
    .execute()
}
