import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { gauge, letTry, type Try } from '#src/domain/throttles/throttles.ts'

// So many in the window are a large office behind one address; more are somebody who walks through a list.
const REQUESTS_PER_NETWORK = 100

/** `letters`: wishes for a mail or SMS, which are dropped without a word; `answers`: what is told at once. */
type Asked = 'letters' | 'answers'

const gauges: Record<Asked, string> = { letters: 'link-request', answers: 'recovery' }

/**
 * Lets a stranger ask, as his network may: 'rate.exceeded'. Nothing else is asked here, so that a wait tells nothing
 * about any account. `failed` is what counts it.
 */
const letAsk = (ctx: Context, asked: Asked, { network }: Origin): Promise<Try> =>
  letTry(ctx, { gauges: [gauge(ctx, gauges[asked], network, REQUESTS_PER_NETWORK)], reason: 'rate.exceeded' })

/** Lets somebody wish for a letter; null when too many came from his network. `failed` is what counts it. */
export const letWish = (ctx: Context, origin: Origin): Promise<Try | null> =>
  letAsk(ctx, 'letters', origin).catch((error: unknown) => {
    if (isRefusal(error, 'rate.exceeded')) return null
    throw error
  })

/** Counts a question that is answered to anybody: 'rate.exceeded'. */
export async function countQuestion(ctx: Context, origin: Origin): Promise<void> {
  const attempt = await letAsk(ctx, 'answers', origin)
  await attempt.failed(ctx)
}

/**
 * Judges what somebody brings who has no session: 'rate.exceeded' when too many tokens from his network were wrong.
 */
export async function countWrongTokens<T>(ctx: Context, origin: Origin, judge: () => Promise<T>): Promise<T> {
  const attempt = await letAsk(ctx, 'answers', origin)
  try {
    const result = await judge()
    // Not forgiven: who has a token of his own would go on with guesses at others'.
    await attempt.withdrawn(ctx)
    return result
  } catch (error) {
    await (isRefusal(error, 'recovery.token-invalid') ? attempt.failed(ctx) : attempt.withdrawn(ctx))
    throw error
  }
}
