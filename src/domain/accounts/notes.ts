import type { Context } from '#src/context.ts'
import { uuid } from '#src/lib/chance.ts'
import * as store from './store.ts'

export type Note = store.NoteRow

/** Every record carries them all; who may write notes must not be able to make it endless. */
export const NOTES_KEPT = 50

export const notesOf = (ctx: Context, accountIds: readonly string[]): Promise<Note[]> => store.notesOf(ctx, accountIds)

/** Writes a note about an account, by somebody's address. */
export const addNote = (ctx: Context, accountId: string, author: string, note: string) =>
  store.insertNote(
    ctx,
    { id: uuid(ctx.clock.chance), account_id: accountId, created: ctx.clock.now(), created_by: author, note },
    NOTES_KEPT,
  )
