import { atomically, type Context } from '#src/context.ts'
import { minutes } from '#src/lib/clock.ts'
import { KEPT, SAMPLE_EVERY, type Sample } from '#src/lib/measures.ts'
import { version } from '#src/lib/version.ts'
import * as store from './processes-store.ts'

/** One of the processes that work on the database: another on this machine, or on another machine. */
export interface Process {
  id: string
  host: string
  pid: number
  /** its number among the workers of its machine; 0 where there is but one process */
  worker: number
  version: string
  /** of Node.js */
  node: string
  started: number
  /** when it was last heard of */
  seen: number
  /** it ended without a word, or its machine did */
  isGone: boolean
  samples: readonly Sample[]
}

// A process that has much to do may miss its turn once or twice.
const GONE_AFTER = 4 * SAMPLE_EVERY
const REMEMBERED = minutes(15)

/** Notes how this process fares, for whoever asks another one. */
export async function noteSample(ctx: Context, sample: Sample): Promise<void> {
  const { process: own, started } = ctx.house
  const now = ctx.clock.now()
  const row = { ...own, version, node: process.versions.node, started, seen: now }
  await atomically(ctx, (ctx) =>
    store.note(ctx, row, { process_id: own.id, seq: sample.seq, sample: JSON.stringify(sample) }, sample.seq - KEPT),
  )
  await store.removeSilent(ctx, now - REMEMBERED)
}

/** Takes leave: a process that ends in good order is not missed. */
export async function takeLeave(ctx: Context): Promise<void> {
  await store.remove(ctx, ctx.house.process.id)
}

/** All processes that were heard of lately, each with its samples behind the one that is known of it already. */
export async function listProcesses(ctx: Context, known: ReadonlyMap<string, number>): Promise<Process[]> {
  const rows = await store.all(ctx)
  const behind = rows.map(({ id }) => ({ id, seq: known.get(id) ?? 0 }))
  const samples = await store.samplesBehind(ctx, behind)
  const goneSince = ctx.clock.now() - GONE_AFTER
  return rows.map((row) => ({
    ...row,
    isGone: row.seen < goneSince,
    samples: samples.filter(({ process_id: of }) => of === row.id).map(({ sample }) => JSON.parse(sample) as Sample),
  }))
}
