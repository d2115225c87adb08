import { atomically, type Context } from '#src/context.ts'
import { type Account, endEverySession, holdAccount, tryPassword } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import { type Origin, ownOrigin } from '#src/domain/caller.ts'
import { dropReset, hasSetPassword, methodTargets, removeFactors } from '#src/domain/factors/factors.ts'
import { canCarry, composeFrom, judgeOutbox, tell } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { seconds } from '#src/lib/clock.ts'
import { countWrongTokens } from './asking.ts'
import { makeLink } from './links.ts'
import * as store from './store.ts'
import { type ProvenToken, proveToken, useToken } from './tokens.ts'

/** A removal of all second factors that waits for its time. */
export interface WaitingRecovery {
  /** epoch milliseconds */
  created: number
  due: number
}

/** The removal of an account's second factors that waits, as its owner may see it; null for none. */
export const waitingRecovery = async (ctx: Context, accountId: string): Promise<WaitingRecovery | null> =>
  (await store.waitingOf(ctx, accountId)) ?? null

/**
 * Tells the mailbox and every method that the factors are to go, with a link that stops it. No bound holds this back:
 * whoever wants it unseen would use the bound up first.
 */
async function announce(ctx: Context, account: Account, due: number): Promise<void> {
  const { link, lifetime } = await makeLink(ctx, account, 'stop-recovery')
  const values = { link, until: due }
  const others = await methodTargets(ctx, account.id)
  const targets = new Map([{ channel: 'mail' as const, to: account.email }, ...others].map((one) => [one.to, one]))
  for (const { channel, to } of targets.values()) {
    if (channel === 'sms' && !canCarry(ctx, channel)) continue
    const template = channel === 'mail' ? 'recovery_waiting' : 'recovery_waiting_sms'
    await composeFrom(ctx, { channel, to, template, reader: account, values, lifetime })
  }
}

/** Uses the token up and begins the wait, or says when the one that runs already is over. */
const begin = (
  ctx: Context,
  { proven, settle, origin }: { proven: ProvenToken; settle(ctx: Context): Promise<void>; origin: Origin },
): Promise<number> =>
  atomically(ctx, async (ctx) => {
    // Before the account, as a sign-in does it: two that want both cannot wait for each other then.
    await settle(ctx)
    const account = await holdAccount(ctx, proven.account.id)
    await useToken(ctx, proven, account)
    const waiting = await store.waitingOf(ctx, account.id)
    if (waiting) return waiting.due
    const created = ctx.clock.now()
    const due = created + seconds(ctx.config.recoveryWait)
    const { id, generation } = account
    await store.putWaiting(ctx, { account_id: id, generation, created, due, network: origin.network })
    await record(ctx, { event: 'recovery.waiting', account: id, origin, detail: { kind: proven.factor.kind } })
    await announce(ctx, account, due)
    return due
  }).catch(saidAs('recovery.token-invalid', 'account.unknown'))

/**
 * Asks for the removal of all second factors, for who has the password and a recovery token, but none of them and no
 * recovery code. Returns when they will go, epoch milliseconds, unless somebody says before that this was not he. The
 * token is judged first, so that without one nobody can try passwords here. 'recovery.token-invalid' whatever is wrong,
 * the password included; 'recovery.unneeded'; 'factor.kind-off' for a token by the very method that the password came by,
 * which alone would be enough for everything then; 'rate.exceeded', 'credentials.delayed'.
 */
export const loseFactors = (
  ctx: Context,
  { name, password, token, origin }: { name: string; password: string; token: string; origin: Origin },
): Promise<number> =>
  countWrongTokens(ctx, origin, async () => {
    // For all alike, and before a token is looked at: what begins here must not go on unseen.
    await judgeOutbox(ctx, 'need')
    const proven = await proveToken(ctx, { name, token, origin })
    const { account, settle } = await tryPassword(ctx, { name, password, origin }).catch(
      saidAs('recovery.token-invalid', 'credentials.invalid'),
    )
    try {
      const { twoStep } = await policyOf(ctx, account)
      if (account.two_step === 0 || twoStep === 'disabled') throw new Refusal('recovery.unneeded')
      if (hasSetPassword({ account, factor: proven.factor })) throw new Refusal('factor.kind-off')
      return await begin(ctx, { proven, settle, origin })
    } catch (error) {
      // The password was right, whatever else was not.
      await atomically(ctx, settle)
      throw error
    }
  })

/**
 * Stops what waits because it was not the owner who asked: everybody is signed out, since the password is known to
 * somebody else. 'link.invalid' when nothing waits. In the caller's transaction.
 */
export async function stopForeignRecovery(ctx: Context, account: Account, origin: Origin): Promise<void> {
  if (!(await dropReset(ctx, account))) throw new Refusal('link.invalid')
  await record(ctx, { event: 'recovery.stopped', account: account.id, origin, detail: { by: 'link' } })
  await signOutEverywhere(ctx, { account, origin })
  await tell(ctx, account, 'recovery.stopped', {}, await methodTargets(ctx, account.id))
}

/** Removes the second factors of one account whose wait is over, unless it was stopped. Returns how many it took. */
export async function finishRecoveries(ctx: Context): Promise<number> {
  const due = await store.nextDue(ctx)
  if (!due) return 0
  // Nobody's request: what was begun days ago comes to its end.
  const origin = ownOrigin('house')
  await atomically(ctx, async (ctx) => {
    const account = await holdAccount(ctx, due.account_id)
    const taken = await store.takeDue(ctx, account.id)
    if (taken?.generation !== account.generation || account.two_step === 0) return
    const others = await methodTargets(ctx, account.id)
    await removeFactors(ctx, { account, origin })
    await endEverySession(ctx, account.id)
    await record(ctx, { event: 'recovery.done', account: account.id, origin })
    await tell(ctx, account, 'recovery.done', {}, others)
  })
  return 1
}
