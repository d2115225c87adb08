import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '#src/config.ts'
import { recordTables } from '#src/db/migrating.ts'
import { migrationNames } from '#src/db/open.ts'
import { InUse, openSourceFile, type SourceFile } from '#src/db/source-file.ts'
import { openTargetServer, quoted, type TargetServer } from '#src/db/target-server.ts'
import { CANARY, judgeCanary, openKeyFile } from '#src/key-file.ts'
import { sha256 } from '#src/lib/digests.ts'
import { missingFile } from '#src/standing.ts'
import { NotDone } from '#src/support/verb.ts'
import { type Note, readNote } from './note.ts'
import { leftOut, tablesThere } from './plan.ts'

/** Opens the SQLite file of a house for us alone. */
export function openSource(config: Config): SourceFile {
  const missing = missingFile({ data: config.data, databaseUrl: undefined })
  if (missing)
    throw new NotDone(
      `There is no ${missing} in ${config.data}. Give this command the settings of the server, CHATELAINE_DATA above all.`,
    )
  const path = join(config.data, 'chatelaine.sqlite')
  try {
    return openSourceFile(path)
  } catch (error) {
    if (error instanceof InUse)
      throw new NotDone(
        `Somebody has ${path} open: a server, a gateway, a carrier that still has a mail in hand, or another program. Stop them first: what they wrote while the house moves would be lost.`,
      )
    throw error
  }
}

/** Judges what is to be moved; answers by what it is known again: as long as it lives, it has this one house. */
export function judgeSource(source: SourceFile, { data }: Config): string {
  const has = (table: string) =>
    source.all("select 1 from sqlite_schema where type = 'table' and name = ?", table).length > 0
  const done = recordTables
    .filter(has)
    .flatMap((table) => source.all(`select name from ${table}`).map(([name]) => String(name)))
  const known = migrationNames('sqlite')
  if (done.length === 0) throw new NotDone('There is no house in the SQLite file: no server has started on it yet.')
  if (done.some((name) => !known.includes(name)))
    throw new NotDone('The SQLite file is one of a newer version: move it with that version.')
  if (done.length < known.length)
    throw new NotDone('The SQLite file is one of an older version: start and stop the server of this version once.')
  const [[canary] = []] = source.all('select value from server_secret where name = ?', CANARY)
  if (typeof canary !== 'string')
    throw new NotDone('No server has started on the SQLite file yet: start and stop it once.')
  // The internal key is of no use here, and would be written when there is none yet.
  const { secrets } = openKeyFile(data, '-'.repeat(32))
  judgeCanary(secrets.sealer, canary, data)
  return sha256(canary)
}

/** Where a database is, without who calls there and his password. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

const LOCK_TRIES = 40
const LOCK_PAUSE = 1000

/** One move at a time. The server lets go of a connection that was lost within half a minute. */
async function takeTarget(target: TargetServer, say: (line: string) => void): Promise<void> {
  for (let tries = 1; ; tries++) {
    const [row] = await target.query("select pg_try_advisory_lock(hashtext('chatelaine move'))")
    if (row?.[0] === 't') return
    if (tries === LOCK_TRIES) throw new NotDone('Another move to this database is at work.')
    if (tries === 3) say('Another move to this database is at work, or has just ended: waiting for it to let go.')
    await sleep(LOCK_PAUSE)
  }
}

export async function openTarget(url: string, say: (line: string) => void): Promise<TargetServer> {
  const target = await openTargetServer(url)
  try {
    await takeTarget(target, say)
    return target
  } catch (error) {
    await target.close()
    throw error
  }
}

async function judgeEmpty(target: TargetServer, tables: readonly string[], place: string): Promise<void> {
  const [[encoding, mayCreate] = []] = await target.query(
    "select current_setting('server_encoding'), has_schema_privilege(current_schema(), 'create')",
  )
  if (encoding !== 'UTF8') throw new NotDone(`${place} keeps texts as ${encoding}: make it with the encoding UTF8.`)
  if (mayCreate !== 't') throw new NotDone(`The user of CHATELAINE_DATABASE_URL may not make tables in ${place}.`)
  const other = new NotDone(`There is something else in ${place}: a house moves into an empty database only.`)
  const records = recordTables.filter((table) => tables.includes(table))
  if (tables.length > 0 && records.length === 0) throw other
  const known = migrationNames('postgres')
  for (const record of records) {
    const done = await target.query(`select name from ${record}`)
    if (done.some(([name]) => !known.includes(name!))) throw other
  }
  for (const table of tables.filter((name) => !Object.hasOwn(leftOut, name))) {
    const [some] = await target.query(`select 1 from ${quoted(table)} limit 1`)
    if (some)
      throw new NotDone(
        `There is a house in ${place} already (${table} has rows): one moves into an empty database only.`,
      )
  }
}

/** Judges where a house is to move: into an empty database, or one where its own move has begun. Answers what is noted there. */
export async function judgeTarget(target: TargetServer, house: string, place: string): Promise<Note | null> {
  const tables = [...(await tablesThere(target)).keys()]
  const note = tables.includes('house_move') ? await readNote(target) : null
  if (!note) await judgeEmpty(target, tables, place)
  else if (note.house !== house) throw new NotDone(`Another house moves, or has moved, to ${place}.`)
  return note
}
