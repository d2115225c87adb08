import { atomically, type Context } from '#src/context.ts'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Session, Signed } from './sessions.ts'
import * as store from './store.ts'

// A program that signs in anew for every call has more than anybody reads; ending all others ends those too.
const SHOWN = 500

/** The sessions of a person that are open or could be renewed, in every protocol, newest first. */
export async function listSessions(ctx: Context, { account }: Pick<Signed, 'account'>): Promise<Session[]> {
  // As it is now: what has just happened to it may have ended some.
  const current = await findAccount(ctx, account.id)
  return current ? store.liveSessions(ctx, current, SHOWN) : []
}

/** How many besides this one. */
export const countOtherSessions = async (ctx: Context, { account, session }: Signed): Promise<number> =>
  (await listSessions(ctx, { account })).filter(({ id }) => id !== session.id).length

/** Ends one of a person's sessions: 'session.unknown' when it is none of his. */
export async function endOwnSession(
  ctx: Context,
  { signed: { account }, id, origin }: { signed: Signed; id: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const gone = await store.deleteSession(ctx, { id, account_id: account.id })
    if (!gone) throw new Refusal('session.unknown')
    await record(ctx, { event: 'session.ended', account: account.id, origin, detail: { of: gone.protocol } })
  })
}

/** Ends all of a person's sessions but this one, and what hangs on them; that there is none is fine. */
export async function endOtherSessions(
  ctx: Context,
  { signed: { account, session }, origin }: { signed: Signed; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const count = await store.deleteSessionsOf(ctx, account.id, session.id)
    if (count > 0) await record(ctx, { event: 'sessions.ended', account: account.id, origin, detail: { count } })
  })
}
