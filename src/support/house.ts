import { type Config, readConfig } from '#src/config.ts'
import type { Context } from '#src/context.ts'
import { schemaState } from '#src/db/open.ts'
import { judgeKeyFile } from '#src/key-file.ts'
import { systemClock } from '#src/lib/clock.ts'
import { jsonLog } from '#src/lib/log.ts'
import { closeContext, openContext } from '#src/open-context.ts'
import { missingFile } from '#src/standing.ts'
import { NotDone } from './verb.ts'

/** Refuses to make a house where there is none: a mistyped folder would get an empty one. */
function judgeFolder(config: Config): void {
  const missing = missingFile(config)
  if (missing)
    throw new NotDone(
      `There is no ${missing} in ${config.data}. Give this command the settings of the server, CHATELAINE_DATA above all.`,
    )
}

async function judgeSchema({ database }: Context): Promise<void> {
  if ((await schemaState(database)) !== 'current')
    throw new NotDone('The database is one of another version: start the server of this version once.')
}

/** Works in the house that the settings name, beside whatever server runs there. */
export async function inHouse(
  environment: Record<string, string | undefined>,
  work: (ctx: Context) => Promise<void>,
): Promise<void> {
  const config = readConfig(environment)
  judgeFolder(config)
  // The internal key is of no use here, and would be written when there is none yet.
  const ctx = await openContext(
    { ...config, internalKey: config.internalKey ?? '-'.repeat(32) },
    systemClock,
    jsonLog('error', Date.now, (line) => process.stderr.write(line)),
  )
  try {
    await judgeSchema(ctx)
    await judgeKeyFile(ctx)
    await work(ctx)
  } finally {
    await closeContext(ctx)
  }
}
