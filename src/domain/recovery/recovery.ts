import type { Context } from '#src/context.ts'
import { days, hours } from '#src/lib/clock.ts'
import * as store from './store.ts'

export { withdrawReset as withdrawRecovery } from '#src/domain/factors/factors.ts'
export { confirmAddress, type Followed, followLink, followPasswordLink, followStopLink, readLink } from './following.ts'
export { makeLink, type Purpose } from './links.ts'
export { finishRecoveries, loseFactors, waitingRecovery } from './lost-factor.ts'
export { answerLinkRequests, requestPasswordLink, requestToken, requestUsernames } from './requests.ts'
export { readRecovery, recoverPassword } from './resetting.ts'
export { requireConfirmation, sendConfirmationLink, sendPasswordLink, signUp } from './sending.ts'
export { listWays } from './ways.ts'

/** Removes links thirty days after their end, and tokens and requests that were over an hour ago. */
export function sweepLinks(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  return store.sweep(ctx, { links: now - days(30), requests: now - hours(1) })
}
