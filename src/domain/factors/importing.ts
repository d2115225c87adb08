import type { Context } from '#src/context.ts'
import { type Account, keepInAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { seats } from '#src/domain/seats.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { base32Of, type Kind } from './kinds.ts'
import * as store from './store.ts'

/** A second step that was proven in another house: an authenticator's key, a number as by `phoneNumber`, or the mailbox. */
export type ImportedFactor =
  | { kind: 'authApp'; secret: Uint8Array }
  | { kind: 'sms'; number: string }
  | { kind: 'email' }

/** Turns 2-step verification on for an account that was just taken over, with the method it had; nobody is told. */
export async function importFactor(
  ctx: Context,
  { account, factor, origin }: { account: Account; factor: ImportedFactor; origin: Origin },
): Promise<void> {
  const id = opaqueId(ctx.clock.chance)
  const targets: Record<Kind, string> = {
    authApp: '',
    sms: factor.kind === 'sms' ? factor.number : '',
    email: account.email,
  }
  await store.insertFactor(ctx, {
    id,
    account_id: account.id,
    kind: factor.kind,
    target: targets[factor.kind],
    secret: factor.kind === 'authApp' ? ctx.secrets.sealer.seal(base32Of(factor.secret), seats.factor(id)) : null,
    last_step: 0,
    created: ctx.clock.now(),
    last_used: null,
    name: '',
    recovered: 0,
  })
  await keepInAccount(ctx, account.id, { two_step: 1, preferred_factor: id })
  await record(ctx, { event: 'two-step.on', account: account.id, origin, detail: { kind: factor.kind } })
}
