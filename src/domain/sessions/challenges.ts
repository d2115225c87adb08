import { atomically, type Context } from '#src/context.ts'
import { type Account, findAccount, isShutOut, type Population } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import {
  type Factor,
  factorsOf,
  forgiveRecovery,
  isRecoveryCode,
  kindOf,
  listFactors,
  proveFactor,
  sendStepCode,
  stepFactor,
  takeRecoveryCode,
} from '#src/domain/factors/factors.ts'
import { countPasskeys } from '#src/domain/passkeys/passkeys.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { completeSignIn, type FirstStep, type FirstStepWish, keepChosen, passFirstStep } from './sign-in.ts'
import { nextState } from './states.ts'
import * as store from './store.ts'
import { openTokenSession, type Tokens } from './tokens.ts'

export type SignedIn =
  | { kind: 'signed-in'; account: Account; tokens: Tokens }
  | {
      kind: 'challenge'
      id: string
      /** whose code is asked for; null when a recovery code is all that can be */
      factor: Factor | null
      created: number
    }

/** Protocols of tokens cannot ask for a passkey: whoever has nothing else gets in with one of his recovery codes. */
const hasOnlyPasskeys = async (ctx: Context, { id, recovery_salt }: Account): Promise<boolean> =>
  recovery_salt !== null && (await countPasskeys(ctx, id)) > 0

async function openChallenge(ctx: Context, step: FirstStep, origin: Origin): Promise<SignedIn> {
  const { account } = step
  const factors = await factorsOf(ctx, account.id)
  const factor = stepFactor(ctx, { account, policy: step.policy, factors })
  await atomically(ctx, step.settle)
  // Nothing that could be asked for is no reason to let anybody in.
  if (!factor && !(await hasOnlyPasskeys(ctx, account))) throw new Refusal('challenge.failed')
  const id = uuid(ctx.clock.chance)
  const created = ctx.clock.now()
  await atomically(ctx, async (ctx) => {
    // First, since it holds the account: two rows that refer to it would keep each other from that.
    if (factor && kindOf(factor.kind).channel !== null) await sendChallengeCode(ctx, account, factor, id)
    await store.insertChallenge(ctx, {
      id,
      account_id: account.id,
      generation: account.generation,
      factor_id: factor?.id ?? '',
      new_password: step.newPassword,
      strikes: 0,
      created,
      expires: created + seconds(ctx.config.partialLifetime),
      used: null,
    })
    const detail = { kind: factor?.kind ?? 'recovery code' }
    await record(ctx, { event: 'sign-in.challenged', account: account.id, origin, detail })
  })
  return { kind: 'challenge', id, factor: factor ?? null, created }
}

/** A password that had to be changed is changed, though its owner has to set up his second factor elsewhere first. */
const settleWithoutSession = (ctx: Context, step: FirstStep, origin: Origin): Promise<void> =>
  atomically(ctx, async (ctx) => {
    await step.settle(ctx)
    if (step.newPassword) await keepChosen(ctx, { account: step.account, hash: step.newPassword, origin })
  })

const sendChallengeCode = (ctx: Context, account: Account, factor: Factor, challengeId: string): Promise<void> =>
  sendStepCode(ctx, { account, factor, challengeId }).catch((error: unknown) => {
    throw isRefusal(error, 'code.unsendable', 'code.too-soon') ? new Refusal('challenge.failed', error.facts) : error
  })

/**
 * Signs in to a session of tokens. With 2-step verification on, the answer is a challenge instead, and no token
 * exists until it is met; when its code cannot be sent, nobody gets in: 'challenge.failed', or 'code.too-many' when too
 * many were sent lately.
 */
export async function challengedSignIn(
  ctx: Context,
  wish: FirstStepWish & { population: Population },
): Promise<SignedIn> {
  const step = await passFirstStep(ctx, { ...wish, mayOwe: false })
  const next = nextState(step)
  if (next === 'setup') {
    await settleWithoutSession(ctx, step, wish.origin)
    throw new Refusal('session.setup')
  }
  if (next === 'required') return openChallenge(ctx, step, wish.origin)
  return atomically(ctx, async (ctx) => {
    await step.settle(ctx)
    const account = await completeSignIn(ctx, { ...step, origin: wish.origin })
    return { kind: 'signed-in', account, tokens: await openTokenSession(ctx, { account, origin: wish.origin }) }
  })
}

async function liveChallenge(
  ctx: Context,
  row: store.ChallengeRow | undefined,
  population: Population,
): Promise<[store.ChallengeRow, Account]> {
  const account = row && (await findAccount(ctx, row.account_id))
  if (!row || !account || isShutOut(account) || account.generation !== row.generation)
    throw new Refusal('challenge.invalid')
  if (account.population !== population) throw new Refusal('challenge.invalid')
  return [row, account]
}

// To have to wait says nothing about the answer; everything else that was wrong looks the same.
const isTelling = (error: unknown): boolean => !isRefusal(error) || isRefusal(error, 'code.too-many')

/** Sends a new code for a challenge; the one before it is void. Refuses with 'challenge.invalid' or 'code.too-many'. */
export async function resendChallenge(
  ctx: Context,
  { id, population }: { id: string; population: Population },
): Promise<void> {
  const [row, account] = await liveChallenge(ctx, await store.challengeById(ctx, id), population)
  const factor = (await listFactors(ctx, account, '2fa')).find((one) => one.id === row.factor_id)
  if (!factor || kindOf(factor.kind).channel === null) throw new Refusal('challenge.invalid')
  await sendStepCode(ctx, { account, factor, challengeId: id }).catch((error: unknown) => {
    throw isTelling(error) ? error : new Refusal('challenge.invalid')
  })
}

/**
 * Meets a challenge with the code of its factor, or with a recovery code. 'challenge.failed' whatever was wrong,
 * 'code.too-many' when the account must wait; five tries, and of two right answers at the same instant one gets in.
 */
export async function finishChallenge(
  ctx: Context,
  { id, answer, population, origin }: { id: string; answer: string; population: Population; origin: Origin },
): Promise<SignedIn> {
  try {
    const [row, account] = await liveChallenge(ctx, await store.strikeChallenge(ctx, id), population)
    const binding = { kind: 'challenge', id } as const
    if (isRecoveryCode(answer)) await takeRecoveryCode(ctx, { account, code: answer, origin })
    else await proveFactor(ctx, { account, id: row.factor_id, code: answer, binding, origin })
    return await atomically(ctx, async (ctx) => {
      if (!(await store.useChallenge(ctx, id))) throw new Refusal('challenge.failed')
      const policy = await policyOf(ctx, account)
      const current = await completeSignIn(ctx, { account, policy, newPassword: row.new_password, origin })
      await forgiveRecovery(ctx, account, origin)
      return {
        kind: 'signed-in',
        account: current,
        tokens: await openTokenSession(ctx, { account: current, stepped: ctx.clock.now(), origin }),
      }
    })
  } catch (error) {
    throw isTelling(error) ? error : new Refusal('challenge.failed')
  }
}
