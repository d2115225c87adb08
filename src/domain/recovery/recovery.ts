import type { Context } from '#src/context.ts'
import { days, hours } from '#src/lib/clock.ts'
import * as store from './store.ts'

export { confirmAddress, followPasswordLink, readLink } from './following.ts'
export type { Purpose } from './links.ts'
export { answerLinkRequests, requestPasswordLink } from './requests.ts'
export { requireConfirmation, sendConfirmationLink, sendPasswordLink, signUp } from './sending.ts'

/** Removes links thirty days after their end, and requests that could not be answered within an hour. */
export function sweepLinks(ctx: Context): Promise<number> {
  const now = ctx.clock.now()
  return store.sweep(ctx, { links: now - days(30), requests: now - hours(1) })
}
