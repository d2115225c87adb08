import { setImmediate as turn } from 'node:timers/promises'
import type { Config } from '#src/config.ts'
import { migrate, openPostgres } from '#src/db/open.ts'
import type { SourceFile } from '#src/db/source-file.ts'
import { counted, rowsOf } from '#src/support/text.ts'
import { NotDone } from '#src/support/verb.ts'
import { isMarked, markMoved } from './moved.ts'
import { begin, makeNotes, type Note, noteVerified } from './note.ts'
import { judgeTables, leftOut, planOf } from './plan.ts'
import { grouped, type Progress } from './progress.ts'
import { batchesOf, measured } from './rows.ts'
import { judgeSource, judgeTarget, openSource, openTarget, placeOf } from './sides.ts'
import { compareAll, copyAll, finish, lineOf, type Measured, sum } from './steps.ts'
import type { Work } from './work.ts'

/** What was asked for: a move, a look at what it would be, or a comparison once more. */
export interface Wish {
  /** where to, as a URL */
  to: string
  does: 'move' | 'look' | 'compare'
  /** forget what was copied before */
  isAnew: boolean
}

export interface Desk {
  config: Config
  progress: Progress
  say(line: string): void
}

/** A house that is about to move, and all that is known of it. */
interface Leaving extends Work {
  plan: readonly Measured[]
  /** what it is known by */
  house: string
  /** where it moves to, as it may be shown */
  place: string
  note: Note | null
}

const differ = (count: number): string => counted(count, 'row differs', 'rows differ')

const nextSteps = (place: string): string => `
The house is in ${place}, and every row was compared. What is to be done now:
  1. Set CHATELAINE_DATABASE_URL for every server and gateway, and start them.
  2. Keep chatelaine.key where they find it: it belongs to the new database as it did to the old one.
  3. Keep chatelaine.sqlite as a backup. No server starts on it as long as chatelaine.moved is beside it.`

async function look({ source, plan, note, say }: Leaving): Promise<void> {
  for (const { name, rows } of plan) say(lineOf(name, rows))
  say('What stays behind:')
  for (const line of rowsOf(Object.entries(leftOut))) say(line)
  // Read as the move will read them: a row that cannot be moved is told now.
  for (const table of plan) for (const _ of batchesOf(source, table, null)) await turn()
  if (note) say(note.isVerified ? 'The house was moved there before.' : 'A move was begun before, and would go on.')
  const all = sum(plan.map(({ rows }) => rows))
  say(`Nothing stands in the way of ${grouped(all)} ${all === 1 ? 'row' : 'rows'}. Dry run: nothing was written.`)
}

async function compare(leaving: Leaving): Promise<void> {
  const { source, note, place, plan, say } = leaving
  if (!note?.isCopied) throw new NotDone(`No move to ${place} has come to its end: there is nothing to compare.`)
  if (note.state !== source.state) say('The SQLite file has been written since the move.')
  const count = await compareAll(leaving, plan)
  if (count > 0)
    throw new NotDone(
      `${differ(count)}. Before the first start on PostgreSQL there may be none; afterwards these are what servers have written since.`,
    )
  say('Every row is the same.')
}

async function fill(leaving: Leaving, { to, isAnew }: Wish): Promise<void> {
  const { source, target, plan, note, house, say } = leaving
  const database = await openPostgres(to)
  await migrate(database).finally(() => database.close())
  await judgeTables(plan, target)
  await makeNotes(target)
  const isWritten = note !== null && note.state !== source.state
  if (isWritten) say('The SQLite file has been written since the move began: it begins from the start.')
  const isNew = !note || isWritten || isAnew
  if (isNew) await begin(target, plan, { house, state: source.state })
  if (!isNew && note.isCopied) return
  await copyAll(leaving, plan)
  await finish(leaving, plan)
}

async function move(leaving: Leaving, wish: Wish, data: string): Promise<void> {
  const { source, target, note, place, plan, say } = leaving
  if (note?.isVerified) {
    if (note.state !== source.state)
      throw new NotDone(
        `This house was moved to ${place} before, and its SQLite file has been written since: that is not there. Empty the database to move once more.`,
      )
    say('This house was moved there before.')
  } else {
    await fill(leaving, wish)
    const count = await compareAll(leaving, plan)
    if (count > 0)
      throw new NotDone(
        `The move failed: ${differ(count)}. No server starts on ${place} like this; \`chatelaine move --anew\` copies everything once more.`,
      )
  }
  // First here, then there: whatever happens between the two, no house lives in both.
  markMoved(data, place)
  if (!note?.isVerified) await noteVerified(target)
  say(nextSteps(place))
}

async function work(source: SourceFile, { config, progress, say }: Desk, wish: Wish): Promise<void> {
  const house = judgeSource(source, config)
  const place = placeOf(wish.to)
  const target = await openTarget(wish.to, say)
  try {
    const note = await judgeTarget(target, house, place)
    if (!note && isMarked(config.data))
      throw new NotDone(
        `This house was moved before: chatelaine.moved in ${config.data} says where to. Delete that file to move it once more.`,
      )
    const plan = planOf(source).map((table) => ({ ...table, ...measured(source, table) }))
    const leaving = { source, target, progress, say, plan, house, place, note }
    if (wish.does === 'look') await look(leaving)
    else if (wish.does === 'compare') await compare(leaving)
    else await move(leaving, wish, config.data)
  } finally {
    await target.close().catch(() => {})
  }
}

/** Moves a house from its SQLite file to PostgreSQL. */
export async function moveHouse(desk: Desk, wish: Wish): Promise<void> {
  const source = openSource(desk.config)
  try {
    await work(source, desk, wish)
  } finally {
    source.close()
  }
}
