import type { Context } from '#src/context.ts'
import { outboxFull } from '#src/domain/outbox-full.ts'
import { recentCount } from '#src/lib/recent-count.ts'
import { countQueued } from './queue-store.ts'

// What is kept above the bound for what somebody waits for, and for what he must learn.
const RESERVE = 1 / 4

/**
 * What a message is for. A `wish` came from somebody who can ask again; a `need` is a code that he waits for at this moment,
 * or tells him that his account was changed.
 */
export type MessagePurpose = 'wish' | 'need'

const waiting = recentCount<Context['database']>()

/** Counts a message that was queued here. */
export const noteQueued = (ctx: Context): void => waiting.add(ctx.database)

/** Is there a place in the outbox? While a mail server is stuck it would grow without end. */
export async function hasPlace(ctx: Context, purpose: MessagePurpose): Promise<boolean> {
  const { outboxLimit } = ctx.config
  const whole = Math.ceil(outboxLimit * (1 + RESERVE))
  const count = await waiting.value(ctx.database, () => countQueued(ctx, whole))
  return count < (purpose === 'need' ? whole : outboxLimit)
}

/**
 * Refuses with 'server.busy' what would only add to an outbox that is full. Asked first of all, before anything is looked
 * up or counted: the answer is then the same for everybody, and costs nobody a try.
 */
export async function judgeOutbox(ctx: Context, purpose: MessagePurpose = 'wish'): Promise<void> {
  if (!(await hasPlace(ctx, purpose))) throw outboxFull()
}
