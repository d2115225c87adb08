import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '#src/context.ts'
import { seconds } from '#src/lib/clock.ts'
import { claim, handOver } from './deliver.ts'
import * as store from './store.ts'

/**
 * What became of a message: 'waiting' when there was trouble that may pass, or no answer yet. It stays in the outbox
 * then, and is tried again. `refused` has the carrier's own words, without secrets.
 */
export type Settled = 'sent' | 'waiting' | { refused: string }

const WITHIN = seconds(10)
const LOOK_EVERY = 50

/** Without the code words of the library that carried it. */
const plainly = (reason: string): string => reason.replace(/^E[A-Z]+: /, '')

const inHand = new WeakMap<Context['database'], Set<Promise<unknown>>>()

/** Resolves once everything that is being handed over here has an outcome: a server must not stop before. */
export async function everythingSettled(ctx: Context): Promise<void> {
  await Promise.all(inHand.get(ctx.database) ?? [])
}

/** Whoever waits for it is told that it was refused, and does something else: it must not be sent again later. */
async function refusedFor(ctx: Context, id: string, reason: string): Promise<Settled> {
  await store.forgetContent(ctx, id)
  return { refused: plainly(reason) }
}

/** Somebody else has the message in hand: looks now and then what he made of it. */
async function look(ctx: Context, id: string): Promise<Settled | null> {
  const row = await store.outcomeOf(ctx, id)
  if (row?.state === 'sent') return 'sent'
  if (row?.state === 'failed' || row?.state === 'dropped') return refusedFor(ctx, id, row.outcome)
  return row?.outcome === '' ? null : 'waiting'
}

async function watch(ctx: Context, id: string, isLate: () => boolean): Promise<Settled> {
  for (;;) {
    const settled = await look(ctx, id)
    if (settled) return settled
    if (isLate()) return 'waiting'
    await sleep(LOOK_EVERY)
  }
}

async function handOverNow(ctx: Context, id: string, isLate: () => boolean): Promise<Settled> {
  // The same claim as that of the job: whoever is first has the message, in this process or another.
  const message = await claim(ctx, id)
  if (!message) return watch(ctx, id, isLate)
  const outcome = await handOver(ctx, message, 'is forgotten')
  if (outcome.sent) return 'sent'
  return outcome.permanent ? { refused: plainly(outcome.reason) } : 'waiting'
}

/**
 * Hands over a message that was just composed, after its transaction, and tells what became of it; waits for at most
 * `within` milliseconds. What is not answered by then goes on without being waited for.
 */
export async function settleMessage(ctx: Context, id: string, within = WITHIN): Promise<Settled> {
  let timer: NodeJS.Timeout | undefined
  let hasLapsed = false
  const late = new Promise<Settled>((resolve) => {
    timer = setTimeout(() => {
      hasLapsed = true
      resolve('waiting')
    }, within)
  })
  const run = handOverNow(ctx, id, () => hasLapsed).catch((error: unknown): Settled => {
    ctx.log.error('message.unsettled', { message: id, error })
    return 'waiting'
  })
  const all = inHand.get(ctx.database) ?? new Set()
  inHand.set(ctx.database, all.add(run))
  void run.then(() => all.delete(run))
  const settled = await Promise.race([run, late])
  clearTimeout(timer)
  return settled
}
