import { quoted, type TargetServer } from '#src/db/target-server.ts'
import { NotDone } from '#src/support/verb.ts'
import type { MovedTable } from './plan.ts'
import { type Batch, keyOf } from './rows.ts'

/** What the new database says of the move that fills it. */
export interface Note {
  /** whose rows these are */
  house: string
  /** what the SQLite file was like: `SourceFile.state` */
  state: string
  isCopied: boolean
  isVerified: boolean
}

/** How far a table is. */
export interface Done {
  /** the last key that was copied; null before the first */
  last: string[] | null
  rows: number
  effort: number
}

export async function readNote(target: TargetServer): Promise<Note | null> {
  const [row] = await target.query('select house, state, copied, verified from house_move')
  if (!row) return null
  const [house, state, copied, verified] = row
  return { house: house!, state: state!, isCopied: copied !== null, isVerified: verified !== null }
}

export async function makeNotes(target: TargetServer): Promise<void> {
  await target.query(`create table if not exists house_move
    (house text not null, state text not null, begun bigint not null, copied bigint, verified bigint)`)
  await target.query(`create table if not exists house_move_table
    (name text primary key, last text, done bigint not null default 0, effort bigint not null default 0)`)
  await target.query(`create table if not exists house_move_rule
    (kind text not null, name text not null, taken text not null, restored text not null, primary key (kind, name))`)
}

/**
 * What is put away while rows come, with the way back. References, because a row may come before the one that it refers
 * to; indexes, because made over all rows at once they take a fraction of the time.
 */
const rulesOf = (tables: string) => `
  select 'index', i.indexrelid::regclass::text, 'drop index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
    from pg_index i where i.indrelid in (${tables})
      and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)
  union all
  select 'reference', conrelid::regclass || '.' || conname,
    format('alter table %s drop constraint %I', conrelid::regclass, conname),
    format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where contype = 'f' and conrelid in (${tables})
  order by 1 desc`

/**
 * Begins from the start. Triggers rest: they tell servers of changes, and there is none. Whatever an earlier beginning
 * has copied is taken away.
 */
export async function begin(target: TargetServer, plan: readonly MovedTable[], note: { house: string; state: string }) {
  await target.atOnce(async () => {
    const ids = plan.map(({ name }) => `'${quoted(name).replaceAll("'", "''")}'::regclass`).join(', ')
    const rules = rulesOf(ids)
    const present = await target.query(rules)
    // Those of an earlier beginning are noted already.
    await target.query(`insert into house_move_rule ${rules} on conflict do nothing`)
    for (const [, , taken] of present) await target.query(taken!)
    for (const { name } of plan) await target.query(`alter table ${quoted(name)} disable trigger user`)
    await target.query(`truncate ${plan.map(({ name }) => quoted(name)).join(', ')}`)
    await target.query('delete from house_move')
    await target.query('delete from house_move_table')
    await target.query('insert into house_move (house, state, begun) values ($1, $2, $3)', [
      note.house,
      note.state,
      String(Date.now()),
    ])
    await target.query('insert into house_move_table (name) select unnest($1::text[])', [plan.map(({ name }) => name)])
  })
}

export async function readDone(target: TargetServer): Promise<Map<string, Done>> {
  const rows = await target.query('select name, last, done, effort from house_move_table')
  return new Map(
    rows.map(([name, last, done, effort]) => [
      name!,
      { last: last === null ? null : (JSON.parse(last!) as string[]), rows: Number(done), effort: Number(effort) },
    ]),
  )
}

/** In the transaction of the rows themselves. */
export async function noteBatch(target: TargetServer, table: MovedTable, { rows, effort }: Batch): Promise<void> {
  await target.query(
    'update house_move_table set last = $2, done = done + $3::bigint, effort = effort + $4::bigint where name = $1',
    [table.name, JSON.stringify(keyOf(table, rows.at(-1)!)), String(rows.length), String(effort)],
  )
}

/** PostgreSQL's code for a reference to nothing. */
const DANGLING = '23503'

/** Indexes, references and triggers come back, as they were. */
export async function restoreRules(target: TargetServer, plan: readonly MovedTable[]): Promise<void> {
  const rules = await target.query('select restored from house_move_rule order by kind, name')
  for (const [restored] of rules)
    await target.query(restored!).catch((error) => {
      if (error.code !== DANGLING) throw error
      throw new NotDone(`A row of ${error.table} refers to one that is not there. ${error.detail}`)
    })
  await target.query('delete from house_move_rule')
  for (const { name } of plan) await target.query(`alter table ${quoted(name)} enable trigger user`)
}

const stamp = (column: 'copied' | 'verified') => (target: TargetServer) =>
  target.query(`update house_move set ${column} = $1`, [String(Date.now())])

export const noteCopied = stamp('copied')
export const noteVerified = stamp('verified')
