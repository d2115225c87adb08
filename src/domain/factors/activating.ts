import { atomically, type Context } from '#src/context.ts'
import { type Account, holdToProtect } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { takeSentCode } from './codes.ts'
import { isAllowed, type Kind, kindOf, secretOf, totpStep } from './kinds.ts'
import * as store from './store.ts'
import { tellEverywhere } from './targets.ts'

export const FACTORS_AT_MOST = 10
export const PENDING_AT_MOST = 5

/** May the policy and the carriers let the account begin a method of this kind? 'factor.kind-off'. */
export async function judgeKind(ctx: Context, account: Account, kind: Kind): Promise<void> {
  if (!isAllowed(ctx, await policyOf(ctx, account), kind)) throw new Refusal('factor.kind-off')
}

/** A method on its way, not yet kept; the secret is a fresh one, where its kind has any. */
export function newPending(
  ctx: Context,
  { sessionId, kind, target, lifetime }: { sessionId: string; kind: Kind; target: string; lifetime: number },
): store.PendingRow {
  const id = opaqueId(ctx.clock.chance)
  const secret = kindOf(kind).secret(ctx)
  const created = ctx.clock.now()
  return {
    id,
    session_id: sessionId,
    kind,
    target,
    secret: secret && ctx.secrets.sealer.seal(secret, seats.factor(id)),
    strikes: 0,
    created,
    expires: created + lifetime,
    proven_step: 0,
    name: '',
  }
}

/** Makes an active method of a proven pending one, exactly once. `step`: no code up to this one counts again. */
export async function makeActive(
  ctx: Context,
  { account, pending, step, origin }: { account: Account; pending: store.PendingRow; step: number; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await holdToProtect(ctx, account)
    const { id, kind, target, secret, name } = pending
    if (!(await store.takePending(ctx, id))) throw new Refusal('code.invalid')
    const factors = await store.factorsOf(ctx, account.id)
    if (factors.length >= FACTORS_AT_MOST) throw new Refusal('factor.limit')
    if (target !== '' && factors.some((factor) => factor.kind === kind && factor.target === target))
      throw new Refusal('factor.exists')
    await told(ctx, account, kind, origin)
    await store.insertFactor(ctx, {
      id,
      account_id: account.id,
      kind,
      target,
      secret,
      last_step: step,
      created: ctx.clock.now(),
      last_used: null,
      name,
      recovered: 0,
    })
  })
}

async function provePending(ctx: Context, pending: store.PendingRow, code: string): Promise<number> {
  if (!pending.secret) {
    // A sent code counts its own tries, and after five of them a new one can be sent.
    await takeSentCode(ctx, { methodId: pending.id, binding: { kind: 'session', id: pending.session_id }, code })
    return 0
  }
  if (!(await store.strikePending(ctx, pending.id))) throw new Refusal('code.invalid')
  const step = totpStep(ctx, secretOf(ctx, pending), code)
  if (step === null) throw new Refusal('code.invalid')
  return step
}

/** The first code of a method that a session has begun. */
export interface Activating {
  account: Account
  sessionId: string
  id: string
  code: string
  origin: Origin
}

/**
 * Activates a pending method with its first code; it keeps its id. `judge` may refuse its kind before the code is used
 * up. Returns the kind.
 */
export async function activateFactor(
  ctx: Context,
  { account, sessionId, id, code, origin }: Activating,
  judge: (kind: string) => void = () => {},
): Promise<string> {
  const pending = await store.pendingById(ctx, sessionId, id)
  if (!pending) throw new Refusal('factor.unknown')
  judge(pending.kind)
  const step = await provePending(ctx, pending, code)
  await makeActive(ctx, { account, pending, step, origin })
  return pending.kind
}

/** Writes down and tells the owner that a method counts from now on; before it is there, so that only others hear of it. */
export async function told(ctx: Context, account: Account, kind: string, origin: Origin): Promise<void> {
  await record(ctx, { event: 'factor.activated', account: account.id, origin, detail: { kind } })
  await tellEverywhere(ctx, account, 'factor.added', { method: kind })
}
