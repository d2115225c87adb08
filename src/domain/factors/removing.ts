import { atomically, type Context } from '#src/context.ts'
import { type Account, holdToProtect } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { arePasskeysPossible, countPasskeys, removePasskey } from '#src/domain/passkeys/passkeys.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { isUsable } from './kinds.ts'
import * as store from './store.ts'
import { methodTargets } from './targets.ts'

/** Refuses with 'factor.in-use' to take away what the second step needs; `account` is held, `left` what it would keep. */
async function judgeRemoval(
  ctx: Context,
  account: Account,
  left: { factors: readonly store.FactorRow[]; passkeys: number },
): Promise<void> {
  const policy = await policyOf(ctx, account)
  const isEnough =
    left.factors.some(({ kind }) => isUsable(ctx, policy, kind)) || (left.passkeys > 0 && arePasskeysPossible(ctx))
  if (account.two_step && !isEnough) throw new Refusal('factor.in-use')
}

/** Removes a method, or forgets a pending one. While 2-step verification is on, the last one for it stays. */
export async function revokeFactor(
  ctx: Context,
  { account, sessionId, id, origin }: { account: Account; sessionId: string; id: string; origin: Origin },
): Promise<void> {
  if ((await store.pendingById(ctx, sessionId, id)) && (await store.takePending(ctx, id))) return
  await atomically(ctx, async (ctx) => {
    const now = await holdToProtect(ctx, account)
    const factors = await store.factorsOf(ctx, account.id)
    const factor = factors.find((one) => one.id === id)
    if (!factor) throw new Refusal('factor.unknown')
    const left = factors.filter((one) => one.id !== id)
    await judgeRemoval(ctx, now, { factors: left, passkeys: await countPasskeys(ctx, account.id) })
    const targets = await methodTargets(ctx, account.id)
    await store.deleteFactor(ctx, account.id, id)
    await record(ctx, { event: 'factor.revoked', account: account.id, origin, detail: { kind: factor.kind } })
    await tell(ctx, account, 'factor.removed', { method: factor.kind }, targets)
  })
}

/** Removes every method; refused while 2-step verification is on, unless a passkey remains for it. */
export async function revokeEveryFactor(
  ctx: Context,
  { account, origin }: { account: Account; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const now = await holdToProtect(ctx, account)
    await judgeRemoval(ctx, now, { factors: [], passkeys: await countPasskeys(ctx, account.id) })
    const targets = await methodTargets(ctx, account.id)
    await store.deleteFactors(ctx, account.id)
    await record(ctx, { event: 'factor.revoked', account: account.id, origin, detail: { kind: 'all' } })
    await tell(ctx, account, 'factors.removed', {}, targets)
  })
}

/**
 * Removes a passkey: 'passkey.unknown'. While 2-step verification is on, what it needs stays: 'factor.in-use'. Sessions
 * that were opened with it go on.
 */
export async function revokePasskey(
  ctx: Context,
  { account, id, origin }: { account: Account; id: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const now = await holdToProtect(ctx, account)
    await removePasskey(ctx, { account, id, origin })
    const factors = await store.factorsOf(ctx, account.id)
    await judgeRemoval(ctx, now, { factors, passkeys: await countPasskeys(ctx, account.id) })
  })
}
