import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Settled, settleMessage } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { isRefusal, Refusal, saidAs } from '#src/domain/refusals.ts'
import { minutes } from '#src/lib/clock.ts'
import { FACTORS_AT_MOST, judgeKind, makeActive, newPending, PENDING_AT_MOST } from './activating.ts'
import { type Binding, sendCode, takeSentCode } from './codes.ts'
import { isAllowed, isUsable, type Kind, otpauthUri, phoneNumber, secretOf, totpStep } from './kinds.ts'
import * as store from './store.ts'

/**
 * Enrolment without ids: a session has one authenticator on its way, which asks for two codes, and numbers that are
 * known by themselves. What comes of it is an active factor like any other.
 */
interface Enrolling {
  account: Account
  sessionId: string
}

const LIFETIME = minutes(15)

// Two codes have to be right; a slow typist reads some that are over already.
const TRIES = 10

async function judgeRoom(ctx: Context, account: Account): Promise<store.FactorRow[]> {
  const factors = await store.factorsOf(ctx, account.id)
  if (factors.length >= FACTORS_AT_MOST) throw new Refusal('factor.limit')
  return factors
}

async function begin(ctx: Context, sessionId: string, kind: Kind, target: string): Promise<store.PendingRow> {
  const row = newPending(ctx, { sessionId, kind, target, lifetime: LIFETIME })
  await store.insertPending(ctx, row)
  return row
}

/**
 * The otpauth: URI of the authenticator that this session enrols. A new secret is made when asked for, and when none is
 * on its way.
 */
export async function enrolAuthenticator(
  ctx: Context,
  { account, sessionId, isAnew }: Enrolling & { isAnew: boolean },
): Promise<string> {
  await judgeKind(ctx, account, 'authApp')
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const running = await store.pendingOfKind(ctx, sessionId, 'authApp')
    const goesOn = running && running.strikes < TRIES && !isAnew
    if (!goesOn) {
      await judgeRoom(ctx, account)
      await store.dropPending(ctx, sessionId, 'authApp')
    }
    const pending = goesOn ? running : await begin(ctx, sessionId, 'authApp', '')
    return otpauthUri(ctx, secretOf(ctx, pending), account.email)
  })
}

/**
 * Takes the first or the second of two different codes; the second one activates the authenticator. Refuses with
 * 'enrolment.none', 'enrolment.order', 'code.invalid', 'code.used' or 'factor.limit'.
 */
export async function proveAuthenticator(
  ctx: Context,
  {
    account,
    sessionId,
    index,
    code,
    origin,
  }: Enrolling & {
    index: 1 | 2
    code: string
    origin: Origin
  },
): Promise<void> {
  const pending = await store.pendingOfKind(ctx, sessionId, 'authApp')
  if (!pending || pending.strikes >= TRIES) throw new Refusal('enrolment.none')
  if ((pending.proven_step === 0) !== (index === 1)) throw new Refusal('enrolment.order')
  if (!(await store.strikePending(ctx, pending.id, TRIES))) throw new Refusal('enrolment.none')
  const step = totpStep(ctx, secretOf(ctx, pending), code)
  if (step === null) {
    const isOver = pending.strikes + 1 >= TRIES
    if (isOver)
      await record(ctx, { event: 'enrolment.failed', account: account.id, origin, detail: { kind: 'authApp' } })
    throw new Refusal('code.invalid')
  }
  if (step === pending.proven_step) throw new Refusal('code.used')
  if (index === 1) {
    if (!(await store.proveFirst(ctx, pending.id, step))) throw new Refusal('enrolment.order')
    return
  }
  // Neither of the two, nor one before them, opens a door later.
  await makeActive(ctx, { account, pending, step: Math.max(step, pending.proven_step), origin })
}

const bindingOf = ({ sessionId }: Enrolling): Binding => ({ kind: 'enrolment', id: sessionId })

async function judgeNumbers(ctx: Context, account: Account): Promise<void> {
  if (!isUsable(ctx, await policyOf(ctx, account), 'sms')) throw new Refusal('sms.off')
}

const activeNumber = (factors: readonly store.FactorRow[], target: string) =>
  factors.find((factor) => factor.kind === 'sms' && factor.target === target)

/** The method that codes to a number belong to: the active one, the one on its way in this session, or a new one. */
async function numberMethod(ctx: Context, { account, sessionId }: Enrolling, target: string) {
  const active = activeNumber(await store.factorsOf(ctx, account.id), target)
  if (active) return active
  if (!isAllowed(ctx, await policyOf(ctx, account), 'sms')) throw new Refusal('sms.off')
  await judgeRoom(ctx, account)
  const pending = await store.pendingOfKind(ctx, sessionId, 'sms', target)
  if (pending) {
    await store.renewPending(ctx, pending.id, ctx.clock.now() + LIFETIME)
    return pending
  }
  await store.dropPending(ctx, sessionId, 'sms', PENDING_AT_MOST - 1)
  return begin(ctx, sessionId, 'sms', target)
}

/**
 * Sends a code that proves a number, and tells what became of it. Asked for again, a new code goes out, and only the
 * last one counts. Refuses with 'sms.off', 'factor.target-invalid', 'factor.limit' or 'code.too-many'.
 */
export async function sendNumberCode(
  ctx: Context,
  { number, ...enrolling }: Enrolling & { number: string },
): Promise<Settled> {
  const { account } = enrolling
  await judgeNumbers(ctx, account)
  const target = await phoneNumber(number)
  const message = await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const method = await numberMethod(ctx, enrolling, target)
    return sendCode(ctx, { account, method, binding: bindingOf(enrolling), isNew: true })
  })
  return settleMessage(ctx, message)
}

/**
 * Takes the code that was sent to a number; the number is a method of the account from then on. Refuses with
 * 'sms.off', 'code.invalid' or 'factor.limit'.
 */
export async function proveNumber(
  ctx: Context,
  { number, code, origin, ...enrolling }: Enrolling & { number: string; code: string; origin: Origin },
): Promise<void> {
  const { account, sessionId } = enrolling
  await judgeNumbers(ctx, account)
  const target = await phoneNumber(number).catch(saidAs('code.invalid', 'factor.target-invalid'))
  const active = activeNumber(await store.factorsOf(ctx, account.id), target)
  const pending = active ? undefined : await store.pendingOfKind(ctx, sessionId, 'sms', target)
  const methodId = active?.id ?? pending?.id
  if (methodId === undefined) throw new Refusal('code.invalid')
  await takeSentCode(ctx, { methodId, binding: bindingOf(enrolling), code })
  if (pending) await makeActive(ctx, { account, pending, step: 0, origin }).catch(unlessThere)
}

/** Another session of this person's has proven the number meanwhile: that is what he wanted. */
function unlessThere(error: unknown): void {
  if (!isRefusal(error, 'factor.exists')) throw error
}
