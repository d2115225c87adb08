import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { counted, gauge } from '#src/domain/throttles/throttles.ts'
import { hmac, isSame } from '#src/lib/digests.ts'

/** Whoever has shown the name and the password of the support desk; `actor`: what the record calls him. */
export interface Desk {
  actor: string
}

interface Shown {
  name: string
  password: string
}

const LEAST = 12

/** One accent may be written in two ways (RFC 7617, section 2.1); lengths show nothing. */
const digested = (ctx: Context, text: string): string => hmac(ctx.secrets.pepper, text.normalize('NFC'))

function isRight(ctx: Context, shown: Shown, wanted: Shown): boolean {
  const name = isSame(digested(ctx, shown.name), digested(ctx, wanted.name))
  const password = isSame(digested(ctx, shown.password), digested(ctx, wanted.password))
  return name && password
}

/** Written down once an hour for each network: a script that guesses fills no record. */
async function recordDenied(ctx: Context, origin: Origin): Promise<void> {
  const denials: Hourly = { kind: 'support-denied', subject: origin.network, most: 1 }
  if ((await hourlyWait(ctx, denials)) > 0) return
  await countHourly(ctx, denials)
  await record(ctx, { event: 'support.denied', origin })
}

/**
 * Proves who is at the support desk: what is shown must be the settings supportUser and supportPassword; null for
 * nothing, or nothing that could be read. Guesses are counted by network. Refuses with 'support.denied', always where
 * one of the settings is absent, and with 'credentials.delayed' after too many wrong ones.
 */
export async function proveDesk(
  ctx: Context,
  { shown, origin }: { shown: Shown | null; origin: Origin },
): Promise<Desk> {
  const { supportUser: name, supportPassword: password, failuresAllowed } = ctx.config
  if (!name || !password || !shown) throw new Refusal('support.denied')
  return counted(
    ctx,
    { gauges: [gauge(ctx, 'support', origin.network, failuresAllowed)], reason: 'credentials.delayed' },
    {
      async judge() {
        if (!isRight(ctx, shown, { name, password })) throw new Refusal('support.denied')
        return { actor: `support:${name}` }
      },
      onFailure: (ctx) => atomically(ctx, (ctx) => recordDenied(ctx, origin)),
    },
  )
}

/** Says at the start that the password of the support desk is shorter than it should be. */
export function warnOfWeakDesk({ config, log }: Context): void {
  const { supportUser, supportPassword } = config
  if (supportUser && supportPassword && [...supportPassword].length < LEAST)
    log.warn('support.weak-password', { advice: `CHATELAINE_SUPPORT_PASSWORD: take ${LEAST} characters at least` })
}
