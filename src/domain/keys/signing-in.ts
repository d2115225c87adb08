import { atomically, type Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { counted, gauge } from '#src/domain/throttles/throttles.ts'
import { makeToken, storeAuth } from './key-sessions.ts'
import { openSealed } from './sealed.ts'
import { lockedRingsOf } from './store.ts'
import { tryKeyPassword } from './unlocking.ts'

/**
 * Signs somebody in whose key password is his only one: proves it, has `open` open a session, and leaves an auth token
 * with that until it ends. Answers both. `judge` may ask for more, of who has shown the password. Refuses like
 * `tryKeyPassword`, and what `judge` does.
 */
export async function signInWithKey(
  ctx: Context,
  {
    account,
    password,
    origin,
    judge = async () => {},
    open,
  }: {
    account: Account
    password: string
    origin: Origin
    judge?: () => Promise<void>
    open: (ctx: Context) => Promise<Signed>
  },
): Promise<{ signed: Signed; auth: string }> {
  const { unlockKey } = await tryKeyPassword(ctx, { account, password, origin })
  await judge()
  return atomically(ctx, async (ctx) => {
    const signed = await open(ctx)
    await record(ctx, { event: 'key.unlocked', account: account.id, origin })
    const auth = await makeToken(ctx, signed, { unlockKey })
    await storeAuth(ctx, signed, { token: auth, minutes: 0 })
    return { signed, auth }
  })
}

/** No account has this id. */
const NOBODY = ''
// As large as a sealed ring.
const NOTHING = Buffer.alloc(1024)

/** The work and the words of `tryKeyPassword` where there is nobody of this name: its time must not tell that. */
export async function tryNobodysPassword(
  ctx: Context,
  { name, password, origin }: { name: string; password: string; origin: Origin },
): Promise<never> {
  await lockedRingsOf(ctx, NOBODY)
  const salt = ctx.workers.passwords.saltOf(Buffer.alloc(16))
  const judge = async (): Promise<never> => {
    openSealed(await ctx.workers.passwords.derive(password, salt), NOBODY, NOTHING)
    throw new Refusal('key.password-wrong')
  }
  const gauges = [gauge(ctx, 'key', `nobody ${name}`, ctx.config.accountFailuresAllowed, name)]
  const onFailure = (ctx: Context) => record(ctx, { event: 'key.unlock-failed', account: null, origin })
  return counted(ctx, { gauges, reason: 'key.delayed' }, { judge, onFailure })
}
