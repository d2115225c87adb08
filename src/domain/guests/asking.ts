import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { gauge, letTry } from '#src/domain/throttles/throttles.ts'

// So many in the window are a large office behind one address; more are somebody who walks through a list.
const BY_NETWORK = 100

/** Counts a question about any address that a stranger asks: 'rate.exceeded'. It says nothing about anybody. */
export async function countAsking(ctx: Context, { network }: Origin): Promise<void> {
  const gauges = [gauge(ctx, 'guest-asking', network, BY_NETWORK)]
  const attempt = await letTry(ctx, { gauges, reason: 'rate.exceeded' })
  await attempt.failed(ctx)
}
