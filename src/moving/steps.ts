import { quoted } from '#src/db/target-server.ts'
import { copyTable } from './copy.ts'
import { noteCopied, readDone, restoreRules } from './note.ts'
import type { MovedTable } from './plan.ts'
import { grouped } from './progress.ts'
import { compareTable } from './verify.ts'
import type { Work } from './work.ts'

/** A table with how much there is of it. */
export type Measured = MovedTable & { rows: number; effort: number }

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

export const lineOf = (name: string, count: number, words = ''): string =>
  `  ${name.padEnd(22)}${grouped(count).padStart(12)} ${count === 1 ? 'row ' : 'rows'}  ${words}`.trimEnd()

/** Copies all that is still to come. */
export async function copyAll(work: Work, plan: readonly Measured[]): Promise<void> {
  const { target, progress, say } = work
  const done = await readDone(target)
  const before = plan.map(({ name }) => done.get(name)!)
  const there = sum(before.map(({ rows }) => rows))
  say(there > 0 ? `Copying goes on: ${grouped(there)} rows are there.` : 'Copying.')
  progress.begin('copying', sum(plan.map(({ effort }) => effort)), sum(before.map(({ effort }) => effort)))
  for (const [at, table] of plan.entries()) {
    const copied = await copyTable(work, table, { done: before[at]!, of: table.rows })
    say(lineOf(table.name, copied, 'copied'))
  }
}

/** Numbers that a database gives out by itself go on behind the highest that was ever given. */
async function setSequences({ source, target }: Work, plan: readonly MovedTable[]): Promise<void> {
  const hasGiven = source.all("select 1 from sqlite_schema where name = 'sqlite_sequence'").length > 0
  for (const { name, columns } of plan)
    for (const column of columns) {
      const [[sequence] = []] = await target.query('select pg_get_serial_sequence($1, $2)', [quoted(name), column.name])
      if (!sequence) continue
      const [[given] = []] = hasGiven ? source.all('select seq from sqlite_sequence where name = ?', name) : []
      await target.query(
        `select setval($1::regclass, greatest($2::bigint, (select max(${quoted(column.name)}) from ${quoted(name)}), 0) + 1, false)`,
        [sequence, String(given ?? 0)],
      )
    }
}

/** What can only be done once all rows are there. */
export async function finish(work: Work, plan: readonly MovedTable[]): Promise<void> {
  const { target, say } = work
  say('Making indexes, and checking what refers to what.')
  await target.atOnce(async () => {
    await restoreRules(target, plan)
    await setSequences(work, plan)
    await noteCopied(target)
  })
  await target.query('analyze')
}

/** Compares all rows; answers how many differ. */
export async function compareAll(work: Work, plan: readonly Measured[]): Promise<number> {
  const { target, progress, say } = work
  say('Comparing every row.')
  progress.begin('comparing', sum(plan.map(({ effort }) => effort)), 0)
  // A batch is looked up by its keys, however little the planner knows yet of tables that were just filled.
  await target.query('set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off')
  let all = 0
  for (const table of plan) {
    const { count, named } = await compareTable(work, table, table.rows)
    all += count
    say(lineOf(table.name, table.rows, count === 0 ? 'the same' : `${grouped(count)} DIFFER`))
    for (const line of named) say(`    ${line}`)
    if (count > named.length) say(`    and ${grouped(count - named.length)} more`)
  }
  return all
}
