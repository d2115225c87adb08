import type { Context } from '#src/context.ts'
import { days } from '#src/lib/clock.ts'
import * as store from './store.ts'

export { dispatchMails, everythingDispatched } from './dispatching.ts'
export { followDeliveries } from './following.ts'
export { returnMails } from './returning.ts'
export { type GatewaySettings, gatewaySettings, setIncoming } from './settings.ts'
export { allowSigning, endSigning, sweepSigning } from './signing.ts'
export type { Direction } from './stamps.ts'
export { type Handed, type Taken, takeMail } from './taking.ts'

/** Forgets mails that were done with so long ago that nobody hands them over once more. In small batches. */
export const sweepGateway = (ctx: Context): Promise<number> =>
  store.sweep(ctx, ctx.clock.now() - days(ctx.config.gatewayDays))
