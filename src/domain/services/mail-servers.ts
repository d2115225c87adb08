import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { gauge, letTry } from '#src/domain/throttles/throttles.ts'
import { isSame } from '#src/lib/digests.ts'

/**
 * Refuses whoever is no mail server of ours: 'session.missing' without a key, 'session.invalid' with a wrong one,
 * 'credentials.delayed' after too many of those from one address. A right key is never asked to wait.
 */
export async function judgeMailServer(ctx: Context, key: string | null, origin: Origin): Promise<void> {
  if (key === null) throw new Refusal('session.missing')
  const ours = [ctx.config.mailServerKey, ctx.secrets.internalKey]
  if (ours.map((own) => own !== undefined && isSame(key, own)).includes(true)) return
  const attempt = await letTry(ctx, {
    gauges: [gauge(ctx, 'mail-server-key', origin.network, ctx.config.failuresAllowed)],
    reason: 'credentials.delayed',
  })
  await attempt.failed(ctx)
  throw new Refusal('session.invalid')
}
