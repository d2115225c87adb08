import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  type Actor,
  endEverySession,
  findAccount,
  isShutOut,
  mayCheckTokens,
} from '#src/domain/accounts/accounts.ts'
import { hasHappened, record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { minutes, seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import * as store from './store.ts'

export type Session = store.SessionRow

export {
  type ApiKey,
  apiKeyBounds,
  checkApiKey,
  describeApiKey,
  findApiKey,
  listApiKeys,
  makeApiKey,
  removeApiKey,
} from './api-keys.ts'
export { challengedSignIn, finishChallenge, resendChallenge, type SignedIn } from './challenges.ts'
export { type ChangeFeed, changeFeed } from './changes.ts'
export { changePassword, setDuePassword } from './changing-password.ts'
export { type Delegation, judgeDelegation, signInDelegated } from './delegating.ts'
export { dropElevations, elevate, judgeElevation } from './elevating.ts'
export { type ImportedApiKey, importApiKey } from './importing.ts'
export { openSession } from './opening.ts'
export { countOtherSessions, endOtherSessions, endOwnSession, listSessions } from './own-sessions.ts'
export { demandStep, finishSecondStep, finishSetup, type StepAnswer } from './partial.ts'
export { signInWithPasskey } from './passkey-sign-in.ts'
export { resetSecondStep } from './resetting.ts'
export { signInToSession } from './session-sign-in.ts'
export { passFirstStep } from './sign-in.ts'
export type { Hurdle, State } from './states.ts'
export { graceEnds, hurdles, passedByPasskey, waivedForBasic } from './states.ts'
export { sweep as sweepSessions } from './store.ts'
export { refreshTokens, type Tokens } from './tokens.ts'
export { type Verdict, verifySignIn } from './verifying.ts'

/** A session and its owner. */
export interface Signed {
  session: Session
  account: Account
}

// How often "last seen" is written: once a minute is exact enough, and a write per request would not be.
const SEEN_EVERY = minutes(1)

const isIdle = (ctx: Context, session: Session): boolean =>
  session.refresh === null && session.last_seen + seconds(ctx.config.sessionIdle) < ctx.clock.now()

/**
 * The session that a token or session id opens, of one of `protocols`. Refuses with 'session.invalid' when there is
 * none, its owner is shut out or signed out everywhere; with 'session.unproven' when what must travel beside the token
 * does not fit; and with 'session.expired' when it is too old.
 */
export async function findProvenSession(
  ctx: Context,
  { token, protocols, isProven }: { token: string; protocols: readonly string[]; isProven(session: Session): boolean },
): Promise<Signed> {
  const session = await store.sessionByHandle(ctx, sha256(token))
  if (!session || !protocols.includes(session.protocol)) throw new Refusal('session.invalid')
  if (!isProven(session)) throw new Refusal('session.unproven')
  return judged(ctx, session)
}

/** The session of an id, for who proves it in a way of his own. Refuses like `findProvenSession`. */
export async function findSessionById(ctx: Context, id: string, protocol: string): Promise<Signed> {
  const session = await store.sessionById(ctx, id)
  if (session?.protocol !== protocol) throw new Refusal('session.invalid')
  return judged(ctx, session)
}

async function judged(ctx: Context, session: Session): Promise<Signed> {
  const account = await findAccount(ctx, session.account_id)
  if (!account || isShutOut(account) || account.generation !== session.generation) throw new Refusal('session.invalid')
  // No try is left. It is not deleted: the right answer may be on its way beside the last wrong one.
  if (session.state === 'required' && session.strikes >= ctx.config.tries) throw new Refusal('session.invalid')
  // Somebody has made the second factor in the meantime: the password alone may no longer add to it.
  if (session.state === 'setup' && account.two_step) throw new Refusal('session.invalid')
  const now = ctx.clock.now()
  if (session.expires <= now || isIdle(ctx, session)) throw new Refusal('session.expired')
  if (session.last_seen + SEEN_EVERY < now && session.refresh === null)
    await store.updateSession(ctx, session.id, { last_seen: now })
  return { session, account }
}

/** The session that a token alone opens. Refuses like `findProvenSession`. */
export const findSession = (ctx: Context, token: string, protocol: string): Promise<Signed> =>
  findProvenSession(ctx, { token, protocols: [protocol], isProven: () => true })

/** Has nobody signed in to the account by this session's protocol before it, as far as the record goes back? */
export const isFirstSignIn = async (
  ctx: Context,
  { account_id: account, protocol, created: before }: Session,
): Promise<boolean> => !(await hasHappened(ctx, { event: 'sign-in.done', account, protocol, before }))

/** Ends one session, and with it what hangs on it: pending methods, elevations, key sessions. */
export async function endSession(ctx: Context, session: Session, origin: Origin): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await store.deleteSession(ctx, session)
    await record(ctx, { event: 'sign-out.done', account: session.account_id, origin })
  })
}

/** Ends the session of a token, past its life or not: what could still be renewed is gone too. Nothing to end is fine. */
export async function endSessionOfToken(
  ctx: Context,
  { token, protocol, origin }: { token: string; protocol: string; origin: Origin },
): Promise<void> {
  const session = await store.sessionByHandle(ctx, sha256(token))
  if (session?.protocol === protocol) await endSession(ctx, session, origin)
}

/**
 * Whose a token is, for somebody who asks: his own, or anybody's for those who may ask that, else 'access.denied'. Null
 * when nobody is signed in by it.
 */
export async function checkToken(
  ctx: Context,
  { caller, token, protocol }: { caller: Actor; token: string; protocol: string },
): Promise<Signed | null> {
  const found = await findSession(ctx, token, protocol).catch((error: unknown) => {
    if (isRefusal(error)) return null
    throw error
  })
  if (found && found.account.id !== caller.id && !mayCheckTokens(caller)) throw new Refusal('access.denied')
  return found
}

/** Ends every session of an account in every protocol, refresh tokens and stored auth tokens included. */
export async function signOutEverywhere(
  ctx: Context,
  { account, actor, origin }: { account: Account; actor?: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await endEverySession(ctx, account.id)
    await store.deleteSessionsOf(ctx, account.id)
    await record(ctx, { event: 'sign-out.everywhere', account: account.id, actor, origin })
  })
}

/** Keeps one session alive through a change that ended all the others. */
export async function keepSession(ctx: Context, session: Session, account: Account): Promise<void> {
  const current = await findAccount(ctx, account.id)
  if (current) await store.updateSession(ctx, session.id, { generation: current.generation })
}
