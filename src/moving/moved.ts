import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#src/config.ts'
import { isHalfMoved } from '#src/db/house-move.ts'
import type { Database } from '#src/db/open.ts'
import { syncFolder } from '#src/lib/sync-folder.ts'

// A house lives in one place. What says where it went stands beside the SQLite file, which itself stays as it was.
const markOf = (data: string): string => join(data, 'chatelaine.moved')

export const isMarked = (data: string): boolean => existsSync(markOf(data))

/** Notes beside the SQLite file that its house lives elsewhere now. */
export function markMoved(data: string, place: string): void {
  const file = openSync(markOf(data), 'w', 0o600)
  try {
    writeSync(
      file,
      `The house in chatelaine.sqlite was moved to PostgreSQL (${place}) on ${new Date().toISOString()}.\nAs long as this file is here, no server starts on chatelaine.sqlite.\n`,
    )
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  syncFolder(data)
}

/** Refuses to open a SQLite file whose house was moved away. */
export function judgeMoved({ data, databaseUrl }: Config): void {
  if (databaseUrl || !isMarked(data)) return
  throw new Error(
    `the house in ${data} was moved to PostgreSQL: set CHATELAINE_DATABASE_URL (${markOf(data)} says where to). To go back to the SQLite file as it was then, delete that file; what was written to PostgreSQL since is not in it`,
  )
}

/** Refuses, and closes, a database that a move has not come to the end of. */
export async function judgeWhole(database: Database): Promise<void> {
  try {
    if (!(await isHalfMoved(database))) return
    throw new Error(
      'the database at CHATELAINE_DATABASE_URL is not whole: a move from SQLite to it has begun and has not been verified. Run `chatelaine move` again: it goes on where it ended',
    )
  } catch (error) {
    await database.close()
    throw error
  }
}
