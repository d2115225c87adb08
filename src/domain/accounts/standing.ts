import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { type Actor, isService } from './roles.ts'
import * as store from './store.ts'

/** Refuses ('session.invalid') when the caller has been shut out or signed out everywhere since he was let in. */
export async function judgeStanding(ctx: Context, caller: Actor): Promise<void> {
  if (isService(caller)) return
  const now = await store.accountById(ctx, caller.id)
  if (!now || now.suspended || now.black_listed || now.generation !== caller.generation)
    throw new Refusal('session.invalid')
}

/** Writes a note about an account, by somebody's address. */
export const addNote = (ctx: Context, accountId: string, author: string, note: string) =>
  store.insertNote(
    ctx,
    {
      id: uuid(ctx.clock.chance),
      account_id: accountId,
      created: ctx.clock.now(),
      created_by: author,
      note,
    },
    NOTES_KEPT,
  )

// Every record carries them all; who may write notes must not be able to make it endless.
const NOTES_KEPT = 50
