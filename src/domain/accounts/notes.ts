import type { Context } from '#src/context.ts'
import { uuid } from '#src/lib/chance.ts'
import * as store from './store.ts'

export type Note = store.NoteRow

/** Every record carries them all; who may write notes must not be able to make it endless. */
export const NOTES_KEPT = 50
/** What they may have together, with the names of those who wrote them. */
const CHARACTERS_KEPT = 16_384

/** Those of an account's notes, oldest first, that would be kept: the newest ones, and the last in any case. */
export function newestNotes<T extends { author: string; note: string }>(notes: readonly T[]): T[] {
  let characters = 0
  const gone = notes.findLastIndex(({ author, note }, place) => {
    characters += author.length + note.length
    const count = notes.length - place
    return count > 1 && (count > NOTES_KEPT || characters > CHARACTERS_KEPT)
  })
  return notes.slice(gone + 1)
}

export const notesOf = (ctx: Context, accountIds: readonly string[]): Promise<Note[]> => store.notesOf(ctx, accountIds)

/** Keeps a note, and of the older ones those that there is room for beside it. */
export const keepNote = (ctx: Context, row: Note): Promise<void> =>
  store.insertNote(ctx, row, { count: NOTES_KEPT, characters: CHARACTERS_KEPT })

/** Writes a note about an account, by somebody's address. */
export const addNote = (ctx: Context, accountId: string, author: string, note: string): Promise<void> =>
  keepNote(ctx, {
    id: uuid(ctx.clock.chance),
    account_id: accountId,
    created: ctx.clock.now(),
    created_by: author,
    note,
  })
