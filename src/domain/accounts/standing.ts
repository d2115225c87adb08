import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Actor, hasNoAccount } from './roles.ts'
import * as store from './store.ts'

/** Refuses ('session.invalid') when the caller has been shut out or signed out everywhere since he was let in. */
export async function judgeStanding(ctx: Context, caller: Actor): Promise<void> {
  if (hasNoAccount(caller)) return
  const now = await store.accountById(ctx, caller.id)
  if (!now || now.suspended || now.black_listed || now.generation !== caller.generation)
    throw new Refusal('session.invalid')
}
