import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '#src/config.ts'
import type { Context } from '#src/context.ts'
import { type ForeignDatabase, openForeign, openLedger } from '#src/db/foreign.ts'
import { migrate, openPostgres, openSqlite, schemaState } from '#src/db/open.ts'
import { judgeKeyFile } from '#src/key-file.ts'
import { systemClock } from '#src/lib/clock.ts'
import { jsonLog } from '#src/lib/log.ts'
import { closeContext, openContext } from '#src/open-context.ts'
import { importOpenWifi } from './openwifi.ts'
import { progressOn } from './progress.ts'
import { readSource } from './source.ts'
import { isWhole, tableOf } from './tally.ts'

export const usage = 'chatelaine import openwifi <SQLite file, or postgres://user:password@host/name> [--dry-run]'

const WHOLE = 0
const NOT_STARTED = 1
const ROWS_LEFT = 3

interface Wish {
  from: string
  isDry: boolean
}

function wishIn(args: readonly string[]): Wish | null {
  const flags = args.filter((arg) => arg.startsWith('--'))
  const [what, from, ...more] = args.filter((arg) => !arg.startsWith('--'))
  if (what !== 'openwifi' || !from || more.length > 0 || flags.some((flag) => flag !== '--dry-run')) return null
  return { from, isDry: flags.length > 0 }
}

/** The house as it is now, or how an empty one would be, in a folder of its own: a dry run makes nothing. */
async function dryConfig(config: Config): Promise<{ config: Config; forget(): void }> {
  const file = join(config.data, 'chatelaine.sqlite')
  if (config.databaseUrl || existsSync(file)) {
    const database = config.databaseUrl ? await openPostgres(config.databaseUrl) : openSqlite(file)
    const state = await schemaState(database).finally(() => database.close())
    if (state === 'behind')
      throw new Error('the database is one of an older version: start this version once, then try the dry run again')
    if (state === 'current' && !existsSync(join(config.data, 'chatelaine.key')))
      throw new Error(`there is no chatelaine.key in ${config.data}: it belongs to the database`)
    // The internal key is of no use here, and would be written when there is none yet.
    if (state === 'current') return { config: { ...config, internalKey: '-'.repeat(32) }, forget() {} }
  }
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-dry-run-'))
  return {
    config: { ...config, data, databaseUrl: undefined },
    forget: () => rmSync(data, { recursive: true, force: true }),
  }
}

async function take(given: Config, { from, isDry }: Wish): Promise<number> {
  let foreign: ForeignDatabase | undefined
  let ctx: Context | undefined
  let forget = () => {}
  const ledger = isDry ? openLedger() : null
  const progress = progressOn(process.stderr, () => performance.now())
  const say = (line: string) => {
    progress.clear()
    console.log(line)
  }
  try {
    foreign = await openForeign(from)
    const source = await readSource(foreign)
    const dry = isDry ? await dryConfig(given) : null
    forget = dry?.forget ?? forget
    ctx = await openContext(
      dry?.config ?? given,
      systemClock,
      jsonLog('error', Date.now, (line) => process.stderr.write(line)),
    )
    if (!isDry || dry?.config.data !== given.data) await migrate(ctx.database)
    await judgeKeyFile(ctx)
    if (isDry) say('Dry run: nothing is written.')
    const tally = await importOpenWifi({ ctx, source, ledger, say, progress })
    say(`\n${tableOf(tally, isDry)}`)
    return isWhole(tally) ? WHOLE : ROWS_LEFT
  } finally {
    ledger?.close()
    await foreign?.close().catch(() => {})
    if (ctx) await closeContext(ctx)
    forget()
  }
}

/** Takes over the accounts of another service; returns the exit code. */
export async function importCommand(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): Promise<number> {
  const wish = wishIn(args)
  if (!wish) {
    console.error(`Usage: ${usage}`)
    return NOT_STARTED
  }
  const config = readConfig(environment)
  // A server that runs on this machine goes first.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  try {
    return await take(config, wish)
  } catch (error) {
    const { message, code, stack } = error as NodeJS.ErrnoException
    const why = config.logLevel === 'debug' ? stack : message || code
    console.error(`The import ended: ${why}\nWhat was taken over stays; running it again goes on from there.`)
    return NOT_STARTED
  }
}
