import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Database, migrate, openSqlite, type Query } from './open.ts'

// More than those at which the lock is asked for each time, so that both ways of waiting are seen.
const TURNS = 200

describe('a SQLite file that another process writes', () => {
  let folder: string
  let database: Database
  let other: DatabaseSync
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chatelaine-patience-'))
    const path = join(folder, 'house.sqlite')
    database = openSqlite(path)
    await migrate(database)
    other = new DatabaseSync(path)
  })
  after(async () => {
    other.close()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const insert = (query: Query) => query.insertInto('account_change').values({ account_id: 'somebody' }).execute()
  const ways: Record<string, () => Promise<unknown>> = {
    'by itself': () => insert(database.query),
    'in a transaction': () => database.query.transaction().execute(insert),
  }
  for (const [how, write] of Object.entries(ways))
    it(`is waited for, and the event loop goes on meanwhile: a write ${how}`, async () => {
      other.exec('begin immediate')
      let isDone = false
      const written = write().finally(() => {
        isDone = true
      })
      for (let turns = 0; turns < TURNS; turns++) await turn()
      assert.equal(isDone, false)
      other.exec('commit')
      await written
    })
})
