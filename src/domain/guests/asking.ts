import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Gauge, gauge, letTry } from '#src/domain/throttles/throttles.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'

// So many in the window are a large office behind one address; more are somebody who walks through a list.
const BY_NETWORK = 100

/** Counts a question about any address that a stranger asks: 'rate.exceeded'. It says nothing about anybody. */
export async function countAsking(ctx: Context, { network }: Origin): Promise<void> {
  const gauges = [gauge(ctx, 'guest-asking', network, BY_NETWORK)]
  const attempt = await letTry(ctx, { gauges, reason: 'rate.exceeded' })
  await attempt.failed(ctx)
}

/**
 * Failures of a kind at an address from one network, be there a guest or not. Strangers elsewhere cannot use them up: a
 * guest would be shut out by whoever knows his address.
 */
export function guessesFrom(
  ctx: Context,
  kind: string,
  { address, origin }: { address: string; origin: Origin },
): Gauge {
  const wanted = asciiAddress(address)
  return gauge(ctx, kind, `${wanted} ${origin.network}`, ctx.config.failuresAllowed, wanted)
}
