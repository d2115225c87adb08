import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { counted, gauge, isUsedUp } from '#src/domain/throttles/throttles.ts'
import { type Binding, takeSentCode } from './codes.ts'
import { isUsable, secondsToNextStep, secretOf, totpStep } from './kinds.ts'
import * as store from './store.ts'
import { tellEverywhere } from './targets.ts'

// An account's second step may fail this often, over all its sessions, before it has to wait.
const STEP_FAILURES = 10

type Recovering = { account: Account; factor: Pick<store.FactorRow, 'recovered'> }

/** Did the password that holds come by this factor? Then it proves nothing beside it: whoever has it has both. */
export const hasSetPassword = ({ account, factor }: Recovering): boolean =>
  factor.recovered !== 0 && factor.recovered >= account.last_password_change

/** May this factor be the second step now? */
export const mayProve = (
  ctx: Context,
  policy: Policy,
  { account, factor }: { account: Account; factor: store.FactorRow },
): boolean => isUsable(ctx, policy, factor.kind) && !hasSetPassword({ account, factor })

async function proveOne(ctx: Context, factor: store.FactorRow, binding: Binding, code: string): Promise<void> {
  if (!factor.secret) {
    await takeSentCode(ctx, { methodId: factor.id, binding, code })
    await store.markUsed(ctx, factor.id)
    return
  }
  const step = totpStep(ctx, secretOf(ctx, factor), code)
  if (step === null) throw new Refusal('code.invalid')
  if (!(await store.useStep(ctx, factor.id, step)))
    throw new Refusal('code.used', { retryAfter: secondsToNextStep(ctx) })
}

const stepGauge = (ctx: Context, { id, email }: Account) => gauge(ctx, 'second-step', id, STEP_FAILURES, email)

/** Tells the owner, once an hour, who has to wait as well: whoever fails so often here knows the password. */
async function warnOfGuesses(ctx: Context, account: Account): Promise<void> {
  if (!(await isUsedUp(ctx, stepGauge(ctx, account)))) return
  const warning: Hourly = { kind: 'guessed', subject: account.id, most: 1 }
  if ((await hourlyWait(ctx, warning)) > 0) return
  await countHourly(ctx, warning)
  await tellEverywhere(ctx, account, 'second-step.guessed')
}

/** Judges a second step; the account's own count of failures comes first, over all its sessions and challenges. */
export const withStepCounted = <T>(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
  judge: () => Promise<T>,
): Promise<T> =>
  counted(
    ctx,
    { gauges: [stepGauge(ctx, account)], reason: 'code.too-many' },
    {
      judge,
      async onFailure(ctx) {
        await record(ctx, { event: 'second-step.failed', account: account.id, origin })
        await warnOfGuesses(ctx, account)
      },
    },
  )

/**
 * Proves an active second factor with its code: 'factor.unknown', 'factor.kind-off', 'code.invalid', 'code.used',
 * 'code.too-many'.
 */
export async function proveFactor(
  ctx: Context,
  {
    account,
    id,
    code,
    binding,
    origin,
  }: {
    account: Account
    id: string
    code: string
    binding: Binding
    origin: Origin
  },
): Promise<store.FactorRow> {
  const factor = await store.factorById(ctx, account.id, id)
  if (!factor) throw new Refusal('factor.unknown')
  const policy = await policyOf(ctx, account)
  if (!mayProve(ctx, policy, { account, factor })) throw new Refusal('factor.kind-off')
  return withStepCounted(ctx, { account, origin }, async () => {
    await proveOne(ctx, factor, binding, code)
    return factor
  })
}
