import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { syncFolder } from '#src/lib/sync-folder.ts'

// Four megabytes at a time: often enough to see how far it is.
const PAGES = 1000

/**
 * Copies a SQLite file as it is at this moment, while others write to it: whole or not at all. The copy is one file,
 * readable by its owner only. Throws when there is something at `to`.
 */
export async function copySqlite(from: string, to: string, tell: (done: number, total: number) => void): Promise<void> {
  if (existsSync(to)) throw new Error(`there is a file ${to} already`)
  const aside = `${to}.${randomBytes(6).toString('hex')}.part`
  closeSync(openSync(aside, 'wx', 0o600))
  const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 })
  try {
    // One view for the whole of the copy: else every commit of the server would make it begin anew.
    source.exec('begin; select count(*) from sqlite_master')
    await backup(source, aside, {
      rate: PAGES,
      progress: (at) => tell(at.totalPages - at.remainingPages, at.totalPages),
    })
    const copy = new DatabaseSync(aside)
    copy.exec('pragma journal_mode = delete')
    copy.close()
    const file = openSync(aside, 'r+')
    fsyncSync(file)
    closeSync(file)
    renameSync(aside, to)
    syncFolder(dirname(to))
  } finally {
    source.close()
    rmSync(aside, { force: true })
  }
}
