import { join, resolve } from 'node:path'
import type { Context } from '#src/context.ts'
import type { Actor } from '#src/domain/accounts/accounts.ts'
import { type Event, newestAt, record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { judgeOperator } from '#src/domain/operating.ts'
import { days } from '#src/lib/clock.ts'
import type { SetupItem } from './setup.ts'

/** What is to be backed up, each apart from the other. */
export type BackedUp = 'database' | 'key-file'

const events: Record<BackedUp, Event> = { database: 'backup.done', 'key-file': 'key-file.backed-up' }

// A day more than a week: one that is made every week is never late.
const STALE = days(8)

/**
 * Notes that a backup was made: the server cannot see that by itself, and believes whoever says so. It is a line of the
 * record, and is forgotten with it.
 */
export async function noteBackup(
  ctx: Context,
  { caller, of, origin }: { caller: Actor; of: BackedUp; origin: Origin },
): Promise<void> {
  judgeOperator(caller)
  await record(ctx, { event: events[of], actor: caller.id, origin })
}

/** Notes that the key file was changed, and what was done to it. */
export async function noteKeyFile(
  ctx: Context,
  { caller, origin, detail }: { caller: Actor; origin: Origin; detail: string },
): Promise<void> {
  judgeOperator(caller)
  await record(ctx, { event: 'key-file.changed', actor: caller.id, origin, detail: { key: detail } })
}

/** Whether there is a backup, as far as anybody said so. Where things lie on the machine is root's to see. */
export async function backupItems(ctx: Context, caller: Actor): Promise<SetupItem[]> {
  const database = await newestAt(ctx, events.database)
  const key = await newestAt(ctx, events['key-file'])
  const folder = caller.role === 'root' ? resolve(ctx.config.data) : null
  const isStale = database !== null && database < ctx.clock.now() - STALE
  return [
    {
      code: 'backup',
      state: database === null ? 'missing' : isStale ? 'advice' : 'ok',
      settings: [],
      facts: { lastDone: database, engine: ctx.database.engine, folder },
    },
    {
      code: 'key-file',
      state: key === null ? 'missing' : 'ok',
      settings: [],
      facts: { lastDone: key, file: folder && join(folder, 'chatelaine.key') },
    },
  ]
}
