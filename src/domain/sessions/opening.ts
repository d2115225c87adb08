import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { uuid } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import type { Session } from './sessions.ts'
import { isHurdle, type State } from './states.ts'
import * as store from './store.ts'

export interface Opening {
  account: Account
  /** when the second step was passed; 0 for never */
  stepped?: number
  origin: Origin
}

/** What a session is held by, and for how long. */
type Hold = Pick<Session, 'state' | 'handle' | 'proof' | 'refresh' | 'refresh_expires' | 'expires'>

/** Opens a session of the account's present generation. */
export async function open(
  ctx: Context,
  { account, stepped = 0, origin, hold }: Opening & { hold: Hold },
): Promise<Session> {
  const now = ctx.clock.now()
  const session: Session = {
    ...hold,
    id: uuid(ctx.clock.chance),
    account_id: account.id,
    protocol: origin.protocol,
    generation: account.generation,
    previous_refresh: null,
    refreshed: 0,
    strikes: 0,
    created: now,
    last_seen: now,
    network: origin.network,
    agent: origin.agent,
    stepped,
  }
  await store.insertSession(ctx, session)
  return session
}

/** When a session that is in this state from now on ends in any case, epoch milliseconds. */
export const endIn = ({ clock, config }: Context, state: State): number =>
  clock.now() + seconds(isHurdle(state) ? config.partialLifetime : config.sessionLifetime)

/** Opens a session held by a session id and a proof that travels beside it (a cookie, an Authorization header). */
export const openSession = (
  ctx: Context,
  { token, proof, state, ...opening }: Opening & { token: string; proof: string; state: State },
): Promise<Session> => {
  const hold = { state, handle: sha256(token), proof, refresh: null, refresh_expires: 0, expires: endIn(ctx, state) }
  return open(ctx, { ...opening, hold })
}
